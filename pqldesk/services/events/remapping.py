"""Deriving usage again after event rules have changed: from the raw pages, in steps, without loss or doubling.

An event is known by its source and id, so its row is found again and given its new kind and quantity; one that counts
for nothing now goes, one that counts now comes. The first delivery of an id stands, as it does when it is stored.
Each step leaves roll-ups and scores as they would be had the rules always been so.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.people import Identity
from pqldesk.models.usage import EventSetAside, RawPage, UsageEvent
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.calls.shapes import Ready, Usage
from pqldesk.services.events.after_storing import follow
from pqldesk.services.events.deriving import ACTOR
from pqldesk.services.events.raw_pages import items_of
from pqldesk.services.events.rule_store import rules_for
from pqldesk.services.events.rules import EventRules
from pqldesk.services.events.source_reading import reading_of, usages
from pqldesk.services.figures.usage_days import rebuild_rollups
from pqldesk.services.files.event_columns import EventRow
from pqldesk.services.files.values import BadValue
from pqldesk.services.ingest.calls import CallStore
from pqldesk.services.ingest.events import EventStore, event_hashes

ITEMS: Final = 2_000  # of whole pages, in one transaction


@dataclass(slots=True)
class Remapping:
    """One run over the pages of *source*, or of all. *after*: the page it stands at; *until*: the last one."""

    source: str | None
    until: int
    pages: int
    after: int = 0
    met: set[int] = field(default_factory=set)  # events whose first delivery has been looked at


@dataclass(slots=True)
class Remapped:
    """What a step did."""

    events: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    is_done: bool = False
    seconds: float = 0.0
    changes: Changes = field(default_factory=Changes)


def begin_remap(session: Session, source: str | None = None) -> Remapping:
    """A run over what is kept now; what arrives from now on follows the new rules anyway."""
    kept = select(func.coalesce(func.max(RawPage.id), 0), func.count())
    until, pages = session.execute(kept if source is None else kept.where(RawPage.source == source)).one()
    return Remapping(source, int(until), int(pages))


def remap_step(session: Session, run: Remapping, at: datetime, most: int = ITEMS) -> Remapped:
    """Look through the next pages, one source at a time. *run* goes on from there once this is committed."""
    session.connection()
    began = time.perf_counter()
    done = Remapped(changes=Changes.to(Topic.USAGE, Topic.LEADS, Topic.SOURCES))
    pages = list(_next_pages(session, run, most))
    if pages:
        _remap(session, pages, run, at, done)
    done.is_done = not pages
    done.seconds = time.perf_counter() - began
    return done


def _next_pages(session: Session, run: Remapping, most: int) -> Iterator[RawPage]:
    wanted = (
        select(RawPage).where(RawPage.id > run.after, RawPage.id <= run.until).order_by(RawPage.id).limit(200)
    )
    if run.source is not None:
        wanted = wanted.where(RawPage.source == run.source)
    left, source = most, None
    for page in session.scalars(wanted):
        if left <= 0 or source not in (None, page.source):
            return
        yield page
        source = page.source
        left -= page.items


def _remap(session: Session, pages: Sequence[RawPage], run: Remapping, at: datetime, done: Remapped) -> None:
    source = pages[0].source
    rules, reading = rules_for(session, source), reading_of(session, source)
    salt = source.encode() + b"\0"
    wanted: dict[int, EventRow | None] = {}
    besides: list[Ready] = []
    for page in pages:
        reading.delivered(micros(page.received_at), None if page.sent_at is None else micros(page.sent_at))
        found = list(usages(source, items_of(page.body)[: page.done], reading))
        for usage, eid in zip(found, event_hashes(salt, [one.event_id for one in found]), strict=True):
            if eid not in run.met:
                run.met.add(eid)
                wanted[eid] = _meant(rules, usage, besides)
    done.events = len(wanted)
    run.after = pages[-1].id
    identities = _corrected(session, source, wanted, done)
    missing = [row for eid, row in wanted.items() if row is not None]
    stored = CallStore(source, ACTOR, reading.options).store(session, [*missing, *besides], at, None)
    done.added = stored.created
    if identities:
        rebuild_rollups(session, identities)
        owners = select(Identity.lead_id).where(Identity.id.in_(identities), Identity.lead_id.is_not(None))
        stored.relinked |= {lead for lead in session.scalars(owners) if lead is not None}
    follow(session, stored, at)


def _meant(rules: EventRules, usage: Usage, besides: list[Ready]) -> EventRow | None:
    """The event as it counts now; what it says besides of plans and trials goes to *besides*."""
    try:
        ready = rules.ready(usage)
    except BadValue:
        return None
    besides += [one for one in ready[1:] if usage.flaw is None]
    return rules.event_row(usage)


def _corrected(session: Session, source: str, wanted: dict[int, EventRow | None], done: Remapped) -> set[int]:
    """Give stored events their new kind and quantity, or take them away; those leave *wanted* only to what is missing.

    Returns the identities whose roll-ups are to be summed again.
    """
    touched: set[int] = set()
    names = sorted({(row.kind, row.key) for row in wanted.values() if row is not None}, key=str)
    kinds = dict(zip(names, EventStore(source).name_kinds(session, names), strict=True)) if names else {}
    waiting = {
        eid
        for part in chunked(list(wanted))
        for eid in session.scalars(select(EventSetAside.eid).where(EventSetAside.eid.in_(part)))
    }
    for eid in waiting:
        row = wanted.pop(eid)
        if row is not None:
            new = {"kind_id": kinds[row.kind, row.key], "quantity": row.quantity}
            session.execute(update(EventSetAside).where(EventSetAside.eid == eid).values(**new))
            if not session.scalar(select(UsageEvent.seq).where(UsageEvent.eid == eid)):
                continue
            wanted[eid] = row  # released: it counts
    changes: list[dict[str, Any]] = []
    gone: list[int] = []
    stored = select(
        UsageEvent.seq, UsageEvent.eid, UsageEvent.identity_id, UsageEvent.kind_id, UsageEvent.quantity
    )
    there: list[int] = []
    for part in chunked(list(wanted)):
        for seq, eid, identity, kind, amount in session.execute(stored.where(UsageEvent.eid.in_(part))):
            there.append(eid)
            row = wanted[eid]
            if row is None:
                gone.append(seq)
                touched.add(identity)
            elif (kinds[row.kind, row.key], row.quantity) != (kind, amount):
                changes.append({"seq": seq, "kind_id": kinds[row.kind, row.key], "quantity": row.quantity})
                touched.add(identity)
    for eid in there:
        del wanted[eid]
    if changes:
        session.execute(update(UsageEvent), changes)
    for part in chunked(gone):
        session.execute(delete(UsageEvent).where(UsageEvent.seq.in_(part)))
    done.changed, done.removed = len(changes), len(gone)
    return touched
