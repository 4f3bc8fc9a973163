"""An event loop in which waiting costs nothing and work takes no time: when nothing but time would go on, it goes on.

Timeouts, backoffs and rests keep their real lengths and their order, however slow the machine is, and none of them is
waited for. Both ends of the sockets must live in the loop; what runs in threads is waited for.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from pqldesk.services.net import Net

P = ParamSpec("P")
T = TypeVar("T")
A_LITTLE_S = 0.001  # for what the kernel has yet to hand over


class _Selector(selectors.DefaultSelector):
    """Waits for sockets only."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0
        self.threads = 0
        self.skipped: Callable[[float], object] = float

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self.threads:
            return super().select(timeout)
        found = super().select(min(timeout, A_LITTLE_S))
        if not found and not self.threads:
            self.ahead += timeout
            self.skipped(timeout)
        return found


class SkippingLoop(asyncio.SelectorEventLoop):
    """The loop; *skipped* is told of the seconds that were left out."""

    def __init__(self) -> None:
        self._waits = _Selector()
        super().__init__(self._waits)

    def time(self) -> float:
        # Were the machine's time in it, what is answered late would come later still on a busy one, past all waits.
        return self._waits.ahead

    def tell(self, skipped: Callable[[float], object]) -> None:
        self._waits.skipped = skipped

    def thread(self, more: int) -> None:
        self._waits.threads += more

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> Any:
        future = super().run_in_executor(executor, func, *args)
        self.thread(+1)
        future.add_done_callback(lambda _: self.thread(-1))
        return future


class SkippingNet(Net):
    """What network work may use; the loop knows that a thread is at work for it."""

    async def write(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await _waited_for(Net.write(self, command, *args, **kwargs))

    async def write_bulk(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await _waited_for(Net.write_bulk(self, command, *args, **kwargs))

    async def read(
        self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await _waited_for(Net.read(self, query, *args, **kwargs))


async def _waited_for(work: Any) -> Any:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    loop.thread(+1)
    try:
        return await work
    finally:
        loop.thread(-1)
