"""What the intake does with accepted requests: keeps many in one durable write, then derives their usage.

Requests that arrive while a write is under way are written together by the next. The lists are bounded: when they are
full, requests are refused before anything is accepted.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.services.basics import clock
from pqldesk.services.basics.bugs import keep_bug
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import Problem
from pqldesk.services.events.deriving import FEWEST, Met, derive_waiting
from pqldesk.services.events.raw_pages import PackedPage, Page, drop_old, keep_durably, packed, waiting_items
from pqldesk.services.identity.likeness import suggest_likely
from pqldesk.services.imports.pace import SHORT_S
from pqldesk.services.intake.answers import Refusal
from pqldesk.services.intake.backlog import Backlog
from pqldesk.services.intake.keys import Setup, read_setup
from pqldesk.services.workspaces.presence import window_is_open

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

WAITING_LIMIT: Final = 200_000  # items kept but not derived
BYTES_LIMIT: Final = 64 * 1024**2  # packed bodies not yet on disk
_WRITE: Final = 2 * 1024**2  # bytes in one durable write: some ms
_MOST: Final = 5_000  # items derived in one transaction while no window is open
_TIDY_S: Final = 60.0
_GAP_S: Final = 0.005  # between transactions beside a window, whose commands ask for the lock every some ms
_BEHIND_S: Final = 0.08  # how long one may hold the lock beside a window while too much waits; else SHORT_S
_LOOK_S: Final = 0.1  # how old it may be whether a window is open


class Desk:
    """Takes pages in and works them off, on the loop of the server."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._waiting: deque[tuple[PackedPage, bool, asyncio.Future[None]]] = deque()
        self._bytes = 0
        self._backlog = Backlog()
        self._arrived = asyncio.Event()
        self._kept = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._met = Met()
        self._short = FEWEST
        self._is_short = False
        self._look_at = 0.0
        self._new_leads: set[int] = set()
        self._tidied_at = float("-inf")
        self._idle = asyncio.Event()  # nothing waits
        self._ending = False

    async def start(self) -> None:
        """Begin; what an earlier process left is derived first."""
        self._backlog.left(await asyncio.wrap_future(self.db.read(waiting_items)))
        self._kept.set()
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._derive())]

    async def take(self, page: Page, *, urgent: bool = False) -> None:
        """Keep a page; returns once it is on disk. 503 when too much waits, before anything is accepted.

        Senders that are faster than we are wait some time first. *urgent*: its sender does not send again, so it is
        taken however much waits.
        """
        if self._ending:
            raise Refusal(503, "stopping", "PQLDesk is being stopped; send it again.", retry_after_s=2)
        if not page.items:
            return
        if not urgent and (self._backlog.items > WAITING_LIMIT or self._bytes > BYTES_LIMIT):
            raise Refusal(
                503, "busy", "PQLDesk has more to do than it can take; send it again.", retry_after_s=2
            )
        packed_page = packed(page)
        self._bytes += len(packed_page.body)
        self._idle.clear()
        try:
            if urgent:
                self._backlog.add(packed_page.items)
            else:
                await self._backlog.admit(packed_page.items)
        except asyncio.CancelledError:  # its sender has gone
            self._bytes -= len(packed_page.body)
            raise
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((packed_page, urgent, done))
        self._arrived.set()
        await done

    async def write(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a short command of the workspace."""
        return await asyncio.wrap_future(self.db.write(command, *args, **kwargs))

    async def setup(self) -> Setup:
        """What the workspace says of sources, hosts and origins."""
        return await asyncio.wrap_future(self.db.read(read_setup))

    async def stop(self, seconds: float) -> None:
        """Write what was taken in, derive as much of it as *seconds* allow, end. The rest waits in the workspace."""
        self._ending = True
        self._backlog.end()
        self._arrived.set()
        self._kept.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                await self._keep_some()

    async def _keep_some(self) -> None:
        pages: list[PackedPage] = []
        futures: list[asyncio.Future[None]] = []
        size, is_urgent = 0, False
        while self._waiting and (not pages or size < _WRITE):
            page, urgent, future = self._waiting.popleft()
            is_urgent |= urgent
            pages.append(page)
            futures.append(future)
            size += len(page.body)
        items = sum(page.items for page in pages)
        try:
            await asyncio.wrap_future(keep_durably(self.db, pages))
        except Problem as problem:  # the disk is full, somebody else has the lock: nothing of it was kept
            self._backlog.dropped(items)
            self._answer(futures, Refusal(503, "not_stored", str(problem), retry_after_s=5))
        except Exception as bug:
            log.exception("pages could not be kept")
            keep_bug(bug)
            self._backlog.dropped(items)
            self._answer(futures, Refusal(503, "not_stored", "It could not be stored; send it again.", 5))
        else:
            self._backlog.kept(items, urgent=is_urgent)
            self._answer(futures, None)
            self._kept.set()
        self._bytes -= size

    def _answer(self, futures: list[asyncio.Future[None]], problem: Refusal | None) -> None:
        for future in futures:
            if future.done():  # its sender has gone
                continue
            if problem is None:
                future.set_result(None)
            else:
                future.set_exception(problem)

    async def _derive(self) -> None:
        while True:
            await self._kept.wait()
            self._kept.clear()
            is_more = True
            while is_more:
                await self._backlog.gathered()
                is_more = await self._derive_some()
            if time.monotonic() - self._tidied_at > _TIDY_S:
                self._tidied_at = time.monotonic()
                await self._tidy()
            if not self._waiting and not self._bytes and not self._kept.is_set():
                self._idle.set()

    async def _tidy(self) -> None:
        """Forget what is older than it has to be kept, and look for people the new ones may be."""
        new, self._new_leads = self._new_leads, set()
        with contextlib.suppress(Problem):  # the next time will do
            dropped = 1
            while dropped:
                dropped = await asyncio.wrap_future(self.db.write_bulk(drop_old, clock.now()))
                await asyncio.sleep(_GAP_S)
            if new:
                await asyncio.wrap_future(self.db.write_bulk(_suggest, new))

    async def _derive_some(self) -> bool:
        began = time.monotonic()
        try:
            if self.db.is_sqlite and began >= self._look_at:
                self._is_short = await asyncio.wrap_future(self.db.read(window_is_open))
                self._look_at = began + _LOOK_S
            short = self._is_short
            most = self._short if short else _MOST
            derived = await asyncio.wrap_future(
                self.db.write_bulk(derive_waiting, clock.now(), most, self._met)
            )
        except Problem as problem:
            self._met = Met()
            log.warning("waiting events are not derived: %s", problem)
            await asyncio.sleep(1.0)
            return True
        except Exception as bug:
            self._met = Met()
            log.exception("waiting events could not be derived")
            keep_bug(bug)
            await asyncio.sleep(1.0)
            return True
        self._new_leads |= derived.stored.new_leads
        if short and derived.items:
            longest = _BEHIND_S if self._backlog.is_behind else SHORT_S
            fitting = int(derived.items * longest / max(derived.seconds, 0.001))
            self._short = max(FEWEST, min(fitting, 2 * self._short, _MOST))
            await asyncio.sleep(_GAP_S)
        self._backlog.derived(derived.items, time.monotonic() - began, is_more=derived.is_more)
        return derived.is_more


def _suggest(session: Session, leads: set[int]) -> Changes:
    found = suggest_likely(session, leads, clock.now())
    return Changes.to(Topic.LEADS) if found else Changes()
