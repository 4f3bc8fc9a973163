"""How soon a lead must hear from somebody: the workspace's hours, holidays and limits, ready for bulk use."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.moments import micros, moment
from pqldesk.services.working_time import ResponsePolicy, WorkingHours, response_due, week_of

_WORKING: Final = ("timezone", "holidays", "working_hours")


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """When first touches are due. Read once, then asked for any number of leads."""

    working: WorkingHours
    policy: ResponsePolicy

    @classmethod
    def of(cls, session: Session) -> Self:
        """The clock that the workspace's settings describe."""
        zone, holidays, week, hot, qualified = settings.values(
            session, *_WORKING, "respond_hot_hours", "respond_qualified_hours"
        )
        policy = ResponsePolicy(urgent_working_hours=int(hot), qualified_clock_hours=int(qualified))
        return cls(_hours(zone, holidays, week), policy)

    def due(self, since: int, *, urgent: bool, owner: str | None = None) -> int:
        """When the first touch is due, counted from *since*, both in microseconds; *urgent*: hot or hand raised.

        Owners have no hours of their own yet: everybody works the workspace's.
        """
        return micros(response_due(moment(since), urgent=urgent, working=self.working, policy=self.policy))


def working_hours(session: Session) -> WorkingHours:
    """When the workspace works."""
    return _hours(*settings.values(session, *_WORKING))


@lru_cache(maxsize=8)
def _hours(zone: str, holidays: str, week: str) -> WorkingHours:
    days = frozenset(date.fromisoformat(day) for day in holidays.split(",") if day)
    return WorkingHours(ZoneInfo(zone), holidays=days, week=week_of(week))
