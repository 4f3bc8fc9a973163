"""The Tasks page, used as a rep uses it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from sample_desk import NOW, OTHER, REP

from pqldesk.views.small_sheets import NoteSheet, RescheduleSheet


@pytest.fixture
def page(qtbot, window):
    page = window.page("tasks")
    qtbot.waitUntil(lambda: bool(page.table.rows()))
    page.rows.setCurrentIndex(page.table.index(0, 0))
    page.rows.setFocus()
    return page


def press(qtbot, window, key):
    qtbot.keyClick(QApplication.focusWidget() or window, key)


@pytest.mark.parametrize(
    ("tab", "titles"),
    [
        ("mine", ["Call about SSO", "Ask for the budget owner", "Share pricing"]),
        ("overdue", ["Call about SSO"]),
        ("today", ["Ask for the budget owner"]),
        ("upcoming", ["Share pricing"]),
        ("done", ["Confirm the trial end"]),
    ],
)
def test_a_tab_holds_what_it_says(qtbot, page, tab, titles):
    page.tabs.choose(tab)
    qtbot.waitUntil(lambda: [row.title for row in page.table.rows()] == titles)


def test_a_lead_is_named_with_its_company(page):
    column = next(one for one in page.table.columns if one.title == "Lead")
    first = page.table.rows()[0]
    assert first.company
    assert column.mark(first).second == first.company


def test_the_team_tab_holds_what_others_have_too(qtbot, page):
    page.tabs.choose("team")
    qtbot.waitUntil(lambda: {row.assignee for row in page.table.rows()} == {REP, OTHER})


def test_e_finishes_the_task_under_the_cursor(qtbot, window, page, fake):
    task = page.rows.current()
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: fake.calls == [("finish_task", task.task_id, REP)])


def test_s_puts_it_off_by_a_number(qtbot, window, page, fake):
    task = page.rows.current()
    press(qtbot, window, Qt.Key.Key_S)
    menu = page.findChild(QMenu, "snooze")
    qtbot.keyClick(menu, "1")
    qtbot.waitUntil(lambda: [call[:2] for call in fake.calls] == [("snooze_task", task.task_id)])
    tomorrow = NOW.astimezone() + timedelta(days=1)
    assert fake.calls[0][2] == tomorrow.replace(hour=9, minute=0)


def test_r_gives_it_another_time(qtbot, window, page, fake):
    task = page.rows.current()
    press(qtbot, window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), RescheduleSheet))
    sheet = window.overlay.sheet()
    sheet.due.setDateTime(sheet.due.dateTime().addDays(1))
    sheet.submit()
    qtbot.waitUntil(lambda: [call[:2] for call in fake.calls] == [("reschedule_task", task.task_id)])


def test_a_finished_task_offers_nothing(qtbot, page):
    page.tabs.choose("done")
    qtbot.waitUntil(lambda: [row.done_at is not None for row in page.table.rows()] == [True])
    page.rows.setCurrentIndex(page.table.index(0, 0))
    assert not any(button.isEnabled() for button in page.buttons.values())


def test_the_cursor_stays_at_its_place_when_its_row_leaves_the_list(page):
    page.rows.setCurrentIndex(page.table.index(1, 0))
    page.table.show_order(page.order.ids[:1] + page.order.ids[2:])
    assert page.rows.current().title == "Share pricing"


def test_n_writes_a_note_on_the_lead_of_the_task(qtbot, window, page, fake):
    task = page.rows.current()
    press(qtbot, window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), NoteSheet))
    sheet = window.overlay.sheet()
    assert sheet.note.full_text() == task.lead_name
    sheet.text.setPlainText("Reached her at last")
    sheet.submit()
    qtbot.waitUntil(lambda: fake.calls == [("add_note", task.lead_id, "Reached her at last", REP)])
    assert window.current() is page


def test_a_key_on_a_finished_task_says_that_it_is_done(qtbot, window, page, fake):
    page.tabs.choose("done")
    qtbot.waitUntil(lambda: [row.done_at is not None for row in page.table.rows()] == [True])
    page.rows.setCurrentIndex(page.table.index(0, 0))
    page.run("tasks.done")
    assert "is done already" in window.toast.words()
    assert fake.calls == []
