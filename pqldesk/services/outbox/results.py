"""What came of tries, stored: states, links to the CRM's records, and the CRM hop of submissions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import Hop, Lead, Submission
from pqldesk.models.remote import OutboxItem, RemoteLink
from pqldesk.models.work import Handoff
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import SECOND
from pqldesk.services.crm.bases import WRITTEN, Record, keep_bases
from pqldesk.services.handoffs.crm_facts import chunks
from pqldesk.services.outbox.claims import DONE, Item, Job
from pqldesk.services.remote.crm import Ref
from pqldesk.services.remote.ownership import Plain

_KEEP = (
    "UPDATE outbox_item SET state = ?, attempts = ?, next_attempt_at = ?, remote_id = ?, remote_url = ?, error = ?,"
    " sent_at = ?, done_at = ? WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try. *followers* of the group go back to wait."""

    job: Job
    item: Item
    state: str
    ref: Ref | None = None
    error: str | None = None
    retry_in_s: float | None = None
    counted: bool = True
    payload: Mapping[str, Any] | None = None
    followers: tuple[Item, ...] = field(default=())
    agreed: Mapping[str, Plain] = field(default_factory=dict)  # field -> what both sides hold now


def keep_outcomes(session: Session, outcomes: Sequence[Outcome], now: datetime) -> Changes:
    """Store what came of tries, in one commit for all that came back together."""
    at = micros(now)
    rows = []
    for outcome in outcomes:
        done, ref = outcome.state == DONE, outcome.ref or Ref("")
        again = None if outcome.retry_in_s is None else at + int(outcome.retry_in_s * SECOND)
        may_be_there = done or outcome.state == "unknown" or outcome.item.unknown
        tries = outcome.item.attempts + (1 if outcome.counted else 0)
        rows.append(
            (
                outcome.state, tries, again, ref.remote_id or None, ref.url, outcome.error or ref.said,
                at if may_be_there else None, at if done else None, outcome.item.id,
            )
        )  # fmt: skip
        if outcome.payload is not None:
            changed = update(OutboxItem).where(OutboxItem.id == outcome.item.id)
            session.execute(changed.values(payload=dict(outcome.payload)))
    Driver(session).run_many(_KEEP, rows)
    outcomes = _of_people_who_are_here(session, outcomes)
    for outcome in outcomes:
        if outcome.state != DONE:
            _put_back(session, outcome, now)
    _keep_links(session, [outcome for outcome in outcomes if outcome.state == DONE], now)
    keep_bases(session, _agreed(outcomes), WRITTEN, now)
    _keep_hops(session, outcomes, now)
    return Changes.to(Topic.OUTBOX)


