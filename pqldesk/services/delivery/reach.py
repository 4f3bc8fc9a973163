"""The CRMs a run writes to, each looked at before anything is sent: its credential, its schema, what is mapped."""

import asyncio
from dataclasses import dataclass

from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.crm.connections import linked_named, note_problem, opened, place_of, store_catalogue
from pqldesk.services.crm.field_masters import masters_of
from pqldesk.services.delivery.pauses import Pauses, Time
from pqldesk.services.net import Net
from pqldesk.services.outbox.claims import Ready, hold_due, put_off_due
from pqldesk.services.remote.crm import Crm
from pqldesk.services.remote.problems import (
    Ambiguous,
    Held,
    RateLimited,
    Refused,
    RemoteProblem,
    TryLater,
    Unreachable,
)

FRESH_S = 60.0  # how long a look at the CRM's schema counts


@dataclass(slots=True)
class Reached:
    """A CRM in use, and when it was last looked at."""

    crm: Crm
    ready: Ready
    looked_at: float
    doubted: bool  # whether it still answers: an answer was lost since
    under_way: asyncio.Semaphore  # as many of its groups as it takes at once


class Reach:
    """The CRMs in use by one run."""

    def __init__(self, net: Net, time: Time, pauses: Pauses) -> None:
        self._net = net
        self._time = time
        self._pauses = pauses
        self._reached: dict[str, Reached] = {}

    def __getitem__(self, system: str) -> Reached:
        """One that was looked at. Raises KeyError for another."""
        return self._reached[system]

    async def look_at(self, system: str) -> Reached | None:
        """The CRM with credential and schema looked at just now; None where nothing can be sent to it."""
        live = self._reached.get(system)
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
        live = Reached(crm, ready, asyncio.get_running_loop().time(), False, under_way)
        self._reached[system] = live
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

    def distrust(self, system: str) -> None:
        """Look at the CRM again before the next groups are taken."""
        if system in self._reached:
            self._reached[system].looked_at = float("-inf")
