"""The way of a person through every system: what is stored here, and one sentence about where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Hop, Submission
from pqldesk.models.remote import Connection, OutboxItem
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import CRMS, relays, title_of
from pqldesk.services.queue.find import lead_of
from pqldesk.services.sources.form_relay import RELAYS, STEPS

RECEIVED: Final = "received"
STEP_ORDER: Final = (RECEIVED, "portal", "relay", "marketing_automation", "crm")
MARKETING: Final = frozenset({"marketo"})
ARRIVED: Final = frozenset({"ok", "delivered", "done", "found"})
ON_ITS_WAY: Final = frozenset({"pending", "sending", "unknown", "waiting"})


@dataclass(frozen=True, slots=True)
class TraceHop:
    """One step: in which system, how it went, when, under which id there.

    *status* of a system that was asked: found, waiting (it is there and goes no further), missing, unreachable.
    *detail*: what else it says, as words. *url*: where to look at it.
    """

    hop: str  # received, portal, relay, marketing_automation, crm
    system: str | None
    status: str
    at: datetime | None
    remote_id: str | None
    error: str | None
    detail: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """All hops in the order of the way, and what they come to."""

    who: str
    hops: tuple[TraceHop, ...]
    sentence: str


def traced(session: Session, lead: str) -> list[TraceHop]:
    """The hops of the lead with that e-mail, id or key, as they are stored. Raises NotFound."""
    lead_id = lead_of(session, lead).id
    urls, places = queue_pages(session), _only_one_at(session)
    items = session.scalars(
        select(OutboxItem).where(OutboxItem.lead_id == lead_id).order_by(OutboxItem.id)
    ).all()
    passed = {(item.payload["submission"], step_of(item.system)): item for item in items if _passes_on(item)}
    hops = []
    for submission in session.scalars(select(Submission).where(Submission.lead_id == lead_id)):
        stored = session.scalars(select(Hop).where(Hop.submission_id == submission.id)).all()
        if not any(hop.step == "received" for hop in stored):
            hops.append(TraceHop("received", submission.source, "ok", submission.received_at, None, None))
        for hop in stored:
            item = passed.get((submission.id, hop.step))
            system = submission.source if hop.step == "received" else places.get(hop.step)
            told = TraceHop(hop.step, system, hop.status, hop.at, hop.remote_id, hop.error)
            if item is not None:
                told = replace(told, system=item.system)
                if item.state != "done":  # the item knows of tries that the hop does not
                    told = replace(told, status=item.state, error=item.error)
            hops.append(told)
    for item in items:
        if not _passes_on(item):
            at = item.done_at or item.created_at
            step = step_of(item.system)
            hops.append(
                TraceHop(step, item.system, item.state, at, item.remote_id, item.error, url=item.remote_url)
            )
    email = lead if "@" in lead else ""
    linked = [
        replace(hop, url=hop.url or _page(urls.get(hop.system or ""), email, hop.remote_id)) for hop in hops
    ]
    return sorted(linked, key=lambda hop: hop.at.timestamp() if hop.at else 0.0)


def _passes_on(item: OutboxItem) -> bool:
    """Whether the item passes a form on: its hop tells of it."""
    return "submission" in (item.payload or {})


def _only_one_at(session: Session) -> dict[str, str]:
    """The connected system of each step that has exactly one."""
    found: dict[str, list[str]] = {}
    for system in chain(session):
        found.setdefault(step_of(system), []).append(system)
    return {step: names[0] for step, names in found.items() if len(names) == 1}


def stored_way(session: Session, lead: str) -> Way:
    """The way as it is stored, without asking anybody. Raises NotFound."""
    hops = traced(session, lead)
    return Way(lead, tuple(hops), sentence(lead, hops, chain(session), asked=False))


def is_stuck(hops: Sequence[TraceHop]) -> bool:
    """Whether the lead goes no further by itself."""
    latest = _latest(hops)
    if any(hop.hop == "crm" and hop.status in ARRIVED for hop in latest):
        return False
    for hop in latest:
        if hop.status in ("failed", "held", "waiting", "missing"):
            return True
        if hop.status in ON_ITS_WAY:
            return False
    return False


def has_arrived(hops: Sequence[TraceHop], systems: Sequence[str]) -> bool:
    """Whether the lead is in the last system that is connected."""
    last = systems[-1] if systems else None
    if last is None:
        return any(hop.hop == "received" for hop in hops)
    step = step_of(last)
    return any(hop.hop == step and hop.status in ARRIVED for hop in _latest(hops))


def step_of(system: str) -> str:
    """The step at which a connected system stands."""
    if system in MARKETING:
        return "marketing_automation"
    return STEPS.get(system) or ("relay" if relays(system) else "crm")


def chain(session: Session) -> tuple[str, ...]:
    """The connected systems a lead goes through, in the order of the way."""
    known = (*RELAYS, *CRMS)
    connected = session.scalars(select(Connection.system).where(Connection.system.in_(known)))
    return tuple(sorted(connected, key=lambda name: (STEP_ORDER.index(step_of(name)), name)))


def sentence(who: str, hops: Sequence[TraceHop], systems: Sequence[str], *, asked: bool) -> str:
    """Where the lead is, or where it is stuck, in one sentence. *asked*: the systems have just been asked."""
    if not any(hop.hop == "received" for hop in hops) and not hops:
        return _("Nothing of {who} has come here.").format(who=who)
    for hop in reversed(_latest(hops)):
        if hop.status == "found" and hop.hop == "crm":
            more = f" ({hop.detail})" if hop.detail else ""
            return _("{who} has arrived in {system}{more}.").format(who=who, system=_title(hop), more=more)
    before: TraceHop | None = None
    for hop in _latest(hops):
        place = _title(hop)
        if hop.status in ("failed", "held", "cancelled"):
            return _("Stuck on the way to {system}: {error}").format(
                system=place, error=hop.error or hop.status
            )
        if hop.status == "waiting":
            return _("Stuck in {system}, which has it since {at} and has not passed it on{error}.").format(
                system=place, at=_time(hop), error=f": {hop.error.rstrip('.')}" if hop.error else ""
            )
        if hop.status == "unreachable":
            return _("Nobody can tell beyond {system}: {error}").format(system=place, error=hop.error or "")
        if hop.status in ON_ITS_WAY:
            why = f": {hop.error.rstrip('.')}" if hop.error else ""
            return _("On its way to {system} since {at}{why}.").format(system=place, at=_time(hop), why=why)
        if hop.status == "missing":
            if before is None or before.hop == "received":
                return _("{system} has nobody with that e-mail, and nothing is on its way there.").format(
                    system=place
                )
            return _(
                "Stuck between {before} and {system}: {before} took it at {at}, {system} has nobody."
            ).format(before=_title(before), system=place, at=_time(before))
        before = hop
    if before is not None and before.hop in ("crm", "marketing_automation"):
        return _("{who} has arrived in {system}.").format(who=who, system=_title(before))
    if before is not None and before.hop != "received":
        if asked or not systems:
            return _("Accepted by {system} at {at}; what is behind it is not connected.").format(
                system=_title(before), at=_time(before)
            )
        return _("Accepted by {system} at {at}.").format(system=_title(before), at=_time(before))
    if not systems:
        return _("Received here; no system behind is connected.")
    return _("Received here; nothing is on its way to {system}.").format(system=title_of(systems[0]))


def known_email(session: Session, lead: str) -> str:
    """The e-mail to ask other systems for. Raises NotFound for a lead that has none."""
    try:
        email = lead_of(session, lead).email
    except NotFound:
        if "@" in lead:
            return lead.strip()
        raise
    if email is None:
        raise NotFound(
            _("{lead} has no e-mail to ask other systems for.").format(lead=lead),
            _("Trace a lead that has one."),
        )
    return email


def _latest(hops: Sequence[TraceHop]) -> list[TraceHop]:
    """The newest hop of each system, in the order of the way."""
    found: dict[tuple[str, str | None], TraceHop] = {}
    for hop in hops:
        key = (hop.hop, None if hop.hop == "received" else hop.system)
        held = found.get(key)
        if held is None or _moment(hop) >= _moment(held):
            found[key] = hop
    return sorted(found.values(), key=lambda hop: STEP_ORDER.index(hop.hop))


def _moment(hop: TraceHop) -> float:
    return hop.at.timestamp() if hop.at else 0.0


def _title(hop: TraceHop) -> str:
    return title_of(hop.system) if hop.system else hop.hop


def _time(hop: TraceHop) -> str:
    return f"{hop.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if hop.at else _("a time nobody noted")


def queue_pages(session: Session) -> dict[str, str]:
    """Where each connected system shows its queue or log: ``--set queue_url=``."""
    rows = session.execute(select(Connection.system, Connection.settings))
    return {system: str((chosen or {}).get("queue_url") or "") for system, chosen in rows}


def _page(template: str | None, email: str, remote_id: str | None) -> str | None:
    if not template or not template.startswith(("https://", "http://")):
        return None
    return template.replace("{email}", quote(email, safe="")).replace("{id}", quote(remote_id or "", safe=""))


def page_for(pages: Mapping[str, str], system: str, email: str, remote_id: str | None) -> str | None:
    """The link to a system's queue page or log for one lead."""
    return _page(pages.get(system), email, remote_id)
