"""Asking the connected systems where a lead is: all at once, each in its own words, and what they say kept as hops."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pqldesk.models.people import Hop, Identity, Submission
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotFound, Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.connections import Linked, linked_named, opened, place_of
from pqldesk.services.net import Net
from pqldesk.services.remote.crm import Crm
from pqldesk.services.remote.seen import Seen
from pqldesk.services.sources.trace import (
    STEP_ORDER,
    TraceHop,
    Way,
    chain,
    known_email,
    page_for,
    queue_pages,
    sentence,
    step_of,
    traced,
)

PATIENCE_S: Final = 10.0  # for each system


async def trace_live(net: Net, lead: str, *, keep: bool = True) -> Way:
    """The way of a person: what is stored, and what each connected system says now. Raises NotFound without an e-mail.

    A person whom nobody knows here is asked for all the same. *keep* stores the answers as hops of their newest form.
    """
    email = await net.read(known_email, lead)
    try:
        stored = await net.read(traced, lead)
    except NotFound:
        stored = []
    systems = await net.read(chain)
    pages = await net.read(queue_pages)
    linked = [await net.read(linked_named, system) for system in systems]
    place = await net.read(place_of)
    answers = await asyncio.gather(*(_asked(net, one, place, email, pages) for one in linked))
    live = [hop for hop in answers if hop is not None]
    if keep and live:
        await net.write(keep_answers, email, live)
    hops = _joined(stored, live)
    return Way(email, tuple(hops), sentence(email, hops, systems, asked=True))


async def _asked(
    net: Net, linked: Linked, place: str, email: str, pages: Mapping[str, str]
) -> TraceHop | None:
    """What one system says; None where it cannot be asked at all."""
    hop = TraceHop(step_of(linked.system), linked.system, "missing", None, None, None)
    try:
        crm = opened(net.http, linked, place)
        async with asyncio.timeout(PATIENCE_S):
            found = await _looked_up(crm, email, hop)
    except (Problem, SQLAlchemyError) as problem:
        text = str(problem) if isinstance(problem, Problem) else _("its leads table cannot be read")
        return replace(hop, status="unreachable", error=text)
    except TimeoutError:
        late = _("{system} did not answer in time").format(system=title_of(linked.system))
        return replace(hop, status="unreachable", error=late)
    if found is None:
        return None
    return replace(found, url=page_for(pages, linked.system, email, found.remote_id))


async def _looked_up(crm: Crm, email: str, hop: TraceHop) -> TraceHop | None:
    leads = getattr(crm, "leads", None)
    if leads is not None:
        rows = await leads.of(email)
        if not rows:
            return hop
        newest = rows[0]
        goes_on = not newest.passes_on or newest.sent_at is not None
        return replace(
            hop, status="found" if goes_on and not newest.error else "waiting", at=newest.created_at,
            remote_id=newest.lead_id, error=newest.error,
            detail=_("passed on {at} UTC").format(at=f"{newest.sent_at:%Y-%m-%d %H:%M}") if newest.sent_at else None,
        )  # fmt: skip
    look = getattr(crm, "look", None)
    if look is None:
        return None
    seen: Seen | None = await look(email)
    if seen is None:
        return hop
    return replace(
        hop, status="found", at=seen.created_at or seen.changed_at, remote_id=seen.remote_id, detail=_words(seen)
    )  # fmt: skip


def _words(seen: Seen) -> str | None:
    values = seen.values
    parts = []
    if values.get("owner"):
        parts.append(_("owned by {who}").format(who=values["owner"]))
    if values.get("status"):
        parts.append(_("status {status}").format(status=values["status"]))
    if values.get("score") is not None:
        parts.append(_("score {score}").format(score=values["score"]))
    lists = values.get("lists")
    if isinstance(lists, tuple) and lists:
        parts.append(_("on {lists}").format(lists=", ".join(lists)))
    return ", ".join(parts) or None


def _joined(stored: Sequence[TraceHop], live: Sequence[TraceHop]) -> list[TraceHop]:
    """The stored hops, with those that a system has just told in place of what was known of it."""
    found: list[TraceHop] = list(stored)
    for hop in live:
        same = [old for old in found if old.system == hop.system and old.hop == hop.hop]
        pending = any(old.status in ("pending", "sending", "unknown", "failed", "held") for old in same)
        if same and hop.status == "missing" and pending:
            continue  # it is on its way: that the other side lacks it is no news
        found = [old for old in found if old not in same or old.status not in ("found", "missing", "waiting")]
        if same and hop.at is None:
            hop = replace(hop, at=same[-1].at)
        if same and hop.status != "missing":
            found = [old for old in found if old not in same]
        found.append(hop)
    return sorted(
        found, key=lambda hop: (STEP_ORDER.index(hop.hop), hop.at.timestamp() if hop.at else float("inf"))
    )


def keep_answers(session: Session, email: str, hops: Sequence[TraceHop]) -> Changes:
    """Note what the systems said on the newest form of the person."""
    folded = email.strip().casefold()
    newest = session.scalar(
        select(Submission.id)
        .join(Identity, Identity.lead_id == Submission.lead_id)
        .where(Identity.namespace == "email", Identity.folded == folded)
        .order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(1)
    )
    if newest is None:
        return Changes()
    rows = {row.step: row for row in session.scalars(select(Hop).where(Hop.submission_id == newest))}
    changed = False
    for hop in hops:
        if hop.status == "unreachable":
            continue
        row = rows.get(hop.hop)
        if row is None:
            if hop.status == "missing":
                continue
            row = Hop(submission_id=newest, step=hop.hop, status="", at=hop.at or clock.now())
            session.add(row)
        status = "delivered" if hop.status == "found" else hop.status
        if row.status in ("pending", "sending", "unknown", "failed", "held") and hop.status == "missing":
            continue
        if (row.status, row.remote_id, row.error) != (status, hop.remote_id, hop.error):
            row.status, row.remote_id, row.error, changed = status, hop.remote_id, hop.error, True
    return Changes.to(Topic.LEADS) if changed else Changes()


def recent_people(session: Session, since: datetime, most: int) -> list[str]:
    """E-mails of those whose forms came last: the newest first."""
    found = session.execute(
        select(Identity.value, Submission.received_at)
        .join(Submission, Submission.lead_id == Identity.lead_id)
        .where(Identity.namespace == "email", Submission.received_at >= since)
        .order_by(Submission.received_at.desc())
        .limit(most * 2)
    )
    return list(dict.fromkeys(email for email, _at in found))[:most]
