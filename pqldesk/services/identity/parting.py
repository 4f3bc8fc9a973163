"""Taking one id off a lead that is somebody else's: the id gets a lead of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Identity, IdentityLink, Lead, Submission, Suggestion, Trial
from pqldesk.models.ready_made import ask, gap
from pqldesk.models.settings import Batch
from pqldesk.models.usage import UsageTotal
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.history import recording
from pqldesk.services.identity.keys import EMAIL, fold
from pqldesk.services.identity.merges import CHANGED
from pqldesk.services.identity.suggestions import REJECTED
from pqldesk.services.record_rows import IdShown, Origin
from pqldesk.services.scoring.rescore import rescore

PARTED = "parted"
_LEAD = gap("lead")


def _under(table: type[Submission] | type[Trial]) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(table)
    return counted.where(table.lead_id == _LEAD, table.identity_id == Identity.id).scalar_subquery()


_EVENTS = select(func.coalesce(func.sum(UsageTotal.n), 0)).where(UsageTotal.identity_id == Identity.id)
_IDS = (
    select(
        *(Identity.namespace, Identity.value, Identity.created_at, Batch.source, Batch.file),
        *(_EVENTS.scalar_subquery(), _under(Submission), _under(Trial)),
    )
    .outerjoin(Batch, Batch.id == Identity.batch_id)
    .where(Identity.lead_id == _LEAD)
    .order_by(Identity.id)
)


@dataclass(frozen=True, slots=True)
class Parted:
    """The lead that the id has now."""

    lead_id: str
    changes: Changes = field(default=CHANGED)


def ids_of(session: Session, lead_id: int) -> tuple[IdShown, ...]:
    """What a lead is known by, in the order in which it came, each with what came under it."""
    return tuple(
        IdShown(
            namespace,
            value,
            Origin(source or namespace.removesuffix(".anon"), at, file),
            int(events),
            forms,
            trials,
        )
        for namespace, value, at, source, file, events, forms, trials in ask(session, _IDS, lead=lead_id)
    )


def would_part(session: Session, lead: Lead, key: str) -> IdShown:
    """The id that part() would give a lead of its own, with how much goes with it. Raises what part() raises."""
    found = _of(lead, _all(session, lead), key)
    return next(
        one
        for one in ids_of(session, lead.id)
        if (one.namespace, one.value) == (found.namespace, found.value)
    )


def part(session: Session, lead: Lead, key: str, actor: str, at: datetime) -> Parted:
    """Give the id *key* (``namespace:value``) of *lead* a lead of its own, with all that came under it.

    The two are not joined again by themselves. NotFound where the lead has no such id, NotAllowed where it is the only
    one.
    """
    theirs = _all(session, lead)
    found = _of(lead, theirs, key)
    with recording(session, actor, PARTED, at=at, detail=f"{found.namespace}:{found.value}", lead_id=lead.id):
        own = _made(session, lead, found, at)
        if lead.email is not None and (EMAIL, fold(EMAIL, lead.email)) == (found.namespace, found.folded):
            lead.email = next(
                (one.value for one in theirs if one.namespace == EMAIL and one is not found), None
            )
    rescore(session, [lead.id, own.id], at, "unmerge")
    return Parted(public_id(LEAD, own.id))


def _all(session: Session, lead: Lead) -> list[Identity]:
    return list(session.scalars(select(Identity).where(Identity.lead_id == lead.id).order_by(Identity.id)))


def _of(lead: Lead, theirs: Sequence[Identity], key: str) -> Identity:
    """The id of the lead that *key* names, which is not its only one."""
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
    return found


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
