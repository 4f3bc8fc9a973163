"""The two charts of the funnel itself: its steps, and how often each band was won."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from pqldesk.services.basics.texts import _, p_
from pqldesk.views import blocks, wording
from pqldesk.views.charts import Cells, Chart
from pqldesk.views.painting import CENTRE, LEFT, RIGHT
from pqldesk.views.theme import Theme

if TYPE_CHECKING:
    from pqldesk.services.figure_rows import BandRate, FunnelStep


class FunnelChart(Chart):
    """Steps as bars: how many, what share of the cohort, median time; the interval in the tooltip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 230)
        self.blocks = blocks.bars
        self._steps: tuple[FunnelStep, ...] = ()
        self._previous: tuple[FunnelStep, ...] = ()

    def show_steps(self, steps: tuple[FunnelStep, ...], previous: tuple[FunnelStep, ...] = ()) -> None:
        self._steps, self._previous = steps, previous if len(previous) == len(steps) else ()
        self.say("; ".join(f"{_step(s)} {s.n}, {wording.rate(s.rate, s.of, 1)}" for s in steps))

    def table(self) -> Cells:
        head = (
            _("Step"), _("Leads"), _("Of signups"), _("95 % interval"), _("Of step before"), _("95 % interval of that"),
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
        if not any(s.n for s in self._steps):
            self.draw_words(p, _("Nobody has signed up in this period"))
            return
        px, t = self.theme.px, self.theme.tokens
        height = self.height() / len(self._steps)
        measure = QFontMetrics(self.theme.font(13)).horizontalAdvance
        left = min(max(px(128), *(measure(_step(s)) + px(12) for s in self._steps)), self.width() // 3)
        unit = self._unit(left)
        for n, s in enumerate(self._steps):
            y, width = n * height, max(px(4), s.n * unit)
            area = QRectF(left, y + 3, width if s.n else 0, min(height - 7, px(31)))
            centre = QRectF(0, area.top(), self.width(), area.height())
            name = QFontMetrics(self.theme.font(13)).elidedText(
                _step(s), Qt.TextElideMode.ElideRight, left - px(8)
            )
            self.write(p, centre, LEFT, name, 13, "text")
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

    def _unit(self, left: int) -> float:
        """The longest bars for which each has room left for its number and what stands at its end."""
        px = self.theme.px
        words = QFontMetrics(self.theme.font(12))
        units = [
            (
                self.width()
                - left
                - px(56)
                - (words.horizontalAdvance(step_words(s)) + px(12) if s.from_before else 0)
            )
            / s.n
            for s in self._steps
            if s.n
        ]
        return max(0.0, min(units, default=0.0))


def step_words(s: FunnelStep) -> str:
    """The conversion from the step before and its median time; no share of fewer than thirty."""
    if s.from_before is None or not s.from_before.of:
        return ""
    if s.from_before.of < wording.ENOUGH:
        if s.n > s.from_before.n:  # else "0 of 5" stands beside "Won 40"
            return _("{n} of {of} · {rest} skipped the step above").format(
                n=s.from_before.n, of=s.from_before.of, rest=wording.number(s.n - s.from_before.n)
            )
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
        return (_("Band"), p_("leads", "Closed"), p_("leads", "Won"), _("Rate"), _("95 % interval")), [
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
        if not any(b.n for b in self._bands):
            self.draw_words(p, _("Nobody was won or lost in the period"))
            return
        px, t = self.theme.px, self.theme.tokens
        base = self.height() - px(40)
        top = px(22)
        most = max([b.high or b.rate or 0 for b in self._bands if b.n >= wording.ENOUGH] + [0.05])
        step = self.width() / len(self._bands)
        p.fillRect(QRectF(0, base, self.width(), 1), QColor(t.line))
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
            share = _("{won} of {n}").format(won=b.won, n=b.n) if b.n else ""
            self.write(
                p, QRectF(middle - step / 2, base + px(20), step, px(17)), CENTRE, share, 11.5, "muted"
            )
            hint = f"{_band(b)}: {share or 0}, {words}, 95 %: {_interval(b.low, b.high)}"
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
