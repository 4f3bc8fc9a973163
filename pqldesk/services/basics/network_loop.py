"""The one thread for network work, imported when there is some: asyncio is not worth a part of the first frame."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_WAIT_S = 5.0  # for cancelled work to let go


class NetworkLoop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()
        self._closing = False

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run *work* there; the future may be cancelled from any thread, and is once the loop has been closed."""
        if self._closing:
            work.close()
            gone: Future[T] = Future()
            gone.cancel()
            return gone
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Cancel what runs, and end the thread."""
        ending = self.submit(_cancel_all())
        self._closing = True
        ending.result(timeout=_WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_WAIT_S)
        self._loop.close()


async def _cancel_all() -> None:
    """Until there is none: what ends may begin something to end well."""
    while running := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
