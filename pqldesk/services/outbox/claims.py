"""The outbox's transactions: take what is due, keep what came of it, free what a dead process left behind."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import Session, aliased

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.remote import OutboxItem, RemoteLink
from pqldesk.models.work import Handoff
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.texts import _
from pqldesk.services.handoffs.crm_facts import LeadFacts, chunks, lead_facts
from pqldesk.services.handoffs.crm_groups import DEAL_KEY, Group, deal_keys, stored_deal_keys
from pqldesk.services.handoffs.preflight import as_mapped_now, obstacle
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.ownership import Masters

DONE, CANCELLED = "done", "cancelled"
OVER = (DONE, CANCELLED)
WAITING = ("pending", "unknown")
CUT_OFF = _("The last try was cut off; PQLDesk looks whether it arrived.")

Holder = tuple[str, int]
# sent_at of an item that is not done says: an earlier try may have arrived.


@dataclass(frozen=True, slots=True)
class Ready:
    """A CRM whose credential and schema have just been looked at."""

    title: str
    mapped: Mapped
    catalogue: Catalogue
    masters: Masters


@dataclass(frozen=True, slots=True)
class Item:
    """An outbox item on its way. *unknown*: an earlier try may have arrived."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    code: str
    attempts: int
    unknown: bool
    created_at: datetime


@dataclass(slots=True)
class Job:
    """One group taken to be delivered, with what is known of its lead there."""

    handoff_id: int
    system: str
    facts: LeadFacts
    assignee: str | None
    default_owner: str
    items: tuple[Item, ...]
    person_id: str | None
    company_id: str | None
    deal_id: str | None
    deal_key: str
    bases: dict[Holder, Mapping[str, Any]] = field(default_factory=dict)  # what both sides last agreed on
    looked_again: bool = False

    def holder(self, kind: str) -> Holder | None:
        """Which link stands for the lead's person, company or deal."""
        facts = self.facts
        match kind:
            case "person":
                return "person", facts.lead_id
            case "company":
                return None if facts.company_id is None else ("company", facts.company_id)
            case _:
                return facts.deal_holder


@dataclass(frozen=True, slots=True)
class Sendable:
    """A due group that nothing stands in the way of."""

    handoff_id: int
    system: str
    assignee: str | None
    facts: LeadFacts
    items: tuple[Item, ...]


_COLUMNS = (
    OutboxItem.id, OutboxItem.handoff_id, OutboxItem.kind, OutboxItem.payload, OutboxItem.idempotency_key,
    OutboxItem.attempts, OutboxItem.state, OutboxItem.created_at,
)  # fmt: skip


def _is_head() -> ColumnElement[bool]:
    """Everything before the item in its group is over."""
    before = aliased(OutboxItem)
    earlier = select(before.id).where(
        before.handoff_id == OutboxItem.handoff_id,
        before.position < OutboxItem.position,
        before.state.not_in(OVER),
    )
    return ~earlier.exists()


# Made once: a run asks these many times a second, and making them takes longer than answering them.
_DUE_SYSTEMS = (
    select(OutboxItem.system)
    .where(OutboxItem.state.in_(WAITING), OutboxItem.next_attempt_at <= bindparam("now"), _is_head())
    .distinct()
    .order_by(OutboxItem.system)
)
_WAITING_SYSTEMS = (
    select(OutboxItem.system).where(OutboxItem.state.in_(WAITING)).distinct().order_by(OutboxItem.system)
)
_NEXT_DUE = select(func.min(OutboxItem.next_attempt_at)).where(
    OutboxItem.state.in_(WAITING),
    OutboxItem.system.in_(bindparam("systems", expanding=True)),
    _is_head(),
)
_HEADS = (  # one state at a time walks the index in order and stops early
    select(OutboxItem.handoff_id, OutboxItem.lead_id)
    .where(OutboxItem.state == bindparam("state"), OutboxItem.next_attempt_at <= bindparam("now"), _is_head())
    .where(OutboxItem.system.in_(bindparam("systems", expanding=True)))
    .where(OutboxItem.lead_id.not_in(bindparam("busy", expanding=True)))
    .order_by(OutboxItem.next_attempt_at, OutboxItem.id)
    .limit(bindparam("most"))
)
_ITEMS = (
    select(*_COLUMNS)
    .where(OutboxItem.handoff_id.in_(bindparam("groups", expanding=True)), OutboxItem.state.not_in(OVER))
    .order_by(OutboxItem.handoff_id, OutboxItem.position)
)
_GROUPS = select(Handoff.id, Handoff.system, Handoff.assignee).where(
    Handoff.id.in_(bindparam("groups", expanding=True))
)
_LINKS = select(RemoteLink.kind, RemoteLink.local_id, RemoteLink.remote_id, RemoteLink.base).where(
    RemoteLink.system == bindparam("system"),
    RemoteLink.kind.in_(["person", "company", "deal", "lead_deal"]),
    RemoteLink.local_id.in_(bindparam("ids", expanding=True)),
)


