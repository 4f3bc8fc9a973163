"""The way of a person through every system, from what is stored here: forms, their hops, and writes to the CRM."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Hop, Submission
from pqldesk.models.remote import OutboxItem
from pqldesk.services.find import lead_of


@dataclass(frozen=True, slots=True)
class TraceHop:
    """One step: in which system, how it went, when, under which id there."""

    hop: str  # received, portal, relay, marketing_automation, crm
    system: str | None
    status: str
    at: datetime | None
    remote_id: str | None
    error: str | None


def traced(session: Session, lead: str) -> list[TraceHop]:
    """The hops of the lead with that e-mail, id or key, in order of time. Raises NotFound."""
    lead_id = lead_of(session, lead).id
    hops = []
    for submission in session.scalars(select(Submission).where(Submission.lead_id == lead_id)):
        stored = session.scalars(select(Hop).where(Hop.submission_id == submission.id)).all()
        if not any(hop.step == "received" for hop in stored):
            hops.append(TraceHop("received", submission.source, "ok", submission.received_at, None, None))
        hops += [
            TraceHop(hop.step, submission.source if hop.step == "received" else None, hop.status, hop.at,
                     hop.remote_id, hop.error)
            for hop in stored
        ]  # fmt: skip
    for item in session.scalars(
        select(OutboxItem).where(OutboxItem.lead_id == lead_id).order_by(OutboxItem.id)
    ):
        hops.append(
            TraceHop(
                "crm", item.system, item.state, item.done_at or item.created_at, item.remote_id, item.error
            )
        )
    return sorted(hops, key=lambda hop: hop.at.timestamp() if hop.at else 0.0)
