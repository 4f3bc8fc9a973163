"""The queue of a past moment: scores worked out for then, put in the same order. Stored scores stay untouched."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.db import Driver
from pqldesk.models.people import Lead
from pqldesk.services.exact import HUNDRED, number
from pqldesk.services.moments import micros, moment
from pqldesk.services.queue import read_rows, reading
from pqldesk.services.queue_filter import ENDING_DAYS, NOBODY, QueueFilter, search_words
from pqldesk.services.queue_rows import Reading, signal_values
from pqldesk.services.rows import QueueRow
from pqldesk.services.scoring.as_of import LeadScore, scored_as_of

OPEN = ("new", "qualified", "claimed", "working")
AT_ONCE = 1_000


def queue_as_of(
    session: Session,
    wanted: QueueFilter,
    at: datetime,
    known_at: datetime | None = None,
    rep: str | None = None,
    limit: int | None = None,
) -> list[QueueRow]:
    """The leads that *wanted* lets through as of *at*, best first."""
    found = [row for row in rows_as_of(session, at, known_at) if lets_through(wanted, row, rep, at)]
    rows = sorted((row for row, _ in found), key=_best_first)
    return rows[:limit] if limit else rows


def rows_as_of(
    session: Session, at: datetime, known_at: datetime | None = None, lead_ids: Iterable[int] | None = None
) -> Iterable[tuple[QueueRow, str | None]]:
    """Every lead's row as of *at*, and why it is excluded if it is."""
    how = reading(session, at)
    driver = Driver(session)
    ids = (
        list(lead_ids)
        if lead_ids is not None
        else list(session.scalars(select(Lead.id).where(Lead.is_listed == 1).order_by(Lead.id)))
    )
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        scores = {score.lead_id: score for score in scored_as_of(session, at, known_at, some)}
        for row in read_rows(driver, some, how):
            score = scores.get(row.id)
            if score is not None:
                yield _as_of(row, score, how), score.excluded


def _as_of(row: QueueRow, score: LeadScore, how: Reading) -> QueueRow:
    raised = row.hand_raised_at if row.hand_raised_at and row.hand_raised_at <= how.at else None
    state = row.state
    if state in ("new", "qualified"):
        state = "qualified" if score.qualified else "new"
    return replace(
        row,
        score=number(score.score, HUNDRED),
        band=how.model.band_of(score.score).key,
        qualified=score.qualified,
        qualified_at=None if score.qualified_at is None else moment(score.qualified_at),
        signals=signal_values(how.model, score.signals),
        activation=score.activation,
        milestones={
            milestone.key: None if (when := score.milestones.get(milestone.key)) is None else moment(when)
            for milestone in how.milestones
        },
        state=state,
        last_active_at=None if score.last_active_at is None else moment(score.last_active_at),
        fit=None if score.fit is None else number(score.fit, HUNDRED),
        score_change=0,
        hand_raised_at=raised,
    )


def lets_through(
    wanted: QueueFilter, found: tuple[QueueRow, str | None], rep: str | None, at: datetime
) -> bool:
    """What services/queue_filter.py says in SQL, of a row that was worked out."""
    row, excluded = found
    if wanted.view != "all" and (row.state not in OPEN or excluded is not None):
        return False
    of_view = {
        "unclaimed": row.owner is None,
        "mine": row.owner is not None and row.owner == rep,
        "hand-raises": row.hand_raised_at is not None,
        "trials-ending": _ends_soon(row, at),
    }
    if not of_view.get(wanted.view, True):
        return False
    if wanted.owner is not None and row.owner != (None if wanted.owner in (NOBODY, "") else wanted.owner):
        return False
    for name in ("state", "source", "placement"):
        value = getattr(wanted, name)
        if value is not None and getattr(row, name) != value:
            return False
    score = round(row.score * HUNDRED)
    if wanted.min_score is not None and score < wanted.min_score:
        return False
    if wanted.max_score is not None and score > wanted.max_score:
        return False
    text = [part.casefold() for part in (row.name, row.email, row.company, row.domain) if part]
    return all(any(word.casefold() in part for part in text) for word in search_words(wanted.search))


def _ends_soon(row: QueueRow, at: datetime) -> bool:
    trial = row.trial
    if trial is None or trial.state not in ("active", "extended") or trial.ends_at is None:
        return False
    return trial.ends_at <= at + timedelta(days=ENDING_DAYS)


def _best_first(row: QueueRow) -> tuple[float, int, int]:
    last = -1 if row.last_active_at is None else micros(row.last_active_at)
    return -row.score, -last, row.id
