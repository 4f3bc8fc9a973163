"""Reading off the calling thread: in turn, long queries never in the way of short ones, and given up when told so."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
READING = "reading"  # where a session keeps the answer that it works for

_AGAIN_S = 0.02


class GivenUp(Exception):
    """Raised inside a query whose answer nobody waits for any more."""


class Reading(Future[T]):
    """The answer of a query. Cancelling one that runs ends its statement; whoever waits sees GivenUp."""

    def __init__(self) -> None:
        super().__init__()
        self.is_given_up = False
        self._guard = threading.Lock()
        self._stop: Callable[[], object] | None = None

    def cancel(self) -> bool:
        if super().cancel():
            return True
        with self._guard:
            first, self.is_given_up = not self.is_given_up, True
        if first and not self.done():
            threading.Thread(target=self._end, name="db-give-up", daemon=True).start()
        return False

    def _end(self) -> None:
        """Again until it is over: between two statements there is nothing to end yet."""
        while not self.done():
            with self._guard, suppress(Exception):  # the connection may just have ended by itself
                if self._stop is not None:
                    self._stop()
            time.sleep(_AGAIN_S)

    def begins(self, stop: Callable[[], object]) -> None:
        """From now on *stop*, called on any thread, ends the statement that runs."""
        with self._guard:
            self._stop = stop
        self.go_on()

    def ends(self) -> None:
        """The connection is somebody else's from now on."""
        with self._guard:
            self._stop = None

    def go_on(self) -> None:
        """Raise GivenUp where nobody waits any more."""
        if self.is_given_up:
            raise GivenUp


_Work = tuple[Reading[Any], Callable[[], None]]


class Readers:
    """Some threads for queries. Long ones run on all but one of them, so that one is always there for short ones."""

    def __init__(self, threads: int) -> None:
        self._most, self._most_long = threads, max(1, threads - 1)
        self._threads: list[threading.Thread] = []
        self._waiting: tuple[deque[_Work], deque[_Work]] = (deque(), deque())  # short ones, long ones
        self._running: set[Reading[Any]] = set()
        self._long = 0  # of those that run
        self._turn = threading.Condition()
        self._closed = False

    def submit(self, query: Callable[[Reading[T]], T], *, long: bool) -> Reading[T]:
        """Run *query* as soon as a thread is free for its kind; it is given the answer it works for."""
        answer: Reading[T] = Reading()

        def run() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                result = query(answer)
            except BaseException as problem:  # noqa: BLE001 - the caller's future carries it
                answer.set_exception(problem)
            else:
                answer.set_result(result)

        with self._turn:
            if self._closed:
                raise RuntimeError("the readers have been closed")
            self._waiting[long].append((answer, run))
            idle = len(self._threads) - len(self._running)
            if len(self._threads) < self._most and idle < sum(map(len, self._waiting)):
                number = len(self._threads)
                thread = threading.Thread(target=self._work, name=f"db-read_{number}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._turn.notify()
        return answer

    def close(self) -> None:
        """Give up what waits and what runs, and end the threads."""
        with self._turn:
            self._closed = True
            given_up = [*(answer for some in self._waiting for answer, _ in some), *self._running]
            self._turn.notify_all()
        for answer in given_up:
            answer.cancel()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (work := self._next()) is not None:
            answer, run, long = work
            run()
            with self._turn:
                self._running.discard(answer)
                self._long -= long
                self._turn.notify()
            del work, answer, run  # an answer of some megabytes goes as soon as it was taken

    def _next(self) -> tuple[Reading[Any], Callable[[], None], bool] | None:
        short, long = self._waiting
        with self._turn:
            while not self._closed:
                is_long = not short
                if short or (long and self._long < self._most_long):
                    answer, run = (long if is_long else short).popleft()
                    self._running.add(answer)
                    self._long += is_long
                    return answer, run, is_long
                self._turn.wait()
        return None
