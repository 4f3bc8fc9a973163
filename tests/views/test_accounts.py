"""The Accounts page, used as a rep uses it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sample_desk import REP

from pqldesk.views.small_sheets import TextSheet


@pytest.fixture
def page(qtbot, window):
    page = window.page("accounts")
    qtbot.waitUntil(lambda: page.table.rowCount() > 0)
    qtbot.waitUntil(lambda: bool(page.panel.rows("people")))
    page.rows.setFocus()
    return page


def press(qtbot, window, key):
    qtbot.keyClick(QApplication.focusWidget() or window, key)


def test_the_panel_shows_who_gives_what_and_who_the_champion_is(page):
    first, second = page.panel.rows("people")
    row = page.rows.current()
    assert first.right == f"+{row.score}"
    assert first.second.startswith("Champion · CTO")
    assert second.right == "+0"
    assert page.rule.full_text() == "Score: best of its people"


def test_e_renames_the_account(qtbot, window, page, fake):
    row = page.rows.current()
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), TextSheet))
    sheet = window.overlay.sheet()
    assert not sheet.confirm.isEnabled()
    sheet.field.setText("Northwind Traders")
    sheet.submit()
    qtbot.waitUntil(lambda: fake.calls == [("rename_company", row.company_id, "Northwind Traders", REP)])


def test_m_merges_it_into_the_account_that_is_named(qtbot, window, page, fake):
    row = page.rows.current()
    press(qtbot, window, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), TextSheet))
    window.overlay.sheet().field.setText("kumo.example")
    window.overlay.sheet().submit()
    qtbot.waitUntil(lambda: fake.calls == [("merge_companies", row.company_id, "kumo.example", REP)])


def test_a_person_of_the_account_opens_in_the_queue(qtbot, window, page):
    page.panel._activated("lead:L000004")
    qtbot.waitUntil(lambda: window.queue.panel.lead().lead_id == "L000004")


def test_a_lead_is_moved_to_another_company(qtbot, window, fake):
    lead = window.queue.current()
    window.run("set_company")
    sheet = window.overlay.sheet()
    sheet.field.setText("kumo.example")
    sheet.submit()
    qtbot.waitUntil(lambda: fake.calls == [("set_company", lead.lead_id, "kumo.example", REP)])


def test_a_tab_and_a_header_ask_for_another_order(qtbot, window, page):
    names = [row.name for row in page.table.rows()]
    page.rows.horizontalHeader().sectionClicked.emit(0)
    qtbot.waitUntil(lambda: [row.name for row in page.table.rows()] == sorted(names, key=str.lower))
    page.tabs.choose("unclaimed")
    qtbot.waitUntil(lambda: 0 < page.table.rowCount() < len(names))
    assert {row.owner for row in page.table.rows()} == {None}


def test_the_account_that_stays_is_found_by_a_part_of_its_name(qtbot, window, page, fake):
    joins = page.rows.current()
    page.run("accounts.merge")
    sheet = window.overlay.sheet()
    qtbot.keyClicks(sheet.field, "umo")
    qtbot.waitUntil(lambda: sheet.found.rowCount() == 1)
    assert sheet.found.item(0).text() == "Kumo Labs · kumolabs.example"
    popup = sheet.completer.popup()
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert sheet.field.text() == "kumolabs.example"
    assert window.overlay.sheet() is sheet  # Enter chose, it did not merge
    sheet.submit()
    qtbot.waitUntil(lambda: ("merge_companies", joins.company_id, "kumolabs.example", REP) in fake.calls)
