"""What the intake has taken in and not derived: when deriving is worth its while, and who has to wait meanwhile.

A transaction costs by itself as much as some hundred events, so few events wait a moment for others. Senders that send
faster than we derive wait for their answers, before anything of theirs is kept: otherwise scores would fall behind by
as much as they sent.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from pqldesk.services.events.deriving import FEWEST

GATHER_S: Final = 0.2  # how long few events wait for others
BEHIND_S: Final = 0.6  # of deriving that may wait: scores are at most 2 s behind
PATIENCE_S: Final = 3.0  # longer nobody waits for us: the first clients give up after 5
_FIRST_RATE: Final = 2_000.0  # events a second, until it is known
_LEARNT: Final = 0.3  # how much the newest rate counts


class Backlog:
    """Counts items. *now* is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.items = 0  # admitted and not derived
        self._unkept = 0  # of those, not on disk yet
        self._now = now
        self._rate = _FIRST_RATE
        self._since: float | None = None  # when the first was kept after deriving last began
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._enough = asyncio.Event()
        self._is_ending = False

    @property
    def limit(self) -> float:
        """How many items may be there before others have to wait."""
        return max(2 * FEWEST, self._rate * BEHIND_S)

    @property
    def is_behind(self) -> bool:
        """Whether half of what may wait does: then larger transactions are worth more than short ones."""
        return self.items > self.limit / 2

    async def admit(self, items: int) -> None:
        """Returns when *items* more may be kept: at once, or when there is room, or nobody waits any longer."""
        if self._waiting or self.items >= self.limit:
            room = asyncio.get_running_loop().create_future()
            self._waiting.append((items, room))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await room
                return  # whoever made room has counted them
        self.add(items)

    def add(self, items: int) -> None:
        """Count items that nobody has to wait for."""
        self.items += items
        self._unkept += items

    def left(self, items: int) -> None:
        """Items of an earlier process."""
        self.items += items

    def kept(self, items: int, *, urgent: bool = False) -> None:
        """They are on disk; *urgent* ones are not to wait for others."""
        self._unkept -= items
        if self._since is None:
            self._since = self._now()
        if urgent or self.items - self._unkept >= FEWEST:
            self._enough.set()

    def dropped(self, items: int) -> None:
        """They could not be kept."""
        self.items -= items
        self._unkept -= items
        self._make_room()

    async def gathered(self) -> None:
        """Returns when deriving is worth its while."""
        left = 0.0 if self._since is None else GATHER_S - (self._now() - self._since)
        if left > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._enough.wait()
        self._since = None
        if not self._is_ending:
            self._enough.clear()

    def derived(self, items: int, seconds: float, *, is_more: bool) -> None:
        """So many were derived, which took *seconds* with all that belongs to it."""
        self.items = max(self._unkept, self.items - items) if is_more else self._unkept
        if items >= FEWEST // 2:
            self._rate += _LEARNT * (items / max(seconds, 0.001) - self._rate)
        self._make_room()

    def end(self) -> None:
        """From now on nothing waits for anything."""
        self._is_ending = True
        self._enough.set()
        self._make_room()

    def _make_room(self) -> None:
        while self._waiting and (self._is_ending or self.items < self.limit):
            items, room = self._waiting.popleft()
            if not room.done():
                self.add(items)
                room.set_result(None)
