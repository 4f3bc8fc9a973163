"""Follow-ups: open ones by urgency, and those of one lead."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from pqldesk.models.ids import LEAD, TASK, public_id
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.plain_names import kept_text
from pqldesk.models.ready_made import ask, gap
from pqldesk.models.work import Task
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.company_people import alphabetical, is_sqlite
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.queue.queue import joined_ids, numbers_in
from pqldesk.services.rows import TaskRow

_ROWS = (
    select(
        Task.id, Lead.id, Lead.name, Task.title, Task.due_at, Task.assignee, Task.done_at, Lead.company_name
    )
    .join(Lead, Lead.id == Task.lead_id)
    .order_by(Task.done_at.is_not(None), Task.due_at.is_(None), Task.due_at, Task.id)
)
_OF_LEAD = _ROWS.where(Task.lead_id == gap("lead"))


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


TABS = ("mine", "overdue", "today", "upcoming", "team", "done")
SORTS = ("title", "lead", "due", "assignee")


def task_order(
    session: Session, rep: str, at: datetime, midnight: datetime, tab: str = "mine", sort: str = "", *,
    descending: bool = False,
) -> ListOrder:  # fmt: skip
    """The follow-ups that *tab* shows to *rep*, the most urgent first as task_list() has them, or by one of SORTS.

    Today ends at *midnight*. Those with nothing to sort by come last in both directions.
    """
    if tab not in TABS or sort not in ("", *SORTS):
        raise BadInput(
            _("Tasks are not listed by {tab!r} and {sort!r}.").format(tab=tab, sort=sort),
            _("Known: {known}.").format(known=", ".join((*TABS, *SORTS))),
        )
    asked = _ordered(is_sqlite(session), tab, sort, descending)
    found = ask(session, asked, rep=rep, at=at, midnight=midnight).one()
    return ListOrder(numbers_in(found[-1]), dict(zip(TABS, found[:-1], strict=True)))


@cache
def _ordered(is_sqlite: bool, tab: str, sort: str, descending: bool) -> Select[*tuple[Any, ...]]:
    """How many follow-ups each tab has, and the ids of one: to put that together takes longer than to run it."""
    rep, at, midnight = gap("rep"), gap("at"), gap("midnight")
    is_open = Task.done_at.is_(None)
    mine = and_(is_open, Task.assignee == rep)
    chosen = {
        "mine": mine,
        "overdue": and_(mine, Task.due_at < at),
        "today": and_(mine, Task.due_at >= at, Task.due_at < midnight),
        "upcoming": and_(mine, or_(Task.due_at.is_(None), and_(Task.due_at >= at, Task.due_at >= midnight))),
        "team": is_open,
        "done": Task.done_at.is_not(None),
    }
    keys: dict[str, Any] = {
        "title": alphabetical("task.title", is_sqlite=is_sqlite),
        "lead": alphabetical("lead.name", kept_text("lead", "name", "lead.id"), is_sqlite=is_sqlite),
        "due": Task.due_at,
        "assignee": alphabetical("task.assignee", is_sqlite=is_sqlite),
    }
    order: list[Any] = [Task.done_at.is_not(None), Task.due_at.is_(None), Task.due_at, Task.id]
    if sort:
        key = keys[sort]
        order = [key.is_(None), key.desc() if descending else key, *order]
    # Those that are not listed are few, and stand together in an index: no lead is looked up for its tasks.
    hidden = aliased(Lead)
    listed = Task.lead_id.not_in(select(hidden.id).where(hidden.is_listed == 0))
    of_tab = select(Task.id).where(listed, chosen[tab])
    if sort == "lead":
        of_tab = of_tab.join(Lead, Lead.id == Task.lead_id)
    many = [func.count().filter(chosen[one]) for one in TABS]
    ids = joined_ids(is_sqlite, of_tab.order_by(*order).subquery())
    return select(*many, ids).select_from(Task).where(listed)


def tasks_of_ids(session: Session, ids: Sequence[int]) -> list[TaskRow]:
    """These follow-ups, without those that are gone."""
    return _rows(session, [Task.id.in_(ids), Lead.state.not_in(HIDDEN_STATES)], None)


def tasks_of_lead(session: Session, lead_id: int) -> tuple[TaskRow, ...]:
    """All follow-ups of one lead, open ones first."""
    return tuple(_row(*found) for found in ask(session, _OF_LEAD, lead=lead_id))


def _rows(session: Session, where: list[ColumnElement[bool]], limit: int | None) -> list[TaskRow]:
    return [_row(*found) for found in session.execute(_ROWS.where(*where).limit(limit))]


def _row(task_id: int, lead_id: int, *rest: Any) -> TaskRow:
    return TaskRow(public_id(TASK, task_id), public_id(LEAD, lead_id), *rest)
