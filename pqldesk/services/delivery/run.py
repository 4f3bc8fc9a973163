"""One run over the outbox: ten workers, order within a group, a look before anything is written a second time.

claim a batch of groups (one commit) -> workers send each group's items in order -> outcomes are committed together
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import late_s
from pqldesk.services.crm.agreement import Agreement, Comparer
from pqldesk.services.crm.connections import linked_named, note_problem, opened, place_of, store_catalogue
from pqldesk.services.crm.field_masters import masters_of
from pqldesk.services.crm.team_work import reachable
from pqldesk.services.delivery.conflict_keeping import Place, note_compared
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import (
    Item,
    Job,
    Ready,
    claim_groups,
    due_systems,
    hold_due,
    new_deal_key,
    next_due,
    put_off_due,
    take_over,
)
from pqldesk.services.outbox.results import Outcome, keep_outcomes
from pqldesk.services.outbox.steps import person_step, step_of
from pqldesk.services.remote.crm import Crm, DealStep, FieldStep, Ref, Step
from pqldesk.services.remote.ownership import Plain, phase_of
from pqldesk.services.remote.problems import (
    Adoptable,
    Ambiguous,
    DealClosed,
    Gone,
    Held,
    RateLimited,
    Refused,
    RemoteProblem,
    TryLater,
    Unreachable,
)
from pqldesk.services.remote.rest import CONNECTIONS

BATCH = 40  # groups claimed at a time: few enough to look up again after a crash
LOW = 20  # claim more when fewer wait for a worker
FRESH_S = 60.0  # how long a look at the CRM's schema counts
MOST_AT_ONCE = 500  # outcomes in one commit
GATHER_S = (
    0.03  # how long outcomes gather for it: nobody waits for the commit, and fewer leave the loop more time
)


@dataclass(frozen=True, slots=True)
class Pauses:
    """All waiting, in seconds, so that tests need not wait."""

    settle_s: float = 2.0  # before and between the two looks for an item that may have arrived
    again_s: tuple[float, ...] = (1.0, 2.0, 4.0)  # between the tries of one run
    later_s: tuple[float, ...] = (60.0, 300.0, 900.0, 3600.0)  # after that, then the last without end
    jitter: float = 0.1
    late: float = 1.0  # share of how late a system may still carry out what it never answered

    def after(self, attempts: int) -> float:
        """Until the next try after that many in all: three in a row, then later and later.

        It depends on the stored count alone, so that many short runs wait as long as one long run.
        """
        row, rest = divmod(attempts, len(self.again_s))
        wait = self.again_s[rest - 1] if rest else self.later_s[min(max(row, 1), len(self.later_s)) - 1]
        return wait * (1 + random.random() * self.jitter)  # noqa: S311 - jitter

    def before_look(self, system: str) -> float:
        """From a lost answer to looking whether the write arrived."""
        return max(self.settle_s, late_s(system) * self.late)


@dataclass(slots=True)
class _Live:
    """A CRM in use, and when it was last looked at."""

    crm: Crm
    ready: Ready
    looked_at: float
    doubted: bool  # whether it still answers: an answer was lost since
    under_way: asyncio.Semaphore  # as many of its groups as it takes at once


@dataclass(frozen=True)
class Time:
    """The workspace's clock, going on from where it stood: a pinned one moves too, a set-back one does not."""

    start: datetime
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def now(self) -> datetime:
        return self.start + timedelta(seconds=asyncio.get_running_loop().time() - self.began)


def _kind_of(item: Item) -> str:
    """What record an item is about."""
    return str(item.payload["of"]) if item.kind == "field" else item.kind


def _due_here(session: Session, now: datetime) -> list[str]:
    """The systems for which something can go out now, and from this computer."""
    return reachable(session, due_systems(session, now))


