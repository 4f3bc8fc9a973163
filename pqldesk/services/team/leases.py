"""How long a claim lasts without a touch, and where a lead stands in the words of lead_states."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, micros, moment
from pqldesk.services.lead_states import LeadState, Standing


def lease(session: Session) -> int:
    """The length of a lease in microseconds."""
    return int(settings.value(session, "lease_days")) * DAY


def lease_end(session: Session, at: datetime) -> datetime:
    """When a lease that starts at *at* ends."""
    return at + timedelta(microseconds=lease(session))


def standing_of(lead: Lead) -> Standing:
    """Where *lead* stands."""
    return Standing(
        state=LeadState(lead.state),
        qualified=lead.qualified,
        owner=lead.owner,
        before=LeadState(lead.state_before) if lead.state_before else None,
        until=None if lead.state_until is None else micros(lead.state_until),
        lease_until=None if lead.lease_until is None else micros(lead.lease_until),
    )


def put(lead: Lead, standing: Standing) -> None:
    """Store *standing* on *lead*. Without an owner there is no claim either."""
    lead.state = standing.state.value
    lead.state_before = standing.before.value if standing.before else None
    lead.state_until = None if standing.until is None else moment(standing.until)
    lead.lease_until = None if standing.lease_until is None else moment(standing.lease_until)
    lead.owner = standing.owner
    if standing.owner is None:
        lead.claimed_at = None
