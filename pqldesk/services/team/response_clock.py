"""How soon a lead must hear from somebody: the workspace's hours, holidays and limits, ready for bulk use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import micros, moment
from pqldesk.services.settings.working_time import ResponsePolicy, WorkingHours, response_due, week_of

_WORKING: Final = ("timezone", "holidays", "working_hours")


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """When first touches are due. Read once, then asked for any number of leads."""

    working: WorkingHours
    policy: ResponsePolicy
    owners: Mapping[str, WorkingHours] = field(
        default_factory=dict
    )  # by e-mail, case-folded, where they differ

    @classmethod
    def of(cls, session: Session) -> Self:
        """The clock that the workspace's settings describe."""
        zone, holidays, week, hot, qualified = settings.values(
            session, *_WORKING, "respond_hot_hours", "respond_qualified_hours"
        )
        policy = ResponsePolicy(urgent_working_hours=int(hot), qualified_clock_hours=int(qualified))
        return cls(_hours(zone, holidays, week), policy, hours_by_owner(session))

    def due(self, since: int, *, urgent: bool, owner: str | None = None) -> int:
        """When the first touch is due, counted from *since*, both in microseconds; *urgent*: hot or hand raised.

        Counted in the owner's working hours and zone where they have their own, else in the workspace's.
        """
        working = self.owners.get((owner or "").casefold(), self.working)
        return micros(response_due(moment(since), urgent=urgent, working=working, policy=self.policy))


def working_hours(session: Session) -> WorkingHours:
    """When the workspace works."""
    return _hours(*settings.values(session, *_WORKING))


def hours_by_owner(session: Session) -> dict[str, WorkingHours]:
    """The hours of members whose zone or week is not the workspace's, by e-mail, case-folded."""
    session.flush()
    members = Driver(session).rows(  # each page that is stored asks
        "SELECT email, timezone, working_hours FROM member"
        " WHERE timezone IS NOT NULL OR working_hours IS NOT NULL"
    )
    if not members:
        return {}
    zone, holidays, week = settings.values(session, *_WORKING)
    return {email.casefold(): _hours(at or zone, holidays, hours or week) for email, at, hours in members}


@lru_cache(maxsize=64)
def _hours(zone: str, holidays: str, week: str) -> WorkingHours:
    days = frozenset(date.fromisoformat(day) for day in holidays.split(",") if day)
    return WorkingHours(ZoneInfo(zone), holidays=days, week=week_of(week))
