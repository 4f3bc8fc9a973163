"""Charts painted by hand. Each takes rows, says itself in words, and can be read as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.views import blocks, wording
from pqldesk.views.mirror import is_mirrored, picture_painter, turned_over
from pqldesk.views.theme import Theme

if TYPE_CHECKING:
    from pqldesk.services.record_rows import ScoreMove
    from pqldesk.services.rows import Number

_WORDS = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
Cells = tuple[tuple[str, ...], list[tuple[str, ...]]]  # headers, rows


class Chart(QWidget):
    """A painted figure: marks carry tooltips, the whole has a sentence for readers of screens.

    Marks with a key open: by a click, or with the arrow keys and Enter.
    """

    opened = Signal(object)  # the key of a mark
    blocks = staticmethod(blocks.columns)  # what stands there as long as it waits for its figures

    def __init__(self, theme: Theme, height: int) -> None:
        super().__init__()
        self.theme = theme
        self._tall = height
        self._marks: list[tuple[QRect, str | Callable[[], str]]] = []
        self._doors: list[tuple[QRect, str, object]] = []  # the marks that open, in reading order
        self._at = 0
        self._waits = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, self.theme.px(self._tall))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.theme.px(self._tall))

    def table(self) -> Cells:
        """The same figures as rows."""
        return (), []

    def doors(self) -> list[object]:
        """The keys of the marks that open, as last painted."""
        return [key for _area, _words, key in self._doors]

    def show_blocks(self, wanted: bool) -> None:
        """Quiet blocks in place of figures that are on their way."""
        self._waits = wanted
        self.update()

    def say(self, sentence: str) -> None:
        self._waits = False
        self.setAccessibleName(sentence)
        self.update()

    def mark(self, area: QRect, words: str | Callable[[], str], key: object = None) -> None:
        """A part of the picture with its words, or what words it when somebody points there.

        With a *key* it opens what it stands for; then the words are there at once.
        """
        if is_mirrored():
            area = turned_over(area, self.width())
        if key is not None and isinstance(words, str):
            self._doors.append((area, words, key))
            words += "\n" + _("Click, or Enter, to see them")
        self._marks.append((area, words))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = picture_painter(self, self.width())
        try:  # a painter that outlives a fault in here would bring the whole program down
            self.paint_on(painter)
            if self.hasFocus() and self._doors:
                self._at = min(self._at, len(self._doors) - 1)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(self.theme.tokens.accent), 1.5))
                area = self._doors[self._at][0]
                at = turned_over(area, self.width()) if is_mirrored() else area
                painter.drawRoundedRect(QRectF(at).adjusted(1, 1, -1, -1), 5, 5)
        finally:
            painter.end()
        policy = Qt.FocusPolicy.StrongFocus if self._doors else Qt.FocusPolicy.NoFocus
        if self.focusPolicy() != policy:
            self.setFocusPolicy(policy)

    def paint_on(self, painter: QPainter) -> None:
        """Draw the figure alone, on the screen or into a file."""
        self._marks.clear()
        self._doors.clear()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._waits:
            self.blocks(painter, self.theme, QRectF(self.rect()))
        else:
            self.draw(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for n, (area, _words, key) in enumerate(self._doors):
            if area.contains(event.position().toPoint()):
                self._at = n
                self.opened.emit(key)
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        over = any(area.contains(spot) for area, _words, _key in self._doors)
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, doors = event.key(), self._doors
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(key)
        )
        if step is not None and is_mirrored() and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -step
        if doors and step is not None:
            self._at = max(0, min(len(doors) - 1, self._at + step))
            self.setAccessibleDescription(doors[self._at][1])
            self.update()
        elif doors and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(doors[min(self._at, len(doors) - 1)][2])
        else:
            super().keyPressEvent(event)

    def draw(self, p: QPainter) -> None:
        raise NotImplementedError

    def draw_words(self, p: QPainter, words: str) -> None:
        """In place of a figure: why there is none."""
        self.write(p, QRectF(0, 0, self.width(), self.height()), _WORDS, words, 13, "muted")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = next((words for area, words in self._marks if area.contains(event.pos())), "")
            said = words if isinstance(words, str) else words()
            QToolTip.showText(event.globalPos(), wording.tip(said), self)
            return True
        return super().event(event)

    def write(
        self,
        p: QPainter,
        area: QRect | QRectF,
        flags: int,
        text: str,
        size: float,
        tone: str,
        weight: int = 400,
    ) -> None:
        p.setFont(self.theme.font(size, weight))
        p.setPen(QColor(getattr(self.theme.tokens, tone)))
        p.drawText(area, flags, text)


class DayBars(Chart):
    """Usage a day, oldest first; the last seven days stronger."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 44)
        self._days: tuple[int, ...] = ()

    def show_days(self, days: tuple[int, ...]) -> None:
        self._days = days
        self.say(n_("{n} event in 14 days", "{n} events in 14 days", sum(days)))

    def table(self) -> Cells:
        return (_("Days ago"), _("Events")), [
            (str(len(self._days) - 1 - n), wording.number(count)) for n, count in enumerate(self._days)
        ]

    def draw(self, p: QPainter) -> None:
        if not self._days:
            return
        t, most = self.theme.tokens, max(1, *self._days)
        step = self.width() / len(self._days)
        strong, weak = QColor(t.accent), QColor(t.accent)
        weak.setAlphaF(0.45)
        p.setPen(Qt.PenStyle.NoPen)
        for n, count in enumerate(self._days):
            height = max(2.0, count / most * (self.height() - 4))
            p.setBrush(strong if n >= len(self._days) - 7 else weak)
            if not count:
                p.setBrush(QColor(t.track))
            p.drawRoundedRect(QRectF(n * step, self.height() - height, max(2.0, step - 4), height), 2, 2)
            self.mark(QRect(int(n * step), 0, int(step), self.height()), partial(self._day_words, n))

    def _day_words(self, n: int) -> str:
        """Of one day. Worded when somebody points there: for each lead that is painted it took 1 ms."""
        back = len(self._days) - 1 - n
        when = _("today") if not back else n_("{n} day ago", "{n} days ago", back)
        return f"{when}: {n_('{n} event', '{n} events', self._days[n])}"


