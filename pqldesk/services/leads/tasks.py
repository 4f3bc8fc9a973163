"""Follow-ups."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, TASK, public_id, row_number
from pqldesk.models.people import Lead
from pqldesk.models.work import Task
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.clock import told
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.basics.typed_text import TITLE, typed
from pqldesk.services.claims import named_rep
from pqldesk.services.history import recording
from pqldesk.services.settings.working_time import next_working_day_at
from pqldesk.services.team.response_clock import working_hours
from pqldesk.services.touches import touch

CHANGED = Changes.to(Topic.TASKS, Topic.LEADS)


@dataclass(frozen=True, slots=True)
class TaskAdded:
    """The new follow-up, as stored."""

    task_id: str
    lead_id: str
    title: str
    due_at: datetime
    assignee: str
    changes: Changes


def add_task(
    session: Session,
    lead: Lead,
    title: str,
    rep: str,
    at: datetime,
    *,
    due_at: datetime | None = None,
    assignee: str | None = None,
) -> TaskAdded:
    """A follow-up for *assignee*, else the lead's owner, else *rep*; due the next working day at 10:00 unless said."""
    rep, title = (
        named_rep(rep),
        typed(title, _("The title of the task for {lead}").format(lead=lead.name), TITLE),
    )
    if not title:
        raise BadInput(
            _("The task for {lead} has no title.").format(lead=lead.name), _("Say what is to be done.")
        )
    due = due_at or next_task_due(session, at)
    with recording(session, rep, "task_added", at=at, detail=title, lead_id=lead.id):
        task = Task(
            lead_id=lead.id,
            title=title,
            due_at=due,
            assignee=(assignee or "").strip() or lead.owner or rep,
            created_at=at,
            created_by=rep,
        )
        session.add(task)
        session.flush()
    return TaskAdded(
        public_id(TASK, task.id), public_id(LEAD, lead.id), title, due, task.assignee or rep, CHANGED
    )


def next_task_due(session: Session, at: datetime) -> datetime:
    """When a follow-up is due that names no time."""
    return next_working_day_at(at, working_hours(session))


def finish_task(session: Session, task: Task, rep: str, at: datetime) -> Changes:
    """The task is done: a touch of its lead. Finishing it again is refused."""
    rep = named_rep(rep)
    if task.done_at is not None:
        raise NotAllowed(
            _("The task {task!r} was already done by {done_by} at {done_at}.").format(
                task=task.title, done_by=task.done_by, done_at=told(task.done_at)
            ),
            _("There is nothing left to do."),
        )
    lead = session.get_one(Lead, task.lead_id)
    with recording(session, rep, "task_done", at=at, detail=task.title, lead_id=lead.id):
        task.done_at, task.done_by = at, rep
        touch(session, lead, rep, at)
    return CHANGED


def reschedule_task(session: Session, task: Task, due_at: datetime, rep: str, at: datetime) -> Changes:
    """Move an open task to another time; to the same one changes nothing."""
    if task.done_at is not None:
        raise NotAllowed(_("The task {task!r} is already done.").format(task=task.title), _("Add a new one."))
    if task.due_at == due_at:
        return Changes()
    with recording(
        session,
        named_rep(rep),
        "task_moved",
        at=at,
        detail=f"{task.title} to {told(due_at)}",
        lead_id=task.lead_id,
    ):
        task.due_at = due_at
    return CHANGED


def snooze_task(session: Session, task: Task, until: datetime, rep: str, at: datetime) -> Changes:
    """Put an open task off. BadInput where that time has passed already."""
    if until <= at:
        raise BadInput(_("{until} has passed already.").format(until=told(until)), _("Give a later time."))
    return reschedule_task(session, task, until, rep, at)


def task_of(session: Session, text: str) -> Task:
    """The task with that id. NotFound names what was looked for."""
    number = row_number(TASK, text)
    task = session.get(Task, number) if number is not None else None
    if task is None:
        raise NotFound(
            _("There is no task {text!r}.").format(text=text), _("List tasks to see their ids: task list.")
        )
    return task
