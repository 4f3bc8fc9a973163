"""The lift curve of a replay: which share of the wins stands in the best share of the leads."""

from bisect import bisect_left

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from pqldesk.services.basics.texts import _
from pqldesk.services.modelling.replay_figures import LiftSlice, ReplayAgainst
from pqldesk.views import blocks, wording
from pqldesk.views.charts import Cells, Chart
from pqldesk.views.painting import CENTRE, LEFT, RIGHT
from pqldesk.views.theme import Theme

Curve = tuple[tuple[float, float], ...]
TWENTY = 20  # marks where the leads behind them are not known
TENTHS = tuple(n / 10 for n in range(11))


def caught_at(curve: Curve, share: float) -> float:
    """The share of wins in the first *share* of leads; between two points of the curve in proportion."""
    place = bisect_left([x for x, _ in curve], share)
    if place == 0:
        return curve[0][1]
    if place >= len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[place - 1], curve[place]
    return y0 + (y1 - y0) * (share - x0) / (x1 - x0) if x1 > x0 else y1


class LiftChart(Chart):
    """Draft and live model against chance."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, 210)
        self.blocks = blocks.lines
        self._live: Curve = ()
        self._draft: Curve = ()
        self._slices: tuple[LiftSlice, ...] = ()
        self._is_draft = False
        self._nothing = _("Shown once the replay has run")
        self.setAccessibleName(self._nothing)

    def show_replay(self, found: ReplayAgainst, *, is_draft: bool) -> None:
        self._live, self._draft, self._is_draft = found.live.curve, found.draft.curve, is_draft
        self._slices = found.slices
        self._nothing = _("No wins among the decided leads yet")
        if not self._draft:
            self.say(_("Lift: no wins yet"))
            return
        words = _("Lift: the best fifth of the leads holds {share} of the wins")
        self.say(words.format(share=wording.percent(caught_at(self._draft, 0.2))))

    def table(self) -> Cells:
        both = self._is_draft  # else there is one curve
        head = (_("Best leads"), _("Live"), *((_("Draft"),) if both else ()), _("Chance"))
        curves = (self._live, self._draft) if both else (self._live,)
        rows: list[tuple[str, ...]] = [
            (wording.percent(share), *(wording.percent(caught_at(curve, share)) for curve in curves),
             wording.percent(share))
            for share in TENTHS[1:]
        ] if self._draft and self._live else []  # fmt: skip
        return head, rows

    def draw(self, p: QPainter) -> None:
        px, t = self.theme.px, self.theme.tokens
        left, top, base = px(40), px(20), self.height() - px(36)
        wide, high = self.width() - left - px(10), base - top
        for share in (0, 0.5, 1):
            y = base - share * high
            if self._draft or share != 0.5:  # there the words say why there is no curve
                p.fillRect(QRectF(left, y, wide, 1), QColor(t.line2))
            area = QRectF(0, y - px(8), left - px(8), px(16))
            self.write(p, area, RIGHT, wording.percent(share), 11, "muted")
            x = left + share * wide
            area = QRectF(x - px(20) if share < 1 else x - px(34), base + px(3), px(40), px(15))
            self.write(p, area, CENTRE, wording.percent(share), 11, "muted")
        self.write(p, QRectF(left, 0, wide, px(16)), LEFT, _("share of wins"), 11, "muted")
        under = QRectF(left, base + px(18), wide, px(16))
        self.write(p, under, CENTRE, _("share of leads, best score first"), 11, "muted")
        if not self._draft:
            self.write(p, QRectF(left, top, wide, high), CENTRE, self._nothing, 13, "muted")
            return
        chance = QPen(QColor(t.faint), 1.2, Qt.PenStyle.DashLine)
        lines: list[tuple[Curve, QPen]] = [(((0, 0), (1, 1)), chance)]
        if self._is_draft:
            lines.append((self._live, QPen(QColor(t.muted), 1.6)))
        lines.append((self._draft, QPen(QColor(t.accent), 2.2)))
        p.setBrush(Qt.BrushStyle.NoBrush)
        for curve, pen in lines:
            path = QPainterPath()
            for n, (x, y) in enumerate(curve):
                spot = QPointF(left + x * wide, base - y * high)
                (path.lineTo if n else path.moveTo)(spot)
            p.setPen(pen)
            p.drawPath(path)
        names = [(_("draft") if self._is_draft else _("live"), "accent")]
        names += [(_("live"), "muted")] if self._is_draft else []
        names.append((_("chance"), "faint"))
        y = base - px(8) - px(16) * len(names)
        for n, (name, tone) in enumerate(names):
            row = QRectF(left + wide - px(62), y + n * px(16), px(60), px(16))
            style = Qt.PenStyle.DashLine if tone == "faint" else Qt.PenStyle.SolidLine
            p.setPen(QPen(QColor(getattr(t, tone)), 2, style))
            p.drawLine(
                QPointF(row.left() - px(20), row.center().y()), QPointF(row.left() - px(5), row.center().y())
            )
            self.write(p, row, LEFT, name, 11, "text" if tone == "accent" else "muted")
        slices = self._slices or (None,) * TWENTY
        for n, cut in enumerate(slices):
            share = (n + 0.5) / len(slices)
            words = _("Best {share} of leads hold {caught} of the wins").format(
                share=wording.percent(share, 1), caught=wording.percent(caught_at(self._draft, share))
            )
            if self._is_draft:
                old = wording.percent(caught_at(self._live, share))
                words += "\n" + _("live: {caught}").format(caught=old)
            if cut is not None and cut.leads:
                words += "\n" + _("won among these: {won} of {n}").format(
                    won=wording.number(cut.won), n=wording.number(cut.leads)
                )
            slot = QRect(int(left + n * wide / len(slices)), top, int(wide / len(slices)) + 1, int(high))
            self.mark(slot, words, ("slice", n) if cut is not None and cut.leads else None)
