"""Events that were set aside: listed with the reason, counted once somebody releases them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.base import moment
from pqldesk.models.ids import ASIDE, public_id, row_number
from pqldesk.models.people import Identity
from pqldesk.models.usage import EventKind, EventSetAside, UsageEvent
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import local_days
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.figures.usage_days import rebuild_rollups
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.source_rows import AsideRow


@dataclass(frozen=True, slots=True)
class Released:
    """How many events count from now on."""

    count: int
    changes: Changes


def set_aside_reasons(session: Session) -> list[tuple[str, int]]:
    """Why events are still set aside, and how many for each reason, the commonest first."""
    many = func.count()
    found = session.execute(
        select(EventSetAside.reason, many)
        .where(EventSetAside.released_at.is_(None))
        .group_by(EventSetAside.reason)
        .order_by(many.desc(), EventSetAside.reason)
    )
    return [(reason, int(count)) for reason, count in found]


def set_aside_rows(session: Session, limit: int | None = None) -> list[AsideRow]:
    """Events still set aside, the oldest first, at most *limit*."""
    found = session.execute(
        select(
            EventSetAside.id, EventKind.name, EventKind.key, EventSetAside.at, Identity.namespace,
            Identity.value, EventSetAside.reason,
        )
        .join(EventKind, EventKind.id == EventSetAside.kind_id)
        .join(Identity, Identity.id == EventSetAside.identity_id)
        .where(EventSetAside.released_at.is_(None))
        .order_by(EventSetAside.id)
        .limit(limit)
    )  # fmt: skip
    return [
        AsideRow(public_id(ASIDE, number), name, key or None, moment(at), f"{namespace}:{value}", reason)
        for number, name, key, at, namespace, value, reason in found
    ]


def release_events(session: Session, event_ids: Sequence[str], at: datetime) -> Released:
    """Count events after all, all of them when none is named. Their own time stands: as of it they count."""
    wanted = select(EventSetAside).where(EventSetAside.released_at.is_(None))
    numbers = [row_number(ASIDE, text) for text in event_ids]
    if numbers:
        wanted = wanted.where(EventSetAside.id.in_([number for number in numbers if number is not None]))
    waiting = {event.id: event for event in session.scalars(wanted)}
    for text, number in zip(event_ids, numbers, strict=True):
        if number not in waiting:
            raise NotFound(
                _("No event {text!r} is set aside.").format(text=text), _("See events set-aside list.")
            )
    day_of = local_days(settings.zone(session)).day_of
    known = set(
        session.scalars(select(UsageEvent.eid).where(UsageEvent.eid.in_([e.eid for e in waiting.values()])))
    )
    for event in waiting.values():
        event.released_at = at
        if event.eid not in known:
            session.add(
                UsageEvent(
                    eid=event.eid, identity_id=event.identity_id, kind_id=event.kind_id, at=event.at,
                    day=day_of(event.at), quantity=event.quantity, received_at=event.received_at,
                    batch_id=event.batch_id,
                )
            )  # fmt: skip
    session.flush()
    identities = {event.identity_id for event in waiting.values()}
    rebuild_rollups(session, identities)
    leads = session.scalars(select(Identity.lead_id).where(Identity.id.in_(identities)))
    rescore(session, {lead for lead in leads if lead is not None}, at, "events")
    return Released(len(waiting), Changes.to(Topic.USAGE, Topic.LEADS))
