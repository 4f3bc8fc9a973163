"""Moments as whole microseconds since 1970 UTC, and the local days they fall on.

A local day begins at its first instant: where a clock is set forward over midnight that is the moment of
the change, and where it is set back over midnight the day that has begun stays begun. Days never run back.
"""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from pqldesk.models.times import micros as micros
from pqldesk.models.times import moment as moment

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 86_400 * SECOND

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def iso(at: int) -> str:
    """``2024-12-15T12:00:00Z``, with a fraction only where there is one."""
    shown = moment(at).replace(tzinfo=None).isoformat()
    return (shown.rstrip("0") if "." in shown else shown) + "Z"


def day_number(day: date) -> int:
    """A calendar day as days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def calendar_day(day: int) -> date:
    """Days since 1970-01-01 as a calendar day."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


def monday(day: int) -> int:
    """The Monday of a day's week, both as days since 1970."""
    return day - (day + 3) % 7  # 1970-01-01 was a Thursday


def wall_time(day: int, hour: int, minute: int, zone: ZoneInfo) -> int:
    """When the clocks of *zone* show that time on that day: the first of two, after the jump if skipped."""
    shown = calendar_day(day)
    return micros(datetime(shown.year, shown.month, shown.day, hour, minute, tzinfo=zone))


class LocalDays:
    """The days of one time zone. Fast for millions of moments: each UTC day's midnights are found once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._edges: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {}
        self._midnights: dict[int, int] = {}

    def day_of(self, at: int) -> int:
        """The local day that has begun at *at*."""
        utc_day = at // DAY
        known = self._edges.get(utc_day)
        if known is None:
            known = self._edges[utc_day] = self._midnights_within(utc_day)
        day, edges = known
        for edge, begun in edges:
            if at < edge:
                break
            day = begun
        return day

    def midnight(self, day: int) -> int:
        """The first instant of the local day *day*."""
        known = self._midnights.get(day)
        if known is None:
            known = self._midnights[day] = self._first_instant(day)
        return known

    def _midnights_within(self, utc_day: int) -> tuple[int, tuple[tuple[int, int], ...]]:
        start, end = utc_day * DAY, (utc_day + 1) * DAY
        # No zone is further than 15 h from UTC; a day that was skipped begins together with the next.
        days = [(self.midnight(day), day) for day in range(utc_day - 2, utc_day + 3)]
        begun = max(day for edge, day in days if edge <= start)
        return begun, tuple((edge, day) for edge, day in days if start < edge < end)

    def _first_instant(self, day: int) -> int:
        at = wall_time(day, 0, 0, self.zone)
        target = calendar_day(day)
        if self._date(at - 1) < target:
            return at
        low, high = at - DAY, at - 1  # a jump from before midnight to after it: find the jump
        while low < high:
            middle = (low + high) // 2
            if self._date(middle) >= target:
                high = middle
            else:
                low = middle + 1
        return low

    def _date(self, at: int) -> date:
        return moment(at).astimezone(self.zone).date()


@lru_cache(maxsize=64)
def local_days(zone: ZoneInfo) -> LocalDays:
    """The days of *zone*, shared so that what one caller has looked up serves the next."""
    return LocalDays(zone)
