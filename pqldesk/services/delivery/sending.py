"""Sending one item of the outbox: what was changed there is respected, what may have arrived is looked for first."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.crm.agreement import Agreement, Comparer
from pqldesk.services.delivery.conflict_keeping import Place, note_compared
from pqldesk.services.delivery.pauses import Pauses, Time
from pqldesk.services.delivery.reach import Reach, Reached
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import Item, Job, new_deal_key
from pqldesk.services.outbox.steps import person_step, step_of
from pqldesk.services.remote.crm import Crm, DealStep, FieldStep, PersonStep, Ref, Step
from pqldesk.services.remote.ownership import Plain, phase_of
from pqldesk.services.remote.problems import DealClosed, Gone


class Sending:
    """What one run writes, with the ids and the values it learns ahead of its commits."""

    def __init__(self, net: Net, time: Time, pauses: Pauses, reach: Reach) -> None:
        self._net = net
        self._time = time
        self._pauses = pauses
        self._reach = reach
        self._links: dict[tuple[str, str, int], str] = {}  # what this run wrote
        self._bases: dict[tuple[str, str, int], Mapping[str, Any]] = {}  # what both sides agree on
        self._locks: dict[tuple[str, str, int], asyncio.Lock] = defaultdict(asyncio.Lock)

    def begin(self, job: Job) -> None:
        """Give *job* the ids that were learnt since it was taken."""
        job.person_id = self._links.get((job.system, "person", job.facts.lead_id), job.person_id)
        job.deal_id = self._links.get((job.system, *job.facts.deal_holder), job.deal_id)

    async def send(self, job: Job, item: Item) -> tuple[Ref, dict[str, Plain]]:
        live = self._reach[job.system]
        step = step_of(job, item, live.ready.mapped)
        if item.kind not in ("company", "deal"):
            return await self._sent_once(live, job, item, step)
        # Two leads of one company must not make its deal at the same moment.
        async with self._locks[job.system, *job.facts.deal_holder]:
            job.deal_id = self._links.get((job.system, *job.facts.deal_holder), job.deal_id)
            if job.facts.company_id is not None:
                job.company_id = self._links.get(
                    (job.system, "company", job.facts.company_id), job.company_id
                )
            return await self._sent_once(live, job, item, step_of(job, item, live.ready.mapped))

    async def _sent_once(
        self, live: Reached, job: Job, item: Item, step: Step
    ) -> tuple[Ref, dict[str, Plain]]:
        """The record written, and what both sides agree on now."""
        crm = live.crm
        agreement = await self._agreed(live, job, item, step)
        step = agreement.step
        ref: Ref | None = None
        if not agreement.sends and isinstance(step, FieldStep):
            ref = Ref(step.remote_id)
        elif item.unknown and not crm.writes_once(step):
            ref = await self._looked_for(crm, step)
        if ref is None:
            try:
                ref = await crm.send(step)
            except DealClosed:
                if not isinstance(step, DealStep):
                    raise
                return await self._next_deal(crm, job, item), {}
            except Gone:
                if job.looked_again or item.kind in ("company", "person", "field"):
                    raise
                await self._look_again(crm, job)
                ref = await crm.send(step_of(job, item, live.ready.mapped))
        if agreement.waiting:
            names = ", ".join(name.partition(".")[2] for name in agreement.waiting)
            ref = replace(
                ref,
                said=_("Changed on both sides, so left as it is there: {names}. See Conflicts.").format(
                    names=names
                ),
            )
        holder = job.holder(_kind_of(item))
        if holder is not None and agreement.compared:
            self._bases[job.system, *holder] = {
                **self._base(job, item), **{name: [value] for name, value in agreement.agreed.items()},
            }  # fmt: skip
        return ref, agreement.agreed

    async def _agreed(self, live: Reached, job: Job, item: Item, step: Step) -> Agreement:
        """The step without what was changed there; what gives way, or waits for a person, is kept first."""
        if item.kind not in ("person", "deal", "field"):
            return Agreement(step)
        ready = live.ready
        seen = await live.crm.present(step)
        base = self._base(job, item)
        if item.kind == "field":
            base = {f"{item.payload['of']}.{item.payload['field']}": [item.payload["theirs"]]}
        comparer = Comparer(ready.mapped, ready.catalogue, ready.masters)
        agreement = comparer.agree(step, seen, base, phase_of(str(job.facts.values["pql_state"])))
        if isinstance(agreement.step, PersonStep | DealStep):  # what stands there need not be read again
            agreement = replace(agreement, step=replace(agreement.step, there=seen))
        holder = job.holder(_kind_of(item))
        if agreement.worth_keeping and seen is not None and holder is not None:
            place = Place(job.system, *holder, job.facts.lead_id, seen.remote_id)
            await self._net.write(note_compared, place, agreement.worth_keeping, "outbox", self._time.now())
        return agreement

    def _base(self, job: Job, item: Item) -> Mapping[str, Any]:
        holder = job.holder(_kind_of(item))
        if holder is None:
            return {}
        return self._bases.get((job.system, *holder), job.bases.get(holder, {}))

    async def _looked_for(self, crm: Crm, step: Step) -> Ref | None:
        """What an earlier try left: looked for twice, because what was just written may not be shown at once."""
        found = await crm.find(step)
        if found is None and not isinstance(step, DealStep):
            await asyncio.sleep(self._pauses.settle_s)
            found = await crm.find(step)
        return found

    async def _next_deal(self, crm: Crm, job: Job, item: Item) -> Ref:
        """The deal we knew is closed: make the next one, under a new unique id."""
        job.deal_key = await self._net.write(new_deal_key, job.system, job.facts.deal_holder)
        job.deal_id = None
        self._links.pop((job.system, *job.facts.deal_holder), None)
        return await crm.send(step_of(job, item, self._reach[job.system].ready.mapped))

    async def _look_again(self, crm: Crm, job: Job) -> None:
        """A record was merged or deleted there: find out under which ids person and deal stand now."""
        job.looked_again = True
        person = person_step(job)
        if person is not None:
            job.person_id = (await crm.send(person)).remote_id
            self._links[job.system, "person", job.facts.lead_id] = job.person_id
        for item in job.items:
            if item.kind == "deal":
                found = await crm.find(step_of(job, item, self._reach[job.system].ready.mapped))
                job.deal_id = found.remote_id if found else None

    def remember(self, job: Job, item: Item, ref: Ref | None) -> None:
        remote_id = ref.remote_id if ref else None
        if not remote_id:
            return
        match item.kind:
            case "person":
                job.person_id = self._links[job.system, "person", job.facts.lead_id] = remote_id
            case "company":
                job.company_id = remote_id
                if job.facts.company_id is not None:
                    self._links[job.system, "company", job.facts.company_id] = remote_id
            case "deal":
                job.deal_id = self._links[job.system, *job.facts.deal_holder] = remote_id


def _kind_of(item: Item) -> str:
    """What record an item is about."""
    return str(item.payload["of"]) if item.kind == "field" else item.kind