def take_over(session: Session, now: datetime, settle_s: Callable[[str], float]) -> Changes:
    """What a dead process was sending may have arrived: nobody knows. *settle_s*: how long to wait, by system."""
    cut_off = OutboxItem.state == "sending"
    systems = session.scalars(select(OutboxItem.system).where(cut_off).distinct()).all()
    for system in systems:
        session.execute(
            update(OutboxItem)
            .where(cut_off, OutboxItem.system == system)
            .values(
                state="unknown",
                attempts=OutboxItem.attempts + 1,
                next_attempt_at=now + timedelta(seconds=settle_s(system)),
                error=CUT_OFF,
            )
        )
    return Changes.to(Topic.OUTBOX) if systems else Changes()  # else every page would ask again each 30 s


def due_systems(session: Session, now: datetime) -> list[str]:
    """The systems for which something can go out now."""
    return list(session.scalars(_DUE_SYSTEMS, {"now": now}))


def waiting_systems(session: Session) -> list[str]:
    """The systems for which something waits to go out, now or later."""
    return list(session.scalars(_WAITING_SYSTEMS))


def next_due(session: Session, systems: Sequence[str]) -> datetime | None:
    """When the next item for one of *systems* may be tried; None when nothing waits."""
    found: datetime | None = session.execute(_NEXT_DUE, {"systems": list(systems)}).scalar_one()
    return found


def claim_groups(
    session: Session, ready: Mapping[str, Ready], busy: Collection[int], now: datetime, limit: int
) -> list[Job]:
    """Take up to *limit* due groups, whole, and mark them as being sent; hold those that could not go out whole.

    Groups of leads in *busy* wait: one lead's groups go out one after the other.
    """
    heads: dict[int, int] = {}
    for state in ("unknown", "pending"):
        asked = {
            "state": state,
            "now": now,
            "systems": list(ready),
            "busy": list(busy),
            "most": limit - len(heads),
        }
        heads |= dict(session.execute(_HEADS, asked).all())
    if not heads:
        return []
    stored: dict[int, list[Any]] = {}
    rows = session.execute(_ITEMS, {"groups": list(heads)})
    for row in rows:
        stored.setdefault(row.handoff_id, []).append(row)
    groups = session.execute(_GROUPS, {"groups": list(heads)})
    facts = lead_facts(session, set(heads.values()), now)
    default_owner = settings.value(session, "default_owner")
    sendable: list[Sendable] = []
    for group in groups:
        ours, waiting = facts.get(heads[group.id]), stored[group.id]
        system = ready[group.system]
        going = [_item(row, system) for row in _going_out(waiting)]
        if ours is None:
            _give_up(session, group.id)
            continue
        claimant = group.assignee or ours.owner
        problem = obstacle(going, claimant, default_owner, system.mapped, system.catalogue, system.title)
        if problem is not None:
            hold_groups(session, [group.id], problem)
            continue
        sendable.append(Sendable(group.id, group.system, group.assignee, ours, tuple(going)))
    taken = [item.id for group in sendable for item in group.items]
    Driver(session).run_many(
        "UPDATE outbox_item SET state = 'sending', sent_at = ? WHERE id = ?",
        [(micros(now), one) for one in taken],
    )
    return _jobs(session, sendable, default_owner, now)


def planned_jobs(
    session: Session, system: str, groups: Sequence[Group], default_owner: str, now: datetime
) -> list[Job]:
    """Groups that were never queued, with what is known of their leads there; stores nothing."""
    planned = [
        Sendable(
            0,
            system,
            None,
            group.facts,
            tuple(Item(0, one.kind, one.payload, one.code, 0, False, now) for one in group.items),
        )
        for group in groups
    ]
    keys = stored_deal_keys(session, system, [group.facts.deal_holder for group in groups])
    return _jobs(session, planned, default_owner, keys)


def _jobs(
    session: Session, sendable: Sequence[Sendable], default_owner: str, given: Mapping[Holder, str] | datetime
) -> list[Job]:
    """*given*: the deals' unique ids, or the moment at which those that are missing are made."""
    jobs = []
    for system in sorted({group.system for group in sendable}):
        own = [group for group in sendable if group.system == system]
        links = _links(session, system, [group.facts for group in own])
        with_deals = [group.facts for group in own if any(item.kind == "deal" for item in group.items)]
        keys = deal_keys(session, system, with_deals, given) if isinstance(given, datetime) else given
        for group in own:
            facts = group.facts
            jobs.append(
                Job(
                    group.handoff_id,
                    system,
                    facts,
                    group.assignee,
                    default_owner,
                    group.items,
                    _remote_id(links, ("person", facts.lead_id)),
                    None if facts.company_id is None else _remote_id(links, ("company", facts.company_id)),
                    _remote_id(links, facts.deal_holder),
                    keys.get(facts.deal_holder, ""),
                    _bases(links, facts),
                )
            )
    return sorted(jobs, key=lambda job: job.handoff_id)


