"""How far each signup week has come: weeks by milestones."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from pqldesk.services.basics.rates import rate
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import ActivationWeek
from pqldesk.views import blocks, wording
from pqldesk.views.charts import Cells, Chart
from pqldesk.views.day_charts import mixed, readable
from pqldesk.views.painting import CENTRE, LEFT, RIGHT, Paintbox
from pqldesk.views.theme import Theme


class MilestoneMap(Chart):
    """Share of each signup week that reached each milestone; a count where a week has fewer than thirty."""

    def __init__(self, theme: Theme, paints: Paintbox) -> None:
        super().__init__(theme, 236)
        self.blocks = blocks.cells
        self._paints = paints
        self._weeks: tuple[ActivationWeek, ...] = ()
        self._is_told = False
        self._labels: tuple[tuple[str, str], ...] = ()

    def show_weeks(self, weeks: tuple[ActivationWeek, ...], labels: tuple[tuple[str, str], ...]) -> None:
        """*labels* are (key, label) of the milestones."""
        self._weeks, self._labels, self._is_told = weeks, labels, True
        self.say(_("Milestones reached by signup week, {n} weeks").format(n=len(weeks)))

    def table(self) -> Cells:
        head: tuple[str, ...] = (_("Week"), _("Leads"), *(label for _key, label in self._labels))
        rows: list[tuple[str, ...]] = [
            (
                wording.day(week.week),
                wording.number(week.n),
                *(self._cell(week, n) for n in range(len(self._labels))),
            )
            for week in self._weeks
        ]
        return head, rows

    def _cell(self, week: ActivationWeek, n: int) -> str:
        few = week.n < wording.ENOUGH
        return wording.number(week.reached[n]) if few else wording.percent(week.reached[n] / week.n)

    def draw(self, p: QPainter) -> None:
        if not self._weeks:
            if self._is_told:
                self.draw_words(p, _("Nobody has signed up in the last weeks"))
            return
        px, t = self.theme.px, self.theme.tokens
        left, top = px(92), px(20)
        height = min(px(34), (self.height() - top) / len(self._weeks))
        wide = (self.width() - left) / max(1, len(self._labels))
        self.write(p, QRectF(0, 0, px(82), px(16)), RIGHT, _("Signups"), 11, "muted")
        for n, (_key, label) in enumerate(self._labels):
            shown = self._paints.metrics(11).elidedText(label, Qt.TextElideMode.ElideRight, int(wide) - px(6))
            self.write(p, QRectF(left + n * wide, 0, wide, px(16)), CENTRE, shown, 11, "muted")
        for row, week in enumerate(self._weeks):
            y = top + row * height
            self.write(p, QRectF(0, y, px(52), height), LEFT, wording.day(week.week), 12, "muted")
            self.write(p, QRectF(px(44), y, px(38), height), RIGHT, wording.number(week.n), 12, "muted")
            for n, (milestone, label) in enumerate(self._labels):
                share = week.reached[n] / week.n if week.n else 0.0
                few = week.n < wording.ENOUGH
                area = QRectF(left + n * wide, y, wide - 1, height - 1)
                tint, most = (t.muted, 0.2) if few else (t.accent, 0.72)
                ground = mixed(QColor(t.surface), QColor(tint), 0.06 + most * share)
                p.fillRect(area, ground)
                p.setFont(self.theme.font(12))
                p.setPen(readable(ground))
                p.drawText(area, CENTRE, self._cell(week, n))
                hint = _("Week of {day}: {n} of {of} reached {label}").format(
                    day=wording.day(week.week), n=week.reached[n], of=week.n, label=label
                )
                found = rate(week.reached[n], week.n)
                if not few and found.low is not None and found.high is not None:
                    hint += "\n" + _("{share}, 95 % interval {interval}").format(
                        share=wording.percent(found.share),
                        interval=wording.percent_span(found.low, found.high),
                    )
                if few:
                    hint += "\n" + _("Fewer than {n}: counts, no shares").format(n=wording.ENOUGH)
                key = ("week", week.week, milestone) if week.reached[n] else None
                self.mark(area.toRect(), hint, key)
