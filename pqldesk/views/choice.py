"""One of several, to choose from a list that drops down."""

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class Choice(QComboBox):
    """A combo box that the wheel scrolls past: whoever rolls a page under the pointer chooses nothing by it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
