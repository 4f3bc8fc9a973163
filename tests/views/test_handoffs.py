"""The Handoffs page, used as a rep uses it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from sample_desk import OTHER, REP

from pqldesk.views.handoff_dialog import HandoffSheet
from pqldesk.views.handoff_rows import advice, answer, facts, state
from pqldesk.views.playbooks_sheet import PlaybooksSheet
from pqldesk.views.write_edit_sheet import WriteEditSheet


@pytest.fixture
def page(qtbot, window):
    page = window.page("handoffs")
    qtbot.waitUntil(lambda: page.rows.current() is not None and bool(page.panel._steps.rows()))
    return page


def choose(qtbot, page, tab):
    page.tabs.choose(tab)
    qtbot.waitUntil(lambda: page.is_settled() and page.rows.current() is not None)


def press(qtbot, window, key):
    qtbot.keyClick(QApplication.focusWidget() or window, key)


def test_the_page_begins_where_somebody_is_needed(page):
    assert page.tabs.current() == "problems"
    assert {row.state for row in page.table.rows()} == {"held", "failed"}
    assert page.panel._told.full_text() == "Stage “Sales Qualified” is unknown in Attio. Known: Lead, Won."


def test_r_tries_a_stuck_write_again(qtbot, window, page, fake):
    item = page.rows.current()
    page.rows.setFocus()
    press(qtbot, window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: fake.calls == [("retry_items", [item.item_id], REP)])


def test_a_new_try_with_the_same_end_is_told_and_offers_no_undo(qtbot, window, page):
    """The retry itself is no action: an undo beside it would take back whatever came before."""
    item = page.rows.current()
    page.run("handoffs.retry")
    qtbot.waitUntil(lambda: window.toast.words() == f"Tried again. Held: {item.error}")
    assert not window.toast.offers_undo()


@pytest.mark.parametrize(
    ("command", "tab", "words"),
    [
        ("handoffs.retry", "done", "There is nothing to try again: Written"),
        ("handoffs.hold", "done", "There is nothing to hold: Written"),
        ("handoffs.cancel", "done", "There is nothing to cancel: Written"),
        ("handoffs.edit", "done", "There is nothing to edit: Written"),
        ("handoffs.assign", "drafts", "There is nothing to assign: Draft"),
    ],
)
def test_a_key_that_can_do_nothing_says_so(qtbot, window, page, fake, command, tab, words):
    choose(qtbot, page, tab)
    page.run(command)
    assert window.toast.words() == words
    assert fake.calls == []


def test_a_gives_the_whole_handoff_to_somebody_else(qtbot, window, page, fake):
    item = page.rows.current()
    page.rows.setFocus()
    press(qtbot, window, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: page.findChild(QMenu, "assign") is not None)
    qtbot.keyClick(page.findChild(QMenu, "assign"), "2")
    qtbot.waitUntil(lambda: fake.calls == [("assign_writes", item.item_id, OTHER, REP)])


def test_a_written_item_offers_nothing_but_its_record(qtbot, page):
    choose(qtbot, page, "done")
    assert page.rows.current().state == "done"
    assert not any(button.isVisible() for button in (page.panel.retry, page.panel.edit, page.panel.cancel))


def test_what_a_relay_has_taken_is_accepted_and_never_called_written(qtbot, page):
    choose(qtbot, page, "done")
    row = replace(page.rows.current(), system="workato", kind="relay")
    assert state(row) == ("Accepted", "ok")
    assert answer(row) == "Accepted by Workato"
    assert "to be seen there" in advice(row)
    assert {fact.text for fact in facts(row, row.created_at)} & {"Accepted", "Written"} == {"Accepted"}
    written = replace(row, system="attio", kind="note")
    assert state(written) == ("Written", "ok")


def test_all_writes_of_the_handoff_stand_in_their_order_and_lead_to_each(qtbot, page):
    assert [fact.place for fact in page.panel._steps.rows()] == ["1", "2", "3", "4", "5", "6"]
    page.panel._step_chosen("item:O1")
    qtbot.waitUntil(lambda: page.rows.current() is not None and page.rows.current().item_id == "O1")
    assert page.tabs.current() == "done"
    qtbot.waitUntil(lambda: [fact.tone for fact in page.panel._steps.rows()] == ["accent"] + [""] * 5)


def test_a_write_is_edited_before_it_leaves(qtbot, window, page, fake):
    page.go_to("O4")
    qtbot.waitUntil(lambda: page.rows.current() is not None and page.rows.current().item_id == "O4")
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), WriteEditSheet))
    sheet = window.overlay.sheet()
    sheet.inputs["content"].setText("PLG → Sales Handoff: write to Lars")
    sheet.inputs["assignee"].setCurrentIndex(sheet.inputs["assignee"].findData(REP))
    qtbot.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    changes = {"content": "PLG → Sales Handoff: write to Lars", "assignee": REP}
    qtbot.waitUntil(lambda: fake.calls == [("edit_item", "O4", changes, REP)])


def test_a_draft_is_gone_on_with_or_dropped(qtbot, window, page, fake):
    choose(qtbot, page, "drafts")
    assert page.panel._told.full_text() == "PQL Score: 70"
    page.rows.setFocus()
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), HandoffSheet))
    window.overlay.close_sheet()
    page.rows.setFocus()
    press(qtbot, window, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: fake.calls == [("drop_draft", "L000004", REP)])


def test_ctrl_s_keeps_a_handoff_for_later(qtbot, window, fake):
    window.run("handoff")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), HandoffSheet))
    window.overlay.sheet().deal_name.setText("Bigger deal")
    qtbot.keyClick(window.overlay.sheet(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["save_draft"])
    assert fake.calls[0][1].deal_name == "Bigger deal"


def test_a_playbook_is_switched_on_from_its_dry_run_only(qtbot, window, page, fake):
    window.run("handoffs.playbooks")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), PlaybooksSheet))
    sheet = window.overlay.sheet()
    qtbot.waitUntil(lambda: "dry:signup" in sheet.buttons)
    assert "on:signup" not in sheet.buttons
    sheet.buttons["dry:signup"].click()
    qtbot.waitUntil(lambda: "on:signup" in sheet.buttons)
    sheet.buttons["on:signup"].click()
    qtbot.waitUntil(lambda: fake.calls == [("approve_playbook", "signup", "attio", False, REP)])
    sheet.buttons["off:qualification"].click()
    qtbot.waitUntil(lambda: ("stop_playbook", "qualification", "attio", REP) in fake.calls)


def test_the_palette_goes_to_the_page_of_a_command(qtbot, window):
    window.run("handoffs.playbooks")
    assert window._page_shown() == "handoffs"


def test_a_page_key_goes_before_one_of_the_window_on_its_page_alone(qtbot, window, page, fake):
    page.rows.setFocus()
    press(qtbot, window, Qt.Key.Key_D)  # cancels the write; on the queue page it disqualifies
    qtbot.waitUntil(lambda: [call[0] for call in fake.calls] == ["cancel_item"])
    assert fake.calls[0][2] == REP != OTHER
