"""What a playbook's next push, or a handoff, would change, asked of the CRM itself, field by field. Writes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.crm.agreement import Comparer
from pqldesk.services.crm.beside import sharing
from pqldesk.services.crm.connections import Linked, linked_named, opened, place_of
from pqldesk.services.crm.field_masters import masters_of
from pqldesk.services.handoffs.crm_groups import HANDOFF, Group
from pqldesk.services.handoffs.handoff import handoff_group
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import Item, Job, planned_jobs
from pqldesk.services.outbox.playbooks import playbook_groups
from pqldesk.services.outbox.steps import step_of
from pqldesk.services.remote.crm import Crm, DealStep, PersonStep, Seen
from pqldesk.services.remote.ownership import Plain, Verdict, phase_of
from pqldesk.services.remote.problems import Held
from pqldesk.services.rows import HandoffDraft

SHOWN = frozenset({Verdict.WRITE, Verdict.OVERWRITE, Verdict.CONFLICT})
MOST = 200  # leads that are asked for unless told otherwise


@dataclass(frozen=True, slots=True)
class LiveChange:
    """One field of a record. *before*: as it stands in the CRM now; *what*: write; overwrite, by a rule; or
    conflict: it stays as it is there until a person decides."""

    field: str
    before: Plain
    after: Plain
    what: str


@dataclass(frozen=True, slots=True)
class LiveLead:
    """One lead. *is_new*: the CRM has nobody of that e-mail; *adds*: the other things it gets, by kind."""

    lead_id: int
    name: str
    email: str | None
    is_new: bool
    changes: tuple[LiveChange, ...]
    adds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveRun:
    """*leads*: all that the playbook would write about; *asked*: those of them that were looked at there."""

    name: str
    system: str
    leads: int
    asked: tuple[LiveLead, ...]


async def live_dry_run(
    net: Net,
    name: str,
    now: datetime,
    *,
    system: str | None = None,
    lead_id: int | None = None,
    limit: int = MOST,
) -> LiveRun:
    """The first *limit* leads, or *lead_id* alone, held against what stands in the CRM at this moment.

    Raises NotFound for a CRM that is not connected, Held where the credential is not accepted.
    """
    link, total, jobs = await net.read(_planned, name, system, lead_id, limit, now)
    return LiveRun(name, link.system, total, await _looked_at(net, link, jobs))


async def live_handoff(net: Net, draft: HandoffDraft, now: datetime, *, again: bool = False) -> LiveRun:
    """What pushing *draft* would change, held against what stands in the CRM at this moment.

    Raises what pushing it would raise, and Held where the credential is not accepted.
    """
    link, jobs = await net.read(_planned_handoff, draft, now, again=again)
    return LiveRun(HANDOFF, link.system, 1, await _looked_at(net, link, jobs))


async def _looked_at(net: Net, link: Linked, jobs: Sequence[Job]) -> tuple[LiveLead, ...]:
    crm = opened(net.http, link, await net.read(place_of))
    async with sharing(net):
        await crm.account()
        catalogue = await crm.catalogue()
        crm.use(link.mapped, catalogue)
        comparer = Comparer(link.mapped, catalogue, await net.read(masters_of, link.system))
        room = asyncio.Semaphore(crm.at_once)

        async def asked(job: Job) -> LiveLead:
            async with room:
                return await _asked(crm, comparer, link, job)

        return tuple(await asyncio.gather(*(asked(job) for job in jobs)))


def _planned_handoff(
    session: Session, draft: HandoffDraft, now: datetime, *, again: bool
) -> tuple[Linked, list[Job]]:
    link, group = handoff_group(session, draft, now, again=again)
    default_owner = settings.value(session, "default_owner")
    return link, planned_jobs(session, link.system, [group], default_owner, now)


def _planned(
    session: Session, name: str, system: str | None, lead_id: int | None, limit: int, now: datetime
) -> tuple[Linked, int, list[Job]]:
    groups = playbook_groups(session, name, now, system=system)
    link = linked_named(session, groups.system)
    wanted: Sequence[Group] = [
        one for one in groups.groups if lead_id is None or one.facts.lead_id == lead_id
    ]
    default_owner = settings.value(session, "default_owner")
    jobs = planned_jobs(session, link.system, wanted[:limit], default_owner, now)
    return link, len(wanted), jobs


async def _asked(crm: Crm, comparer: Comparer, link: Linked, job: Job) -> LiveLead:
    """Person and deal as they stand; what of them the push would change."""
    changes: list[LiveChange] = []
    adds: list[str] = []
    is_new = False
    phase = phase_of(str(job.facts.values["pql_state"]))
    for item in job.items:
        if item.kind not in ("person", "deal"):
            adds.append(item.kind)
            continue
        seen = await _present(crm, job, item, link)
        if item.kind == "person":
            is_new = seen is None
            job.person_id = seen.remote_id if seen is not None else job.person_id
        elif seen is None:
            adds.append(item.kind)
            continue
        step = _step(job, item, link)
        holder = job.holder(item.kind)
        if step is None or holder is None:
            continue
        for one in comparer.agree(step, seen, job.bases.get(holder, {}), phase).compared:
            if one.verdict in SHOWN and one.mine != one.theirs:
                changes.append(LiveChange(one.field, one.theirs, one.mine, str(one.verdict)))
    facts = job.facts
    return LiveLead(facts.lead_id, facts.name, facts.email, is_new, tuple(changes), tuple(adds))


def _step(job: Job, item: Item, link: Linked) -> PersonStep | DealStep | None:
    try:
        step = step_of(job, item, link.mapped)
    except Held:  # there is nobody yet that the deal could be about
        return None
    return step if isinstance(step, PersonStep | DealStep) else None


async def _present(crm: Crm, job: Job, item: Item, link: Linked) -> Seen | None:
    step = _step(job, item, link)
    return None if step is None else await crm.present(step)
