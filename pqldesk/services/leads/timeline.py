"""What happened with a lead, newest first: usage, forms, notes, tasks, actions, deliveries, moves of the score."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros, moment
from pqldesk.models.driver import Driver
from pqldesk.models.history import Action, ScoreEvent
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead, Submission, Trial
from pqldesk.models.ready_made import ask, gap, gaps
from pqldesk.models.remote import Conflict, OutboxItem
from pqldesk.models.work import Note, Task
from pqldesk.services.basics.exact import HUNDRED, MILLION, text
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.conflict_rows import shown
from pqldesk.services.history import family_of
from pqldesk.services.record_rows import TimelineEntry, TimelinePage

PAGE = 50
_SAID_BY_ITSELF = ("note_added", "task_done")  # the note and the task stand there themselves
_LAST = 253_402_300_799_000_000  # the end of the year 9999, the last that a datetime knows

_LEAD, _BEFORE, _MOST = gap("lead"), gap("before"), gap("most")
_SUBMISSIONS = (
    select(Submission.received_at, Submission.kind, Submission.glm_content, Submission.comment)
    .where(Submission.lead_id == _LEAD, Submission.received_at < _BEFORE)
    .order_by(Submission.received_at.desc(), Submission.id.desc())
    .limit(_MOST)
)
_NOTES = (
    select(Note.at, Note.title, Note.text)
    .where(Note.lead_id == _LEAD, Note.at < _BEFORE)
    .order_by(Note.at.desc(), Note.id.desc())
    .limit(_MOST)
)
_TASKS = (
    select(Task.done_at, Task.title, Task.done_by)
    .where(Task.lead_id == _LEAD, Task.done_at < _BEFORE)
    .order_by(Task.done_at.desc(), Task.id.desc())
    .limit(_MOST)
)
_ACTIONS = (
    select(Action.at, Action.name, Action.actor, Action.detail)
    .where(Action.lead_id.in_(gaps("family")), Action.at < _BEFORE, Action.name.not_in(_SAID_BY_ITSELF))
    .order_by(Action.at.desc(), Action.id.desc())
    .limit(_MOST)
)
_DELIVERIES = (
    select(OutboxItem.done_at, OutboxItem.kind, OutboxItem.system)
    .where(OutboxItem.lead_id == _LEAD, OutboxItem.done_at < _BEFORE)
    .order_by(OutboxItem.done_at.desc(), OutboxItem.id.desc())
    .limit(_MOST)
)
_GIVINGS_WAY = (
    select(
        Conflict.decided_at,
        Conflict.field,
        Conflict.decision,
        Conflict.mine,
        Conflict.theirs,
        Conflict.system,
        Conflict.rule,
    )
    .where(
        Conflict.lead_id == _LEAD,
        Conflict.decided_by == "rule",
        Conflict.decision.in_(("mine", "theirs")),
        Conflict.decided_at < _BEFORE,
    )
    .order_by(Conflict.decided_at.desc(), Conflict.id.desc())
    .limit(_MOST)
)
_MOVES = (
    select(ScoreEvent.at, ScoreEvent.old, ScoreEvent.new, ScoreEvent.cause)
    .where(ScoreEvent.lead_id == _LEAD, ScoreEvent.at < _BEFORE)
    .order_by(ScoreEvent.at.desc(), ScoreEvent.id.desc())
    .limit(_MOST)
)
_COMPANY = select(Lead.company_id).where(Lead.id == _LEAD).scalar_subquery()
_TRIALS = (
    select(Trial.outcome_at, Trial.outcome, Trial.plan)
    .where((Trial.lead_id == _LEAD) | (Trial.company_id == _COMPANY), Trial.outcome_at < _BEFORE)
    .order_by(Trial.outcome_at.desc(), Trial.id.desc())
    .limit(_MOST)
)


def lead_timeline(
    session: Session, lead_id: int, before: datetime | None = None, limit: int = PAGE
) -> TimelinePage:
    """The newest *limit* entries, or those before a moment: ask with the last entry's time for the next page.

    What happened at one moment comes on one page, so a page may be a little shorter, or longer where it must.
    """
    until = micros(before) if before is not None else (1 << 62)
    while True:
        entries = _newest(session, lead_id, until, limit + 1)
        if len(entries) <= limit:
            return TimelinePage(public_id(LEAD, lead_id), tuple(entries), False)
        whole = tuple(entry for entry in entries[:limit] if entry.at != entries[limit].at)
        if whole:
            return TimelinePage(public_id(LEAD, lead_id), whole, True)
        limit *= 2  # one moment fills the page


def _newest(session: Session, lead_id: int, until: int, limit: int) -> list[TimelineEntry]:
    before = moment(min(until, _LAST))
    entries = [
        *_usage(session, lead_id, until, limit),
        *_submissions(session, lead_id, before, limit),
        *_notes(session, lead_id, before, limit),
        *_tasks(session, lead_id, before, limit),
        *_actions(session, lead_id, before, limit),
        *_deliveries(session, lead_id, before, limit),
        *_givings_way(session, lead_id, before, limit),
        *_moves(session, lead_id, before, limit),
        *_trials(session, lead_id, before, limit),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _usage(session: Session, lead_id: int, until: int, limit: int) -> list[TimelineEntry]:
    found = Driver(session).rows(
        "SELECT e.at, k.name, k.key, e.quantity FROM usage_event e JOIN event_kind k ON k.id = e.kind_id"
        " WHERE e.identity_id IN (SELECT id FROM identity WHERE lead_id = ?) AND e.at < ?"
        " ORDER BY e.at DESC LIMIT ?",
        (lead_id, until, limit),
    )
    return [
        TimelineEntry(
            moment(at), "usage", name, " · ".join(part for part in (key, _amount(quantity)) if part)
        )
        for at, name, key, quantity in found
    ]


def _amount(quantity: int) -> str:
    return "" if quantity == MILLION else text(quantity, MILLION)


def _submissions(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    rows = ask(session, _SUBMISSIONS, lead=lead_id, before=before, most=limit)
    return [
        TimelineEntry(at, "submission", kind, " · ".join(part for part in (content, comment) if part))
        for at, kind, content, comment in rows
    ]


def _notes(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    rows = ask(session, _NOTES, lead=lead_id, before=before, most=limit)
    return [TimelineEntry(at, "note", title, body) for at, title, body in rows]


def _tasks(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    rows = ask(session, _TASKS, lead=lead_id, before=before, most=limit)
    return [TimelineEntry(at, "task", title, by or "") for at, title, by in rows if at is not None]


def _actions(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    rows = ask(session, _ACTIONS, family=family_of(session, lead_id), before=before, most=limit)
    return [
        TimelineEntry(at, "action", name, " · ".join(part for part in (actor, detail) if part))
        for at, name, actor, detail in rows
    ]


def _deliveries(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    rows = ask(session, _DELIVERIES, lead=lead_id, before=before, most=limit)
    return [TimelineEntry(at, "crm", kind, system) for at, kind, system in rows if at is not None]


def _givings_way(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    """What a rule let one side's value replace the other's with; what a person decided is an action."""
    entries = []
    for row in ask(session, _GIVINGS_WAY, lead=lead_id, before=before, most=limit):
        field = row.field.partition(".")[2].replace("_", " ")
        won, lost = (row.theirs, row.mine) if row.decision == "theirs" else (row.mine, row.theirs)
        said = _("{field} from {system}") if row.decision == "theirs" else _("{field} written to {system}")
        detail = _("“{won}” over “{lost}”; master: {rule}") if lost else _("“{won}”; master: {rule}")
        entries.append(
            TimelineEntry(
                row.decided_at,
                "crm",
                said.format(field=field, system=title_of(row.system)),
                detail.format(won=shown(won), lost=shown(lost), rule=row.rule),
            )
        )
    return entries


def _moves(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    rows = ask(session, _MOVES, lead=lead_id, before=before, most=limit)
    return [
        TimelineEntry(
            at,
            "score",
            _("Score {old} to {new}").format(old=text(old, HUNDRED), new=text(new, HUNDRED)),
            cause,
        )
        for at, old, new, cause in rows
    ]


def _trials(session: Session, lead_id: int, before: datetime, limit: int) -> list[TimelineEntry]:
    """What became of trials of the lead or its company."""
    rows = ask(session, _TRIALS, lead=lead_id, before=before, most=limit)
    return [
        TimelineEntry(at, "trial", outcome or "", plan or "") for at, outcome, plan in rows if at is not None
    ]
