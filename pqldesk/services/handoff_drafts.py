"""Handoffs that somebody prepares and keeps for later: what they wrote stays, the facts around it are read anew."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros, moment
from pqldesk.models.ids import LEAD, public_id, row_number
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.work import HandoffDraft as Stored
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.claims import named_rep
from pqldesk.services.handoffs.handoff import handoff_draft
from pqldesk.services.handoffs.shown import DraftRow
from pqldesk.services.history import recording
from pqldesk.services.rows import HandoffDraft

_KEPT = ("deal_name", "currency", "stage", "assignee", "note", "task")
CHANGED = Changes.to(Topic.OUTBOX)


def save_draft(session: Session, draft: HandoffDraft, rep: str, at: datetime) -> Changes:
    """Keep what was written so far. A lead has one draft; the one before is replaced."""
    rep = named_rep(rep)
    lead_id = _row_of(draft.lead_id)
    payload: dict[str, Any] = {key: getattr(draft, key) for key in _KEPT}
    payload["deal_value"] = None if draft.deal_value is None else str(draft.deal_value)
    payload["task_due_at"] = micros(draft.task_due_at)
    payload["system"] = draft.system
    with recording(session, rep, "draft_saved", at=at, detail=draft.deal_name, lead_id=lead_id):
        stored = _latest(session, lead_id)
        if stored is None:
            session.add(Stored(lead_id=lead_id, rep=rep, payload=payload, saved_at=at))
        else:
            stored.payload, stored.rep, stored.saved_at = payload, rep, at
    return CHANGED


def draft_to_edit(
    session: Session, lead_id: str, rep: str, now: datetime, *, system: str | None = None
) -> HandoffDraft:
    """What the handoff starts from: the facts as of now, and over them what was kept."""
    stored = _latest(session, _row_of(lead_id))
    if stored is None:
        return handoff_draft(session, lead_id, rep, now, system=system)
    kept = stored.payload
    fresh = handoff_draft(session, lead_id, rep, now, system=system or kept["system"])
    return replace(
        fresh,
        **{key: kept[key] for key in _KEPT},
        deal_value=None if kept["deal_value"] is None else _number(kept["deal_value"]),
        task_due_at=max(moment(kept["task_due_at"]), now),
        saved_at=stored.saved_at,
    )


def drop_draft(session: Session, lead_id: str, rep: str, at: datetime) -> Changes:
    """Throw the draft away; undo brings it back. NotFound when there is none."""
    number = _row_of(lead_id)
    drafts = session.scalars(select(Stored).where(Stored.lead_id == number)).all()
    if not drafts:
        raise NotFound(_("There is no draft for that lead."), _("Nothing needs to be thrown away."))
    with recording(session, named_rep(rep), "draft_dropped", at=at, lead_id=number):
        for draft in drafts:
            session.delete(draft)
    return CHANGED


def draft_rows(session: Session) -> list[DraftRow]:
    """Every draft, the latest first."""
    found = session.execute(
        select(Stored, Lead.id, Lead.name, Lead.company_name)
        .join(Lead, Lead.id == Stored.lead_id)
        .where(Lead.state.not_in(HIDDEN_STATES))
        .order_by(Stored.saved_at.desc(), Stored.id.desc())
    )
    return [
        DraftRow(
            public_id(LEAD, lead_id),
            name,
            company,
            stored.payload["deal_name"],
            None if stored.payload["deal_value"] is None else _number(stored.payload["deal_value"]),
            stored.payload["currency"],
            stored.payload["stage"],
            stored.rep,
            stored.saved_at,
            stored.payload["note"],
        )
        for stored, lead_id, name, company in found
    ]


def _latest(session: Session, lead_id: int) -> Stored | None:
    """Merging two leads may bring two drafts together: the one saved last stands."""
    wanted = select(Stored).where(Stored.lead_id == lead_id)
    return session.scalars(wanted.order_by(Stored.saved_at.desc(), Stored.id.desc()).limit(1)).first()


def _row_of(lead_id: str) -> int:
    number = row_number(LEAD, lead_id)
    if number is None:
        raise NotFound(
            _("There is no lead {lead_id}.").format(lead_id=lead_id),
            _("Check the id, or look it up by e-mail."),
        )
    return number


def _number(text: str) -> int | float:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)
