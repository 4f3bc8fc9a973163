"""Python's garbage collector, kept to the window's thread.

By itself it runs on whatever thread makes the next object. A cycle that holds a QObject would end there, while the
window's thread may be delivering its events: that crashed the window inside Qt, seldom, and only on a busy machine.
"""

import gc

from PySide6.QtCore import QObject, QTimer

AFTER = (1_000, 10, 50)  # objects, and times: Python's own (700, 10, 10) looks through all while loading
_EVERY_MS = 500


class Collector(QObject):
    """From now on collects on the thread that made it, about as often as Python would by itself."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=_EVERY_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def look(self) -> None:
        """Look through the oldest generation whose time has come, if one's has."""
        young, middle, old = (count > most for count, most in zip(gc.get_count(), AFTER, strict=True))
        if young:
            gc.collect(2 if middle and old else 1 if middle else 0)
