"""What somebody typed is never gone because a dialog was left or because it could not be stored."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from pqldesk.services.basics.problems import Problem
from pqldesk.services.rows import LeadDraft


def opened(qtbot, window, command):
    window.run(command)
    qtbot.waitUntil(lambda: window.overlay.sheet() is not None)
    return window.overlay.sheet()


def press(key):
    QTest.keyClick(QApplication.focusWidget(), key)


def test_a_note_that_is_left_comes_back_with_its_lead_and_with_no_other(qtbot, window):
    sheet = opened(qtbot, window, "note")
    qtbot.keyClicks(sheet.text, "Wants SSO before January")
    press(Qt.Key.Key_Escape)
    assert window.overlay.sheet() is None
    assert "“Add a note”" in window.toast.words()
    window.run("next")
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id != sheet_lead(sheet))
    assert opened(qtbot, window, "note").text.toPlainText() == ""
    press(Qt.Key.Key_Escape)
    window.run("previous")
    assert opened(qtbot, window, "note").text.toPlainText() == "Wants SSO before January"


def sheet_lead(sheet):
    return sheet.keeps.removeprefix("note:")


def test_what_came_back_can_be_dropped(qtbot, window):
    qtbot.keyClicks(opened(qtbot, window, "task").name_field, "Call about seats")
    press(Qt.Key.Key_Escape)
    sheet = opened(qtbot, window, "task")
    assert sheet.name_field.text() == "Call about seats"
    sheet.afresh.click()
    assert sheet.name_field.text() == "Follow up"
    press(Qt.Key.Key_Escape)
    assert not opened(qtbot, window, "task").afresh.isVisible()


def test_a_dialog_in_which_nothing_was_written_says_nothing(qtbot, window):
    opened(qtbot, window, "note")
    press(Qt.Key.Key_Escape)
    assert not window.toast.isVisible()


def test_a_stored_note_does_not_come_back(qtbot, window, fake):
    sheet = opened(qtbot, window, "note")
    qtbot.keyClicks(sheet.text, "Spoke to Jane")
    sheet.submit()
    name = window.queue.panel.lead().name
    qtbot.waitUntil(lambda: window.toast.words() == f"Note added to {name}")
    assert opened(qtbot, window, "note").text.toPlainText() == ""


@pytest.mark.parametrize(("command", "field"), [("note", "text"), ("task", "name_field")])
def test_what_could_not_be_stored_comes_back(qtbot, window, command, field):
    def fail(*_args):
        raise Problem("The disk is full.", "Free some room.")

    window.context.desk = replace(window.context.desk, **{f"add_{command}": fail})
    sheet = opened(qtbot, window, command)
    qtbot.keyClicks(getattr(sheet, field), "Four hundred seats")
    sheet.submit()
    qtbot.waitUntil(window.bars.problem.isVisible)
    kept = getattr(opened(qtbot, window, command), field)
    assert "Four hundred seats" in (kept.toPlainText() if command == "note" else kept.text())


def test_a_half_entered_lead_is_there_again_until_it_is_added(qtbot, window, fake):
    sheet = opened(qtbot, window, "add_lead")
    qtbot.keyClicks(sheet.fields["email"], "ada@example.org")
    sheet.comment.setPlainText("Asked for a demo")
    press(Qt.Key.Key_Escape)
    sheet = opened(qtbot, window, "add_lead")
    assert sheet.draft() == LeadDraft(email="ada@example.org", comment="Asked for a demo")
    assert sheet.fields["email"].selectedText() == "ada@example.org"  # another one is typed over it
    sheet.submit()
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    assert opened(qtbot, window, "add_lead").draft() == LeadDraft()


def test_a_changed_handoff_that_is_left_waits_as_a_draft(qtbot, window, fake):
    sheet = opened(qtbot, window, "handoff")
    press(Qt.Key.Key_Escape)
    assert fake.calls == []
    sheet = opened(qtbot, window, "handoff")
    sheet.note_text.setPlainText("PQL Score: 80\nCall Jane first")
    press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["save_draft"])
    assert fake.calls[0][1].note == "PQL Score: 80\nCall Jane first"


def test_a_handoff_with_an_amount_that_is_none_comes_back_as_it_was_written(qtbot, window, fake):
    sheet = opened(qtbot, window, "handoff")
    sheet.value.setText("a lot")
    press(Qt.Key.Key_Escape)
    assert fake.calls == []
    assert opened(qtbot, window, "handoff").value.text() == "a lot"
