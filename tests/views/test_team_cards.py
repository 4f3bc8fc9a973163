"""Team and rules in the settings, used as a manager uses them, and as a rep who may only look."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from sample_desk import OTHER, REP

from pqldesk.services.basics.texts import use_language
from pqldesk.views.route_cards import LedgerCard, RoutesCard, RouteSheet
from pqldesk.views.settings_page import SettingsPage
from pqldesk.views.team_cards import AwaySheet, InviteSheet, MembersCard, MemberSheet


def opened(qtbot, window) -> SettingsPage:
    window.run("team")
    page = window.page("settings")
    qtbot.waitUntil(lambda: page.sections.current() == "team" and bool(page.findChildren(MembersCard)))
    return page


@pytest.fixture
def page(qtbot, window, fake) -> SettingsPage:
    fake.settings["role"] = "manager"
    page = opened(qtbot, window)
    qtbot.waitUntil(lambda: page.findChild(LedgerCard).table.rowCount() == 2)
    return page


def told(table) -> list[list[str]]:
    return [[c.text(table.row(table.index(n, 0))) for c in table.columns] for n in range(table.rowCount())]


def click(qtbot, button) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def sheet_of(qtbot, window, kind):
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), kind))
    return window.overlay.sheet()


def test_the_team_is_listed_with_load_hours_absence_and_rules(page):
    first, second = told(page.findChild(MembersCard).table)
    assert first[1:] == ["Manager", "12 of 40", "Mon-Thu 09:00-17:00", "", "DACH, Everybody"]
    assert second[1:4] == ["Rep", "7", "as the workspace"]
    assert second[4].startswith("until ")


def test_hours_that_differ_by_day_are_read_whole_in_two_lines(page):
    table = page.findChild(MembersCard).table
    row = replace(
        table.rows()[0], working_hours="Mon-Thu 09:00-17:00, Fri 09:00-13:30", timezone="Europe/Paris"
    )
    hours = next(one for one in table.columns if one.title == "Hours")
    assert hours.text(row) == "Mon-Thu 09:00-17:00"
    assert hours.mark(row).second == "Fri 09:00-13:30, Europe/Paris"


def test_hours_are_shown_and_edited_with_the_days_of_the_readers_language(qtbot, page, window):
    try:
        use_language(["de"])
        card = page.findChild(MembersCard)
        assert told(card.table)[0][3] == "Mo-Do 09:00-17:00"
        sheet = MemberSheet(page.context, card.table.row(card.table.index(0, 0)))
        qtbot.addWidget(sheet)
        # what the service reads, and stores in English
        assert sheet.values()["working_hours"] == "Mo-Do 09:00-17:00"
        assert "Mo-Do" in sheet.hours.placeholderText()
    finally:
        use_language(["en"])


def test_a_new_member_is_stored_and_a_refusal_keeps_what_was_typed(qtbot, page, window, fake):
    click(qtbot, page.findChild(MembersCard).add)
    sheet = sheet_of(qtbot, window, MemberSheet)
    qtbot.keyClicks(sheet.email, "kim")
    qtbot.keyClicks(sheet.capacity, "25")
    sheet.submit()
    qtbot.waitUntil(lambda: "is no e-mail address" in sheet.wrong.full_text())
    assert window.overlay.sheet() is sheet
    qtbot.keyClicks(sheet.email, "@example.com")
    sheet.submit()
    qtbot.waitUntil(lambda: window.overlay.sheet() is None)
    given = {"working_hours": None, "timezone": None, "capacity": "25"}
    assert fake.calls == [("set_member", "kim@example.com", given, REP)]


def test_a_role_is_given_and_it_is_said_what_it_keeps_anybody_from(qtbot, page, window, fake):
    card = page.findChild(MembersCard)
    assert "keeps nobody from anything" in card.rights.full_text()
    card.rows.setCurrentIndex(card.table.index(1, 0))
    qtbot.keyClick(card.rows, Qt.Key.Key_Return)
    sheet = sheet_of(qtbot, window, MemberSheet)
    sheet.role.setCurrentIndex(sheet.role.findData("admin"))
    sheet.submit()
    qtbot.waitUntil(lambda: bool(fake.calls))
    assert fake.calls[0][2]["role"] == "admin"


def test_an_invitation_shows_the_url_once_and_says_what_was_wrong(qtbot, page, window, fake):
    click(qtbot, page.findChild(MembersCard).invite)
    sheet = sheet_of(qtbot, window, InviteSheet)
    sheet.email.setText("kim")
    sheet.submit()
    qtbot.waitUntil(lambda: "is no e-mail address" in sheet.wrong.full_text())
    assert not sheet.copy.isEnabled()
    sheet.email.setText("kim@example.com")
    sheet.role.setCurrentIndex(sheet.role.findData("manager"))
    sheet.submit()
    qtbot.waitUntil(sheet.copy.isEnabled)
    assert sheet.url.text() == "postgresql://growth.kim:secret@db.example/growth"
    assert fake.calls == [("invite", "kim@example.com", "manager", REP)]
    assert not sheet.confirm.isEnabled()  # a second click would make the URL worthless


def test_somebody_goes_away_for_a_while_and_comes_back(qtbot, page, window, fake):
    card = page.findChild(MembersCard)
    card.rows.setCurrentIndex(card.table.index(0, 0))
    assert card.away.text() == "Away…"
    click(qtbot, card.away)
    sheet = sheet_of(qtbot, window, AwaySheet)
    sheet.open_end.setChecked(True)
    sheet.submit()
    qtbot.waitUntil(lambda: [call[:2] for call in fake.calls] == [("set_away", OTHER)])
    assert fake.calls[0][3] is None
    card.rows.setCurrentIndex(card.table.index(1, 0))
    assert card.away.text() == "Back"
    click(qtbot, card.away)
    qtbot.waitUntil(lambda: fake.calls[-1] == ("set_away", REP, None, None, REP))


def test_a_rule_is_changed_with_its_shares(qtbot, page, window, fake):
    card = page.findChild(RoutesCard)
    assert told(card.table)[1][1:] == ["every lead", "Dana Kim ×2, Mira Okafor", "6"]
    card.rows.setCurrentIndex(card.table.index(1, 0))
    qtbot.keyClick(card.rows, Qt.Key.Key_Return)
    sheet = sheet_of(qtbot, window, RouteSheet)
    sheet.filter.setText("plan is Team")
    sheet.weights[OTHER].setText("0")
    sheet.any_hours.setChecked(False)
    sheet.submit()
    given = {
        "filter": "plan is Team",
        "to": {REP: 1},
        "any_hours": False,
        "account_owner": True,
        "active": True,
    }
    qtbot.waitUntil(lambda: fake.calls == [("set_route", "Everybody", given, REP)])


def test_rules_are_put_in_order_and_removed(qtbot, page, fake):
    card = page.findChild(RoutesCard)
    card.rows.setCurrentIndex(card.table.index(0, 0))
    assert not card.earlier.isEnabled()
    card.rows.setCurrentIndex(card.table.index(1, 0))
    click(qtbot, card.earlier)
    click(qtbot, card.remove)
    qtbot.waitUntil(lambda: len(fake.calls) == 2)
    assert fake.calls == [
        ("set_route", "Everybody", {"position": 1}, REP),
        ("remove_route", "Everybody", REP),
    ]


def test_the_ledger_says_who_got_a_lead_why_and_who_was_passed_over(qtbot, page, window):
    card = page.findChild(LedgerCard)
    assert told(card.table)[0] == ["4 min ago", "Jane Doe", "Dana Kim", "Mira Okafor (away)"]
    card.rows.setCurrentIndex(card.table.index(0, 0))
    qtbot.keyClick(card.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.current() is window.queue)


def test_who_would_get_a_lead_is_told_and_an_unknown_one_refused(qtbot, page, fake):
    card = page.findChild(LedgerCard)
    card.lead.setText("jane@example.com")
    qtbot.keyClick(card.lead, Qt.Key.Key_Return)
    words = (
        "Dana Kim would get Jane Doe: it was their turn (rule Everybody). Passed over: Mira Okafor (away)."
    )
    qtbot.waitUntil(lambda: card.answer.full_text() == words)
    card.lead.setText("nobody")
    click(qtbot, card.preview)
    qtbot.waitUntil(lambda: "There is no lead 'nobody'" in card.answer.full_text())
    assert fake.calls == []


def test_a_rep_looks_and_does_not_change(qtbot, window):
    page = opened(qtbot, window)
    window.context.rights.know("rep", window.context.rep)
    card = page.findChild(MembersCard)
    qtbot.waitUntil(lambda: card.table.rowCount() == 2 and card.may_look.isVisible())
    assert not any(tool.isEnabled() for one in (card, page.findChild(RoutesCard)) for tool in one.tools)
    card.rows.setCurrentIndex(card.table.index(0, 0))
    qtbot.keyClick(card.rows, Qt.Key.Key_Return)
    assert window.overlay.sheet() is None


def test_without_team_and_rules_it_says_what_that_means(qtbot, window, fake):
    fake.team_empty = True
    page = opened(qtbot, window)
    for kind in (MembersCard, RoutesCard, LedgerCard):
        card = page.findChild(kind)
        qtbot.waitUntil(card.none.isVisible)
        assert not card.rows.isVisible()
