"""A touch: what shows that somebody is at work on a lead. The first one ends the wait, each renews the lease."""

from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services.team.leases import lease_end


def touch(session: Session, lead: Lead, rep: str, at: datetime) -> None:
    """Note that *rep* was in touch: claimed becomes working, and the owner's lease starts anew.

    Call it inside the recording of the verb that touched.
    """
    if lead.first_touch_at is None:
        lead.first_touch_at = at
        lead.respond_by = None
    if lead.touched_at is None or lead.touched_at < at:
        lead.touched_at = at
    if lead.state == "claimed":
        lead.state = "working"
    if lead.state in ("claimed", "working") and lead.owner == rep:
        lead.lease_until = lease_end(session, at)
