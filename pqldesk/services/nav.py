"""The small numbers beside the navigation."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.db import Driver
from pqldesk.models.people import HIDDEN_STATES, Lead, Suggestion, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff, Task
from pqldesk.services.queue import count
from pqldesk.services.queue_filter import QueueFilter
from pqldesk.services.rows import NavCounts

WAITING = ("pending", "sending", "unknown")
STUCK = ("failed", "held")


def nav_counts(session: Session, at: datetime, rep: str | None = None) -> NavCounts:
    """What waits on each page; tasks are *rep*'s where one is named."""
    driver = Driver(session)
    tasks = (
        select(func.count())
        .select_from(Task)
        .join(Lead, Lead.id == Task.lead_id)
        .where(Task.done_at.is_(None), Lead.state.not_in(HIDDEN_STATES))
    )
    if rep:
        tasks = tasks.where(Task.assignee == rep)
    states = session.execute(select(OutboxItem.state, func.count()).group_by(OutboxItem.state))
    outbox = {state: int(n) for state, n in states}
    waiting = sum(outbox.get(state, 0) for state in WAITING)
    stuck = sum(outbox.get(state, 0) for state in STUCK)
    # What came last by itself has the highest number; what a file brought counts as come when it was imported.
    newest = driver.rows(
        "SELECT max(at) FROM (SELECT received_at AS at FROM usage_event WHERE seq = (SELECT max(seq) FROM usage_event)"
        " UNION ALL SELECT max(at) FROM batch WHERE undone_at IS NULL) AS came"
    )[0][0]
    return NavCounts(
        queue=count(session, QueueFilter("unclaimed"), rep, at),
        trials=session.execute(_open_trials(at)).scalar_one(),
        tasks=session.execute(tasks).scalar_one(),
        handoffs=session.execute(
            select(func.count(func.distinct(Handoff.id)))
            .join(OutboxItem, OutboxItem.handoff_id == Handoff.id)
            .where(OutboxItem.state.in_((*WAITING, *STUCK)))
        ).scalar_one(),
        suggestions=session.execute(
            select(func.count()).select_from(Suggestion).where(Suggestion.state == "open")
        ).scalar_one(),
        outbox_waiting=waiting,
        outbox_stuck=stuck,
        newest_data_at=None if newest is None else moment(newest),
        sample=bool(driver.rows("SELECT 1 FROM company WHERE sample LIMIT 1")),
    )


def _open_trials(at: datetime) -> Select[int]:
    """Trials that run at that moment; a date-only end is stored as the beginning of its last day."""
    last_day = at - timedelta(days=1)
    return select(func.count()).where(
        (Trial.starts_at.is_(None)) | (Trial.starts_at <= at),
        Trial.ends_at.is_(None) | (Trial.ends_at > at) | (Trial.ends_date_only & (Trial.ends_at > last_day)),
        (Trial.converted_at.is_(None)) | (Trial.converted_at > at),
        Trial.closed_at.is_(None),
        Trial.source_state.is_(None) | Trial.source_state.not_in(("converted", "lost")),
    )
