"""Where what the record shows comes from: the system or file that brought it, and when it came."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity, Lead, Trial
from pqldesk.models.ready_made import ask, gap
from pqldesk.models.settings import Batch
from pqldesk.services.record_rows import Origin

BY_HAND = "manual"
_NAMESPACE = select(Identity.namespace).where(Identity.id == gap("identity"))


def lead_origin(session: Session, lead: Lead) -> Origin:
    """Of the lead's own fields."""
    return _origin(session, lead.batch_id, lead.source or BY_HAND, lead.created_at)


def usage_origin(session: Session, lead_id: int) -> Origin | None:
    """Of the newest usage event; None without usage. Looks at the 100 latest, among which the newest arrival is."""
    found = Driver(session).rows(
        "SELECT e.received_at, e.batch_id, e.identity_id FROM usage_event e WHERE e.seq IN"
        " (SELECT seq FROM usage_event WHERE identity_id IN (SELECT id FROM identity WHERE lead_id = ?)"
        " ORDER BY at DESC LIMIT 100) ORDER BY e.received_at DESC LIMIT 1",
        (lead_id,),
    )
    if not found:
        return None
    ((received_at, batch_id, identity_id),) = found
    namespace = ask(session, _NAMESPACE, identity=identity_id).scalar() or ""
    return _origin(session, batch_id, namespace.removesuffix(".anon"), moment(received_at))


def trial_origin(session: Session, trial: Trial) -> Origin:
    """Of a trial."""
    return _origin(session, trial.batch_id, trial.source, trial.created_at)


def _origin(session: Session, batch_id: int | None, source: str, at: datetime | None) -> Origin:
    batch = None if batch_id is None else session.get(Batch, batch_id)
    if batch is None:
        return Origin(source, at)
    return Origin(batch.source, at or batch.at, batch.file)
