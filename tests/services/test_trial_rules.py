"""States of trials, days left across zones and clock changes, and which trial is shown."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.trial_people import Person, Team
from pqldesk.services.trial_rules import (
    OPEN_STATES,
    TrialFacts,
    TrialState,
    days_left,
    ends_before,
    has_started,
    trial_shown,
    trial_state,
)

BERLIN = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


ENDS = at("2025-03-20T12:00:00Z")
NOW = at("2025-03-10T12:00:00Z")
LATER = at("2025-03-21T12:00:00Z")


@pytest.mark.parametrize(
    ("trial", "moment", "state"),
    [
        (TrialFacts(ends_at=ENDS), NOW, "active"),
        (TrialFacts(ends_at=ENDS), ENDS - timedelta(microseconds=1), "active"),
        (TrialFacts(ends_at=ENDS), ENDS, "expired"),
        (TrialFacts(ends_at=ENDS, source_state="trialing"), LATER, "expired"),
        (TrialFacts(ends_at=ENDS, source_state="active"), LATER, "expired"),
        (TrialFacts(ends_at=ENDS, source_state=" Ending "), NOW, "active"),
        (TrialFacts(ends_at=ENDS, source_state="expired"), NOW, "active"),
        (TrialFacts(source_state="expired"), NOW, "expired"),
        (TrialFacts(), NOW, "active"),
        (TrialFacts(ends_at=ENDS, converted_at=NOW), NOW, "converted"),
        (TrialFacts(ends_at=ENDS, converted_at=NOW), NOW - timedelta(seconds=1), "active"),
        (TrialFacts(ends_at=ENDS, source_state="Converted"), LATER, "converted"),
        (TrialFacts(ends_at=ENDS, source_state="canceled", converted_at=NOW), NOW, "converted"),
        (TrialFacts(ends_at=ENDS, source_state="lost"), LATER, "lost"),
        (TrialFacts(ends_at=ENDS, source_state="cancelled"), NOW, "lost"),
        (TrialFacts(ends_at=ENDS, source_state="canceled"), NOW, "lost"),
        (TrialFacts(ends_at=ENDS, source_state="paused"), NOW, "lost"),
        (TrialFacts(ends_at=ENDS, closed_at=NOW), NOW, "lost"),
        (TrialFacts(ends_at=ENDS, first_ends_at=NOW), NOW, "extended"),
        (TrialFacts(ends_at=ENDS, first_ends_at=ENDS), NOW, "active"),
        (TrialFacts(ends_at=ENDS, first_ends_at=LATER), NOW, "active"),
        (TrialFacts(ends_at=ENDS, source_state="extended"), NOW, "extended"),
        (TrialFacts(ends_at=ENDS, source_state="extended"), LATER, "expired"),
    ],
)
def test_the_first_state_that_applies_stands(trial: TrialFacts, moment: datetime, state: str) -> None:
    assert trial_state(trial, moment, UTC) == state


def test_a_date_alone_runs_to_the_end_of_that_day_in_the_workspace() -> None:
    trial = TrialFacts(
        ends_at=at("2025-03-29T23:00:00Z"), ends_date_only=True
    )  # 30 March, Berlin: 23 hours long
    assert trial_state(trial, at("2025-03-30T21:59:59Z"), BERLIN) is TrialState.ACTIVE
    assert trial_state(trial, at("2025-03-30T22:00:00Z"), BERLIN) is TrialState.EXPIRED
    assert days_left(trial, at("2025-03-30T21:59:59Z"), BERLIN) == 0
    assert days_left(trial, at("2025-03-29T22:59:59Z"), BERLIN) == 1
    assert days_left(trial, at("2025-03-30T22:00:00Z"), BERLIN) == 0


@pytest.mark.parametrize(
    ("ends", "moment", "zone", "left"),
    [
        ("2025-03-20T12:00:00Z", "2025-03-10T12:00:00Z", UTC, 10),
        ("2025-03-20T00:00:00Z", "2025-03-10T12:00:00Z", UTC, 9),  # its last moment is on the 19th
        ("2025-03-20T12:00:00Z", "2025-03-20T00:30:00Z", UTC, 0),
        ("2025-03-20T23:30:00Z", "2025-03-20T22:30:00Z", BERLIN, 1),  # ends on the 21st there
        ("2025-03-31T10:00:00Z", "2025-03-29T23:30:00Z", BERLIN, 1),  # across a day of 23 hours
        ("2025-03-20T12:00:00Z", "2025-03-25T12:00:00Z", UTC, 0),
    ],
)
def test_days_left_count_days_of_the_workspace(ends: str, moment: str, zone: ZoneInfo, left: int) -> None:
    assert days_left(TrialFacts(ends_at=at(ends)), at(moment), zone) == left


@given(
    st.integers(0, 400 * 24),
    st.integers(0, 400 * 24),
    st.booleans(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_days_left_is_the_difference_of_dates_while_open(
    ends_h: int, now_h: int, dated: bool, name: str
) -> None:
    zone = ZoneInfo(name)
    start = at("2024-12-01T00:00:00Z")
    trial = TrialFacts(ends_at=start + timedelta(hours=ends_h), ends_date_only=dated)
    now = start + timedelta(hours=now_h)
    end = ends_before(trial, zone)
    assert end is not None
    last = at("1970-01-01T00:00:00Z") + timedelta(microseconds=end - 1)
    left = days_left(trial, now, zone)
    if trial_state(trial, now, zone) in OPEN_STATES:
        assert left == (last.astimezone(zone).date() - now.astimezone(zone).date()).days
        assert now <= last
    else:
        assert left == 0
        assert now > last


def test_closed_trials_have_no_days_left_and_endless_ones_an_unknown_number() -> None:
    assert days_left(TrialFacts(ends_at=ENDS, source_state="converted"), NOW, UTC) == 0
    assert days_left(TrialFacts(ends_at=ENDS, source_state="paused"), NOW, UTC) == 0
    assert days_left(TrialFacts(), NOW, UTC) is None


def test_a_lead_shows_its_own_trial_before_its_companys_and_the_latest_of_several() -> None:
    def trial(name: str, day: int | None) -> TrialFacts:
        return TrialFacts(trial_id=name, starts_at=None if day is None else at(f"2025-03-{day:02}T00:00:00Z"))

    own, company = [trial("old", 1), trial("new", 5), trial("ahead", 20)], [trial("theirs", 8)]
    assert (shown := trial_shown(own, company, NOW)) is not None
    assert shown.trial_id == "new"
    assert (shown := trial_shown([trial("ahead", 20)], company, NOW)) is not None
    assert shown.trial_id == "theirs"
    assert (shown := trial_shown([trial("undated", None), trial("old", 1)], [], NOW)) is not None
    assert shown.trial_id == "old"
    assert trial_shown([trial("ahead", 20)], [], NOW) is None
    assert not has_started(trial("ahead", 20), NOW)
    assert has_started(trial("undated", None), NOW)


def test_the_milestones_of_a_trial_are_those_that_its_activation_counts() -> None:
    ahead = Person(2, "a@b.example", 4_000, 67, (1, 1, None), None, None)
    behind = Person(1, "c@b.example", 9_000, 33, (None, None, 1), None, None)
    team = Team((behind, ahead))
    assert (team.activation, team.reached(NOW)) == (67, (True, True, False))
    assert Team(()).reached(NOW) == ()
