"""What time alone does to leads: a lease that nobody renewed ends, a snooze or nurture is over."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from pqldesk.models import rights
from pqldesk.models.people import HIDDEN_STATES, Lead
from pqldesk.models.work import LAPSED, Claim
from pqldesk.services.basics.moments import micros
from pqldesk.services.history import recording
from pqldesk.services.lead_states import Standing, effective
from pqldesk.services.team.leases import lease, put, standing_of

BY_RULE = "PQLDesk"
"""The actor of what nobody did."""


def falls_due(at: datetime) -> ColumnElement[bool]:
    """Leads that a lease or a sleep has run out for."""
    return or_(Lead.lease_until <= at, Lead.state_until <= at)


def settle_leads(session: Session, at: datetime) -> list[int]:
    """Apply everything that has fallen due; the leads that moved."""
    # Sorted here: asked for an order, SQLite walks every lead instead of the indexes of the few that are due.
    due = session.scalars(select(Lead).where(falls_due(at), Lead.state.not_in(HIDDEN_STATES)))
    return [lead.id for lead in sorted(due, key=lambda lead: lead.id) if settle_lead(session, lead, at)]


def settle_lead(session: Session, lead: Lead, at: datetime) -> bool:
    """Apply to one lead what has fallen due by *at*; whether anything had."""
    if lead.state in HIDDEN_STATES:
        return False
    before = standing_of(lead)
    after = effective(before, micros(at), lease(session))
    if _is_as_before(after, before):
        return False
    if before.owner is not None and (there := rights.server_time(session)) is not None:
        # What has not fallen due by the server's clock it refuses, and with it whatever a rep asked for beside it.
        after = effective(before, min(micros(at), there), lease(session))
        if _is_as_before(after, before):
            return False
    lapsed = before.owner is not None and after.owner is None
    detail = f"from {before.owner}" if lapsed else f"from {before.state.value}"
    with recording(session, BY_RULE, LAPSED if lapsed else "woken", at=at, detail=detail, lead_id=lead.id):
        if lapsed:
            for claim in session.scalars(
                select(Claim).where(Claim.lead_id == lead.id, Claim.ended_at.is_(None))
            ):
                claim.ended_at = min(at, lead.lease_until or at)
                claim.end_reason = LAPSED
        put(lead, after)
    return True


def _is_as_before(after: Standing, before: Standing) -> bool:
    return after == before or (after.owner, after.until) == (before.owner, before.until)