class ScoreSteps(Chart):
    """The score over time as steps, with the cut as a dashed line; each step's cause is in its tooltip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 52)
        self._moves: tuple[ScoreMove, ...] = ()
        self._now = 0.0
        self._cut = 0.0

    def show_moves(self, moves: tuple[ScoreMove, ...], cut: Number, now: datetime) -> None:
        """*moves* come newest first, as the record has them."""
        self._moves = tuple(reversed(moves))
        self._cut, self._now = float(cut), now.timestamp()
        if moves:
            self.say(
                n_("The score moved {n} time, from {old} to {new}", "The score moved {n} times, from {old} to {new}",
                   len(moves)).format(old=wording.number(self._moves[0].old), new=wording.number(moves[0].new))
            )  # fmt: skip

    def table(self) -> Cells:
        return (_("When"), p_("score", "From"), p_("score", "To"), _("Why")), [
            (wording.exact(m.at), wording.number(m.old), wording.number(m.new), m.words) for m in self._moves
        ]

    def draw(self, p: QPainter) -> None:
        if not self._moves:
            return
        t, moves = self.theme.tokens, self._moves
        begin = moves[0].at.timestamp()
        reach = max(1.0, self._now - begin)
        begin, reach = begin - reach * 0.06, reach * 1.06  # what was before the first move is seen too
        high = max(100.0, self._cut, *(float(m.new) for m in moves), *(float(m.old) for m in moves))
        low = min(0.0, *(float(m.new) for m in moves))
        top, bottom = 5.0, self.height() - 5.0

        def x(at: float) -> float:
            return 2 + (at - begin) / reach * (self.width() - 8)

        def y(score: float) -> float:
            return bottom - (score - low) / (high - low) * (bottom - top)

        p.setPen(QPen(QColor(t.line), 1, Qt.PenStyle.DashLine))
        p.drawLine(QPointF(0, y(self._cut)), QPointF(self.width(), y(self._cut)))
        line = [QPointF(x(begin), y(float(moves[0].old)))]
        for move in moves:
            at = x(move.at.timestamp())
            line += [QPointF(at, line[-1].y()), QPointF(at, y(float(move.new)))]
        line.append(QPointF(x(self._now), line[-1].y()))
        p.setPen(QPen(QColor(t.accent), 1.8))
        p.drawPolyline(line)
        p.setBrush(QColor(t.surface))
        for move in moves:
            spot = QPointF(x(move.at.timestamp()), y(float(move.new)))
            p.drawEllipse(spot, 2.6, 2.6)
            words = f"{wording.points(move.new - move.old)} · {wording.moment(move.at)}\n{move.words}"
            self.mark(QRect(int(spot.x()) - 8, 0, 16, self.height()), words)
        p.setBrush(QColor(t.accent))
        p.drawEllipse(line[-1], 3, 3)


class Sparkline(Chart):
    """One line without axes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 18)
        self.blocks = blocks.thread
        self._values: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: tuple[float, ...], sentence: str) -> None:
        self._values = values
        self.say(sentence)

    def draw(self, p: QPainter) -> None:
        if len(self._values) < 2 or not any(self._values):
            return  # a line along the ground would be a figure where there is none
        low, high = min(self._values), max(self._values)
        reach = (high - low) or 1
        step = (self.width() - 8) / (len(self._values) - 1)
        spots = [
            QPointF(4 + n * step, self.height() - 4 - (value - low) / reach * (self.height() - 8))
            for n, value in enumerate(self._values)
        ]
        p.setPen(QPen(QColor(self.theme.tokens.accent), 1.6))
        p.drawPolyline(spots)
        p.setBrush(QColor(self.theme.tokens.accent))
        p.drawEllipse(spots[-1], 2.4, 2.4)
