"""Charts painted by hand. Each takes rows, says itself in words, and can be read as a table."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.painting import CENTRE, LEFT, RIGHT
from pqldesk.views.theme import Theme

if TYPE_CHECKING:
    from pqldesk.services.figure_rows import BandRate, FunnelStep
    from pqldesk.services.rows import Number, ScoreMove

Cells = tuple[tuple[str, ...], list[tuple[str, ...]]]  # headers, rows


class Chart(QWidget):
    """A painted figure: marks carry tooltips, the whole has a sentence for readers of screens.

    Marks with a key open: by a click, or with the arrow keys and Enter.
    """

    opened = Signal(object)  # the key of a mark

    def __init__(self, theme: Theme, height: int) -> None:
        super().__init__()
        self.theme = theme
        self._tall = height
        self._marks: list[tuple[QRect, str]] = []
        self._doors: list[tuple[QRect, str, object]] = []  # the marks that open, in reading order
        self._at = 0
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

    def say(self, sentence: str) -> None:
        self.setAccessibleName(sentence)
        self.update()

    def mark(self, area: QRect, words: str, key: object = None) -> None:
        """A part of the picture with its words; with a *key* it opens what it stands for."""
        if key is not None:
            self._doors.append((area, words, key))
            words += "\n" + _("Click, or Enter, to see them")
        self._marks.append((area, words))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:  # a painter that outlives a fault in here would bring the whole program down
            self.paint_on(painter)
            if self.hasFocus() and self._doors:
                self._at = min(self._at, len(self._doors) - 1)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(self.theme.tokens.accent), 1.5))
                painter.drawRoundedRect(QRectF(self._doors[self._at][0]).adjusted(1, 1, -1, -1), 5, 5)
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

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = next((words for area, words in self._marks if area.contains(event.pos())), "")
            QToolTip.showText(event.globalPos(), wording.tip(words), self)
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
            back = len(self._days) - 1 - n
            when = _("today") if not back else n_("{n} day ago", "{n} days ago", back)
            words = n_("{n} event", "{n} events", count)
            self.mark(QRect(int(n * step), 0, int(step), self.height()), f"{when}: {words}")


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
        return (_("When"), _("From"), _("To"), _("Why")), [
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
        self._values: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: tuple[float, ...], sentence: str) -> None:
        self._values = values
        self.say(sentence)

    def draw(self, p: QPainter) -> None:
        if len(self._values) < 2:
            return
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


class FunnelChart(Chart):
    """Steps as bars: how many, what share of the cohort, median time; the interval in the tooltip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 230)
        self._steps: tuple[FunnelStep, ...] = ()
        self._previous: tuple[FunnelStep, ...] = ()

    def show_steps(self, steps: tuple[FunnelStep, ...], previous: tuple[FunnelStep, ...] = ()) -> None:
        self._steps, self._previous = steps, previous if len(previous) == len(steps) else ()
        self.say("; ".join(f"{_step(s)} {s.n}, {wording.rate(s.rate, s.of, 1)}" for s in steps))

    def table(self) -> Cells:
        head = (
            _("Step"), _("Leads"), _("Of signups"), _("95 % interval"), _("Of step before"), _("95 % interval"),
            _("Median time"), _("Before"),
        )  # fmt: skip
        rows: list[tuple[str, ...]] = []
        for s, old in zip(self._steps, self._previous or self._steps, strict=True):
            of = s.from_before
            rows.append((
                _step(s), wording.number(s.n), wording.rate(s.rate, s.of, 1), _interval(s.low, s.high),
                "" if of is None else wording.rate(of.share, of.of, 1),
                "" if of is None else _interval(of.low, of.high), wording.hours(s.hours_from_before),
                wording.number(old.n) if self._previous else "",
            ))  # fmt: skip
        return head, rows

    def draw(self, p: QPainter) -> None:
        if not self._steps:
            return
        px, t = self.theme.px, self.theme.tokens
        height = self.height() / len(self._steps)
        left, right = px(128), px(176)
        room = max(40, self.width() - left - right - px(56))
        most = max(1, *(s.n for s in self._steps))
        for n, s in enumerate(self._steps):
            y, width = n * height, max(3.0, s.n / most * room)
            area = QRectF(left, y + 3, width if s.n else 0, min(height - 7, px(31)))
            centre = QRectF(0, area.top(), self.width(), area.height())
            self.write(p, centre, LEFT, _step(s), 13, "text")
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor(t.accent))
            if s.n:
                p.drawRoundedRect(area, 5, 5)
            self.write(
                p, centre.adjusted(left + width + px(8), 0, 0, 0), LEFT, wording.number(s.n), 13, "text", 600
            )
            if s.from_before is not None:
                self.write(p, centre, RIGHT, step_words(s), 12, "muted")
            hint = _("{step}: {n} of {of} leads, {share}, 95 % interval {interval}").format(
                step=_step(s), n=wording.number(s.n), of=wording.number(s.of), share=wording.rate(s.rate, s.of, 1),
                interval=_interval(s.low, s.high),
            )  # fmt: skip
            if s.from_before is not None:
                before = s.from_before
                hint += "\n" + _("Of the step before: {n} of {of}, 95 % interval {interval}").format(
                    n=wording.number(before.n), of=wording.number(before.of),
                    interval=_interval(before.low, before.high),
                )  # fmt: skip
            self.mark(QRect(0, int(y), self.width(), int(height)), hint, ("step", s.step) if s.n else None)


