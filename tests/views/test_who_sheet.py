"""Who sits at the desk is asked the first time that it matters."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from pqldesk.services.basics.problems import Problem, RepUnknown
from pqldesk.views.who_sheet import WhoSheet


@pytest.fixture
def sheet(window):
    window.show_problem(RepUnknown())
    return window.overlay.sheet()


def test_a_claim_by_nobody_asks_who_it_is_for_and_raises_no_alarm(qtbot, window, sheet, fake):
    assert isinstance(sheet, WhoSheet)
    assert not window.bars.problem.isVisible()
    qtbot.keyClicks(QApplication.focusWidget(), "kim@example.com")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    assert ("set_setting", "rep", "kim@example.com", "kim@example.com") in fake.calls
    assert "kim@example.com" in window.toast.words()


def test_what_is_no_address_is_not_kept(qtbot, window, sheet, fake):
    qtbot.keyClicks(QApplication.focusWidget(), "kim")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert sheet.problem.full_text() == "Write your e-mail address."
    assert fake.calls == []


def test_what_the_workspace_refuses_is_said_in_the_sheet(qtbot, window, sheet):
    def refuse(*_asked):
        raise Problem("The workspace is full.", "Make room.")

    object.__setattr__(window.context.desk, "set_setting", refuse)
    sheet.email.setText("kim@example.com")
    sheet.submit()
    qtbot.waitUntil(lambda: sheet.problem.full_text() == "The workspace is full. Make room.")
    assert sheet.confirm.isEnabled()
