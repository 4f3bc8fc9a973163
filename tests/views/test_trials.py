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
    qtbot.waitUntil(lambda: len(page.table.rows()) == 10)
    return page


def go_to(page, trial_id):
    page.rows.setCurrentIndex(page.table.index(page.table.find(trial_id), 0))
    page.rows.setFocus()


def test_the_pace_says_against_what_and_of_how_many(page):
    column = next(n for n, one in enumerate(page.table.columns) if one.title == "Pace")
    words = page.table.data(page.table.index(0, column), Qt.ItemDataRole.ToolTipRole)
    first = page.table.rows()[0]
    assert words == (
        f"{first.activation}% on day 11, in days of 24 hours from its start;"
        " usual is 50%, the median of 41 converted trials"
    )


def test_a_quiet_trial_is_among_those_at_risk(qtbot, page):
    page.tabs.choose("risk")
    qtbot.waitUntil(lambda: {row.trial_id for row in page.table.rows()} == {"T5", "T7", "T10"})


def test_e_extends_for_a_reason_within_the_cap(qtbot, window, page, fake):
    go_to(page, "T2")
    qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ExtendSheet))
    sheet = window.overlay.sheet()
    assert not sheet.confirm.isEnabled()
    assert "7 days more: it ends 6 Dec." in sheet.note.full_text()
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


def shown_columns(page):
    titles = [column.title for column in page.table.columns]
    return [title for n, title in enumerate(titles) if not page.rows.isColumnHidden(n)]


def test_a_narrow_window_drops_weak_columns_and_keeps_the_company_readable(qtbot, window, page):
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: "Users" in shown_columns(page))
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: "Users" not in shown_columns(page))
    assert "Company" in shown_columns(page)
    assert page.rows.columnWidth(0) >= 140


def test_large_text_puts_the_tabs_on_a_line_of_their_own(qtbot, window, page):
    beside = page.tabs.y()
    window.context.theme.choose("light", 1.6)
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: page.tabs.y() > beside + 20)
    window.context.theme.choose("light", 1.0)


def test_a_label_that_changes_its_tone_keeps_the_text_size(window):
    score = window.queue.panel._score
    window.context.theme.choose("light", 1.6)
    score.set_tone("warming")
    assert score.font().pixelSize() == window.context.theme.font(16).pixelSize()
    window.context.theme.choose("light", 1.0)