def step_words(s: FunnelStep) -> str:
    """The conversion from the step before and its median time; no share of fewer than thirty."""
    if s.from_before is None:
        return ""
    if s.from_before.of < wording.ENOUGH:
        return _("{n} of {of} · not enough yet").format(n=s.from_before.n, of=s.from_before.of)
    words = wording.percent(s.from_before.share, 1)
    if s.hours_from_before is None:
        return words
    return _("{share} · median {time}").format(share=words, time=wording.hours(s.hours_from_before))


class BandChart(Chart):
    """Win rate by score band, with the 95 % interval as whisker."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 230)
        self._bands: tuple[BandRate, ...] = ()

    def show_bands(self, bands: tuple[BandRate, ...]) -> None:
        best_last = bands[::-1] if bands and bands[0].band == "hot" else bands
        self._bands = bands = best_last
        self.say("; ".join(f"{_band(b)} {wording.rate(b.rate, b.n)} ({b.won}/{b.n})" for b in bands))

    def table(self) -> Cells:
        return (_("Band"), _("Closed"), _("Won"), _("Rate"), _("95 % interval")), [
            (
                _band(b),
                wording.number(b.n),
                wording.number(b.won),
                wording.rate(b.rate, b.n),
                _interval(b.low, b.high),
            )
            for b in self._bands
        ]

    def draw(self, p: QPainter) -> None:
        if not self._bands:
            return
        px, t = self.theme.px, self.theme.tokens
        base = self.height() - px(40)
        top = px(22)
        most = max([b.high or b.rate or 0 for b in self._bands if b.n >= wording.ENOUGH] + [0.05])
        step = self.width() / len(self._bands)
        p.fillRect(QRectF(0, base, self.width(), 1), QColor(t.line))
        if not any(b.n for b in self._bands):
            nothing = _("Nobody of these signups has been won or lost yet")
            self.write(p, QRectF(0, top, self.width(), base - top), CENTRE, nothing, 13, "muted")
        for n, b in enumerate(self._bands):
            middle = n * step + step / 2
            wide = min(px(62), step * 0.6)
            is_telling = b.rate is not None and b.n >= wording.ENOUGH
            rate = b.rate or 0 if is_telling else 0
            height = max(2.0, rate / most * (base - top))
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor(t.band(b.band) if is_telling else t.track))
            p.drawRoundedRect(QRectF(middle - wide / 2, base - height, wide, height), 3, 3)
            label_y = base - height - px(20)
            if b.low is not None and b.high is not None and is_telling:
                low, high = base - b.low / most * (base - top), base - b.high / most * (base - top)
                p.setPen(QPen(QColor(t.text), 1.2))
                p.drawLine(QPointF(middle, low), QPointF(middle, high))
                for end in (low, high):
                    p.drawLine(QPointF(middle - 4, end), QPointF(middle + 4, end))
                label_y = min(label_y, high - px(20))
            words = wording.rate(b.rate, b.n)
            if is_telling or not b.n:
                area = QRectF(middle - step / 2, max(0.0, label_y), step, px(18))
                self.write(p, area, CENTRE, words, 12, "text", 600)
            else:
                area = QRectF(middle - step / 2 + px(4), base - px(62), step - px(8), px(56))
                below = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
                self.write(p, area, int(below | Qt.TextFlag.TextWordWrap), words, 12, "muted")
            self.write(p, QRectF(middle - step / 2, base + px(4), step, px(17)), CENTRE, _band(b), 12, "text")
            share = _("{won} of {n}").format(won=b.won, n=b.n)
            self.write(
                p, QRectF(middle - step / 2, base + px(20), step, px(17)), CENTRE, share, 11.5, "muted"
            )
            hint = f"{_band(b)}: {share}, {words}, 95 %: {_interval(b.low, b.high)}"
            area_of = QRect(int(n * step), 0, int(step), self.height())
            self.mark(area_of, hint, ("band", b.band) if b.n else None)


def _step(s: FunnelStep) -> str:
    return wording.FUNNEL_STEPS.get(s.step, wording.plain(s.step))


def _band(b: BandRate) -> str:
    return wording.BANDS.get(b.band, wording.plain(b.band))


def _interval(low: float | None, high: float | None) -> str:
    return (
        wording.NONE if low is None or high is None else f"{wording.percent(low)} – {wording.percent(high)}"
    )
