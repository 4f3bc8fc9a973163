"""The conflict desk: what both sides changed, and a person's decision about it, one by one or in bulk."""

import time
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import CONFLICT, LEAD, public_id, row_number
from pqldesk.models.people import HIDDEN_STATES, Company, Lead
from pqldesk.models.remote import Conflict, OutboxItem, RemoteLink
from pqldesk.models.work import Handoff
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed, NotFound, Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.bases import Record, give_up
from pqldesk.services.crm.conflict_rows import ConflictRow, Resolved, shown
from pqldesk.services.delivery.conflict_keeping import MINE, OTHER, THEIRS
from pqldesk.services.handoffs.crm_groups import new_code
from pqldesk.services.history import in_bulk, recording
from pqldesk.services.remote.ownership import Plain
from pqldesk.services.remote.seen import DEAL
from pqldesk.services.taking import take

PLAYBOOK = "conflict"  # what a decided write is queued as
ACTION = "conflict_decided"
HELD_S = 0.04  # a step of a bulk holds the write lock this long at most, and one decision longer
CHANGED = Changes.to(Topic.SOURCES, Topic.LEADS, Topic.OUTBOX)


def conflict_rows(
    session: Session,
    *,
    decided: bool = False,
    system: str | None = None,
    field: str | None = None,
    lead_id: int | None = None,
    limit: int | None = None,
) -> list[ConflictRow]:
    """What is open, oldest first; *decided*: what is not open any more, by a rule or a person, newest first."""
    wanted = (
        select(Conflict, Lead.name, Company.name, RemoteLink.url)
        .outerjoin(Lead, Lead.id == Conflict.lead_id)
        .outerjoin(Company, Company.id == Lead.company_id)
        .outerjoin(
            RemoteLink,
            (RemoteLink.system == Conflict.system)
            & (RemoteLink.kind == Conflict.kind)
            & (RemoteLink.local_id == Conflict.local_id),
        )
    )
    if decided:
        wanted = wanted.where(Conflict.decision.is_not(None)).order_by(Conflict.id.desc())
    else:
        wanted = wanted.where(Conflict.decision.is_(None)).order_by(Conflict.id)
    for column, value in ((Conflict.system, system), (Conflict.field, field), (Conflict.lead_id, lead_id)):
        if value is not None:
            wanted = wanted.where(column == value)
    return [_row(*row) for row in session.execute(wanted.limit(limit))]


def conflict_named(session: Session, text: str) -> Conflict:
    """The conflict with that id. NotFound names what was looked for."""
    number = row_number(CONFLICT, text)
    found = None if number is None else session.get(Conflict, number)
    if found is None:
        raise NotFound(
            _("There is no conflict {text!r}.").format(text=text),
            _("List them to see their ids: conflicts list."),
        )
    return found


