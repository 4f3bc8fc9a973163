"""Scoring on demand: bring the live scores up to date, look at another moment, or explain one lead."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.chunked import AT_ONCE
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.moments import local_days, micros, moment
from pqldesk.services.basics.progress import Progress
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.pace import Pace
from pqldesk.services.outbox.playbooks import queue_playbooks
from pqldesk.services.schedule import settle
from pqldesk.services.scoring.as_of import scored_as_of
from pqldesk.services.scoring.explain import breakdown, breakdown_json
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.rescore import due_leads, rescore, score_counts

FEW: Final = 200  # leads that one transaction of a window may rescore: 20 ms


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What a scoring run did. *changed*: leads whose score or qualification is another than before."""

    leads: int
    changed: int
    qualified: int
    model: str
    version: int
    as_of: datetime
    changes: Changes = field(default_factory=Changes)


def score_now(session: Session, at: datetime, *, full: bool = False) -> ScoreSummary:
    """Rescore what has fallen due by *at*, or with *full* every lead, and store it: all in one transaction."""
    changed = _score_some(session, leads_to_score(session, at, full=full), at)
    return _finished(session, changed, at)


@dataclass(frozen=True, slots=True)
class FellDue:
    """What time has done; *is_more* when more leads are due than a window rescores itself, and none of them were."""

    changes: Changes
    is_more: bool = False


def fall_due(session: Session, at: datetime) -> FellDue:
    """What time alone does by *at*: windows lapse, leases and sleeps end. Asked all the time, so by indexes only.

    At midnight it may be most leads of the workspace: they are left to score_in_steps, in a process of its own.
    """
    due = due_leads(session, at, most=FEW + 1)
    if len(due) > FEW:
        return FellDue(settle(session, at, with_scores=False), is_more=True)
    if due:
        _score_some(session, due, at)
    moved = settle(session, at)
    return FellDue(Changes.to(Topic.LEADS, *moved.topics) if due else moved)


def score_in_steps(
    db: Database,
    at: datetime,
    *,
    full: bool = False,
    cause: str = "window",
    report: Callable[[Progress], None] = lambda _: None,
) -> ScoreSummary:
    """The same in many short transactions, so that a window beside it never waits; *report* hears after each.

    Several may do so at once, as when each window of a team wakes at midnight: what one has rescored the others leave.
    """
    wanted = db.read(leads_to_score, at, full=full).result()
    pace = Pace(db, Kind.LEADS, None if db.is_sqlite else AT_ONCE)
    changed = done = 0
    while done < len(wanted):
        some = wanted[done : done + pace.rows()]
        step = db.write_bulk(_score_step, some, at, cause, full=full).result()
        changed += step.count
        done += len(some)
        report(Progress(done, f"{done:,} of {len(wanted):,} leads are rescored"))
        pace.kept(len(some), step.seconds)
    return db.write(_finished, changed, at).result()


def leads_to_score(session: Session, at: datetime, *, full: bool = False) -> list[int]:
    """Every lead, or those whose stored score may have changed by *at*."""
    if full:
        return list(session.scalars(select(Lead.id).where(Lead.is_listed == 1).order_by(Lead.id)))
    ahead = session.scalars(select(Lead.id).where(Lead.scored_at > at, Lead.is_listed == 1))
    return sorted({*due_leads(session, at), *ahead})  # the second where the clock was set back


def _still_to_score(session: Session, some: list[int], at: datetime) -> list[int]:
    """Those of *some*, in order, that nobody has scored since; what fell due between them comes with them."""
    due = or_(Lead.due_at <= at, Lead.scored_at > at)
    between = Lead.id.between(some[0], some[-1])
    return list(session.scalars(select(Lead.id).where(between, due, Lead.state.not_in(HIDDEN_STATES))))


@dataclass(frozen=True, slots=True)
class _Step:
    count: int
    seconds: float
    changes: Changes


def _score_step(session: Session, some: list[int], at: datetime, cause: str, *, full: bool) -> _Step:
    began = time.monotonic()
    changed = _score_some(session, some if full else _still_to_score(session, some, at), at, cause)
    return _Step(changed, time.monotonic() - began, Changes.to(Topic.LEADS) if changed else Changes())


def _score_some(session: Session, lead_ids: list[int], at: datetime, cause: str = "window") -> int:
    done = rescore(session, lead_ids, at, cause)
    if cause != "model":  # another model is nothing that a lead did: no deal is opened for it
        queue_playbooks(session, set(done.changed) | set(done.newly_qualified), at)
    return len(done.changed)


def _finished(session: Session, changed: int, at: datetime) -> ScoreSummary:
    settle(session, at)
    live = live_model(session).model
    leads, qualified = score_counts(session)
    changes = Changes.to(Topic.LEADS) if changed else Changes()
    return ScoreSummary(leads, changed, qualified, live.name, live.version, at, changes)


def score_then(session: Session, at: datetime, known_at: datetime | None) -> ScoreSummary:
    """The same figures for another moment; *changed* counts leads that stand elsewhere now. Nothing is stored."""
    stored = {
        lead_id: (score, qualified)
        for lead_id, score, qualified in session.execute(select(Lead.id, Lead.score, Lead.qualified))
    }
    leads = changed = qualified = 0
    for then in scored_as_of(session, at, known_at):
        leads += 1
        qualified += then.qualified
        changed += stored[then.lead_id] != (then.score, then.qualified)
    live = live_model(session).model
    return ScoreSummary(leads, changed, qualified, live.name, live.version, at)


def explained(session: Session, lead_id: int, at: datetime, known_at: datetime | None) -> dict[str, Any]:
    """The whole arithmetic of one lead's score as of *at*, as JSON."""
    (score,) = scored_as_of(session, at, known_at, [lead_id])
    model = live_model(session).model
    days = local_days(settings.zone(session))
    shown = breakdown(model, score.result, micros(at), days)
    return {
        "lead_id": public_id(LEAD, lead_id),
        **breakdown_json(shown),
        "as_of": iso(at.replace(microsecond=0)),
        "hand_raised_at": iso(None if score.hand_raised_at is None else moment(score.hand_raised_at)),
    }
