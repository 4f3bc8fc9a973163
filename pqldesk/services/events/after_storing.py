"""What follows from usage that was stored, in the same transaction: scores, routing, playbooks, relays."""

from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services.ingest.stored import Stored
from pqldesk.services.outbox.playbooks import queue_playbooks
from pqldesk.services.routing import route_leads
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.sources.form_relay import queue_forms


def follow(session: Session, stored: Stored, at: datetime) -> Stored:
    """Rescore whom the page touched, and queue what approved playbooks make of it. Gives *stored* back."""
    if stored.leads or stored.relinked:
        rescored = rescore(session, stored.leads - stored.relinked, at, "events", stored.earliest)
        qualified = [*rescored.newly_qualified]
        if stored.relinked:
            qualified += rescore(session, stored.relinked, at, "identity").newly_qualified
        route_leads(session, qualified, at)
        queue_playbooks(session, stored.leads | stored.relinked, at)
    queue_forms(session, stored.forms, at)
    return stored
