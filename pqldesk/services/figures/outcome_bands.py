"""Win rate by the band that a lead had when it was won or lost: the stored score of that moment.

A lead that was decided before it came here has no stored score of that moment. Its score is then worked out from its
usage, with what was known by then. An outcome without a time counts as come just now, as everywhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.history import ScoreEvent
from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.moments import local_days
from pqldesk.services.basics.statistics import share, wilson
from pqldesk.services.figure_rows import BandRate
from pqldesk.services.modelling.replay import Outcome
from pqldesk.services.modelling.replay_against import known_events
from pqldesk.services.scoring.cells import KindNames, chunks
from pqldesk.services.scoring.exclusions import person_exclusion
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.lived import lived

WORKED_OUT_AT_MOST = 1_000  # while a page waits: 350 leads of 50 events each took 0.3 s of a reader


@dataclass(frozen=True, slots=True)
class Closed:
    """The decided leads of a period by band: band -> (lead, won). How many of them are not by a stored score."""

    by_band: Mapping[str, list[tuple[int, bool]]]
    worked_out: int  # from usage
    undated: int  # by today's score: when they were decided is not known
    left_out: int  # too many to work out while somebody waits

    def rates(self) -> list[BandRate]:
        """Won of closed by band, with 95 % intervals."""
        found = []
        for band, closed in self.by_band.items():
            won = sum(outcome for _, outcome in closed)
            interval = wilson(won, len(closed))
            found.append(
                BandRate(
                    band, len(closed), won, share(won, len(closed)),
                    interval.low if interval else None, interval.high if interval else None,
                )
            )  # fmt: skip
        return found


def closed_by_band(
    session: Session,
    came: Mapping[int, Outcome],
    at: datetime,
    since: datetime | None = None,
    among: Collection[int] | None = None,
    at_most: int | None = WORKED_OUT_AT_MOST,
) -> Closed:
    """The leads of *came* won or lost by *at* (after *since*, some of *among*), in the band they had then.

    The scores of up to *at_most* leads are worked out from usage, the latest outcomes first; None is all.
    """
    model = live_model(session).model
    by_band: dict[str, list[tuple[int, bool]]] = {band.key: [] for band in model.bands}
    came = {
        lead: one
        for lead, one in came.items()
        if (among is None or lead in among) and (since is None or one.at is None or since < one.at <= at)
    }
    now, here = _leads(session, sorted(came))
    came = {lead: one for lead, one in came.items() if lead in now}
    dated = {lead: one.at for lead, one in came.items() if one.at is not None}
    before = {lead: when for lead, when in dated.items() if when < here[lead]}
    stored = {lead: when for lead, when in dated.items() if lead not in before}
    then = {lead: now[lead] for lead in came if lead not in before} | _stored(session, stored)
    latest = sorted(before, key=lambda lead: (before[lead], lead), reverse=True)[:at_most]
    worked_out = _worked_out(session, {lead: before[lead] for lead in latest})
    then |= worked_out
    for lead, score in sorted(then.items()):
        by_band[model.band_of(score).key].append((lead, came[lead].won))
    return Closed(by_band, len(worked_out), len(came) - len(dated), len(before) - len(latest))


def _leads(session: Session, ids: list[int]) -> tuple[dict[int, int], dict[int, datetime]]:
    """Lead -> its score today, and when it came here; without those that are excluded."""
    now: dict[int, int] = {}
    here: dict[int, datetime] = {}
    for some in chunked(ids):
        wanted = select(Lead.id, Lead.score, Lead.created_at).where(
            Lead.id.in_(some), Lead.excluded.is_(None)
        )
        for lead, score, created in session.execute(wanted):
            now[lead], here[lead] = score, created
    return now, here


def _stored(session: Session, moments: Mapping[int, datetime]) -> dict[int, int]:
    """The stored score of each lead at its moment: what the last move before it made, or the first after it undid."""
    found: dict[int, int] = {}
    for some in chunked(sorted(moments)):
        wanted = select(ScoreEvent.lead_id, ScoreEvent.at, ScoreEvent.old, ScoreEvent.new)
        for lead, at, old, new in session.execute(
            wanted.where(ScoreEvent.lead_id.in_(some)).order_by(ScoreEvent.id)
        ):
            if at <= moments[lead]:
                found[lead] = new
            else:
                found.setdefault(lead, old)
    return found


def _worked_out(session: Session, moments: Mapping[int, datetime]) -> dict[int, int]:
    """What the live model would have said of each lead just then; those it would have excluded are left out."""
    if not moments:
        return {}
    driver, days = Driver(session), local_days(settings.zone(session))
    model, kinds = live_model(session).model, KindNames(driver)
    found: dict[int, int] = {}
    for some in chunks(sorted(moments)):
        last = max(micros(moments[lead]) for lead in some)
        events = known_events(driver, some, kinds, last)
        emails = dict(driver.rows_among("SELECT id, email FROM lead WHERE id", some))
        for lead in some:
            is_noise = person_exclusion(model, emails[lead]) is not None
            life = lived(model, events[lead], days, micros(moments[lead]), is_noise=is_noise)
            if not life.excluded:
                found[lead] = life.score
    return found
