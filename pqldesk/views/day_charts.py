"""Charts over days and weeks: retention by signup week, days to first value, milestones by day."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from pqldesk.services.basics.rates import rate as rate_of
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.figure_rows import ActivationStep, CohortRow
from pqldesk.views import blocks, wording
from pqldesk.views.charts import Cells, Chart
from pqldesk.views.painting import CENTRE, LEFT, RIGHT, Paintbox
from pqldesk.views.theme import Theme, contrast


class CohortMap(Chart):
    """Weekly retention by signup week; counts where a week has fewer than thirty."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 190)
        self.blocks = blocks.cells
        self._cohorts: tuple[CohortRow, ...] = ()
        self._is_told = False

    def show_cohorts(self, cohorts: tuple[CohortRow, ...]) -> None:
        self._cohorts, self._is_told = cohorts, True
        self.say(n_("Retention of {n} signup week", "Retention of {n} signup weeks", len(cohorts)))

    def table(self) -> Cells:
        weeks = self._weeks()
        rows: list[tuple[str, ...]] = []
        for c in self._cohorts:
            shares = ["" if share is None else _kept(c, share) for share in c.active[:weeks]]
            shares += [""] * (weeks - len(shares))
            rows.append((wording.day(c.week), wording.number(c.n), *shares))
        return (_("Week"), _("Leads"), *(str(n) for n in range(weeks))), rows

    def _weeks(self) -> int:
        """How many weeks some cohort has behind it."""
        told = (n for c in self._cohorts for n, share in enumerate(c.active, 1) if share is not None)
        return max(told, default=0)

    def draw(self, p: QPainter) -> None:
        if not self._cohorts:
            if self._is_told:
                self.draw_words(p, _("Nobody has signed up in this period"))
            return
        px, t = self.theme.px, self.theme.tokens
        left, weeks = px(86), max(1, self._weeks())
        top = px(18)
        height = min(px(26), (self.height() - top) / len(self._cohorts))
        wide = (self.width() - left) / weeks
        self.write(p, QRectF(0, 0, left - px(8), px(16)), RIGHT, _("week"), 11, "muted")
        for week in range(weeks):
            area = QRectF(left + week * wide, 0, wide - 1, px(16))
            self.write(p, area, CENTRE, wording.number(week), 11, "muted")
        for n, cohort in enumerate(self._cohorts):
            y = top + n * height
            few = cohort.n < wording.ENOUGH
            self.write(p, QRectF(0, y, px(52), height), LEFT, wording.day(cohort.week), 12, "muted")
            self.write(
                p, QRectF(px(44), y, left - px(52), height), RIGHT, wording.number(cohort.n), 12, "muted"
            )
            for week, share in enumerate(cohort.active):
                if share is None:
                    continue
                area = QRectF(left + week * wide, y, wide - 1, height - 1)
                tint, most = (t.muted, 0.2) if few else (t.accent, 0.72)
                ground = mixed(QColor(t.surface), QColor(tint), 0.08 + most * share)
                p.fillRect(area, ground)
                p.setFont(self.theme.font(12))
                p.setPen(readable(ground))
                p.drawText(area, CENTRE, _kept(cohort, share).removesuffix("%"))
                rate = rate_of(round(share * cohort.n), cohort.n)
                hint = _("Signed up in the week of {day}: {n} of {of} active in week {week}").format(
                    day=wording.day(cohort.week), n=wording.number(rate.n), of=wording.number(rate.of), week=week
                )  # fmt: skip
                if few:
                    hint += "\n" + _("Fewer than {n}: counts, no shares").format(n=wording.ENOUGH)
                elif rate.low is not None and rate.high is not None:
                    hint += "\n" + _("{share}, 95 % interval {interval}").format(
                        share=wording.percent(share), interval=wording.percent_span(rate.low, rate.high)
                    )
                self.mark(area.toRect(), hint, ("cohort", cohort.week, week) if rate.n else None)


def _kept(cohort: CohortRow, share: float) -> str:
    """How many of a signup week were active, as a share where they are enough for one."""
    few = cohort.n < wording.ENOUGH
    return wording.number(round(share * cohort.n)) if few else wording.percent(share)


