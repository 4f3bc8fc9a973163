"""Painted rows of the record panel: facts with a mark, a text and a figure, and the score's arithmetic."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.first_rows import SignalValue
from pqldesk.views import wording
from pqldesk.views.accessible import announce
from pqldesk.views.mirror import painter_of
from pqldesk.views.painting import Paintbox

_INKS = {"ok": "ok", "warn": "warn", "bad": "bad", "accent": "accent"}  # tones whose ink has their name


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: a mark (tick, pill or avatar), a text, perhaps a second line, a figure at the right."""

    text: str
    right: str = ""
    second: str = ""
    tick: bool | None = None
    pill: tuple[str, str] | None = None
    avatar: tuple[str, str] | None = None
    tone: str = ""  # of the text
    right_tone: str = "muted"
    right_pill: tuple[str, str] | None = None
    hint: str = ""
    indent: int = 0  # of a row that belongs to the one above
    action: str = ""  # makes the row a link; what `activated` carries
    place: str = ""  # in an order; the texts of all rows begin where the widest one ends


class Facts(QWidget):
    """A short list of facts. Rows with an action take the pointer, the keyboard and the focus."""

    activated = Signal(str)

    def __init__(self, paints: Paintbox, name: str, *, even: bool = False) -> None:
        """*even*: all words begin where the widest pill ends."""
        super().__init__()
        self._paints, self._rows, self._at, self._even = paints, tuple[Fact, ...](), -1, even
        self.setAccessibleName(name)
        self._name = name
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        paints.theme.changed.connect(self.updateGeometry)

    def show_rows(self, rows: tuple[Fact, ...]) -> None:
        if rows == self._rows:
            return
        self._rows, self._at = rows, -1
        self.setAccessibleDescription("; ".join(map(self._words, rows)))
        links = any(row.action for row in rows)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if links else Qt.FocusPolicy.NoFocus)
        self.updateGeometry()
        self.update()

    @staticmethod
    def _words(row: Fact) -> str:
        marks = (pill[0] for pill in (row.pill, row.right_pill) if pill is not None)
        return " ".join(filter(None, (row.place, *marks, row.text, row.second, row.right)))

    def rows(self) -> tuple[Fact, ...]:
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(200, sum(self._height(row) for row in self._rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight: those below the edge of the panel are painted when somebody scrolls to them."""
        painter = painter_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, first, last, width = 0, event.rect().top(), event.rect().bottom(), self.width()
        for n, row in enumerate(self._rows):
            height = self._height(row)
            if y > last:
                break
            if y + height > first:
                self._paint(painter, row, QRect(0, y, width, height), n == self._at and bool(row.action))
            y += height

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._row_at(event.position().toPoint().y()))

    def leaveEvent(self, _event: QEvent) -> None:
        self._point(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().toPoint().y())
        if row >= 0 and self._rows[row].action and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(self._rows[row].action)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is seen: on the link it was on, else on the first."""
        super().focusInEvent(event)
        if not 0 <= self._at < len(self._rows) or not self._rows[self._at].action:
            self._point(next((n for n, row in enumerate(self._rows) if row.action), -1))
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None:
            self._point(max(0, min(len(self._rows) - 1, self._at + step)))
            announce(self, self._words(self._rows[self._at]))
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space)
            and self._at >= 0
            and self._rows[self._at].action
        ):
            self.activated.emit(self._rows[self._at].action)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            if row >= 0:
                fact = self._rows[row]
                words = fact.hint or f"{fact.text}\n{fact.second}".strip()
                QToolTip.showText(event.globalPos(), wording.tip(words), self)
            return True
        return super().event(event)

    def _height(self, row: Fact) -> int:
        return self._paints.theme.px(40 if row.second else 24)

    def _row_at(self, y: int) -> int:
        bottom = 0
        for n, row in enumerate(self._rows):
            bottom += self._height(row)
            if y < bottom:
                return n
        return -1

    def _point(self, row: int) -> None:
        if row != self._at:
            self._at = row
            link = row >= 0 and bool(self._rows[row].action)
            self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
            self.update()

    def _paint(self, p: QPainter, row: Fact, r: QRect, lit: bool) -> None:
        theme, px, t = self._paints.theme, self._paints.theme.px, self._paints.theme.tokens
        middle, x, end = r.center().y() + 1, r.left(), r.right()
        if lit:
            p.setPen(QPen(QColor(t.accent), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            p.setBrush(QColor(t.hover))
            p.drawRoundedRect(r.adjusted(0, 1, -1, -1), 5, 5)
        x += px(14) * row.indent
        paints = self._paints
        if row.tick is not None:
            paints.tick(p, x, middle, row.tick)
            x += px(23)
        if row.avatar:
            paints.avatar(p, x, middle, px(22), *row.avatar)
            x += px(30)
        if row.pill:
            wide = paints.pill(p, x, middle, *row.pill)
            if self._even:
                wide = max(paints.pill_width(one.pill[0]) for one in self._rows if one.pill)
            x += wide + px(8)
        if row.right_pill:
            width = paints.pill_width(row.right_pill[0])
            paints.pill(p, end - width, middle, *row.right_pill)
            end -= width + px(8)
        if row.right:
            p.setPen(theme.colour(_INKS.get(row.right_tone, "muted")))
            width = paints.wide(row.right, 12, figures=True)
            paints.write_right(p, row.right, end - width - 2, middle, width + 2, width + 2, 12)
            end -= width + px(8)
        p.setPen(theme.colour(row.tone or "text"))
        if row.place:
            widest = max(paints.wide(one.place, 13, figures=True) for one in self._rows)
            paints.write_right(p, row.place, x, middle, widest, widest, 13)
            x += widest + px(8)
        room = max(0, end - x)
        if not row.second:
            paints.write_fitting(p, row.text, x, middle, room, 13)
            return
        paints.write_fitting(p, row.text, x, middle - px(9), room, 13)
        p.setPen(theme.colour("muted"))
        paints.write_fitting(p, row.second, x, middle + px(7), room, 12)


class Arithmetic(QWidget):
    """The score as a sum: label, value against threshold, bar, points. The points add up to the score."""

    def __init__(self, paints: Paintbox) -> None:
        super().__init__()
        self._paints, self._signals, self._origin = paints, tuple[SignalValue, ...](), ""
        self._texts: list[tuple[str, str]] = []  # value against threshold, points
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("How the score adds up"))

    def show_rows(self, signals: tuple[SignalValue, ...]) -> None:
        if signals != self._signals:
            grown = len(signals) != len(self._signals)
            self._signals = signals
            self._texts = [
                (f"{wording.number(s.value)} / {wording.number(s.threshold)}", wording.points(s.points))
                for s in signals
            ]
            self.setAccessibleDescription("; ".join(map(self._sentence, signals)))
            if grown:
                self.updateGeometry()
            self.update()

    def set_origin(self, words: str) -> None:
        """Where the values come from, for every tooltip."""
        self._origin = words

    def sizeHint(self) -> QSize:
        return QSize(200, self._paints.theme.px(24) * len(self._signals))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        paints, theme, px = self._paints, self._paints.theme, self._paints.theme.px
        p, height, t = painter_of(self), px(24), theme.tokens
        at = min(
            max([px(120), *(paints.wide(wording.label(s.label), 13) for s in self._signals)]) + px(14),
            px(170),
        )
        points_w = px(40)
        bar_x = at + max(
            [px(70), *(paints.wide(value, 13, figures=True) + px(14) for value, _points in self._texts)]
        )
        width = self.width() - points_w - bar_x - px(6)
        text, muted = theme.colour("text"), theme.colour("muted")
        for n, (s, (value, points)) in enumerate(zip(self._signals, self._texts, strict=True)):
            y, earned = n * height, bool(s.points)
            middle = y + height // 2
            p.setPen(text)
            paints.write_fitting(p, wording.label(s.label), 0, middle, at - px(8), 13)
            p.setPen(muted)
            paints.write(p, value, at, middle, bar_x - at, 13, figures=True)
            share = 1.0 if s.met else float(s.value) / float(s.threshold) if s.threshold else 0.0
            if width > px(20):
                paints.bar(p, bar_x, middle, width, share, t.accent if s.met else t.warming)
            p.setPen(text if earned else muted)
            weight = 600 if earned else 400
            paints.write_right(p, points, self.width() - points_w, middle, points_w, points_w, 13, weight)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            n = event.pos().y() // self._paints.theme.px(24)
            if 0 <= n < len(self._signals):
                words = "\n".join(filter(None, (self._sentence(self._signals[n]), self._origin)))
                QToolTip.showText(event.globalPos(), wording.tip(words), self)
            return True
        return super().event(event)

    def _sentence(self, s: SignalValue) -> str:
        return _("{label}: {value} of {threshold} needed, {points} of {weight} points").format(
            label=wording.label(s.label), value=wording.number(s.value), threshold=wording.number(s.threshold),
            points=wording.number(s.points), weight=wording.number(s.weight),
        )  # fmt: skip