def _item(row: Any, system: Ready) -> Item:
    unknown = row.state == "unknown"
    payload = as_mapped_now(row.kind, row.payload, system.mapped, system.catalogue)
    return Item(row.id, row.kind, payload, row.idempotency_key, row.attempts, unknown, row.created_at)


def _bases(links: Mapping[Holder, tuple[str, Any]], facts: LeadFacts) -> dict[Holder, Mapping[str, Any]]:
    own: list[Holder] = [("person", facts.lead_id), facts.deal_holder]
    if facts.company_id is not None:
        own.append(("company", facts.company_id))
    return {holder: links[holder][1] for holder in own if holder in links and links[holder][1]}


def _remote_id(links: Mapping[Holder, tuple[str, Any]], holder: Holder) -> str | None:
    found = links.get(holder)
    return None if found is None else found[0]


def _links(session: Session, system: str, facts: Iterable[LeadFacts]) -> dict[Holder, tuple[str, Any]]:
    ids = {one.lead_id for one in facts} | {one.company_id for one in facts if one.company_id is not None}
    found: dict[Holder, tuple[str, Any]] = {}
    for chunk in chunks(ids):
        rows = session.execute(_LINKS, {"system": system, "ids": chunk})
        found |= {(kind, local_id): (remote_id, base) for kind, local_id, remote_id, base in rows}
    return found


def hold_due(session: Session, system: str, problem: str, now: datetime) -> Changes:
    """Hold every group of *system* that is due: its credential or connection needs a person."""
    heads = select(OutboxItem.handoff_id).where(OutboxItem.system == system, _is_due(now), _is_head())
    hold_groups(session, set(session.scalars(heads)), problem)
    return Changes.to(Topic.OUTBOX, Topic.SOURCES)


def hold_groups(session: Session, handoff_ids: Collection[int], problem: str) -> None:
    """Hold whole groups until a person retries them."""
    for chunk in chunks(handoff_ids):
        waiting = (OutboxItem.handoff_id.in_(chunk), OutboxItem.state.in_(WAITING))
        session.execute(
            update(OutboxItem).where(*waiting).values(state="held", error=problem, next_attempt_at=None)
        )
        session.execute(update(Handoff).where(Handoff.id.in_(chunk)).values(held=problem))


def _give_up(session: Session, handoff_id: int) -> None:
    waiting = (OutboxItem.handoff_id == handoff_id, OutboxItem.state.not_in(OVER))
    values = {"state": CANCELLED, "error": _("The lead is gone."), "next_attempt_at": None}
    session.execute(update(OutboxItem).where(*waiting).values(values))


def put_off_due(
    session: Session,
    system: str,
    problem: str,
    after: Callable[[int], float],
    now: datetime,
    *,
    counted: bool,
    wait_s: float | None,
) -> Changes:
    """The system cannot be asked at all: a try for every item that is due. *after*: seconds by tries so far."""
    heads = session.scalars(select(OutboxItem).where(OutboxItem.system == system, _is_due(now), _is_head()))
    for item in heads:
        if counted:
            item.attempts += 1
        item.next_attempt_at = now + timedelta(seconds=after(item.attempts) if wait_s is None else wait_s)
        item.error = problem
    return Changes.to(Topic.OUTBOX, Topic.SOURCES)


def new_deal_key(session: Session, system: str, holder: Holder) -> str:
    """The deal we knew is closed: the next one gets a unique id of its own."""
    kind, local_id = holder
    key = str(uuid4())
    own = (RemoteLink.system == system, RemoteLink.local_id == local_id)
    session.execute(update(RemoteLink).where(*own, RemoteLink.kind == kind + DEAL_KEY).values(remote_id=key))
    for link in session.scalars(select(RemoteLink).where(*own, RemoteLink.kind == kind)):
        session.delete(link)
    return key


def _going_out(items: Sequence[Any]) -> list[Any]:
    """The items up to the first that a person has stopped."""
    going: list[Any] = []
    for item in items:
        if item.state not in WAITING:
            break
        going.append(item)
    return going


def _is_due(now: datetime) -> ColumnElement[bool]:
    return OutboxItem.state.in_(WAITING) & (OutboxItem.next_attempt_at <= now)
