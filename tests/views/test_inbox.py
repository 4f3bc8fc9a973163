"""The inbox page: opening, marking, undo, and the number in the navigation."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from sample_desk import NOW, REP

from pqldesk.views.inbox_page import InboxPage


@pytest.fixture
def inbox(qtbot, window) -> InboxPage:
    page = window.page("inbox")
    qtbot.waitUntil(lambda: page.table.rowCount() == 4)
    return page


def test_b_opens_it_and_enter_opens_the_lead_which_counts_as_read(qtbot, window, fake):
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_B)
    page = window.current()
    assert isinstance(page, InboxPage)
    qtbot.waitUntil(lambda: page.table.rowCount() == 4)
    page.rows.setCurrentIndex(page.table.index(0, 0))
    qtbot.keyClick(page.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("mark_notices", ["Y000001"], REP, False) in fake.calls)
    assert window.current() is window.queue


def test_e_marks_read_and_the_next_one_stays_under_the_cursor(qtbot, window, inbox, fake):
    inbox.rows.setCurrentIndex(inbox.table.index(1, 0))
    assert inbox.run("done")
    qtbot.waitUntil(lambda: inbox.table.rowCount() == 3)
    assert fake.calls == [("mark_notices", ["Y000002"], REP, True)]
    assert inbox.rows.current().notice_id == "Y000003"
    qtbot.waitUntil(lambda: window.toast.words() == "Marked read")


def test_all_read_is_said_and_what_was_read_stays_under_all(qtbot, inbox):
    inbox.mark_all.click()
    qtbot.waitUntil(lambda: inbox.empty.isVisible())
    assert inbox.empty.title.full_text() == "All read"
    inbox.tabs.choose("all")
    assert inbox.table.rowCount() == 4


def test_the_navigation_counts_what_is_unread(qtbot, window):
    qtbot.waitUntil(lambda: window.navigation._items["inbox"].accessibleName() == "Inbox 4")


def test_the_navigation_counts_nothing_where_it_is_not_known_who_sits_here(qtbot, window):
    inbox = window.navigation._items["inbox"]
    qtbot.waitUntil(lambda: inbox.accessibleName() == "Inbox 4")
    window.context.rep = ""
    window.rep_known()
    qtbot.waitUntil(lambda: inbox.accessibleName() == "Inbox")


def test_what_was_asked_before_it_was_known_who_sits_here_is_asked_again(qtbot, window, monkeypatch):
    page = window.page("inbox")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    asked = []
    monkeypatch.setattr(page, "refresh", lambda: asked.append(window.context.rep))
    window.context.rep = "dana@northquay.example"
    window.rep_known()
    assert asked == ["dana@northquay.example"]


def test_s_puts_the_notice_off_by_a_number(qtbot, window, inbox, fake):
    inbox.rows.setCurrentIndex(inbox.table.index(1, 0))
    inbox.rows.setFocus()
    qtbot.keyClick(inbox.rows, Qt.Key.Key_S)
    menu = inbox.findChild(QMenu, "snooze")
    qtbot.keyClick(menu, "1")
    tomorrow = (NOW.astimezone() + timedelta(days=1)).replace(hour=9, minute=0)
    qtbot.waitUntil(lambda: fake.calls == [("snooze_notices", ["Y000002"], tomorrow, REP)])


def test_what_is_put_off_has_a_tab_of_its_own_and_says_until_when(qtbot, inbox):
    first = inbox._all[0]
    inbox.take([replace(first, snoozed_until=NOW + timedelta(days=2)), *inbox._all[1:]])
    inbox.tabs.choose("snoozed")
    assert [row.notice_id for row in inbox.table.rows()] == [first.notice_id]
    assert inbox.table.index(0, 2).data().startswith("until ")


def test_shift_e_marks_all_read(qtbot, inbox, fake):
    inbox.rows.setFocus()
    qtbot.keyClick(inbox.rows, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: fake.calls == [("mark_notices", None, REP, True)])
