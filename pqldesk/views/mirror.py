"""Painted parts in a language that is read from right to left: as in a mirror, their words the right way round."""

from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPaintDevice, QPainter
from PySide6.QtWidgets import QWidget

_SIDES = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignRight)
_ABSOLUTE = int(Qt.AlignmentFlag.AlignAbsolute)


_known: list[
    bool
] = []  # asked once: a page of the queue asks 440 times, and Qt's answer took a tenth of painting it


def is_mirrored() -> bool:
    """Whether the reader's language is read from right to left."""
    return _known[0] if _known else _look()


def _look() -> bool:
    turned = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    application = QGuiApplication.instance()
    if isinstance(application, QGuiApplication):
        application.layoutDirectionChanged.connect(_turn)
        _known.append(turned)
    return turned


def _turn(direction: Qt.LayoutDirection) -> None:
    _known[:] = [direction == Qt.LayoutDirection.RightToLeft]


def begin_end(begin: int, top: int, end: int, bottom: int) -> tuple[int, int, int, int]:
    """Margins from where one begins to read to where one ends, as left, top, right, bottom: Qt turns none over."""
    return (end, top, begin, bottom) if is_mirrored() else (begin, top, end, bottom)


def as_written(text: str) -> str:
    """*text* in its own direction, whatever stands around it: +20 stays +20, an address is cut at its end."""
    return f"\u2068{text}\u2069" if is_mirrored() else text


def painter_of(widget: QWidget) -> QPainter:
    """For a widget that is painted from left to right and is to be seen from right to left where that is read."""
    return smooth(_Mirrored(widget) if is_mirrored() else QPainter(widget))


def smooth(painter: QPainter) -> QPainter:
    """Let icons, which are kept at twice their size, be scaled and not thinned out: lines would come and go."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    return painter


class _Mirrored(QPainter):
    """Turns words and pictures over to the other side; shapes that are not as wide as the widget are not painted so."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._wide = widget.width()

    def drawText(self, *said: Any) -> None:  # type: ignore[override]
        if isinstance(said[0], (QRect, QRectF)):
            area, flags, text = said
        else:
            left, top, wide, high, flags, text = said
            area = QRect(left, top, wide, high)
        over = type(area)(self._wide - area.x() - area.width(), area.y(), area.width(), area.height())
        sides = int(flags) & _SIDES
        turned = int(flags) & ~_SIDES | (sides ^ _SIDES if sides else 0) | _ABSOLUTE
        super().drawText(over, turned, as_written(text))

    def drawEllipse(self, area: Any) -> None:  # type: ignore[override]
        super().drawEllipse(area.translated(self._wide - 2 * area.x() - area.width(), 0))

    def drawPixmap(self, *said: Any) -> None:
        *place, picture = said
        left, top = (place[0].x(), place[0].y()) if len(place) == 1 else place
        wide = picture.deviceIndependentSize().width()
        super().drawPixmap(QPointF(self._wide - left - wide, top), picture)


class _Turned(QPainter):
    """Turns a whole picture over, shapes and all; its words stay the right way round."""

    def __init__(self, device: QPaintDevice, wide: int) -> None:
        super().__init__(device)
        self._wide = wide
        self.translate(wide, 0)
        self.scale(-1, 1)

    def drawText(self, area: Any, flags: Any, text: str) -> None:  # type: ignore[override]
        sides = int(flags) & _SIDES
        turned = int(flags) & ~_SIDES | (sides ^ _SIDES if sides else 0) | _ABSOLUTE
        self.save()
        self.scale(-1, 1)
        self.translate(-self._wide, 0)
        super().drawText(turned_over(area, self._wide), turned, as_written(text))
        self.restore()


def turned_over(area: Any, wide: int) -> Any:
    """A rectangle on the other side of something *wide*."""
    return type(area)(wide - area.x() - area.width(), area.y(), area.width(), area.height())


def picture_painter(device: QPaintDevice, wide: int) -> QPainter:
    """For a picture with axes: from right to left where that is read. Time runs as the reader's lines do."""
    return _Turned(device, wide) if is_mirrored() else QPainter(device)
