"""Days of a time zone, also where they are not 24 hours long."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pqldesk.services.basics.exact import HUNDRED, MILLION, half_up, number, parts, text
from pqldesk.services.basics.moments import (
    DAY,
    HOUR,
    LocalDays,
    calendar_day,
    day_number,
    iso,
    micros,
    moment,
)

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Africa/Cairo",
    "America/Havana",
]


def at(text: str) -> int:
    return micros(datetime.fromisoformat(text))


@given(st.sampled_from(ZONES), st.integers(at("2001-01-01T00:00:00Z"), at("2035-01-01T00:00:00Z")))
def test_a_moment_lies_on_the_day_its_clock_shows(name: str, moment_: int) -> None:
    zone = ZoneInfo(name)
    days = LocalDays(zone)
    day = days.day_of(moment_)
    assert calendar_day(day) == moment(moment_).astimezone(zone).date()
    assert days.midnight(day) <= moment_ < days.midnight(day + 1)


@pytest.mark.parametrize(
    "name", [*ZONES, "Pacific/Apia", "America/St_Johns", "America/Sao_Paulo", "Atlantic/Azores"]
)
def test_days_follow_each_other_without_gap_or_overlap_for_twenty_years(name: str) -> None:
    days = LocalDays(ZoneInfo(name))
    first, last = day_number(datetime(2005, 1, 1).date()), day_number(datetime(2025, 1, 1).date())  # noqa: DTZ001
    for day, after in pairwise(range(first, last)):
        assert days.midnight(day) <= days.midnight(after)
        if days.midnight(day) < days.midnight(after):
            assert days.day_of(days.midnight(day)) == day
            assert days.day_of(days.midnight(after) - 1) == day


def test_a_day_whose_midnight_is_skipped_begins_at_the_clock_change() -> None:
    days = LocalDays(ZoneInfo("Africa/Cairo"))  # 2025-04-25 00:00 became 01:00
    day = days.day_of(at("2025-04-25T12:00:00Z"))
    assert iso(days.midnight(day)) == "2025-04-24T22:00:00Z"
    assert days.midnight(day + 1) - days.midnight(day) == 23 * HOUR


def test_a_midnight_that_comes_twice_counts_the_first_time() -> None:
    days = LocalDays(ZoneInfo("America/Havana"))  # 2025-11-02 01:00 became 00:00
    day = days.day_of(at("2025-11-02T12:00:00Z"))
    assert iso(days.midnight(day)) == "2025-11-02T04:00:00Z"
    assert days.midnight(day + 1) - days.midnight(day) == 25 * HOUR


def test_the_day_that_samoa_left_out_has_no_moment() -> None:
    days = LocalDays(ZoneInfo("Pacific/Apia"))
    missing = day_number(datetime(2011, 12, 30, tzinfo=UTC).date())
    assert days.midnight(missing) == days.midnight(missing + 1)
    assert days.day_of(days.midnight(missing)) == missing + 1


def test_times_are_written_with_a_fraction_only_where_there_is_one() -> None:
    assert iso(at("2024-12-15T12:00:00Z")) == "2024-12-15T12:00:00Z"
    assert iso(at("2024-12-15T12:00:10.250Z")) == "2024-12-15T12:00:10.25Z"
    assert iso(at("2024-12-15T13:00:00+01:00")) == "2024-12-15T12:00:00Z"
    with pytest.raises(ValueError, match="no time zone"):
        micros(datetime(2024, 1, 1))  # noqa: DTZ001


@given(st.integers(-(10**15), 10**15))
def test_micros_and_moment_are_each_others_inverse(value: int) -> None:
    assert micros(moment(value)) == value
    assert (moment(value) - moment(0)).days == value // DAY


def test_numbers_are_whole_when_whole_and_exact_either_way() -> None:
    assert (number(8500, HUNDRED), number(1250, HUNDRED), number(-50, HUNDRED)) == (85, 12.5, -0.5)
    assert isinstance(number(8500, HUNDRED), int)
    assert [text(value, HUNDRED) for value in (8500, 1250, 1205, -50, -100)] == [
        "85",
        "12.5",
        "12.05",
        "-0.5",
        "-1",
    ]
    assert text(999_999_999_999_999, MILLION) == "999999999.999999"
    assert (parts(0.1, MILLION), parts("2.5", HUNDRED), parts(3, HUNDRED)) == (100_000, 250, 300)


@pytest.mark.parametrize("value", [True, None, "x", float("nan"), float("inf"), [], 0.005])
def test_what_is_no_number_of_so_many_digits_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"not a number|fraction digits"):
        parts(value, HUNDRED)


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_half_up_is_the_rounding_people_learn_at_school(numerator: int, denominator: int) -> None:
    rounded = half_up(numerator, denominator)
    assert abs(2 * (rounded * denominator - numerator)) <= denominator
    assert half_up(-numerator, denominator) == -rounded == half_up(numerator, -denominator)
    assert half_up(2 * numerator + 1 if numerator >= 0 else 2 * numerator - 1, 2) == (
        numerator + 1 if numerator >= 0 else numerator - 1
    )
