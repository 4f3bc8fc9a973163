"""Rows painted once and repeated: what a painter was told, without what led to it."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Any, cast

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap, QStaticText, QTransform

Op = tuple[Callable[..., None], tuple[Any, ...]]  # a painter's method, and what it is given

_KEPT = 160  # rows: the screen, what is above and below it, and those of the page before
_AGE_S = 60.0  # "5 min ago" is not said for longer


class _Tape:
    """Stands in for a QPainter while a row is recorded: takes the calls that Paintbox and the row painters make."""

    def __init__(self, transform: QTransform) -> None:
        self._transform = transform
        self.ops: list[Op] = []
        self._pen: QColor | None = None
        self._font: QFont | None = None

    def deviceTransform(self) -> QTransform:
        return self._transform

    def setPen(self, pen: QColor) -> None:
        if pen is not self._pen:
            self._pen = pen
            self.ops.append((QPainter.setPen, (pen,)))

    def setFont(self, font: QFont) -> None:
        if font is not self._font:
            self._font = font
            self.ops.append((QPainter.setFont, (font,)))

    def drawStaticText(self, x: int, y: int, text: QStaticText) -> None:
        self.ops.append((QPainter.drawStaticText, (x, y, text)))

    def drawText(self, *what: object) -> None:
        self.ops.append((QPainter.drawText, what))

    def drawPixmap(self, at: QPointF, picture: QPixmap) -> None:
        self.ops.append((QPainter.drawPixmap, (at, picture)))

    def fillRect(self, *what: object) -> None:
        self.ops.append((QPainter.fillRect, what))


class Recorded:
    """Keeps how rows are painted, for one layout and one look. A row is known by the object it is made from."""

    def __init__(self) -> None:
        self._layout: object = None
        self._since = 0.0
        self._kept: OrderedDict[int, tuple[object, tuple[Op, ...]]] = OrderedDict()

    def lay_out(self, layout: object) -> None:
        """What was recorded for another layout, or long ago, is not repeated."""
        if layout != self._layout or monotonic() - self._since > _AGE_S:
            self._layout, self._since = layout, monotonic()
            self._kept.clear()

    def has(self, row: object) -> bool:
        """Whether a row can be repeated."""
        found = self._kept.get(id(row))
        return found is not None and found[0] is row

    def record(self, row: object, transform: QTransform, paint: Callable[[QPainter], None]) -> None:
        """Keep what *paint* does for *row*, with the row's top at 0."""
        tape = _Tape(transform)
        paint(cast("QPainter", tape))
        self._kept[id(row)] = row, tuple(tape.ops)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def paint(self, painter: QPainter, row: object, y: int, paint: Callable[[QPainter], None]) -> None:
        """Paint *row* with its top at *y*, as *paint* would with its top at 0."""
        to_device = painter.deviceTransform()
        painter.translate(0, y)
        if to_device.m11() % 1:  # marks stand between two pixels differently in each row
            paint(painter)
        else:
            if not self.has(row):
                self.record(row, to_device, paint)
            for call, given in self._kept[id(row)][1]:
                call(painter, *given)
        painter.translate(0, -y)
