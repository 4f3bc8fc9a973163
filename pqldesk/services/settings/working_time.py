"""Working hours: when a first touch is due, and when a follow-up falls by default.

A working day is its opening to its closing on the clocks of the zone; what passes between is counted in real
time, so a clock change inside it neither gives nor takes an hour.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pqldesk.services.basics.moments import HOUR, calendar_day, local_days, micros, moment, wall_time
from pqldesk.services.basics.texts import _
from pqldesk.services.basics.weekdays import DAY_NAMES, day_of_name, short_days

Span = tuple[int, int]  # minutes of a day: opening and closing
Week = tuple[Span | None, ...]  # Monday to Sunday; None is a day off

DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"([0-2]?\d):([0-5]\d)\s*[-–]\s*([0-2]?\d):([0-5]\d)")
_DAYS = re.compile(r"([^\W\d_]+\.?)(?:\s*[-–]\s*([^\W\d_]+\.?))?")
_DAYS_AND_HOURS = re.compile(r"(\D+?)\s+(\d.*)")


def span_of(text: str) -> Span:
    """``09:00-17:30`` as minutes of the day. ValueError where it does not lie within one day."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(_("{text!r} is no span of a day").format(text=text))
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not opens < closes <= DAY_MINUTES:
        raise ValueError(_("{text!r} does not lie within a day").format(text=text))
    return opens, closes


def span_text(span: Span) -> str:
    """Minutes of the day as ``09:00-17:30``."""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


def week_of(text: str) -> Week:
    """``09:00-17:00`` (Monday to Friday) or ``Mon-Thu 09:00-17:00, Fri 09:00-13:30``; unnamed days are off.

    Days may be named in the reader's language too. ValueError where it is neither, names a day twice, or leaves no
    day to work on.
    """
    if _SPAN.fullmatch(text.strip()):
        return (span_of(text),) * 5 + (None, None)
    week: list[Span | None] = [None] * 7
    for part in text.split(","):
        found = _DAYS_AND_HOURS.fullmatch(part.strip())
        days, hours = (found[1], found[2]) if found else (part, "")
        named = _DAYS.fullmatch(days)
        first, last = (day_of_name(name) for name in (named[1], named[2] or named[1])) if named else (1, 0)
        if first > last or any(week[first : last + 1]):
            raise ValueError(_("{part!r} names no days, or some again").format(part=part))
        week[first : last + 1] = [span_of(hours)] * (last - first + 1)
    return tuple(week)


def week_words(text: str) -> str:
    """Stored working hours as the reader's language names the days; `week_of` reads that too, for that reader.

    What cannot be read is left as it is.
    """
    try:
        return week_text(week_of(text), short_days())
    except ValueError:
        return text


def week_example() -> str:
    """Working hours that differ by day, as a reader may write them."""
    return week_words("Mon-Thu 09:00-17:00, Fri 09:00-13:30")


def week_text(week: Sequence[Span | None], names: Sequence[str] = DAY_NAMES) -> str:
    """The shortest text that `week_of` reads as *week*, which is how it is stored unless days have other *names*.

    ValueError where every day is off.
    """
    if not any(week):
        raise ValueError("a week without a working day")
    if week[0] is not None and list(week) == [week[0]] * 5 + [None, None]:
        return span_text(week[0])
    parts: list[tuple[int, int, Span]] = []
    for day, span in enumerate(week):
        if span is None:
            continue
        if parts and parts[-1][1] == day - 1 and parts[-1][2] == span:
            parts[-1] = (parts[-1][0], day, span)
        else:
            parts.append((day, day, span))
    return ", ".join(
        f"{names[first]}{'' if first == last else '-' + names[last]} {span_text(span)}"
        for first, last, span in parts
    )


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When work is done in one zone: the same clock hours on some weekdays (Monday is 0), or those of *week*.

    Nobody works on *holidays*.
    """

    zone: ZoneInfo
    opens: int = 9
    closes: int = 17
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()
    week: Week | None = None

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError(f"working weekdays are some of 0 to 6, not {sorted(self.weekdays)}")
        if not 0 <= self.opens < self.closes <= 24:
            raise ValueError(f"working hours {self.opens} to {self.closes} do not lie within a day")
        if self.week is not None and not any(self.week):
            raise ValueError("a week without a working day")

    def span_on(self, day: date) -> Span | None:
        """When that day's work begins and ends, in minutes of the day; None on a day off."""
        if day in self.holidays:
            return None
        if self.week is not None:
            return self.week[day.weekday()]
        return (self.opens * 60, self.closes * 60) if day.weekday() in self.weekdays else None

    def is_working_day(self, day: date) -> bool:
        return self.span_on(day) is not None


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


def opening_at(at: datetime, working: WorkingHours) -> int:
    """When working time begins that has not ended by *at*, in microseconds: *at* itself inside of it."""
    now = micros(at)
    return next(max(now, opening) for opening, closing in _openings(now, working) if closing > now)


def next_working_day_at(now: datetime, working: WorkingHours, hour: int = 10) -> datetime:
    """The next working day after today at *hour*: when a follow-up is due that names no time."""
    day = local_days(working.zone).day_of(micros(now)) + 1
    while not working.is_working_day(calendar_day(day)):
        day += 1
    return moment(wall_time(day, hour, 0, working.zone))


def _openings(at: int, working: WorkingHours) -> Iterator[tuple[int, int]]:
    day = local_days(working.zone).day_of(at)
    while True:
        span = working.span_on(calendar_day(day))
        if span is not None:
            opening = wall_time(day, *divmod(span[0], 60), working.zone)
            if span[1] == DAY_MINUTES:
                closing = local_days(working.zone).midnight(day + 1)
            else:
                closing = wall_time(day, *divmod(span[1], 60), working.zone)
            yield opening, closing
        day += 1
