"""Where the window is on the screens: kept when it closes, found again when it opens."""

from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_KEY = "window/geometry"
_FRAME = QSize(16, 56)  # what a window manager adds at most
_USUAL = QSize(1440, 900)
_SEEN = 200  # pixels each way of which somebody can take hold


def keep_place(window: QWidget, memory: QSettings) -> None:
    """Remember where *window* is."""
    memory.setValue(_KEY, window.saveGeometry())


def come_back(window: QWidget, memory: QSettings) -> None:
    """Return to where the window was, if that screen still exists; the first time no larger than the screen."""
    kept: Any = memory.value(_KEY)
    if not isinstance(kept, QByteArray) or not window.restoreGeometry(kept):
        room = QGuiApplication.primaryScreen().availableGeometry().size() - _FRAME
        window.resize(window.size().boundedTo(room))
        return
    seen = [s.availableGeometry().intersected(window.frameGeometry()) for s in QGuiApplication.screens()]
    if not any(area.width() > _SEEN and area.height() > _SEEN for area in seen):
        window.resize(_USUAL)
        window.move(QGuiApplication.primaryScreen().availableGeometry().center() - window.rect().center())