class DayHistogram(Chart):
    """How many leads reached first value 0 to 1, 1 to 2, ... times 24 hours after signup."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 190)
        self._days: tuple[int, ...] = ()
        self._median: float | None = None
        self._is_told = False

    def show_days(self, days: tuple[int, ...], median: float | None) -> None:
        self._days, self._median, self._is_told = days, median, True
        words = wording.NONE if median is None else wording.number(round(median, 1))
        self.say(_("Days from signup to first value, median {median}").format(median=words))

    def table(self) -> Cells:
        head = (_("Days after signup"), _("Leads"))
        return head, [(f"{n}–{n + 1}", wording.number(count)) for n, count in enumerate(self._days)]

    def draw(self, p: QPainter) -> None:
        if not any(self._days):
            if self._is_told:
                self.draw_words(p, _("Nobody has reached first value yet"))
            return
        px, t = self.theme.px, self.theme.tokens
        top, base = px(38), self.height() - px(20)  # the median's words, below them the highest bar's count
        step, most = self.width() / len(self._days), max(1, *self._days)
        highest = self._days.index(max(self._days))
        for n, count in enumerate(self._days):
            height = count / most * (base - top)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(QColor(t.accent))
            p.drawRoundedRect(QRectF(n * step + 2, base - height, max(3.0, step - 5), height), 2, 2)
            if n == highest:
                area = QRectF((n + 0.5) * step - px(24), base - height - px(17), px(48), px(16))
                area.moveLeft(max(0.0, area.left()))
                at_edge = area.left() == 0
                self.write(p, area, LEFT if at_edge else CENTRE, wording.number(count), 11, "text", 600)
            every = max(1, round(px(28) / step))
            if n % every == 0:
                self.write(
                    p,
                    QRectF(n * step - (px(14) if n else 0), base + 2, px(28), px(16)),
                    CENTRE if n else LEFT,
                    str(n),
                    11,
                    "muted",
                )
            words = n_("{n} lead", "{n} leads", count)
            area_of = QRect(int(n * step), 0, int(step), self.height())
            self.mark(area_of, f"{days_after_signup(n)}: {words}", ("day", n) if count else None)
        if self._median is not None:
            x = self._median * step
            pen = QPen(QColor(t.warn), 1.2, Qt.PenStyle.DashLine)
            p.setPen(pen)
            p.drawLine(QPointF(x, px(18)), QPointF(x, base))
            words = _("median {days} d").format(days=wording.number(round(self._median, 1)))
            self.write(p, QRectF(x + px(6), 0, px(140), px(18)), LEFT, words, 12, "warn")


class MilestoneCurves(Chart):
    """Share that had reached each milestone within n times 24 hours of signup, of those here so long, labelled at its
    end."""

    _DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)

    def __init__(self, theme: Theme, paints: Paintbox) -> None:
        super().__init__(theme, 250)
        self.blocks = blocks.lines
        self._paints = paints
        self._steps: tuple[ActivationStep, ...] = ()
        self._is_told = False

    def show_steps(self, steps: tuple[ActivationStep, ...]) -> None:
        self._is_told = True
        self._steps = tuple(step for step in steps if step.by_day)
        self.say("; ".join(f"{wording.label(s.label)} {wording.percent(s.by_day[-1])}" for s in self._steps))

    def table(self) -> Cells:
        spans = (1, 2, 3, 7, 14, 30)
        return (_("Milestone"), *(_("Within {n} d").format(n=d) for d in spans)), [
            (
                wording.label(s.label),
                *(wording.percent(s.by_day[d - 1]) if d <= len(s.by_day) else wording.NONE for d in spans),
            )
            for s in self._steps
        ]

    def draw(self, p: QPainter) -> None:
        if not self._steps:
            if self._is_told:
                self.draw_words(p, _("Nobody signed up a whole day ago yet"))
            return
        px, t = self.theme.px, self.theme.tokens
        words = [self._paints.wide(wording.label(s.label), 12, 500) for s in self._steps]
        left = max(px(38), self._paints.wide(wording.percent(1), 11) + px(10))
        right = min(max(px(132), *words) + px(14), self.width() // 3)
        top, base = px(8), self.height() - px(22)
        days = max(len(s.by_day) for s in self._steps)
        wide = self.width() - left - right
        for share in (0, 0.25, 0.5, 0.75, 1):
            y = base - share * (base - top)
            p.fillRect(QRectF(left, y, wide, 1), QColor(t.line2))
            self.write(
                p, QRectF(0, y - px(8), left - px(8), px(16)), RIGHT, wording.percent(share), 11, "muted"
            )
        for day in range(0, days + 1, 5):
            x = left + day / days * wide
            self.write(p, QRectF(x - px(20), base + px(3), px(40), px(16)), CENTRE, str(day), 11, "muted")
        colours = (t.accent, t.hot, t.warming, t.bad, t.ok, t.muted)
        labels: list[tuple[float, str, str, ActivationStep]] = []
        for n, s in enumerate(self._steps):
            path = QPainterPath()
            for day, share in enumerate(s.by_day, 1):
                spot = QPointF(left + day / days * wide, base - share * (base - top))
                (path.moveTo if day == 1 else path.lineTo)(spot)
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QPen(QColor(colours[n % 6]), 1.8, self._DASHES[n % 4]))
            p.drawPath(path)
            labels.append((base - s.by_day[-1] * (base - top), wording.label(s.label), colours[n % 6], s))
        floor = -1e9
        for y, label, colour, s in sorted(labels, key=lambda one: one[:2]):
            floor = max(y, floor + px(16))
            p.setFont(self.theme.font(12, 500))
            p.setPen(QColor(colour))
            text = self._paints.metrics(12, 500).elidedText(
                label, Qt.TextElideMode.ElideRight, right - px(10)
            )
            area = QRectF(left + wide + px(8), floor - px(9), right - px(8), px(18))
            p.drawText(area, LEFT, text)
            hint = _("{label}: {n} of {of} leads").format(
                label=label, n=wording.number(s.reached), of=wording.number(s.of)
            )
            self.mark(area.toRect(), hint, ("milestone", s.milestone) if s.reached else None)


def days_after_signup(day: int) -> str:
    """The stretch of 24 hours that a day after signup is: whole ones are counted, as for milestones."""
    return _("{n} to {m} days after signup").format(n=day, m=day + 1)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """*share* of *other* in *one*."""
    parts = ((a * (1 - share) + b * share) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))  # type: ignore[index]
    return QColor(*(round(part) for part in parts))


def readable(ground: QColor) -> QColor:
    """The ink that stands out more on a ground."""
    dark, light = "#000000", "#FFFFFF"  # one of the two reaches 4.5:1 on every shade there is
    return QColor(dark if contrast(ground.name(), dark) >= contrast(ground.name(), light) else light)
