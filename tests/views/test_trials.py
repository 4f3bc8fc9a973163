"""The Trials page, used as a rep uses it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sample_desk import NOW, REP

from pqldesk.views.trial_sheets import CloseTrialSheet, ExtendSheet


@pytest.fixture
def page(qtbot, window):
    page = window.page("trials")
    qtbot.waitUntil(lambda: page.table.rowCount() == 10)
    return page


def go_to(page, trial_id):
    page.rows.setCurrentIndex(page.table.index(page.table.find(trial_id), 0))
    page.rows.setFocus()


def test_the_pace_says_against_what_and_of_how_many(page):
    column = next(n for n, one in enumerate(page.table.columns) if one.title == "Pace")
    words = page.table.data(page.table.index(0, column), Qt.ItemDataRole.ToolTipRole)
    first = page.table.rows()[0]
    assert words == f"{first.activation}% on day 11; usual is 50%, the median of 41 converted trials"


def test_a_quiet_trial_is_among_those_at_risk(page):
    page.tabs.choose("risk")
    assert {row.trial_id for row in page.table.rows()} == {"T5", "T7", "T10"}


def test_e_extends_for_a_reason_within_the_cap(qtbot, window, page, fake):
    go_to(page, "T2")
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ExtendSheet))
    sheet = window.overlay.sheet()
    assert not sheet.confirm.isEnabled()
    sheet.reason.setText("Data import takes longer")
    sheet.until.setDateTime(sheet.until.dateTime().addDays(400))
    assert not sheet.confirm.isEnabled()
    assert "the last day allowed" in sheet.note.full_text()
    sheet.until.setDateTime(sheet.until.dateTime().addDays(-400))
    sheet.submit()
    until = NOW + timedelta(days=9 + 7)
    qtbot.waitUntil(lambda: fake.calls == [("extend_trial", "T2", until, "Data import takes longer", REP)])


def test_a_trial_that_was_extended_as_often_as_allowed_says_so(window, page):
    go_to(page, "T3")
    window.run("trials.extend")
    assert window.overlay.sheet() is None
    assert "as often as it may be" in window.toast.words()


def test_d_closes_a_trial_with_a_reason(qtbot, window, page, fake):
    go_to(page, "T1")
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), CloseTrialSheet))
    sheet = window.overlay.sheet()
    assert not sheet.confirm.isEnabled()
    sheet.reason.setText("Another tool")
    sheet.submit()
    qtbot.waitUntil(lambda: fake.calls == [("close_trial", "T1", "Another tool", REP)])
