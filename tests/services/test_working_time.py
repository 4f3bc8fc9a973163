"""Working time equals a clock that is stepped minute by minute, across clock changes and holidays."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.settings.working_time import (
    ResponsePolicy,
    WorkingHours,
    add_working_hours,
    next_working_day_at,
    response_due,
    week_of,
)
from pqldesk.services.team.response_clock import ResponseClock

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
HOLIDAYS = frozenset({date(2025, 4, 18), date(2025, 4, 21), date(2025, 12, 25), date(2025, 12, 26)})
STARTS = [
    "2025-03-28T16:31:00Z",  # Friday before Europe's clocks go forward
    "2025-03-30T00:59:00Z",
    "2025-03-07T21:30:00Z",  # Friday before America's
    "2025-10-24T14:15:00Z",  # Friday before Europe's go back
    "2025-10-31T20:10:00Z",  # Friday before America's
    "2025-04-17T15:00:00Z",  # before Easter
    "2025-12-24T16:59:00Z",
    "2025-06-04T10:00:00Z",
    "2025-06-04T03:33:00Z",
]
HOURS = [0.5, 4, 11]
CASES = [(start, hours, zone) for start in STARTS for hours in HOURS for zone in ZONES]


def stepped(start: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """Walk real minutes and count those in which the local clock shows working time."""
    left = round(hours * 60)
    now = start
    while left:
        local = now.astimezone(zone)
        if local.weekday() < 5 and local.date() not in HOLIDAYS and 9 <= local.hour < 17:
            left -= 1
        now += timedelta(minutes=1)
    return now


def test_there_are_enough_reference_moments() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("start", "hours", "zone"), CASES)
def test_working_hours_equal_a_clock_stepped_by_minutes(start: str, hours: float, zone: str) -> None:
    working = WorkingHours(ZoneInfo(zone), holidays=HOLIDAYS)
    moment = datetime.fromisoformat(start)
    assert add_working_hours(moment, hours, working) == stepped(moment, hours, working.zone)


@pytest.mark.parametrize(
    ("start", "zone"), [("2025-03-29T22:10:00Z", "Europe/Berlin"), ("2025-10-26T00:10:00Z", "Europe/Berlin")]
)
def test_a_shift_through_a_clock_change_counts_the_hours_that_really_pass(start: str, zone: str) -> None:
    working = WorkingHours(ZoneInfo(zone), opens=0, closes=24, weekdays=frozenset(range(7)))
    moment = datetime.fromisoformat(start)
    assert add_working_hours(moment, 30, working) == moment + timedelta(hours=30)


def test_a_count_that_ends_with_the_day_ends_at_its_closing() -> None:
    working = WorkingHours(ZoneInfo("UTC"))
    assert add_working_hours(datetime(2025, 6, 4, 13, tzinfo=UTC), 4, working) == datetime(
        2025, 6, 4, 17, tzinfo=UTC
    )
    assert add_working_hours(datetime(2025, 6, 6, 17, tzinfo=UTC), 0, working) == datetime(
        2025, 6, 9, 9, tzinfo=UTC
    )


def test_hot_and_hand_raised_are_due_in_working_hours_and_qualified_in_clock_hours() -> None:
    working = WorkingHours(ZoneInfo("Europe/Berlin"))
    friday = datetime(2025, 6, 6, 14, tzinfo=UTC)  # 16:00 in Berlin
    assert response_due(friday, urgent=True, working=working) == datetime(2025, 6, 9, 10, tzinfo=UTC)
    assert response_due(friday, urgent=False, working=working) == datetime(2025, 6, 7, 14, tzinfo=UTC)
    own = ResponsePolicy(urgent_working_hours=1, qualified_clock_hours=2)
    assert response_due(friday, urgent=True, working=working, policy=own) == datetime(
        2025, 6, 6, 15, tzinfo=UTC
    )
    assert response_due(friday, urgent=False, working=working, policy=own) == datetime(
        2025, 6, 6, 16, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2025-06-04T08:00:00Z", "UTC", "2025-06-05T10:00:00Z"),
        ("2025-06-06T23:00:00Z", "UTC", "2025-06-09T10:00:00Z"),
        ("2025-06-06T23:00:00Z", "Asia/Kolkata", "2025-06-09T04:30:00Z"),
        ("2025-06-05T23:00:00Z", "Asia/Kolkata", "2025-06-09T04:30:00Z"),  # already Friday there
        ("2025-03-28T12:00:00Z", "Europe/Berlin", "2025-03-31T08:00:00Z"),
        ("2025-04-17T12:00:00Z", "Europe/Berlin", "2025-04-22T08:00:00Z"),
    ],
)
def test_a_follow_up_without_a_time_is_due_the_next_working_day_at_ten(now: str, zone: str, due: str) -> None:
    working = WorkingHours(ZoneInfo(zone), holidays=HOLIDAYS)
    assert next_working_day_at(datetime.fromisoformat(now), working) == datetime.fromisoformat(due)


def test_impossible_working_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="weekdays"):
        WorkingHours(ZoneInfo("UTC"), weekdays=frozenset())
    with pytest.raises(ValueError, match="17 to 9"):
        WorkingHours(ZoneInfo("UTC"), opens=17, closes=9)
    with pytest.raises(ValueError, match="past"):
        add_working_hours(datetime(2025, 6, 4, tzinfo=UTC), -1, WorkingHours(ZoneInfo("UTC")))


def reference_moments() -> tuple[frozenset[date], list[dict[str, str]]]:
    """tests/data/response_clock.tsv: its holidays, and a row for each moment."""
    lines = (Path(__file__).parent.parent / "data/response_clock.tsv").read_text().splitlines()
    days = next(line for line in lines if line.startswith("# holidays ")).removeprefix("# holidays ")
    table = csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t")
    return frozenset(map(date.fromisoformat, days.split(","))), list(table)


def test_the_response_clock_agrees_with_every_reference_moment() -> None:
    holidays, rows = reference_moments()
    assert len(rows) >= 200
    assert len({row["zone"] for row in rows}) >= 18
    assert sum(bool(row["owner_zone"]) for row in rows) >= 25

    def hours(zone: str, week: str) -> WorkingHours:
        return WorkingHours(ZoneInfo(zone), holidays=holidays, week=week_of(week))

    wrong = []
    for row in rows:
        own = {}
        if row["owner_zone"]:
            own = {"ada@example.com": hours(row["owner_zone"], row["owner_week"] or row["week"])}
        policy = ResponsePolicy(urgent_working_hours=float(row["hours"]))
        clock = ResponseClock(hours(row["zone"], row["week"]), policy, own)
        since = micros(datetime.fromisoformat(row["since"]))
        due = moment(clock.due(since, urgent=True, owner="Ada@example.com" if own else None))
        if due != datetime.fromisoformat(row["due"]):
            wrong.append((row, due.isoformat()))
    assert wrong == []