class Run:
    """One run over the outbox."""

    def __init__(self, net: Net, time: Time, pauses: Pauses, patience_s: float) -> None:
        self.delivered = 0
        self._net = net
        self._time = time
        self._pauses = pauses
        self._patience_s = patience_s
        self._live: dict[str, _Live] = {}
        self._systems: Sequence[str] = ()
        self._queue: deque[list[Job]] = deque()
        self._busy: dict[int, int] = defaultdict(int)  # lead: groups taken and not yet committed
        self._links: dict[tuple[str, str, int], str] = {}  # what this run wrote, ahead of its commits
        self._bases: dict[
            tuple[str, str, int], Mapping[str, Any]
        ] = {}  # the same for what both sides agree on
        self._locks: dict[tuple[str, str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._outcomes: asyncio.Queue[Outcome] = asyncio.Queue()
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []

    async def all(self) -> None:
        """Until nothing is due within our patience."""
        await self._net.write(take_over, self._time.now(), self._pauses.before_look)
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._more_workers(CONNECTIONS)
            committer = group.create_task(self._committer())
            await self._feed()
            for helper in (*self._workers, committer):
                helper.cancel()

    def _more_workers(self, wanted: int) -> None:
        """As many as the most that one system takes at once; each system has a room of its own size."""
        for _worker in range(wanted - len(self._workers)):
            self._workers.append(self._group.create_task(self._worker()))

    @property
    def _low(self) -> int:
        return max(LOW, len(self._workers) if len(self._workers) > CONNECTIONS else 0)

    async def _feed(self) -> None:
        while True:
            self._room.clear()
            claimed = len(self._queue) < self._low and await self._claim()
            if claimed:
                continue
            if self._queue or self._busy:
                await self._room.wait()
                continue
            due = await self._net.read(next_due, self._time.now())
            if due is None:
                return
            wait = (due - self._time.now()).total_seconds()
            if wait > self._patience_s:
                return
            if wait > 0:
                self._patience_s -= wait
                await asyncio.sleep(wait)

    async def _claim(self) -> bool:
        """Take more groups; False when there are none to take now."""
        if await self._claim_for(self._systems):
            return True
        self._systems = await self._net.read(_due_here, self._time.now())
        return bool(self._systems) and await self._claim_for(self._systems)

    async def _claim_for(self, systems: Sequence[str]) -> bool:
        ready = {name: live.ready for name in systems if (live := await self._looked_at(name)) is not None}
        if not ready:
            return False
        most = max(BATCH, *(self._live[name].crm.at_once for name in ready))
        jobs = await self._net.write(claim_groups, ready, tuple(self._busy), self._time.now(), most)
        lanes: dict[int, list[Job]] = {}
        for job in jobs:
            lanes.setdefault(job.facts.lead_id, []).append(job)
            self._busy[job.facts.lead_id] += 1
        self._queue.extend(lanes.values())
        if jobs:
            self._work.set()
        return bool(jobs)

    # Looking at the CRM before writing to it

    async def _looked_at(self, system: str) -> _Live | None:
        """The CRM with credential and schema looked at just now; None where nothing can be sent to it."""
        live = self._live.get(system)
        now = asyncio.get_running_loop().time()
        fresh = live is not None and now - live.looked_at < FRESH_S
        if live is not None and fresh and not live.doubted:
            return live
        try:
            linked = await self._net.read(linked_named, system)
            crm = live.crm if live else opened(self._net.http, linked, await self._net.read(place_of))
            await crm.account()
            if live is not None and fresh:  # what it holds has not changed because an answer was lost
                live.doubted = False
                return live
            catalogue = await crm.catalogue()
        except (Unreachable, Ambiguous, RateLimited, TryLater) as problem:
            await self._put_off(system, problem)
            return None
        except (Held, Refused, NotFound, BadInput) as problem:
            await self._net.write(hold_due, system, str(problem), self._time.now())
            await self._net.write(note_problem, system, str(problem), self._time.now())
            return None
        crm.use(linked.mapped, catalogue)
        await self._net.write(store_catalogue, system, catalogue, self._time.now())
        masters = await self._net.read(masters_of, system)
        ready = Ready(crm.title, linked.mapped, catalogue, masters)
        under_way = live.under_way if live else asyncio.Semaphore(crm.at_once)
        live = _Live(crm, ready, asyncio.get_running_loop().time(), False, under_way)
        self._more_workers(crm.at_once)
        self._live[system] = live
        return live

    async def _put_off(self, system: str, problem: RemoteProblem) -> None:
        """Nothing at all can be asked: one try for all that is due."""
        counted = not isinstance(problem, RateLimited)
        wait = problem.retry_after_s if isinstance(problem, RateLimited) else None
        await self._net.write(
            put_off_due,
            system,
            str(problem),
            self._pauses.after,
            self._time.now(),
            counted=counted,
            wait_s=wait,
        )
        await self._net.write(note_problem, system, str(problem), self._time.now())

    # Sending

    async def _worker(self) -> None:
        while True:
            while not self._queue:
                self._work.clear()
                await self._work.wait()
            for job in self._queue.popleft():
                async with self._live[job.system].under_way:
                    await self._deliver(job)
            if len(self._queue) < self._low:
                self._room.set()

    async def _deliver(self, job: Job) -> None:
        job.person_id = self._links.get((job.system, "person", job.facts.lead_id), job.person_id)
        job.deal_id = self._links.get((job.system, *job.facts.deal_holder), job.deal_id)
        for at, item in enumerate(job.items):
            outcome = await self._tried(job, item, job.items[at + 1 :])
            if outcome.state == "done":
                self._remember(job, item, outcome.ref)
                self.delivered += 1
            last = outcome.state != "done" or at == len(job.items) - 1
            self._outcomes.put_nowait(outcome)
            if last:
                return

    def _remember(self, job: Job, item: Item, ref: Ref | None) -> None:
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

    async def _tried(self, job: Job, item: Item, followers: tuple[Item, ...]) -> Outcome:
        """One try, and what it means for the item and those after it."""
        try:
            ref, agreed = await self._sent(job, item)
            return Outcome(job, item, "done", ref=ref, agreed=agreed)
        except RateLimited as problem:
            state = "unknown" if item.unknown else "pending"
            wait = problem.retry_after_s
            return Outcome(
                job, item, state, error=str(problem), retry_in_s=wait, counted=False, followers=followers
            )
        except (Unreachable, TryLater) as problem:
            return self._again(job, item, "unknown" if item.unknown else "pending", problem, followers)
        except Ambiguous as problem:
            return self._again(job, item, "unknown", problem, followers)
        except Held as problem:
            self._distrust(job.system)
            payload = {**item.payload, "adopt": problem.remote_id} if isinstance(problem, Adoptable) else None
            return Outcome(job, item, "held", error=str(problem), payload=payload, followers=followers)
        except Refused as problem:
            return Outcome(job, item, "failed", error=str(problem), followers=followers)

    def _again(
        self, job: Job, item: Item, state: str, problem: RemoteProblem, followers: tuple[Item, ...]
    ) -> Outcome:
        if isinstance(problem, Unreachable | Ambiguous):
            self._live[job.system].doubted = True
        wait = self._pauses.after(item.attempts + 1)
        if state == "unknown":
            wait = max(wait, self._settling(job, item))
        return Outcome(job, item, state, error=str(problem), retry_in_s=wait, followers=followers)

    def _settling(self, job: Job, item: Item) -> float:
        """How long to leave a lost write alone: what may be sent twice need not be waited for."""
        live = self._live[job.system]
        try:
            again = live.crm.writes_once(step_of(job, item, live.ready.mapped))
        except Held:
            again = True
        return self._pauses.settle_s if again else self._pauses.before_look(job.system)

    def _distrust(self, system: str) -> None:
        """Look at the CRM again before the next groups are taken."""
        if system in self._live:
            self._live[system].looked_at = float("-inf")

    async def _sent(self, job: Job, item: Item) -> tuple[Ref, dict[str, Plain]]:
        live = self._live[job.system]
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

    async def _sent_once(self, live: _Live, job: Job, item: Item, step: Step) -> tuple[Ref, dict[str, Plain]]:
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

    async def _agreed(self, live: _Live, job: Job, item: Item, step: Step) -> Agreement:
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
        return await crm.send(step_of(job, item, self._live[job.system].ready.mapped))

    async def _look_again(self, crm: Crm, job: Job) -> None:
        """A record was merged or deleted there: find out under which ids person and deal stand now."""
        job.looked_again = True
        person = person_step(job)
        if person is not None:
            job.person_id = (await crm.send(person)).remote_id
            self._links[job.system, "person", job.facts.lead_id] = job.person_id
        for item in job.items:
            if item.kind == "deal":
                found = await crm.find(step_of(job, item, self._live[job.system].ready.mapped))
                job.deal_id = found.remote_id if found else None

    # Keeping what came back

    async def _committer(self) -> None:
        while True:
            outcomes = [await self._outcomes.get()]
            await asyncio.sleep(GATHER_S)
            while not self._outcomes.empty() and len(outcomes) < MOST_AT_ONCE:
                outcomes.append(self._outcomes.get_nowait())
            await self._net.write(keep_outcomes, outcomes, self._time.now())
            for outcome in outcomes:
                if outcome.state != "done" or outcome.item is outcome.job.items[-1]:
                    lead = outcome.job.facts.lead_id
                    self._busy[lead] -= 1
                    if not self._busy[lead]:
                        del self._busy[lead]
            self._net.report(Progress(self.delivered, f"{self.delivered:,} delivered"))
            self._room.set()
