"""Which leads have come to stand above what is on screen since the list was last shown from its top."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

_LOOKED_AT = 2_000  # rows at the top that are looked through


class Newcomers(QObject):
    """Counts them over one new order after another, until somebody looks at the top."""

    counted = Signal(int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._above: set[int] = set()

    def note(self, old: Sequence[int], new: Sequence[int], top: int) -> None:
        """Of the leads in the *new* order, those above row *top* that the *old* one did not have there."""
        known = set(old[: top + _LOOKED_AT])
        self._above |= {one for one in new[: min(top, _LOOKED_AT)] if one > 0 and one not in known}
        self.counted.emit(len(self._above))

    def forget(self) -> None:
        """They were looked at."""
        if self._above:
            self._above.clear()
            self.counted.emit(0)

    def scrolled(self, top: int) -> None:
        """The row on screen that is first."""
        if top == 0:
            self.forget()
