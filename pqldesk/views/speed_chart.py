"""How fast qualified leads were touched, in time or too late, and how many nobody has touched."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.figure_rows import WAITING, SpeedBucket, SpeedToLead
from pqldesk.views import wording
from pqldesk.views.charts import Cells, Chart
from pqldesk.views.painting import CENTRE, LEFT, RIGHT
from pqldesk.views.theme import Theme


class SpeedChart(Chart):
    """Leads by the time from qualification to the first touch."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 190)
        self._speed = SpeedToLead(0, None)
        self._is_told = False

    def show_speed(self, speed: SpeedToLead) -> None:
        self._speed, self._is_told = speed, True
        share = speed.in_time
        words = wording.NONE if share is None else wording.rate(share.share, share.of)
        self.say(
            _("Speed to lead: {share} in time, {n} leads touched, {waiting} not").format(
                share=words, n=speed.n, waiting=speed.waiting
            )
        )

    def table(self) -> Cells:
        head: tuple[str, ...] = (_("Within"), _("Leads"), _("In time"), _("Too late"))
        rows: list[tuple[str, ...]] = [
            (
                self._label(n),
                wording.number(bucket.n),
                wording.number(bucket.n - bucket.late),
                wording.number(bucket.late),
            )
            for n, bucket in enumerate(self._bars())
        ]
        return head, rows

    def _bars(self) -> tuple[SpeedBucket, ...]:
        """The buckets, and those that wait as the last; of them those whose clock has run out are late."""
        return (*self._speed.buckets, SpeedBucket(None, self._speed.waiting, self._speed.overdue))

    def _label(self, n: int) -> str:
        buckets = self._speed.buckets
        if n == len(buckets):
            return _("not yet")
        end = buckets[n].up_to
        if end is None:
            return _("over {time}").format(time=wording.hours(buckets[n - 1].up_to))
        return wording.hours(end)

    def draw(self, p: QPainter) -> None:
        buckets = self._speed.buckets
        px, t = self.theme.px, self.theme.tokens
        if not self._is_told:
            return
        if not self._speed.n and not self._speed.waiting:
            words = _("No qualified lead of these signups waits or was touched")
            self.write(p, QRectF(0, 0, self.width(), self.height()), CENTRE, words, 13, "muted")
            return
        # two lines of targets, and the highest bar's count below them; under the times, what the colours mean
        top, base = px(54), self.height() - px(38)
        bars = self._bars()
        labels = self._labels(self.width() / len(bars))
        most_wide = self.width() / len(bars) + px(6)
        long_last = QFontMetrics(self.theme.font(10.5)).horizontalAdvance(labels[-1]) > most_wide
        step, most = self.width() / len(bars), max(1, *(one.n for one in bars))
        for n, one in enumerate(bars):
            unit = (base - top) / most
            y = float(base)
            p.setPen(Qt.PenStyle.NoPen)
            for many, colour in ((one.n - one.late, t.accent), (one.late, t.warming)):
                if many:
                    p.setBrush(QColor(colour))
                    p.drawRoundedRect(QRectF(n * step + 3, y - many * unit, step - 7, many * unit), 3, 3)
                    y -= many * unit
            if one.n:
                count = QRectF(n * step, y - px(17), step, px(16))
                self.write(p, count, CENTRE, wording.number(one.n), 11, "text", 600)
            label = QRectF(n * step - px(9), base + 2, step + px(18), px(16))
            if n == len(buckets) and long_last:  # a line further down, beside what the colours mean
                label.setRect(self.width() / 2, base + px(21), self.width() / 2, px(17))
                self.write(p, label, RIGHT, labels[n], 10.5, "muted")
            else:
                self.write(p, label, CENTRE, labels[n], 10.5, "muted")
            words = n_("{n} lead", "{n} leads", one.n)
            if one.n:
                words += " · " + _("{n} too late by its own target").format(n=wording.number(one.late))
            area = QRect(int(n * step), 0, int(step), self.height())
            self.mark(
                area,
                f"{self._label(n)}: {words}",
                ("speed", n if n < len(buckets) else WAITING) if one.n else None,
            )
        p.fillRect(QRectF(0, base, self.width(), 1), QColor(t.line))
        self._legend(p, base + px(21))
        for line, (hours, words) in enumerate(self._targets()):
            at = next(
                (n for n, one in enumerate(buckets) if one.up_to is None or one.up_to > hours), len(buckets)
            )
            x, y = at * step - 1, line * px(17)
            p.setPen(QPen(QColor(t.warn), 1.2, Qt.PenStyle.DashLine if line else Qt.PenStyle.DotLine))
            p.drawLine(QPointF(x, y), QPointF(x, base))
            wide = QFontMetrics(self.theme.font(11.5)).horizontalAdvance(words)
            on_right = (
                x + px(5) + wide <= self.width()
            )  # else they would stand across the nearer target's line
            room = QRectF(
                x + px(5) if on_right else 0, y, self.width() - x if on_right else x - px(5), px(16)
            )
            self.write(p, room, LEFT if on_right else RIGHT, words, 11.5, "warn")

    def _labels(self, room: float) -> list[str]:
        """What stands under the bars: each time with its unit; where there is no room, with it where it changes."""
        buckets = self._speed.buckets
        words = [self._label(n) for n in range(len(buckets) + 1)]
        if len(buckets) > 1:
            words[-2] = "> " + wording.hours(buckets[-2].up_to)
        shown = [word.replace(" ", "\u2009") for word in words]
        measure = QFontMetrics(self.theme.font(10.5)).horizontalAdvance
        if all(measure(word) <= room for word in shown[:-1]):
            return shown
        units = [word.rpartition(" ")[2] for word in words]
        return [
            word if n in (0, len(words) - 1) or units[n] != units[n - 1] else words[n].rpartition(" ")[0]
            for n, word in enumerate(shown)
        ]

    def _legend(self, p: QPainter, y: float) -> None:
        px, x = self.theme.px, 3.0
        for words, colour in ((_("in time"), "accent"), (_("too late"), "warming")):
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(self.theme.colour(colour))
            p.drawRoundedRect(QRectF(x, y + px(4), px(9), px(9)), 2, 2)
            wide = QFontMetrics(self.theme.font(11)).horizontalAdvance(words) + 2
            self.write(p, QRectF(x + px(14), y, wide, px(17)), LEFT, words, 11, "muted")
            x += px(14) + wide + px(16)

    def _targets(self) -> list[tuple[float, str]]:
        """Each response target in hours, the nearest first, with its words; hot leads' counts working hours."""
        hot, qualified = self._speed.hot_target_hours, self._speed.target_hours
        found = [(qualified, _("target {time}").format(time=wording.hours(qualified)))]
        if hot:
            words = n_("hot: {n} working hour", "hot: {n} working hours", round(hot))
            found.append((hot, words))
        return sorted(found)
