"""One piece of work off the GUI thread, answered on it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from pqldesk.services.basics.problems import WorkspaceAway, WorkspaceBusy

T = TypeVar("T")


def while_it_lives(slot: Callable[[T], object]) -> Callable[[T], object]:
    """*slot*, or for a partial of a widget's method, a slot that does nothing once the widget is gone.

    Qt lets go of a bound method by itself, but cannot look into a partial.
    """
    widget = getattr(slot.func, "__self__", None) if isinstance(slot, partial) else None
    if not isinstance(widget, QObject):
        return slot

    def call(answer: T) -> None:
        if isValid(widget):
            slot(answer)

    return call


class Job(QObject, Generic[T]):
    """One piece of work. Its slots run on the GUI thread, or never if their widget is gone.

    Nothing but the GUI thread knows it: Background hears of the answer and passes it on. Where the thread that did the
    work emitted a signal of the job's own, the job could be deleted, its answer given, while that emission still ran.
    """

    _succeeded = Signal(object)
    _failed = Signal(object)
    _over = Signal(object)

    def __init__(
        self, fallback: Callable[[Exception], object], away: Callable[[Exception], object] | None = None
    ) -> None:
        """*fallback* is told what nobody handles; *away*, before all others, that the workspace's server is away."""
        super().__init__()
        self._away = away
        self._future: Future[T] | None = None
        self.again: Callable[[], object] | None = None  # does it once more, where that can be
        self._fallback = fallback
        self._handled = False
        self.cancelled = False

    def then(self, slot: Callable[[T], object]) -> Job[T]:
        """Call *slot* with the result."""
        self._succeeded.connect(while_it_lives(slot))
        return self

    def otherwise(self, slot: Callable[[Exception], object]) -> Job[T]:
        """Call *slot* with the problem, in place of the window's own notice."""
        self._handled = True
        self._failed.connect(while_it_lives(slot))
        return self

    def ended(self, slot: Callable[..., object]) -> Job[T]:
        """Call *slot* when it is over, however it ended, with the future where it takes an argument."""
        self._over.connect(while_it_lives(slot))
        return self

    @property
    def is_awaited(self) -> bool:
        """Whether its answer is still to be given to somebody."""
        return self._future is not None and not self.cancelled

    def cancel(self) -> None:
        """Stop if that is still possible; either way no slot is called any more."""
        self.cancelled = True
        if self._future is not None:
            self._future.cancel()

    def follow(self, future: Future[T]) -> None:
        """Say that answer() will be told of *future*."""
        self._future = future

    def let_go(self) -> None:
        """Forget the answer, which was taken: future and job know each other and would wait for the collector."""
        self._future = self.again = None

    def answer(self, future: Future[T]) -> None:
        """On the GUI thread, once *future* is done: call the slots."""
        try:
            self._give(future)
        finally:
            self._over.emit(future)

    def _give(self, future: Future[T]) -> None:
        if self.cancelled:
            return
        try:
            result = future.result()
        except CancelledError:
            return
        except Exception as problem:  # noqa: BLE001 - whatever it is, somebody must be told
            if isinstance(problem, WorkspaceBusy):
                problem.again = self.again
            if self._away is not None and isinstance(problem, WorkspaceAway):
                self._away(problem)
            elif self._handled:
                self._failed.emit(problem)
            else:
                self._fallback(problem)
        else:
            self._succeeded.emit(result)


def pass_on(source: Future[T], target: Future[T]) -> None:
    """Let *target* end as *source* does, and a cancelled target cancel its source.

    They know each other on one side only weakly, so that an answer of some megabytes goes as soon as it was taken.
    """
    running = weakref.ref(source)

    def copy(done: Future[T]) -> None:
        if target.cancelled():
            return
        if done.cancelled():
            target.cancel()
        elif (problem := done.exception()) is not None:
            target.set_exception(problem)
        else:
            target.set_result(done.result())

    def cancel(ended: Future[T]) -> None:
        if ended.cancelled() and (still := running()) is not None:
            still.cancel()

    target.add_done_callback(cancel)
    source.add_done_callback(copy)


def in_thread(work: Callable[[], T]) -> Future[T]:
    """What *work* gives, from a thread of its own that ends with the process."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as problem:  # noqa: BLE001 - the job carries it to whoever asked
            future.set_exception(problem)

    threading.Thread(target=run, name="work", daemon=True).start()
    return future
