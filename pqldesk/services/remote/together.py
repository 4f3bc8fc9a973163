"""Steps of many leads in one call, where a system takes several rows at once; and what is read before they are written.

Each step keeps its own outcome. A row that the system refused was not carried out, so it goes again by itself, with
all the care of a single step, and so do all of them where it refused the whole call; where the answer of the call is
lost, each of its steps is told so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from pqldesk.services.remote.problems import Refused

S = TypeVar("S")
R = TypeVar("R")

GATHER_S = 0.05  # how long steps gather for a call: nothing against the call itself, and enough for the queue to fill


class Together(Generic[S, R]):
    """Gathers steps that are under way at the same time."""

    def __init__(
        self,
        many: Callable[[Sequence[S]], Awaitable[Sequence[R | None]]],
        one: Callable[[S], Awaitable[R]],
        most: int,
        key: Callable[[S], Hashable],
    ) -> None:
        """*many* answers in the order of its steps, None for one that has to go by itself; at most *most* at a time.

        Steps of the same *key* never go in one call.
        """
        self._many = many
        self._one = one
        self._most = most
        self._key = key
        self._waiting: list[tuple[S, asyncio.Future[R | None]]] = []
        self._keys: set[Hashable] = set()  # of those
        self._calls: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def send(self, step: S) -> R:
        """The outcome of this step; raises what the call, or the step by itself, raised."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[R | None] = loop.create_future()
        key = self._key(step)
        if key in self._keys:
            self._go()
        self._keys.add(key)
        self._waiting.append((step, outcome))
        if len(self._waiting) >= self._most:
            self._go()
        elif self._timer is None:
            self._timer = loop.call_later(GATHER_S, self._go)
        found = await outcome
        return await self._one(step) if found is None else found

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        going, self._waiting = self._waiting, []
        self._keys.clear()
        if going:
            call = asyncio.get_running_loop().create_task(self._called(going))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _called(self, going: list[tuple[S, "asyncio.Future[R | None]"]]) -> None:
        """One call; a single step goes by itself. What it raises is every waiting step's."""
        try:
            steps = [step for step, _ in going]
            found: Sequence[R | None] = [None] if len(steps) == 1 else await self._many(steps)
        except Refused:  # nothing of it was carried out; each by itself is told why
            found = [None] * len(going)
        except asyncio.CancelledError:
            for _, outcome in going:
                outcome.cancel()
            raise
        except Exception as problem:  # noqa: BLE001 - handed to those who wait for it
            for _, outcome in going:
                if not outcome.done():
                    outcome.set_exception(problem)
            return
        for (_, outcome), one in zip(going, found, strict=True):
            if not outcome.done():
                outcome.set_result(one)
