"""Leads whose form has not reached the next system for longer than the setting ``stuck_minutes`` says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Hop, Lead, Submission
from pqldesk.services import settings

WITHIN = timedelta(days=7)
WAITS = ("pending", "sending", "unknown", "failed", "held", "waiting")


@dataclass(frozen=True, slots=True)
class StuckLead:
    """*step*: where it waits to get to; *since*: when the form came."""

    lead_id: str
    name: str
    email: str
    step: str
    status: str
    since: datetime
    error: str | None


def stuck_leads(session: Session, at: datetime, limit: int = 20) -> list[StuckLead]:
    """Those of the last week, the longest waiting first."""
    patience = timedelta(minutes=int(settings.value(session, "stuck_minutes")))
    rows = session.execute(
        select(Lead.id, Lead.name, Lead.email, Hop.step, Hop.status, Submission.received_at, Hop.error)
        .join(Submission, Submission.lead_id == Lead.id)
        .join(Hop, Hop.submission_id == Submission.id)
        .where(
            Submission.received_at > at - WITHIN,
            Submission.received_at <= at - patience,
            Hop.status.in_(WAITS),
            Lead.is_open == 1,
        )
        .order_by(Submission.received_at, Hop.id)
        .limit(limit)
    )
    return [
        StuckLead(public_id(LEAD, lead), name or "", email or "", step, status, since, error)
        for lead, name, email, step, status, since, error in rows
    ]
