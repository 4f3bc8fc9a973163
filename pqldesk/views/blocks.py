"""Quiet blocks where figures and records will stand: shown only once nothing has come for long enough to say so."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pqldesk.views.mirror import picture_painter
from pqldesk.views.theme import Theme

SHARES: Final = (
    1.0,
    0.72,
    0.86,
    0.6,
    0.94,
    0.68,
    0.8,
)  # of the width there is: lines of one length look printed


def block(
    p: QPainter, theme: Theme, x: float, y: float, wide: float, high: float, *, whole: bool = False
) -> None:
    """One of them: rounded, *whole* as a face is, and fainter than any line that tells something."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(theme.colour("line2"))
    round_ = high / 2 if whole else min(theme.px(4), high / 2)
    p.drawRoundedRect(QRectF(x, y, wide, high), round_, round_)


def columns(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where a chart of columns will stand."""
    base, step = area.bottom() - theme.px(24), area.width() / 9
    for n, share in enumerate((0.9, 0.55, 0.7, 0.4, 0.5, 0.3, 0.36, 0.22, 0.26)):
        high = share * (base - area.top() - theme.px(12))
        block(p, theme, area.left() + n * step + step * 0.18, base - high, step * 0.64, high)
    block(p, theme, area.left(), base + theme.px(10), area.width(), theme.px(4))


def bars(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where steps will stand one below the other."""
    step, left = area.height() / 8, min(theme.px(128), area.width() / 3)
    for n, share in enumerate((1.0, 0.5, 0.36, 0.3, 0.24, 0.14, 0.1, 0.08)):
        y = area.top() + n * step + step / 2
        block(p, theme, area.left(), y - theme.px(4), left * 0.5 * SHARES[n % len(SHARES)], theme.px(8))
        wide = (area.width() - left) * 0.8 * share
        block(p, theme, area.left() + left, y - step * 0.34, wide, step * 0.68)


def cells(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where a map of weeks will stand."""
    left, top = theme.px(92), theme.px(20)
    high, wide = (area.height() - top) / 8, (area.width() - left) / 7
    for row in range(8):
        y = area.top() + top + row * high
        block(p, theme, area.left(), y + high / 2 - theme.px(4), theme.px(44), theme.px(8))
        for n in range(7):
            block(p, theme, area.left() + left + n * wide + 1, y + 1, wide - 2, high - 2)


def lines(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where curves will run between their axes."""
    left, base = theme.px(40), area.bottom() - theme.px(24)
    for n in range(5):
        y = area.top() + theme.px(8) + n * (base - area.top() - theme.px(8)) / 4
        block(p, theme, area.left(), y - theme.px(4), theme.px(28), theme.px(8))
        block(p, theme, area.left() + left, y - 1, area.width() - left, 2)


def thread(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where one small line will stand."""
    block(p, theme, area.left(), area.center().y() - theme.px(3), area.width() * 0.9, theme.px(6))


def sentences(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where lines of text will stand."""
    step = theme.px(22)
    for n in range(int(area.height() // step)):
        block(p, theme, area.left(), area.top() + n * step + theme.px(6),
              min(theme.px(520), area.width()) * SHARES[n % len(SHARES)], theme.px(8))  # fmt: skip


def record(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where a face, a name and what is known of somebody will stand."""
    px, x = theme.px, area.left() + theme.px(16)
    room = area.width() - px(32)
    block(p, theme, x, area.top() + px(14), px(38), px(38), whole=True)
    block(p, theme, x + px(48), area.top() + px(20), room * 0.42, px(10))
    block(p, theme, x + px(48), area.top() + px(38), room * 0.3, px(8))
    block(p, theme, x, area.top() + px(74), room, px(54))
    for group in range(2):
        for n in range(6):
            y = area.top() + px(156) + (group * 7 + n) * px(24)
            block(p, theme, x, y, room * 0.34 * SHARES[n], px(8))
            block(p, theme, x + room * 0.68, y, room * 0.32, px(8))


def fields(p: QPainter, theme: Theme, area: QRectF) -> None:
    """Where a card of settings will stand: what each is called, and what it is set to."""
    px = theme.px
    wide = min(px(744), area.width() - px(16))
    block(p, theme, area.left() + 1, area.top() + px(13), px(120), px(10))
    p.setBrush(theme.colour("surface"))
    p.setPen(theme.colour("line"))
    p.drawRoundedRect(QRectF(area.left() + 1.5, area.top() + px(62) + 0.5, wide - 1, px(242)), 9, 9)
    for n in range(4):
        y = area.top() + px(81) + n * px(56)
        block(p, theme, area.left() + px(17), y, wide * 0.2 * SHARES[n], px(9))
        block(p, theme, area.left() + px(17), y + px(17), wide * 0.42 * SHARES[n], px(7))
        block(p, theme, area.left() + wide - px(16) - wide * 0.37, y - px(4), wide * 0.37, px(32))


class Blocks(QWidget):
    """A place that is empty until blocks are wanted in it; *high* as it is while they are, 0 for all there is."""

    def __init__(self, theme: Theme, shape: Callable[[QPainter, Theme, QRectF], None], high: int = 0) -> None:
        super().__init__()
        self._theme, self._shape, self._high, self._wanted = theme, shape, high, False
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Fixed if high else policy.Preferred)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(0, self._theme.px(self._high))

    def show_blocks(self, wanted: bool) -> None:
        self._wanted = wanted
        if self._high:
            self.setVisible(wanted)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._wanted:
            painter = picture_painter(self, self.width())
            try:
                self._shape(painter, self._theme, QRectF(self.rect()))
            finally:
                painter.end()
