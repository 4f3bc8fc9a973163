"""Speed to lead: from the crossing of the cut to the first touch, and whether that was in time.

Each lead is judged by its own response clock: working hours of its owner for one that raised a hand or was hot when it
qualified, clock hours for the others. The clock starts when it was first known here that the lead qualifies. Whoever
still waits counts too: as waiting that long in the median, and as too late once the clock has run out. A lead that
somebody had touched before it qualified, or before that was known, had no clock.

Where history that was brought in tells of a crossing long ago, the wait too begins when that came to be known: nobody
here could have answered sooner, and weeks before the first day would hide how fast people are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services.basics.moments import DAY, HOUR
from pqldesk.services.basics.rates import rate
from pqldesk.services.basics.statistics import time_until
from pqldesk.services.figure_rows import WAITING, SpeedBucket, SpeedToLead
from pqldesk.services.figures.activation import Person
from pqldesk.services.figures.funnel import Way
from pqldesk.services.scoring.live import live_model
from pqldesk.services.team.response_clock import ResponseClock

SPEED_HOURS = (0.25, 0.5, 1, 2, 4, 8, 24, 72)  # upper ends of the buckets; the last has none
HOT = "hot"
LATE_NEWS = DAY  # a crossing that came to be known more than this later lies in history that was brought in


class Wait(NamedTuple):
    """How long one qualified lead waited, or has waited so far, and whether its time had run out."""

    lead_id: int
    hours: float
    is_touched: bool
    is_late: bool
    is_from_history: bool = False  # counted from when the crossing came to be known

    @property
    def bucket(self) -> int:
        """Where it stands among the buckets of the page."""
        if not self.is_touched:
            return WAITING
        return next((n for n, end in enumerate(SPEED_HOURS) if self.hours <= end), len(SPEED_HOURS))


def way_of(at: datetime, lead_id: int, owner: str | None, qualified: int, touched: int | None) -> Way:
    """As much of the way of a lead that has qualified by *at* as its wait depends on; moments in microseconds."""
    reached = {"qualified": qualified}
    if touched is not None and touched <= micros(at):
        reached["contacted"] = touched
    return Way(Person(lead_id, 0, "", qualified, ()), reached, None, None, owner, None)


def waits(session: Session, found: Iterable[Way], at: datetime) -> list[Wait]:
    """The wait of each lead that qualified, as of *at*.

    Without those that were won or lost untouched before their time was up, or before they came here: nobody owed them
    anything any more.
    """
    now = micros(at)
    qualified = {
        way.person.lead_id: (way, crossed)
        for way in found
        if (crossed := way.reached.get("qualified")) is not None
    }
    known = _known(session, qualified)
    urgent = _urgent(session, {lead: crossed for lead, (_, crossed) in qualified.items()})
    ended = _ended(session, sorted(qualified))
    clock = ResponseClock.of(session)
    rows = []
    for lead, (way, crossed) in qualified.items():
        touched = way.reached.get("contacted")
        if touched is not None and touched < crossed:
            continue
        start = max(crossed, known.get(lead, crossed))
        until = touched if touched is not None else now
        if until < start:  # nobody knew yet
            if touched is not None:
                rows.append(Wait(lead, (touched - crossed) / HOUR, is_touched=True, is_late=False))
            continue
        due = clock.due(start, urgent=lead in urgent, owner=way.owner)
        if touched is None and lead in ended and ended[lead] <= min(due, now):
            continue
        from_history = start - crossed > LATE_NEWS
        waited = (until - (start if from_history else crossed)) / HOUR
        rows.append(Wait(lead, waited, touched is not None, until > due, from_history))
    return rows


def speed(found: Sequence[Wait], target: float, hot: float) -> SpeedToLead:
    """The figures of these waits; *target* and *hot* are the response targets in hours."""
    touched = [one for one in found if one.is_touched]
    counts, late = (
        Counter(one.bucket for one in touched),
        Counter(one.bucket for one in touched if one.is_late),
    )
    ends: tuple[float | None, ...] = (*SPEED_HOURS, None)
    due = [one for one in found if one.is_touched or one.is_late]
    return SpeedToLead(
        n=len(touched),
        median_hours=time_until(0.5, [(one.hours, one.is_touched) for one in found]),
        buckets=tuple(SpeedBucket(end, counts[n], late[n]) for n, end in enumerate(ends)),
        target_hours=target,
        in_time=rate(sum(not one.is_late for one in due), len(due)),
        hot_target_hours=hot,
        waiting=len(found) - len(touched),
        overdue=len(due) - len(touched),
        from_history=sum(one.is_from_history for one in found),
    )


def _known(session: Session, qualified: Iterable[int]) -> dict[int, int]:
    """When it was first known here that these leads qualify, where that is known."""
    return dict(
        Driver(session).rows_among(
            "SELECT id, known_qualified_at FROM lead WHERE known_qualified_at IS NOT NULL AND id",
            sorted(qualified),
        )
    )


def _urgent(session: Session, crossed: Mapping[int, int]) -> set[int]:
    """Who had raised a hand by its crossing, or was hot by the first score that was stored since."""
    driver, ids = Driver(session), sorted(crossed)
    raised = driver.rows_among(
        "SELECT id, hand_raised_at FROM lead WHERE hand_raised_at IS NOT NULL AND id", ids
    )
    found = {lead for lead, at in raised if at <= crossed[lead]}
    model, first = live_model(session).model, dict[int, int]()
    moves = driver.rows_among("SELECT lead_id, at, new, id FROM score_event WHERE lead_id", ids)
    for lead, at, new, _ in sorted(moves, key=lambda move: move[3]):
        if at >= crossed[lead]:
            first.setdefault(lead, new)
    return found | {lead for lead, score in first.items() if model.band_of(score).key == HOT}


def _ended(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """When leads were won or lost, or their trial became a customer; 0 where that was before they came here."""
    driver = Driver(session)
    bought = driver.rows_among(
        "SELECT lead_id, converted_at FROM trial WHERE converted_at IS NOT NULL AND lead_id", ids
    )
    found: dict[int, int] = {}
    for lead, at in bought:
        found[lead] = min(at, found.get(lead, at))
    for lead, at, here in driver.rows_among("SELECT id, outcome_at, created_at FROM lead WHERE id", ids):
        if at is not None:
            found[lead] = min(at, found.get(lead, at))
        if found.get(lead, here) < here:
            found[lead] = 0
    return found
