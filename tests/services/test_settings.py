"""Settings: what can be stored, what follows from a change, and taking it back."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pqldesk.services import settings
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.identity.own_names import own_names
from pqldesk.services.leads.undo import undo
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.settings.declarations import DECLARED, checked
from pqldesk.services.settings.working_time import WorkingHours, add_working_hours, week_of, week_text
from pqldesk.services.team.response_clock import working_hours
from pqldesk.services.workspaces.facts import workspace_facts

AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"


@pytest.mark.parametrize("declared", DECLARED, ids=lambda one: one.key)
def test_every_default_passes_its_own_check(declared):
    assert declared.check(declared.default) == declared.default


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("09:00-17:00", "09:00-17:00"),
        ("mon-fri 09:00-17:00", "09:00-17:00"),
        ("Mon-Thu 9:00-17:00, Fri 09:00-13:30", "Mon-Thu 09:00-17:00, Fri 09:00-13:30"),
        ("Sun 22:00-24:00", "Sun 22:00-24:00"),
        ("Mon 09:00-17:00, Wed 09:00-17:00", "Mon 09:00-17:00, Wed 09:00-17:00"),
    ],
)
def test_working_hours_are_read_and_written_the_same(text, kept):
    assert week_text(week_of(text)) == kept == checked("working_hours", text)


@pytest.mark.parametrize(
    "text",
    ["9-17", "17:00-09:00", "Mon 09:00-17:00, Mon 10:00-12:00", "Fri-Mon 09:00-17:00", "Mon", "08:00-25:00"],
)
def test_hours_that_are_none_are_refused_with_an_example(text):
    with pytest.raises(BadInput, match="Mon-Thu 09:00-17:00"):
        checked("working_hours", text)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("quiet_hours", "8-9"),
        ("quiet_hours", "08:00-08:00"),
        ("quiet_hours", "24:00-08:00"),
        ("notify_digest", "9"),
        ("notify.crossed", "maybe"),
        ("density", "tiny"),
        ("notify_budget", "-1"),
        ("lease_days", "٣"),
        ("intake_hosts", "not a host!"),
        ("intake_hosts", "https://tracker.example.com"),
        ("intake_origins", "app.example.com"),
        ("intake_origins", "https://app.example.com/pricing"),
    ],
)
def test_a_value_that_is_none_is_refused(key, text):
    with pytest.raises(BadInput):
        checked(key, text)


def test_names_and_origins_of_the_intake_are_kept_as_a_browser_sends_them():
    assert checked("intake_hosts", "tracker.acme.example,tracker") == "tracker.acme.example, tracker"
    assert checked("intake_origins", "https://app.acme.example/, http://localhost:8080") == (
        "https://app.acme.example, http://localhost:8080"
    )
    assert checked("intake_origins", "*") == "*"


def test_a_count_stops_at_noon_on_a_short_friday():
    working = WorkingHours(ZoneInfo("Europe/Berlin"), week=week_of("Mon-Thu 09:00-17:00, Fri 09:00-12:30"))
    friday = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)  # 11:30 in Berlin, an hour before closing
    assert add_working_hours(friday, 2, working) == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert not working.is_working_day(date(2026, 11, 21))


def test_the_stored_week_is_what_the_response_clock_works_with(write):
    write(settings.store, "working_hours", "Sat-Sun 10:00-14:30")
    found = write(working_hours)
    assert found.span_on(date(2026, 11, 21)) == (600, 870)
    assert found.span_on(date(2026, 11, 20)) is None


def test_undo_puts_the_time_zone_back_with_the_days_of_every_event(workspace, write, new_lead):
    write(change_setting, "timezone", "Pacific/Auckland", KIM, AT)
    assert str(write(settings.zone)) == "Pacific/Auckland"
    write(undo, KIM, AT)
    assert str(write(settings.zone)) == "UTC"


def test_a_look_touches_no_lead(write):
    assert [str(topic) for topic in write(change_setting, "density", "roomy", KIM, AT).topics] == ["settings"]


def test_named_features_are_listed_though_nobody_has_used_them(write):
    write(settings.store, "feature_label.sso", "Single sign-on")
    write(settings.store, "event_map.app_opened", "login")
    rows = write(own_names)
    assert [(row.key, row.label, row.is_feature) for row in rows] == [
        ("sso", "Single sign-on", True),
        ("app_opened", "login", False),
    ]


@pytest.mark.of_a_file
def test_the_copies_of_a_workspace_are_found_newest_first(workspace):
    from pqldesk.services.workspaces.backup import backup_now, daily_backup

    daily_backup(workspace.place, AT.date())
    by_hand = backup_now(workspace.place, AT)
    facts = workspace_facts(workspace.place)
    assert facts.size > 0
    assert {(row.daily, row.size > 0) for row in facts.backups} == {(True, True), (False, True)}
    assert str(by_hand) in {row.file for row in facts.backups}
