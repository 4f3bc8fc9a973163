"""A new order of the list that nobody asked for, held back until keys and mouse rest."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer

_BUSY_S = 1.5  # how long after a key, click or scroll a background change waits


class Order(NamedTuple):
    """What LeadTable.show_order() is given."""

    ids: Sequence[int]
    total: int | None
    counts: Sequence[int]
    group: str


class HeldOrder(QObject):
    """Knows when the list was used last, and hands the newest order that waited to *show* once that is over."""

    def __init__(self, parent: QObject, show: Callable[[Order], None]) -> None:
        super().__init__(parent)
        self._show = show
        self._busy_until = 0.0
        self._waiting: Order | None = None
        self._rested = QTimer(self, singleShot=True)
        self._rested.timeout.connect(self._show_waiting)

    def touched(self) -> None:
        """A key, a click or the wheel has moved the list."""
        self._busy_until = monotonic() + _BUSY_S

    def is_busy(self) -> bool:
        """Whether that was just now."""
        return monotonic() < self._busy_until

    def hold(self, order: Order) -> None:
        """Keep *order* instead of any that waits, until the list is left alone."""
        self._waiting = order
        self._rested.start(int(max(0.0, self._busy_until - monotonic()) * 1000) + 20)

    def drop(self) -> None:
        """Forget what waits: a newer order is shown."""
        self._waiting = None

    def _show_waiting(self) -> None:
        if self._waiting is not None:
            self._show(self._waiting)
