"""What each rep claimed in a period, how soon those leads heard from somebody, and what became of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.work import LAPSED, RELEASED
from pqldesk.services.basics.moments import SECOND
from pqldesk.services.basics.rates import rate
from pqldesk.services.basics.statistics import median
from pqldesk.services.figure_rows import RepRow
from pqldesk.services.figures.first_touch import Wait, waits, way_of
from pqldesk.services.figures.funnel import firsts
from pqldesk.services.modelling.replay import Outcome


class Claimed(NamedTuple):
    """A rep's first claim of a lead in the period."""

    taken_at: int
    touched_at: int | None
    is_given_back: bool  # released by the rep, or by the lease that lapsed


def reps(
    session: Session,
    came: Mapping[int, Outcome],
    since: datetime,
    until: datetime,
    among: Collection[int] | None = None,
) -> list[RepRow]:
    """What each rep claimed since, how fast the first touch came, and what became of it; those with the most first."""
    handed = firsts(Driver(session), "handoff", "created_at", "playbook = 'handoff'")
    claims = claims_of(session, since, until, among)
    late = {
        one.lead_id: one.is_late for one in _waits(session, claims, until) if one.is_touched or one.is_late
    }
    found = []
    for rep, leads in claims.items():
        waited = [
            (one.touched_at - one.taken_at) / SECOND / 3_600
            for one in leads.values()
            if one.touched_at is not None and one.touched_at >= one.taken_at
        ]
        closed = [came[lead].won for lead in leads if lead in came]
        due = [late[lead] for lead in leads if lead in late]
        found.append(
            RepRow(
                rep,
                len(leads),
                median(waited),
                sum(handed.get(lead, -1) >= one.taken_at for lead, one in leads.items()),
                sum(closed),
                rate(sum(closed), len(closed)),
                sum(one.is_given_back for one in leads.values()),
                rate(len(due) - sum(due), len(due)),
            )
        )
    return sorted(found, key=lambda row: (-row.claimed, row.rep))


def claims_of(
    session: Session, since: datetime, until: datetime, among: Collection[int] | None = None
) -> dict[str, dict[int, Claimed]]:
    """Rep -> lead -> claim, of the claims in the period; of several of one lead the first."""
    by_rep: dict[str, dict[int, Claimed]] = defaultdict(dict)
    for rep, taken, why, lead, touched in Driver(session).each(
        "SELECT c.rep, c.taken_at, c.end_reason, l.id, l.first_touch_at FROM claim c JOIN lead l ON l.id = c.lead_id"
        " WHERE c.taken_at > ? AND c.taken_at <= ? AND l.is_listed + 0 = 1 AND l.excluded IS NULL ORDER BY c.id",
        (micros(since), micros(until)),
    ):
        if among is None or lead in among:
            by_rep[rep].setdefault(lead, Claimed(taken, touched, why in (RELEASED, LAPSED)))
    return by_rep


def _waits(session: Session, claims: Mapping[str, Mapping[int, Claimed]], at: datetime) -> list[Wait]:
    """How long those of the claimed leads waited that qualified."""
    claimed = sorted({lead for leads in claims.values() for lead in leads})
    wanted = "SELECT id, owner, qualified_at, first_touch_at FROM lead WHERE qualified_at <= ? AND id"
    rows = Driver(session).rows_among(wanted, claimed, (micros(at),))
    return waits(session, (way_of(at, *row) for row in rows), at)
