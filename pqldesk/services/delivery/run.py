"""One run over the outbox: ten workers, order within a group, a look before anything is written a second time.

claim a batch of groups (one commit) -> workers send each group's items in order -> outcomes are committed together
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.services.basics.progress import Progress
from pqldesk.services.crm.team_work import reachable
from pqldesk.services.delivery.pauses import Pauses, Time
from pqldesk.services.delivery.reach import Reach
from pqldesk.services.delivery.sending import Sending
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import (
    Item,
    Job,
    claim_groups,
    due_systems,
    next_due,
    take_over,
    waiting_systems,
)
from pqldesk.services.outbox.results import Outcome, keep_outcomes
from pqldesk.services.outbox.steps import step_of
from pqldesk.services.remote.problems import (
    Adoptable,
    Ambiguous,
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
MOST_AT_ONCE = 500  # outcomes in one commit
# How long outcomes gather for it: nobody waits for the commit, and fewer leave the loop more time.
GATHER_S = 0.03


def _due_here(session: Session, now: datetime) -> list[str]:
    """The systems for which something can go out now, and from this computer."""
    return reachable(session, due_systems(session, now))


def _next_due_here(session: Session) -> datetime | None:
    """When something can go out next from this computer. What only another can send is not waited for: a run that
    looked for it again and again would also keep the turn from whoever can."""
    return next_due(session, reachable(session, waiting_systems(session)))


class Run:
    """One run over the outbox."""

    def __init__(self, net: Net, time: Time, pauses: Pauses, patience_s: float) -> None:
        self.delivered = 0
        self._net = net
        self._time = time
        self._pauses = pauses
        self._patience_s = patience_s
        self._reach = Reach(net, time, pauses)
        self._sending = Sending(net, time, pauses, self._reach)
        self._systems: Sequence[str] = ()
        self._queue: asyncio.Queue[list[Job]] = asyncio.Queue()
        self._busy: dict[int, int] = defaultdict(int)  # lead: groups taken and not yet committed
        self._outcomes: asyncio.Queue[Outcome] = asyncio.Queue()
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
            claimed = self._queue.qsize() < self._low and await self._claim()
            if claimed:
                continue
            if not self._queue.empty() or self._busy:
                await self._room.wait()
                continue
            due = await self._net.read(_next_due_here)
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
        ready = {
            name: live.ready for name in systems if (live := await self._reach.look_at(name)) is not None
        }
        if not ready:
            return False
        for name in ready:
            self._more_workers(self._reach[name].crm.at_once)
        most = max(BATCH, *(self._reach[name].crm.at_once for name in ready))
        jobs = await self._net.write(claim_groups, ready, tuple(self._busy), self._time.now(), most)
        lanes: dict[int, list[Job]] = {}
        for job in jobs:
            lanes.setdefault(job.facts.lead_id, []).append(job)
            self._busy[job.facts.lead_id] += 1
        for lane in lanes.values():
            self._queue.put_nowait(lane)  # wakes one worker, not each of HubSpot's hundred
        return bool(jobs)

    # Sending

    async def _worker(self) -> None:
        while True:
            for job in await self._queue.get():
                async with self._reach[job.system].under_way:
                    await self._deliver(job)
            if self._queue.qsize() < self._low:
                self._room.set()

    async def _deliver(self, job: Job) -> None:
        self._sending.begin(job)
        for at, item in enumerate(job.items):
            outcome = await self._tried(job, item, job.items[at + 1 :])
            if outcome.state == "done":
                self._sending.remember(job, item, outcome.ref)
                self.delivered += 1
            last = outcome.state != "done" or at == len(job.items) - 1
            self._outcomes.put_nowait(outcome)
            if last:
                return

    async def _tried(self, job: Job, item: Item, followers: tuple[Item, ...]) -> Outcome:
        """One try, and what it means for the item and those after it."""
        try:
            ref, agreed = await self._sending.send(job, item)
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
            self._reach.distrust(job.system)
            payload = {**item.payload, "adopt": problem.remote_id} if isinstance(problem, Adoptable) else None
            return Outcome(job, item, "held", error=str(problem), payload=payload, followers=followers)
        except Refused as problem:
            return Outcome(job, item, "failed", error=str(problem), followers=followers)

    def _again(
        self, job: Job, item: Item, state: str, problem: RemoteProblem, followers: tuple[Item, ...]
    ) -> Outcome:
        if isinstance(problem, Unreachable | Ambiguous):
            self._reach[job.system].doubted = True
        wait = self._pauses.after(item.attempts + 1)
        if state == "unknown":
            wait = max(wait, self._settling(job, item))
        return Outcome(job, item, state, error=str(problem), retry_in_s=wait, followers=followers)

    def _settling(self, job: Job, item: Item) -> float:
        """How long to leave a lost write alone: what may be sent twice need not be waited for."""
        live = self._reach[job.system]
        try:
            again = live.crm.writes_once(step_of(job, item, live.ready.mapped))
        except Held:
            again = True
        return self._pauses.settle_s if again else self._pauses.before_look(job.system)

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