def _of_people_who_are_here(session: Session, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Without those of leads that were erased while a write was under way: no link to them may come back."""
    leads = {outcome.job.facts.lead_id for outcome in outcomes}
    gone = {
        lead_id
        for chunk in chunks(leads)
        for lead_id in session.scalars(select(Lead.id).where(Lead.id.in_(chunk), Lead.state == "erased"))
    }
    return [outcome for outcome in outcomes if outcome.job.facts.lead_id not in gone]


def _agreed(outcomes: Sequence[Outcome]) -> dict[Record, dict[str, Plain]]:
    """What both sides agree on after what went out, by record."""
    found: dict[Record, dict[str, Plain]] = {}
    for outcome in outcomes:
        job, item = outcome.job, outcome.item
        if outcome.state != DONE:
            continue
        new = dict(outcome.agreed)
        kind = str(item.payload["of"]) if item.kind == "field" else item.kind
        if item.kind == "list_entry" and item.payload.get("claimed_by"):
            kind, new = "person", {"person.owner": str(item.payload["claimed_by"]).casefold()}
        holder = job.holder(kind)
        if new and holder is not None and kind in ("person", "company", "deal"):
            found.setdefault((job.system, *holder), {}).update(new)
    return found


def _put_back(session: Session, outcome: Outcome, now: datetime) -> None:
    """What comes after an item that did not go out waits; after a failure until somebody retries it."""
    held = outcome.state == "held"
    failed = outcome.state == "failed"
    for item in outcome.followers:
        state = "held" if held else "unknown" if item.unknown else "pending"
        waits = f"Waits for the {outcome.item.kind.replace('_', ' ')}, which failed." if failed else None
        session.execute(
            update(OutboxItem)
            .where(OutboxItem.id == item.id)
            .values(
                state=state,
                error=outcome.error if held else waits,
                next_attempt_at=None if held or failed else now,
                sent_at=now if item.unknown else None,
            )
        )
    if held:
        session.execute(
            update(Handoff).where(Handoff.id == outcome.job.handoff_id).values(held=outcome.error)
        )


def _keep_links(session: Session, done: Sequence[Outcome], now: datetime) -> None:
    wanted: dict[tuple[str, str, int], Ref] = {}
    for outcome in done:
        facts, ref = outcome.job.facts, outcome.ref
        if ref is None or not ref.remote_id:
            continue
        match outcome.item.kind:
            case "person":
                wanted[outcome.job.system, "person", facts.lead_id] = ref
            case "company" if facts.company_id is not None:
                wanted[outcome.job.system, "company", facts.company_id] = ref
            case "deal":
                wanted[outcome.job.system, *facts.deal_holder] = ref
            case "list_entry":
                wanted[outcome.job.system, f"list_entry:{outcome.item.payload['list']}", facts.lead_id] = ref
            case _:
                continue
    if not wanted:
        return
    known = {
        (row.system, row.kind, row.local_id): row
        for chunk in chunks({local_id for _, _, local_id in wanted})
        for row in session.scalars(select(RemoteLink).where(RemoteLink.local_id.in_(chunk)))
    }
    fresh = []
    for (system, kind, local_id), ref in wanted.items():
        row = known.get((system, kind, local_id))
        if row is None:
            fresh.append(
                {
                    "system": system,
                    "kind": kind,
                    "local_id": local_id,
                    "remote_id": ref.remote_id,
                    "url": ref.url,
                    "at": now,
                }
            )
        elif row.remote_id != ref.remote_id:
            row.remote_id, row.url, row.at = ref.remote_id, ref.url, now
    if fresh:
        session.execute(insert(RemoteLink), fresh)


def _keep_hops(session: Session, outcomes: Sequence[Outcome], now: datetime) -> None:
    """The CRM or relay hop of each submission of a lead: its person is there, or why not."""
    forms = [outcome for outcome in outcomes if "submission" in outcome.item.payload]
    others = [outcome for outcome in outcomes if "submission" not in outcome.item.payload]
    for kind, step in (("person", "crm"), ("relay", "relay")):
        _keep_hop(session, [outcome for outcome in others if outcome.item.kind == kind], step, now)
    for outcome in forms:
        _keep_form_hop(session, outcome, now)


def _keep_form_hop(session: Session, outcome: Outcome, now: datetime) -> None:
    """Where the one submission that was passed on stands."""
    status = "delivered" if outcome.state == DONE else outcome.state
    remote_id = (outcome.ref.remote_id or None) if outcome.ref else None
    session.execute(
        update(Hop)
        .where(
            Hop.submission_id == outcome.item.payload["submission"],
            Hop.step == ("portal" if outcome.job.system == "portal" else "relay"),
        )
        .values(status=status, at=now, remote_id=remote_id, error=outcome.error)
    )


def _keep_hop(session: Session, outcomes: Sequence[Outcome], step: str, now: datetime) -> None:
    told: dict[int, tuple[str, str | None, str | None]] = {}
    for outcome in outcomes:
        status = "delivered" if outcome.state == DONE else outcome.state
        remote_id = outcome.ref.remote_id if outcome.ref else None
        told[outcome.job.facts.lead_id] = (status, remote_id, outcome.error)
    for chunk in chunks(told):
        found = session.execute(
            select(Submission.id, Submission.lead_id, Hop)
            .outerjoin(Hop, (Hop.submission_id == Submission.id) & (Hop.step == step))
            .where(Submission.lead_id.in_(chunk))
        )
        for submission_id, lead_id, hop in found.all():
            status, remote_id, error = told[lead_id]
            if hop is None:
                hop = Hop(submission_id=submission_id, step=step, status=status, at=now)
                session.add(hop)
            elif hop.status == "delivered":
                continue
            hop.status, hop.at, hop.remote_id, hop.error = status, now, remote_id, error
