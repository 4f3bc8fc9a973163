"""The Sources page: testing a connection, rejected rows, placements, and the way of one lead."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QScrollArea
from sample_desk import REP, fake_desk

from pqldesk.services.rows import ConnectWanted
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.conflicts_card import OtherValueSheet
from pqldesk.views.connect_sheet import ConnectSheet
from pqldesk.views.connection_cards import ConnectionCard
from pqldesk.views.main_window import MainWindow
from pqldesk.views.masters_card import MasterSheet
from pqldesk.views.placements_card import PlacementSheet
from pqldesk.views.queue_links_sheet import QueueLinksSheet
from pqldesk.views.sources_page import SourcesPage


@pytest.fixture
def page(qtbot, window) -> SourcesPage:
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.placements.table.rowCount() == 2)
    return page


def test_who_scrolls_the_page_by_ear_hears_which_it_is(page):
    assert "Sources" in [area.accessibleName() for area in page.findChildren(QScrollArea)]


def test_a_system_is_connected_with_a_sign_in_or_with_its_key(qtbot, window, page, fake):
    page.run("sources.connect")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ConnectSheet))
    sheet = window.overlay.sheet()
    assert [sheet.way.itemText(at) for at in range(sheet.way.count())] == ["With a key"]
    sheet.system.setCurrentText("Salesforce")
    assert sheet.confirm.text() == "Open the browser"
    assert not sheet.confirm.isEnabled()
    qtbot.keyClicks(sheet.inputs["address"], "https://acme.my.salesforce.com")
    qtbot.keyClicks(sheet.inputs["client_id"], "our-app")
    assert sheet.inputs["client_secret"].isVisible()
    assert not sheet.inputs["token"].isVisible()
    qtbot.keyClick(sheet.inputs["client_id"], Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wanted = ConnectWanted("salesforce", "https://acme.my.salesforce.com", {"client_id": "our-app"}, True)
    qtbot.waitUntil(lambda: fake.calls == [("connect", wanted)])
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)


def test_a_source_is_received_or_read_and_asks_for_what_that_needs(qtbot, window, page, fake):
    page.run("sources.connect")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ConnectSheet))
    sheet = window.overlay.sheet()
    sheet.system.setCurrentText("PostHog")
    assert shown(sheet) == ["token"]
    sheet.inputs["token"].setText("phc_1")
    sheet.way.setCurrentText("Read it at intervals")
    assert shown(sheet) == ["address", "pull_token", "project", "every"]
    sheet.inputs["pull_token"].setText("phx_2")
    assert not sheet.confirm.isEnabled()
    sheet.inputs["project"].setText("12345")
    assert sheet.confirm.isEnabled()
    sheet.submit()
    wanted = ConnectWanted(
        "posthog", "https://us.posthog.com", {"pull_token": "phx_2"}, False, {"project": "12345"}
    )
    qtbot.waitUntil(lambda: fake.calls == [("connect", wanted)])


def test_a_folder_is_connected_without_a_key(qtbot, window, page, fake):
    page.run("sources.connect")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ConnectSheet))
    sheet = window.overlay.sheet()
    sheet.system.setCurrentText("Folder")
    assert shown(sheet) == ["folder", "kind", "every"]
    sheet.inputs["folder"].setText("/data/drop")
    sheet.inputs["every"].setText("5m")
    sheet.submit()
    wanted = ConnectWanted("folder", "", {}, False, {"folder": "/data/drop", "every": "5m"})
    qtbot.waitUntil(lambda: fake.calls == [("connect", wanted)])


def test_a_connection_is_taken_away_after_a_named_confirmation(qtbot, window, page, fake):
    qtbot.waitUntil(lambda: page.findChildren(ConnectionCard) != [])
    card = page.findChildren(ConnectionCard)[0]
    card.gone.click()
    sheet = window.overlay.sheet()
    assert isinstance(sheet, ConfirmSheet)
    assert sheet.confirm.text() == "Disconnect"
    assert fake.calls == []
    sheet.submit()
    qtbot.waitUntil(lambda: [call[:1] for call in fake.calls] == [("disconnect",)])


def test_a_system_that_refuses_its_key_is_connected_again_from_its_card(qtbot, window, page):
    qtbot.waitUntil(lambda: len(page.findChildren(ConnectionCard)) == 2)
    attio, salesforce = page.findChildren(ConnectionCard)
    assert not attio.again.isVisible()
    salesforce.again.click()
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ConnectSheet))
    sheet = window.overlay.sheet()
    assert sheet.system.currentData() == "salesforce"
    assert sheet.inputs["address"].text() == "https://example.my.salesforce.com"
    assert sheet.first_field() is sheet.inputs["client_id"]  # what is asked for anew


def test_a_test_that_holds_closes_the_bar_about_the_one_that_did_not(qtbot, window, page, fake):
    qtbot.waitUntil(lambda: len(page.findChildren(ConnectionCard)) == 2)
    card = page.findChildren(ConnectionCard)[1]
    window.bars.problem.say("Something else.")
    card.ask()
    qtbot.waitUntil(lambda: "answers" in window.toast.words())
    assert window.bars.problem.isVisible()
    window.toast.hide()
    window.bars.problem.say(card.row.detail)
    card.ask()
    qtbot.waitUntil(lambda: window.bars.problem.isHidden())


def test_with_several_connections_a_digit_says_which_is_meant(qtbot, window, page, fake):
    qtbot.waitUntil(lambda: len(page.findChildren(ConnectionCard)) == 2)
    page.run("sources.test")
    menu = page.findChild(QMenu, "connections")
    assert [action.text() for action in menu.actions()] == ["&1  Attio", "&2  Salesforce"]
    qtbot.keyClick(menu, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: fake.calls == [("recheck", "salesforce")])


def shown(sheet: ConnectSheet) -> list[str]:
    """The fields that are asked for."""
    return [name for name, field in sheet.inputs.items() if field.isVisibleTo(sheet)]


def test_access_that_was_denied_is_said_in_the_sheet_and_can_be_tried_again(qtbot, window, page, fake):
    fake.refuse_connect = True
    page.run("sources.connect")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), ConnectSheet))
    sheet = window.overlay.sheet()
    sheet.system.setCurrentText("Salesforce")
    sheet.inputs["address"].setText("https://acme.my.salesforce.com")
    sheet.inputs["client_id"].setText("our-app")
    sheet.inputs["client_id"].setFocus()
    sheet.submit()
    qtbot.waitUntil(lambda: "denied authorization" in sheet.said.full_text())
    assert sheet.confirm.isEnabled()
    assert window.focusWidget() is sheet.inputs["client_id"]  # and not Cancel, where Enter gives up


def test_an_unknown_placement_is_registered_with_enter(qtbot, window, page, fake):
    page.placements.view.setCurrentIndex(page.placements.table.index(1, 0))
    qtbot.keyClick(page.placements.view, Qt.Key.Key_Return)
    sheet = window.overlay.sheet()
    assert isinstance(sheet, PlacementSheet)
    assert sheet.value.text() == "pricing-footer"
    qtbot.keyClicks(sheet.place, "Footer of the pricing page")
    qtbot.keyClick(sheet.place, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: fake.calls == [("add_placement", "pricing-footer", "Footer of the pricing page", "", REP)]
    )


def test_a_placement_of_two_words_cannot_be_registered(qtbot, window, page):
    page.placements.register(None)
    sheet = window.overlay.sheet()
    qtbot.keyClicks(sheet.value, "two words")
    assert not sheet.confirm.isEnabled()


def test_a_lead_is_followed_through_every_system(qtbot, page):
    qtbot.keyClicks(page.trace.field, "jane@example.com")
    qtbot.keyClick(page.trace.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.trace.hops.rows()) == 2)
    received, crm = page.trace.hops.rows()
    assert (received.text, received.pill) == ("Received · plg", ("Ok", "ok"))
    assert (crm.text, crm.pill, crm.second) == (
        "CRM · Attio",
        ("Failed", "bad"),
        "Attio refused the value of “score”.",
    )
    page.trace.field.setText("nobody@example.com")
    qtbot.keyClick(page.trace.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.trace.hops.rows() == ())
    assert "nobody@example.com" in page.trace.said.full_text()


def test_the_links_of_a_leads_way_are_edited_by_keyboard(qtbot, window, page, fake):
    page.run("trace.links")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), QueueLinksSheet))
    sheet = window.overlay.sheet()
    assert list(sheet.inputs) == ["portal", "attio"]
    assert sheet.inputs["portal"].text() == "https://portal.example.com/queue?q={email}"
    qtbot.keyClicks(sheet.inputs["attio"], "https://crm.example.com/?q={email}")
    qtbot.keyClick(sheet.inputs["attio"], Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: fake.calls == [("set_queue_link", "attio", "https://crm.example.com/?q={email}", REP)]
    )


def test_rejected_rows_are_opened_or_it_is_said_that_there_are_none(
    qtbot, window, page, monkeypatch, tmp_path
):
    opened = []
    monkeypatch.setattr("pqldesk.views.imports_card.QDesktopServices.openUrl", opened.append)
    with_rejects, without = page.imports.table.rows()
    page.imports.view.opened.emit(without)
    assert window.toast.words() == "No row of signups.csv was rejected"
    rejects = tmp_path / "rejects.csv"
    page.imports.view.opened.emit(replace(with_rejects, rejects_file=str(rejects)))
    assert "is not there any more" in window.bars.problem.words()
    rejects.write_text("line,reason\n")
    page.imports.view.opened.emit(replace(with_rejects, rejects_file=str(rejects)))
    assert [url.toLocalFile() for url in opened] == [str(rejects)]


def test_a_source_is_pulled_with_enter_and_stopped_by_its_key(qtbot, window, page, fake):
    qtbot.waitUntil(lambda: page.pulls.table.rowCount() == 2)
    posthog, stripe = page.pulls.table.rows()
    assert [page.pulls.table.index(row, 1).data() for row in (0, 1)] == ["Pulling", "Tries again"]
    page.pulls.view.setCurrentIndex(page.pulls.table.index(1, 0))
    qtbot.keyClick(page.pulls.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("beside", "sync", stripe.source) in fake.calls)
    page.pulls.view.setCurrentIndex(page.pulls.table.index(0, 0))
    assert page.pulls.stop.isEnabled()
    assert not page.pulls.now.isEnabled()
    page.run("sources.stop")
    qtbot.waitUntil(lambda: ("stop_pulls", [posthog.source]) in fake.calls)


def test_without_sources_it_is_said_how_one_is_connected(qtbot, context, fake):
    window = MainWindow(replace(context, desk=replace(fake_desk(fake), pull_rows=lambda _s: [])))
    qtbot.addWidget(window)
    window.show()
    window.show_page("sources")
    page = window.page("sources")
    qtbot.waitUntil(page.pulls.none.isVisible)
    assert "pqldesk connect posthog" in page.pulls.none.full_text()
    assert not page.pulls.all.isVisible()
    for command in ("sources.pull_all", "sources.pull"):  # by its key or from the palette
        window.toast.hide()
        window.run(command)
        assert window.toast.words() == "No system is pulled yet"


def test_a_conflict_is_decided_for_either_side_with_a_key(qtbot, window, page, fake):
    card = page.conflicts
    card.view.setCurrentIndex(card.table.index(0, 0))
    page.run("conflicts.mine")
    qtbot.waitUntil(lambda: ("resolve_conflict", "K000001", "mine", "", REP) in fake.calls)
    card.view.setCurrentIndex(card.table.index(1, 0))
    page.run("conflicts.theirs")
    qtbot.waitUntil(lambda: ("resolve_conflict", "K000002", "theirs", "", REP) in fake.calls)


def test_a_third_value_is_asked_for_and_goes_to_both_sides(qtbot, window, page, fake):
    card = page.conflicts
    card.view.setCurrentIndex(card.table.index(0, 0))
    page.run("conflicts.other")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, OtherValueSheet)
    assert sheet.value.text() == "VP Operations"
    qtbot.keyClicks(sheet.value, "COO")
    sheet.submit()
    qtbot.waitUntil(lambda: ("resolve_conflict", "K000001", "other", "COO", REP) in fake.calls)


def test_all_conflicts_are_decided_step_by_step(qtbot, window, page, fake):
    page.run("conflicts.all_theirs")
    qtbot.waitUntil(lambda: len([call for call in fake.calls if call[0] == "resolve_conflicts"]) == 2)
    steps = [call for call in fake.calls if call[0] == "resolve_conflicts"]
    assert [call[1:] for call in steps] == [
        (["K000001", "K000002"], "theirs", REP), (["K000002"], "theirs", REP),
    ]  # fmt: skip


def test_the_master_of_a_field_is_changed_for_the_phases_that_were_changed(qtbot, window, page, fake):
    page.masters.change(page.masters.table.rows()[0])
    sheet = window.overlay.sheet()
    assert isinstance(sheet, MasterSheet)
    sheet.choices["sales"].setCurrentIndex(0)
    sheet.submit()
    wanted = ("set_masters", "attio", "person.job_title", {"sales": "pqldesk"}, REP)
    qtbot.waitUntil(lambda: wanted in fake.calls)


def test_fields_say_of_which_crm_they_are_only_where_there_are_several(qtbot, page):
    field, rows = page.masters.table.columns[0], page.masters.table.rows()
    assert field.mark(rows[0]).second == ""
    assert page.masters.note.full_text() == "Attio · Enter changes it"
    page.masters._show([*rows, replace(rows[0], system="hubspot", title="HubSpot")])
    assert field.mark(rows[0]).second == "Attio"
    assert page.masters.note.full_text() == "Enter changes it"


def test_esc_leaves_the_field_of_the_way_so_that_keys_are_commands_again(qtbot, window, page):
    page.follow("jane@example.com")
    assert window.focusWidget() is page.trace.field
    qtbot.keyClick(page.trace.field, Qt.Key.Key_Escape)
    assert window.focusWidget() is not page.trace.field
    for key in "gq":
        qtbot.keyClick(window.focusWidget(), key)
    assert window.current() is window.queue
    assert page.trace.field.text() == "jane@example.com"


def test_the_way_of_a_lead_stays_in_sight_while_the_cards_above_it_fill(qtbot, window, page):
    page.masters.setMinimumHeight(3_000)  # enough below it for its top to be reached
    page.follow("jane@example.com")
    bar, before = page._column.area.verticalScrollBar(), page.trace.y()
    page.conflicts.setMinimumHeight(page.conflicts.height() + 900)  # as a long list does that comes later
    qtbot.waitUntil(lambda: page.trace.y() > before + 800)
    qtbot.waitUntil(lambda: bar.value() == page.trace.y() - 12)
    bar.setValue(0)  # somebody scrolls
    page.conflicts.setMinimumHeight(page.conflicts.height() + 300)
    qtbot.wait(100)
    assert bar.value() == 0


def test_leads_that_are_stuck_are_said_on_the_page_and_followed_from_there(qtbot, page):
    assert page.trace.alarm.full_text() == "1 lead is stuck on its way"
    (row,) = page.trace.stuck.rows()
    assert (row.text, row.second) == ("Jane Okafor", "Relay")
    page.trace.stuck.activated.emit(row.action)
    qtbot.waitUntil(lambda: len(page.trace.hops.rows()) == 2)


def test_an_import_is_taken_back_once_it_is_said_what_goes(qtbot, window, fake):
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.imports.table.rowCount() == 2)
    page.imports.view.setFocus()
    page.imports.view.setCurrentIndex(page.imports.table.index(1, 0))
    qtbot.keyClick(page.imports.view, Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier)
    sheet = window.overlay.sheet()
    qtbot.waitUntil(lambda: sheet.confirm.isEnabled())
    assert sheet.title.full_text() == "Take back the import of signups.csv"
    assert sheet.words.full_text().startswith("These go: 480 leads, 31 companies.")
    assert fake.calls == [("beside", "import", "undo", "B1", "--dry-run")]
    sheet.confirm.click()
    qtbot.waitUntil(
        lambda: window.toast.words() == "signups.csv is taken back; gone: 480 leads, 31 companies"
    )
    assert fake.calls[-1] == ("beside", "import", "undo", "B1")


def test_leaving_the_question_takes_nothing_back(qtbot, window, fake):
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.imports.table.rowCount() == 2)
    window.run("imports.undo")
    sheet = window.overlay.sheet()
    qtbot.waitUntil(lambda: sheet.confirm.isEnabled())
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    assert [call[-1] for call in fake.calls] == ["--dry-run"]


def test_what_is_set_aside_is_looked_through_and_counted_after_all(qtbot, window, fake):
    page = window.page("sources")
    qtbot.waitUntil(lambda: page.loose_ends.look.isVisible())
    page.loose_ends.look.click()
    sheet = window.overlay.sheet()
    qtbot.waitUntil(lambda: sheet.table.rowCount() == 3)
    assert sheet.note.full_text() == "3 events do not count yet"
    qtbot.keyClick(sheet.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sheet.table.rowCount() == 2)
    assert fake.calls == [("beside", "events", "set-aside", "release", "A1")]
    sheet.all.click()
    assert sheet.question.words.full_text().startswith("2 events count from then on")
    sheet.question.yes.click()
    qtbot.waitUntil(lambda: sheet.none.isVisible())
    assert fake.calls[-1] == ("beside", "events", "set-aside", "release")
