"""What events mean, in the window: names without a rule are found, a rule is written while its effect is shown."""

import pytest
from PySide6.QtCore import Qt
from sample_desk import REP

from pqldesk.services.events.rule_rows import RuleDraft
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.events_card import EventsCard
from pqldesk.views.rule_sheet import RuleSheet


@pytest.fixture
def card(qtbot, window) -> EventsCard:
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.events.names.rowCount() == 16 and page.events.rules.rowCount() == 3)
    return page.events


def sheet_of(window) -> RuleSheet:
    sheet = window.overlay.sheet()
    assert isinstance(sheet, RuleSheet)
    return sheet


def test_names_are_counted_and_those_without_a_rule_are_found(card):
    assert card.note.full_text() == "16 names, 13 without a rule"
    card.page.run("events.unmapped")
    assert card.names.rowCount() == 13
    card.search.setText("shared")
    assert [row.name for row in card.names.rows()] == ["Report Shared"]
    card.search.setText("nothing like it")
    assert card.none.full_text() == "No event is called so."


def test_a_rule_for_a_name_is_written_with_the_keyboard_and_shows_what_it_would_change(
    qtbot, window, card, fake
):
    card.name_view.setCurrentIndex(card.names.index(2, 0))
    qtbot.keyClick(card.name_view, Qt.Key.Key_Return)
    sheet = sheet_of(window)
    assert (sheet.pattern.text(), sheet.source.currentData()) == ("Report Shared", "segment")
    assert not sheet.confirm.isEnabled()
    sheet.kind.setEditText("Team invited")
    qtbot.keyClicks(sheet.when, "seats>=2")
    sheet.quantity.setText("seats")
    wanted = RuleDraft("Report Shared", "team_invited", "segment", "seats>=2", quantity_from="seats")
    qtbot.waitUntil(lambda: ("preview_rule", wanted) in fake.calls)
    qtbot.waitUntil(lambda: "131 of the last 2,000 events fit" in sheet.said.full_text())
    assert sheet.table.index(2, 2).data() == "Team invited × 3"
    qtbot.keyClick(sheet.when, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ("keep_rule", wanted, REP) in fake.calls)
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    assert window.toast.words() == "Report Shared counts as Team invited from now on"


def test_a_kind_of_ones_own_is_folded_and_a_wrong_condition_is_said_in_the_sheet(qtbot, window, card):
    card.page.run("events.rule")
    sheet = sheet_of(window)
    sheet.pattern.setText("export*")
    sheet.kind.setEditText("Report Exported")
    assert sheet.draft().kind == "report_exported"
    sheet.when.setText("seats>")
    qtbot.waitUntil(lambda: "is no condition" in sheet.said.full_text())
    assert sheet.table.rowCount() == 0


def test_a_rule_of_ones_own_is_changed_in_its_place_and_one_for_a_preset_is_new(qtbot, window, card):
    card.change_rule(card.rules.rows()[0])
    assert sheet_of(window).draft().rule_id == "E000001"
    assert sheet_of(window).confirm.text() == "Keep the rule"
    card.change_rule(card.rules.rows()[1])
    assert sheet_of(window).draft().rule_id is None


def test_a_rule_is_removed_and_a_preset_stays(qtbot, card, fake):
    card.rule_view.setCurrentIndex(card.rules.index(1, 0))
    assert not card.remove.isEnabled()
    card.rule_view.setCurrentIndex(card.rules.index(0, 0))
    card.remove.click()
    qtbot.waitUntil(lambda: ("remove_rule", "E000001", REP) in fake.calls)


def test_rules_are_applied_to_what_was_received_only_after_a_confirmation(qtbot, window, card, fake):
    card.page.run("events.remap")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, ConfirmSheet)
    assert not any(call[0] == "beside" for call in fake.calls)
    qtbot.keyClick(sheet.confirm, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: ("beside", "events", "rules", "remap") in fake.calls)
    qtbot.waitUntil(lambda: card.said.full_text() == "37 changed, 2 came, 0 went")
    assert not card.stop.isVisible()
