"""What becomes of a lead is decided with a key: put off, left to marketing, won, lost, taken up again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from sample_desk import NOW, REP

from pqldesk.views.small_sheets import AmountSheet, MomentSheet
from pqldesk.views.until_menu import mornings


@pytest.fixture
def lead(qtbot, window):
    window.queue.focus_list()
    return window.queue.current()


def press(key, *modifiers):
    held = Qt.KeyboardModifier.NoModifier
    for one in modifiers:
        held |= one
    QTest.keyClick(QApplication.focusWidget(), key, held)


def take(qtbot, window, name, number):
    menu = window.queue.findChild(QMenu, name)
    qtbot.keyClick(menu, str(number))


def test_w_marks_a_lead_as_won_with_its_value(qtbot, window, lead, fake):
    press(Qt.Key.Key_W)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), AmountSheet))
    sheet = window.overlay.sheet()
    qtbot.keyClicks(sheet.amount, "lots")
    press(Qt.Key.Key_Return)
    assert "not an amount" in sheet.problem.full_text()
    sheet.amount.setText("4,800")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: fake.calls == [("won", lead.lead_id, 4800, REP)])
    qtbot.waitUntil(lambda: window.toast.words() == f"{lead.name} is won")
    assert window.toast.offers_undo()


def test_shift_w_and_a_number_say_why_it_was_lost(qtbot, window, lead, fake):
    press(Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    take(qtbot, window, "lost", 2)
    qtbot.waitUntil(lambda: fake.calls == [("lost", lead.lead_id, "competitor", REP)])


def test_shift_s_leaves_it_to_marketing_for_a_while(qtbot, window, lead, fake):
    press(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    take(qtbot, window, "nurture", 1)
    qtbot.waitUntil(lambda: [call[:2] for call in fake.calls] == [("nurture", lead.lead_id)])


def test_a_lead_sleeps_until_any_day_and_time(qtbot, window, lead, fake):
    press(Qt.Key.Key_S)
    take(qtbot, window, "snooze", len(mornings(NOW)) + 1)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), MomentSheet))
    sheet = window.overlay.sheet()
    assert sheet.note.full_text() == lead.name
    sheet.due.setDateTime(sheet.due.dateTime().addDays(4))
    sheet.submit()
    until = (NOW.astimezone() + timedelta(days=5)).replace(hour=9, minute=0)
    qtbot.waitUntil(lambda: fake.calls == [("snooze", lead.lead_id, until, REP)])


def test_a_closed_lead_offers_to_be_reopened_in_place_of_being_claimed(qtbot, window, lead, fake):
    panel = window.queue.panel
    shown = {key: not button.isHidden() for key, button in panel._buttons.items()}
    assert (shown["reopen"], shown["claim"]) == (False, True)
    panel.show_lead(replace(lead, state="lost"))
    shown = {key: not button.isHidden() for key, button in panel._buttons.items()}
    assert (shown["reopen"], shown["claim"], shown["handoff"]) == (True, False, False)
    press(Qt.Key.Key_O)
    qtbot.waitUntil(lambda: fake.calls == [("reopen", lead.lead_id, REP)])


@pytest.mark.parametrize("days", range(7))
def test_mornings_come_once_each_in_order_and_work_begins_on_a_working_day(days):
    found = [at for _text, at in mornings(NOW + timedelta(days=days))]
    assert found == sorted(set(found))
    assert all(at.weekday() < 5 for at in found[1:])
    assert all((at.hour, at.minute) == (9, 0) for at in found)
