"""The small numbers beside the navigation."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.driver import Driver
from pqldesk.models.people import HIDDEN_STATES, Lead, Suggestion, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff, Task
from pqldesk.services.filters.queue_filter import QueueFilter
from pqldesk.services.queue.queue import count
from pqldesk.services.rows import NavCounts
from pqldesk.services.trial_outcomes import runs_at

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
        trials=session.scalar(select(func.count()).select_from(Trial).where(runs_at(session, at))) or 0,
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
