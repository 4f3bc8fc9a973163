"""Python's garbage collector, kept to the window's thread and out of the way of whoever uses the window.

By itself it runs on whatever thread makes the next object. A cycle that holds a QObject would end there, while the
window's thread may be delivering its events: that crashed the window inside Qt, seldom, and only on a busy machine.

The youngest objects are looked through often, which takes a millisecond or two. Those that outlived that are many: to
look through them took 80 ms between two keys, so that waits until the window has rested, which it does with each page
that is read. Whatever a person does, and whatever is shown anew, costs CPU time of the window's thread.
"""

import gc
from collections.abc import Callable
from time import monotonic, thread_time

from PySide6.QtCore import QObject, QTimer

AFTER = (1_000, 10, 10)  # objects, and times
# Times that the two older ones wait where the window never rests: two minutes of keys without half a second between.
AT_LATEST = (100, 10)
RESTED_S = 0.5
RESTING_S = 0.004  # CPU time from one look to the next: a cursor blinks, a clock goes on
_OFTEN_MS, _SELDOM_MS = 100, 500


class Collector(QObject):
    """From now on collects on the thread that made it."""

    def __init__(
        self,
        parent: QObject,
        now: Callable[[], float] = monotonic,
        spent: Callable[[], float] = thread_time,
    ) -> None:
        """*now* and *spent* tell the time, and the CPU time of this thread, in seconds."""
        super().__init__(parent)
        gc.disable()
        self._now, self._spent = now, spent
        self._spent_before, self._worked_at = spent(), now()
        self._timer = QTimer(self, interval=_OFTEN_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look through the oldest generation whose time has come, if one's has."""
        if self._spent() - self._spent_before > RESTING_S:
            self._worked_at = self._now()
        has_rested = self._now() - self._worked_at >= RESTED_S
        many, middle, old = gc.get_count()
        if has_rested and middle > AFTER[1]:
            gc.collect(2 if old > AFTER[2] else 1)
        elif middle > AT_LATEST[0]:
            gc.collect(2 if old > AT_LATEST[1] else 1)
        elif many > AFTER[0]:
            gc.collect(0)
        self._timer.setInterval(_SELDOM_MS if has_rested else _OFTEN_MS)
        self._spent_before = self._spent()