def resolve_conflict(
    session: Session, conflict_id: str, decision: str, rep: str, at: datetime, *, value: str | None = None
) -> Changes:
    """Carry out a decision: mine goes there, theirs comes here, or *value* goes both ways. Undo takes it back.

    What goes out is queued, and checked once more before it is written.
    """
    conflict = conflict_named(session, conflict_id)
    if decision not in (MINE, THEIRS, OTHER):
        raise BadInput(
            _("{decision!r} is no decision.").format(decision=decision),
            _("Say mine, theirs, or give another value."),
        )
    if decision == OTHER and not (value or "").strip():
        raise BadInput(_("The other value is empty."), _("Give it: --value TEXT."))
    if conflict.decision is not None:
        raise NotAllowed(
            _("{conflict} was decided already: {decision}, by {decided_by}.").format(
                conflict=_what(conflict), decision=conflict.decision, decided_by=conflict.decided_by
            ),
            _("Undo that first, or change the value by hand."),
        )
    lead = None if conflict.lead_id is None else session.get(Lead, conflict.lead_id)
    if lead is None or lead.state in HIDDEN_STATES:
        raise NotAllowed(
            _("The lead of {conflict} is gone.").format(conflict=_what(conflict)),
            _("There is nothing left to decide."),
        )
    chosen: Plain = {MINE: conflict.mine, THEIRS: conflict.theirs}.get(decision, (value or "").strip())
    if decision != THEIRS and not chosen:
        raise NotAllowed(
            _("PQLDesk holds nothing for {conflict}, and nothing is never written over something.").format(
                conflict=_what(conflict)
            ),
            _("Keep theirs, or clear it there by hand."),
        )
    lost = {MINE: conflict.theirs, THEIRS: conflict.mine}.get(decision)
    detail = f"{_what(conflict)}: “{shown(chosen)}”" + (f" over “{shown(lost)}”" if lost else "")
    with recording(session, rep, ACTION, at=at, detail=detail, lead_id=lead.id):
        conflict.decision, conflict.decided_at, conflict.decided_by = decision, at, rep
        record = _record(conflict)
        if decision != MINE:
            take(session, record, conflict.field, chosen, at)
        if decision == THEIRS:
            ours = (
                None if conflict.kind.endswith(DEAL) else conflict.mine
            )  # each handoff decides about its deal anew
            give_up(session, record, conflict.field, ours, conflict.theirs, at)
        else:
            _queue(session, conflict, lead, chosen, rep, at)
    return CHANGED


def resolve_step(
    session: Session, ids: Sequence[str], decision: str, rep: str, at: datetime, bulk: int
) -> Resolved:
    """Decide as many of *ids* in the same way as fit into a short transaction; at least one. One undo for all."""
    done, taken = 0, 0
    refused: list[str] = []
    ends = time.monotonic() + HELD_S
    with in_bulk(session, rep, bulk):
        for one in ids:
            taken += 1
            try:
                with session.begin_nested():
                    resolve_conflict(session, one, decision, rep, at)
                done += 1
            except Problem as problem:
                refused.append(f"{one}: {problem.what}")
            if time.monotonic() >= ends:
                break
    return Resolved(taken, done, tuple(refused), CHANGED)


def _queue(session: Session, conflict: Conflict, lead: Lead, value: Plain, rep: str, at: datetime) -> None:
    kind, _, name = conflict.field.partition(".")
    handoff = Handoff(
        lead_id=lead.id,
        playbook=PLAYBOOK,
        run_key=f"{PLAYBOOK}:{conflict.system}:{conflict.id}:{micros(at)}",
        system=conflict.system,
        facts={},
        created_at=at,
        created_by=rep,
    )
    session.add(handoff)
    session.flush()
    session.add(
        OutboxItem(
            handoff_id=handoff.id,
            lead_id=lead.id,
            position=0,
            system=conflict.system,
            kind="field",
            state="pending",
            payload={"of": kind, "field": name, "value": value, "theirs": conflict.theirs},
            idempotency_key=new_code(),
            next_attempt_at=at,
            created_at=at,
        )
    )


def _record(conflict: Conflict) -> Record:
    local_id = conflict.local_id
    if conflict.kind == "person" and conflict.lead_id is not None:
        local_id = conflict.lead_id
    return conflict.system, conflict.kind, local_id


def _what(conflict: Conflict) -> str:
    name = conflict.field.partition(".")[2].replace("_", " ")
    return f"{name} of the {conflict.field.partition('.')[0]} in {title_of(conflict.system)}"


def _row(conflict: Conflict, name: str | None, company: str | None, url: str | None) -> ConflictRow:
    return ConflictRow(
        public_id(CONFLICT, conflict.id),
        conflict.system,
        conflict.kind,
        conflict.field,
        None if conflict.lead_id is None else public_id(LEAD, conflict.lead_id),
        name or "",
        company or "",
        conflict.base,
        conflict.mine,
        conflict.theirs,
        conflict.found_at,
        conflict.found_by,
        url,
        conflict.decision or "",
        conflict.decided_at,
        conflict.decided_by or "",
        conflict.rule or "",
    )
