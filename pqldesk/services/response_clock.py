"""How soon a lead must hear from somebody: the workspace's hours, holidays and limits, ready for bulk use."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.moments import micros, moment
from pqldesk.services.working_time import ResponsePolicy, WorkingHours, response_due, week_of


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """When first touches are due. Read once, then asked for any number of leads."""

    working: WorkingHours
    policy: ResponsePolicy

    @classmethod
    def of(cls, session: Session) -> Self:
        """The clock that the workspace's settings describe."""
        return cls(
            working_hours(session),
            ResponsePolicy(
                urgent_working_hours=int(settings.value(session, "respond_hot_hours")),
                qualified_clock_hours=int(settings.value(session, "respond_qualified_hours")),
            ),
        )

    def due(self, since: int, *, urgent: bool, owner: str | None = None) -> int:
        """When the first touch is due, counted from *since*, both in microseconds; *urgent*: hot or hand raised.

        Owners have no hours of their own yet: everybody works the workspace's.
        """
        return micros(response_due(moment(since), urgent=urgent, working=self.working, policy=self.policy))


def working_hours(session: Session) -> WorkingHours:
    """When the workspace works."""
    holidays = settings.value(session, "holidays")
    return WorkingHours(
        settings.zone(session),
        holidays=frozenset(date.fromisoformat(day) for day in holidays.split(",") if day),
        week=week_of(settings.value(session, "working_hours")),
    )
