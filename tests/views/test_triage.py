"""What a rep with forty leads and ten minutes does: choose several, act, take back, with the keyboard alone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu
from sample_desk import OTHER, REP

from pqldesk.services.changes import Changes
from pqldesk.services.problems import BadInput

CONTROL = Qt.KeyboardModifier.ControlModifier


def press(qtbot, window, *keys):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


@pytest.mark.parametrize(
    "modifier", [Qt.KeyboardModifier.NoModifier, CONTROL], ids=["enter", "control and enter"]
)
def test_a_dialog_is_sent_once(qtbot, window, fake, modifier):
    press(qtbot, window, "t")
    qtbot.keyClicks(QApplication.focusWidget(), "Call back")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, modifier)
    qtbot.waitUntil(lambda: bool(fake.calls))
    qtbot.waitUntil(lambda: window.toast.isVisible())
    assert [call[0] for call in fake.calls] == ["add_task"]


def test_x_chooses_the_lead_under_the_cursor_and_j_keeps_it_chosen(qtbot, window):
    first = window.queue.current()
    press(qtbot, window, "x", "j", "j")
    third = window.queue.current()
    press(qtbot, window, "x")
    assert [lead.lead_id for lead in window.queue.chosen()] == [first.lead_id, third.lead_id]
    assert "2 selected" in window.queue.status()


def test_x_twice_takes_the_choice_back(qtbot, window):
    press(qtbot, window, "x", "x", "j")
    assert [lead.lead_id for lead in window.queue.chosen()] == [window.queue.current().lead_id]


def test_one_lead_chosen_with_x_is_acted_on_wherever_the_cursor_went(qtbot, window, fake):
    first = window.queue.current()
    press(qtbot, window, "x", "j", "j", "c")
    qtbot.waitUntil(lambda: fake.calls == [("claim", first.lead_id, REP)])


def test_esc_drops_the_choice_and_keeps_the_cursor(qtbot, window):
    press(qtbot, window, "x", "j", "x", "j")
    here = window.queue.current()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert [lead.lead_id for lead in window.queue.chosen()] == [here.lead_id]


def test_a_click_ends_choosing_with_x(qtbot, window):
    press(qtbot, window, "x", "j", "x")
    table = window.queue.table
    at = QPoint(60, table.rowViewportPosition(4) + 5)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [lead.lead_id for lead in window.queue.chosen()] == [window.queue.current().lead_id]


def test_what_was_done_to_several_leads_is_undone_at_once(qtbot, window, fake):
    press(qtbot, window, "x", "j", "x", "c")
    qtbot.waitUntil(lambda: window.toast.words() == "Claimed 2 leads")
    press(qtbot, window, "z")
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["claim", "claim", "undo", "undo"])
    press(qtbot, window, "z")
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls].count("undo") == 3)


def test_claiming_what_is_yours_already_offers_no_undo_of_something_else(qtbot, window):
    window.context.desk = replace(window.context.desk, claim=lambda _session, _lead, _rep: Changes())
    name = window.queue.current().name
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: window.toast.words() == f"{name} is yours already")
    assert window.toast._undo.isHidden()


def test_the_sentence_counts_only_what_succeeded(qtbot, window, fake):
    press(qtbot, window, "x", "j", "j", "x")
    third = window.queue.current()
    fake.changed[third.id] = replace(third, owner=OTHER, state="claimed")
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: window.problem_bar.isVisible())
    qtbot.waitUntil(lambda: window.toast.words() == "Claimed 1 of 2 leads")


@pytest.mark.parametrize("key", ["d", "s"])
def test_menus_open_inside_the_window(qtbot, window, key):
    press(qtbot, window, key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    area = menu.geometry()
    menu.close()
    assert area.right() <= window.mapToGlobal(window.rect().bottomRight()).x()
    assert area.top() >= window.mapToGlobal(window.rect().topLeft()).y()


def test_the_record_stays_inside_the_window_at_a_large_text_size(qtbot, window):
    window.context.theme.choose("light", 1.6)
    window.resize(1440, 900)
    panel = window.queue.panel
    qtbot.waitUntil(lambda: panel.width() > 372)

    def right() -> int:
        return panel.mapTo(window, panel.rect().topRight()).x()

    qtbot.waitUntil(lambda: right() < window.width())


def test_a_command_right_after_a_search_meets_what_was_found_and_not_what_was_shown_before(
    qtbot, window, fake
):
    wanted = window.queue.model.lead(5)
    assert wanted.lead_id != window.queue.current().lead_id
    window.search.take_focus()
    qtbot.keyClicks(window.search, wanted.email)
    press(qtbot, window, Qt.Key.Key_Return, "c")
    qtbot.waitUntil(lambda: bool(fake.calls))
    assert fake.calls == [("claim", wanted.lead_id, REP)]


def test_a_command_during_a_search_that_fails_is_dropped(qtbot, window, fake):
    def fail(*_asked):
        raise BadInput("The workspace is damaged.", "Restore a backup.")

    window.context.desk = replace(window.context.desk, view_order=fail)
    window.search.take_focus()
    qtbot.keyClicks(window.search, "lead7")
    press(qtbot, window, Qt.Key.Key_Return, "c")
    qtbot.waitUntil(lambda: window.problem_bar.isVisible())
    assert fake.calls == []
    press(qtbot, window, "c")
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["claim"])
