"""When a lead's first touch is due, and the working hours that this and follow-ups go by."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.moments import micros, moment
from pqldesk.services.working_time import ResponsePolicy, WorkingHours, response_due


def working_hours(session: Session) -> WorkingHours:
    """Monday to Friday within the workspace's hours, less its holidays."""
    opens, _, closes = settings.value(session, "working_hours").partition("-")
    holidays = settings.value(session, "holidays")
    return WorkingHours(
        settings.zone(session),
        int(opens[:2]),
        int(closes[:2]),
        holidays=frozenset(date.fromisoformat(day) for day in holidays.split(",") if day),
    )


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """Read once, asked for many leads."""

    working: WorkingHours
    policy: ResponsePolicy

    @classmethod
    def of(cls, session: Session) -> Self:
        """The clock that the workspace's settings describe."""
        return cls(
            working_hours(session),
            ResponsePolicy(
                float(settings.value(session, "respond_hot_hours")),
                float(settings.value(session, "respond_qualified_hours")),
            ),
        )

    def due(self, since: int, *, urgent: bool, owner: str | None) -> int:
        """The moment (µs) by which a lead that qualified at *since* (µs) is to be touched.

        *urgent*: hot, or a hand raised. The owner's own zone will count once people carry one.
        """
        del owner
        return micros(response_due(moment(since), urgent=urgent, working=self.working, policy=self.policy))
