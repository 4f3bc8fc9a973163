"""What both sides of a connection last agreed on, field by field, beside the link to the record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.remote import RemoteLink
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.remote.ownership import Plain

Record = tuple[str, str, int]  # system, kind and row number, as RemoteLink has them
WRITTEN, READ, DECIDED = "written", "read", "decided"


def keep_bases(
    session: Session, agreed: Mapping[Record, Mapping[str, Plain]], how: str, now: datetime
) -> None:
    """Remember what both sides hold now; *how* we know: written, read or decided."""
    if not agreed:
        return
    session.flush()
    at = micros(now)
    for chunk in chunked({local_id for _system, _kind, local_id in agreed}):
        for link in session.scalars(select(RemoteLink).where(RemoteLink.local_id.in_(chunk))):
            new = agreed.get((link.system, link.kind, link.local_id))
            if new is not None:
                changed: dict[str, Any] = {name: [value, at, how] for name, value in new.items()}
                old = link.base or {}
                if any(name not in old or old[name][0] != changed[name][0] for name in changed):
                    link.base = {**old, **changed}


def give_up(session: Session, record: Record, field: str, mine: Plain, theirs: Plain, now: datetime) -> None:
    """Theirs counts from now on, and our value of today is not written over it again."""
    link = session.scalars(_link(record)).first()
    if link is not None:
        link.base = {**(link.base or {}), field: [theirs, micros(now), DECIDED, mine]}


def _link(record: Record) -> Select[RemoteLink]:
    system, kind, local_id = record
    return select(RemoteLink).where(
        RemoteLink.system == system, RemoteLink.kind == kind, RemoteLink.local_id == local_id
    )


def base_of(session: Session, record: Record) -> Mapping[str, Any]:
    """What was last agreed on about a record; nothing where it is not linked."""
    link = session.scalars(_link(record)).first()
    return {} if link is None else link.base or {}


def agreed_about(session: Session, system: str, lead_id: int, deal_holder: tuple[str, int]) -> dict[str, Any]:
    """What was last agreed on about a lead's person and deal, by ``person.job_title``."""
    person, deal = base_of(session, (system, "person", lead_id)), base_of(session, (system, *deal_holder))
    return {**person, **deal}
