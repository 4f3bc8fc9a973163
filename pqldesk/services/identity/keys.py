"""The keys under which sources know a lead, and when each came to whom."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.people import Identity, IdentityLink, Lead
from pqldesk.models.ready_made import ask, gap
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.tombstones import Tombstones

EMAIL = "email"
_MERGED_INTO = select(Lead.merged_into).where(Lead.id == gap("lead"))
Key = tuple[str, str]  # namespace and folded value


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """One stored identity. *lead_id* is None for usage that no lead has claimed as its own yet."""

    id: int
    lead_id: int | None
    company_id: int | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """Where a key hangs after attach(): *holder* is another lead than the one asked for when that one has it."""

    identity_id: int
    holder: int
    new: bool


def fold_email(text: str) -> str:
    """What e-mails are compared by: trimmed, NFC and case-folded, dots and plus tags kept."""
    return unicodedata.normalize("NFC", text.strip().casefold())


def fold(namespace: str, value: str) -> str:
    """What keys of *namespace* are compared by; ids of sources only lose the space around them."""
    return fold_email(value) if namespace == EMAIL else value.strip()


def identities_of(session: Session, keys: Collection[Key]) -> dict[Key, KnownIdentity]:
    """The stored identities among (namespace, value) *keys*, found by folded value; unknown keys are missing."""
    by_namespace: dict[str, dict[str, list[Key]]] = {}
    for key in keys:
        namespace, value = key
        by_namespace.setdefault(namespace, {}).setdefault(fold(namespace, value), []).append(key)
    found: dict[Key, KnownIdentity] = {}
    for namespace, wanted in by_namespace.items():
        for chunk in chunked(wanted):
            for row in session.execute(
                select(
                    Identity.folded, Identity.id, Identity.lead_id, Identity.company_id, Identity.verified
                ).where(Identity.namespace == namespace, Identity.folded.in_(chunk))
            ):
                known = KnownIdentity(row.id, row.lead_id, row.company_id, row.verified)
                for key in wanted[row.folded]:
                    found[key] = known
    return found


def attach(
    session: Session,
    lead: Lead | int,
    namespace: str,
    value: str,
    *,
    verified: bool = False,
    at: datetime,
    batch_id: int | None = None,
) -> Attached:
    """Give *lead* the key, unless another lead holds it: the answer says who does, and nothing is changed then."""
    if isinstance(lead, Lead):
        if lead.id is None:
            session.flush()
        lead = lead.id
    folded = fold(namespace, value)
    known = session.scalars(
        select(Identity).where(Identity.namespace == namespace, Identity.folded == folded)
    ).first()
    if known is None:
        Tombstones(session).refuse([(namespace, folded)])
        known = Identity(
            namespace=namespace,
            folded=folded,
            value=value.strip(),
            verified=verified,
            lead_id=lead,
            created_at=at,
            batch_id=batch_id,
        )
        session.add(known)
        session.flush()
        session.add(IdentityLink(identity_id=known.id, lead_id=lead, linked_at=at))
        return Attached(known.id, lead, new=True)
    if known.lead_id is None:
        known.lead_id = lead
        session.add(IdentityLink(identity_id=known.id, lead_id=lead, linked_at=at))
    elif known.lead_id != lead:
        return Attached(known.id, known.lead_id, new=False)
    known.verified = known.verified or verified
    return Attached(known.id, lead, new=False)


def relink(session: Session, identity_ids: Collection[int], lead_id: int, at: datetime) -> None:
    """Move identities, and with them their usage, to *lead_id*; the links keep who had them until when."""
    for chunk in chunked(identity_ids):
        session.execute(
            update(IdentityLink)
            .where(IdentityLink.identity_id.in_(chunk), IdentityLink.unlinked_at.is_(None))
            .values(unlinked_at=at)
        )
        session.execute(update(Identity).where(Identity.id.in_(chunk)).values(lead_id=lead_id))
    session.add_all(
        IdentityLink(identity_id=number, lead_id=lead_id, linked_at=at) for number in identity_ids
    )
    session.flush()


def survivor_of(session: Session, lead_id: int) -> int:
    """The lead itself, or the one it was merged into in the end."""
    while (into := ask(session, _MERGED_INTO, lead=lead_id).scalar()) is not None:
        lead_id = into
    return lead_id
