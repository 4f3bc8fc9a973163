"""Working hours: when a first touch is due, and when a follow-up falls by default.

A working day is its opening to its closing on the clocks of the zone; what passes between is counted in real
time, so a clock change inside it neither gives nor takes an hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pqldesk.services.moments import HOUR, calendar_day, local_days, micros, moment, wall_time


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When work is done: clock hours on some weekdays (Monday is 0) in one zone, less holidays."""

    zone: ZoneInfo
    opens: int = 9
    closes: int = 17
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError(f"working weekdays are some of 0 to 6, not {sorted(self.weekdays)}")
        if not 0 <= self.opens < self.closes <= 24:
            raise ValueError(f"working hours {self.opens} to {self.closes} do not lie within a day")

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays


@dataclass(frozen=True, slots=True)
class ResponsePolicy:
    """How soon a first touch is due."""

    urgent_working_hours: float = 4
    qualified_clock_hours: float = 24


def add_working_hours(start: datetime, hours: float, working: WorkingHours) -> datetime:
    """The moment at which *hours* of working time have passed since *start*.

    Outside working time the count begins at the next opening; a count that ends with the day ends at closing.
    """
    left = round(hours * HOUR)
    if left < 0:
        raise ValueError(f"{hours} hours lie in the past")
    at = micros(start)
    for opening, closing in _openings(at, working):
        begin = max(at, opening)
        if begin >= closing:
            continue
        if begin + left <= closing:
            return moment(begin + left)
        left -= closing - begin
    raise AssertionError("there is always a next working day")


def response_due(
    since: datetime, *, urgent: bool, working: WorkingHours, policy: ResponsePolicy | None = None
) -> datetime:
    """When the first touch is due: *urgent* (hot, or a hand raised) in working hours, else in clock hours."""
    limits = policy or ResponsePolicy()
    if urgent:
        return add_working_hours(since, limits.urgent_working_hours, working)
    return since + timedelta(hours=limits.qualified_clock_hours)


def next_working_day_at(now: datetime, working: WorkingHours, hour: int = 10) -> datetime:
    """The next working day after today at *hour*: when a follow-up is due that names no time."""
    day = local_days(working.zone).day_of(micros(now)) + 1
    while not working.is_working_day(calendar_day(day)):
        day += 1
    return moment(wall_time(day, hour, 0, working.zone))


def _openings(at: int, working: WorkingHours) -> Iterator[tuple[int, int]]:
    day = local_days(working.zone).day_of(at)
    while True:
        if working.is_working_day(calendar_day(day)):
            opening = wall_time(day, working.opens, 0, working.zone)
            if working.closes == 24:
                closing = local_days(working.zone).midnight(day + 1)
            else:
                closing = wall_time(day, working.closes, 0, working.zone)
            yield opening, closing
        day += 1
