"""Taking one id off a lead that is somebody else's: the id gets a lead of its own."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Identity, IdentityLink, Lead, Submission, Suggestion, Trial
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.identity.keys import EMAIL, fold
from pqldesk.services.identity.merges import CHANGED
from pqldesk.services.identity.suggestions import REJECTED
from pqldesk.services.scoring.rescore import rescore

PARTED = "parted"


@dataclass(frozen=True, slots=True)
class Parted:
    """The lead that the id has now."""

    lead_id: str
    changes: Changes = field(default=CHANGED)


def part(session: Session, lead: Lead, key: str, actor: str, at: datetime) -> Parted:
    """Give the id *key* (``namespace:value``) of *lead* a lead of its own, with all that came under it.

    The two are not joined again by themselves. NotFound where the lead has no such id, NotAllowed where it is the only
    one.
    """
    theirs = list(session.scalars(select(Identity).where(Identity.lead_id == lead.id).order_by(Identity.id)))
    namespace, _colon, value = key.strip().partition(":")
    found = next(
        (one for one in theirs if (one.namespace, one.folded) == (namespace, fold(namespace, value))), None
    )
    if found is None:
        raise NotFound(
            _("{lead} is not known by {key}.").format(lead=lead.name, key=repr(key)),
            _("Name one of {known}.").format(
                known=", ".join(f"{one.namespace}:{one.value}" for one in theirs)
            ),
        )
    if len(theirs) == 1:
        raise NotAllowed(
            _("{key} is all that {lead} is known by.").format(key=key, lead=lead.name),
            _("There is nobody to part it from."),
        )
    with recording(session, actor, PARTED, at=at, detail=f"{found.namespace}:{found.value}", lead_id=lead.id):
        own = _made(session, lead, found, at)
        if lead.email is not None and (EMAIL, fold(EMAIL, lead.email)) == (found.namespace, found.folded):
            lead.email = next(
                (one.value for one in theirs if one.namespace == EMAIL and one is not found), None
            )
    rescore(session, [lead.id, own.id], at, "unmerge")
    return Parted(public_id(LEAD, own.id))


def _made(session: Session, lead: Lead, found: Identity, at: datetime) -> Lead:
    """The lead of the id, with everything that hangs on it."""
    own = Lead(
        name=found.value,
        email=found.value if found.namespace == EMAIL else None,
        source=lead.source if found.namespace == EMAIL else found.namespace,
        created_at=at,
        company_id=lead.company_id,
        company_name=lead.company_name,
        domain=lead.domain,
    )
    session.add(own)
    session.flush()
    open_links = select(IdentityLink).where(
        IdentityLink.identity_id == found.id, IdentityLink.unlinked_at.is_(None)
    )
    for link in session.scalars(open_links):
        link.unlinked_at = at
    session.add(IdentityLink(identity_id=found.id, lead_id=own.id, linked_at=at))
    found.lead_id = own.id
    forms = select(Submission).where(Submission.identity_id == found.id, Submission.lead_id == lead.id)
    trials = select(Trial).where(Trial.identity_id == found.id, Trial.lead_id == lead.id)
    for row in (*session.scalars(forms), *session.scalars(trials)):
        row.lead_id = own.id
    low, high = sorted((lead.id, own.id))
    reason = _("{key} was taken off {lead}.").format(key=f"{found.namespace}:{found.value}", lead=lead.name)
    session.add(Suggestion(lead_id=low, other_id=high, reason=reason, state=REJECTED, created_at=at))
    session.flush()
    return own
