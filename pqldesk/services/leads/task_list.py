"""Follow-ups: open ones by urgency, and those of one lead."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, TASK, public_id
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.work import Task
from pqldesk.services.rows import TaskRow


def task_list(
    session: Session,
    *,
    assignee: str | None = None,
    done: bool = False,
    due_before: datetime | None = None,
    limit: int | None = None,
) -> list[TaskRow]:
    """Open follow-ups, the most urgent first; with *done* the finished ones after them."""
    where: list[ColumnElement[bool]] = [Lead.state.not_in(HIDDEN_STATES)]
    if assignee is not None:
        where.append(Task.assignee == assignee)
    if due_before is not None:
        where.append(Task.due_at < due_before)
    if not done:
        where.append(Task.done_at.is_(None))
    return _rows(session, where, limit)


def tasks_of_lead(session: Session, lead_id: int) -> tuple[TaskRow, ...]:
    """All follow-ups of one lead, open ones first."""
    return tuple(_rows(session, [Task.lead_id == lead_id], None))


def _rows(session: Session, where: list[ColumnElement[bool]], limit: int | None) -> list[TaskRow]:
    found = session.execute(
        select(Task.id, Lead.id, Lead.name, Task.title, Task.due_at, Task.assignee, Task.done_at)
        .join(Lead, Lead.id == Task.lead_id)
        .where(*where)
        .order_by(Task.done_at.is_not(None), Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(limit)
    )
    return [
        TaskRow(public_id(TASK, task_id), public_id(LEAD, lead_id), name, title, due_at, assignee, done_at)
        for task_id, lead_id, name, title, due_at, assignee, done_at in found
    ]
