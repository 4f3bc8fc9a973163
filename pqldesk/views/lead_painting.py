"""How a queue row looks. Nothing here asks for data; texts come formatted, marks come from the paintbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from time import thread_time

from PySide6.QtCore import QModelIndex, QRect
from PySide6.QtGui import QColor, QPainter, QTransform
from PySide6.QtWidgets import QTableView

from pqldesk.views import wording
from pqldesk.views.blocks import SHARES, block
from pqldesk.views.lead_cells import (
    ACTIVATION,
    ACTIVE,
    COMPANY,
    OWNER,
    PERSON,
    RESPOND,
    SCORE,
    SIGNALS,
    TRIAL,
    LeadLine,
    extra_text,
)
from pqldesk.views.lead_model import GroupHeader, LeadModel
from pqldesk.views.mirror import as_written, is_mirrored, smooth
from pqldesk.views.painting import LEFT, Paintbox
from pqldesk.views.recorded import Recorded

_WARM = frozenset({"hot", "qualified", "warming"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A visible column: which one, where, how wide."""

    column: int
    x: int
    width: int


class LeadPainter:
    """Paints one row after the other."""

    def __init__(self, paints: Paintbox) -> None:
        self._paints = paints
        self._recorded = Recorded()

    def row_height(self) -> int:
        """Two lines of text and air, 44 px at the usual size."""
        theme = self._paints.theme
        lines = self._paints.metrics(13, 500).height() + self._paints.metrics(12).height()
        return max(theme.row(44), lines + theme.px(4))

    def paint(self, painter: QPainter, line: LeadLine | None, cells: list[Cell], y: int, height: int) -> None:
        """One row with its top at *y*; None paints the quiet blocks of a row that is not here yet."""
        if line is None:
            self._placeholder(painter, cells, y, height)
            return
        middle = y + height // 2
        for cell in cells:
            if (paint := _PAINT.get(cell.column)) is not None:
                paint(self, painter, line, cell.x, cell.width, middle)
            else:
                self._extra(painter, line, cell, middle)

    def rows(
        self,
        painter: QPainter,
        damaged: QRect,
        table: QTableView,
        leads: LeadModel,
        hovered: int,
        *,
        is_aside: bool = False,
    ) -> None:
        """Paint the rows that *damaged* touches: a step of the cursor costs two of them and not the screen.

        Where the table stands aside, the row of the cursor looks like the others.
        """
        theme = self._paints.theme
        height, cells = table.rowHeight(0) or self.row_height(), self._cells(table)
        chosen, current = table.selectionModel(), table.currentIndex().row()
        root, bottom = QModelIndex(), damaged.bottom() + 1
        aside = current if is_aside else -1
        self._recorded.lay_out((cells, height, painter.deviceTransform().m11(), theme.tokens, theme.scale))
        painter.fillRect(damaged, theme.colour("surface"))
        selected, hover = theme.colour("selected"), theme.colour("hover")
        line, accent = theme.colour("line2"), theme.colour("accent")
        width = table.viewport().width()
        row = max(0, table.rowAt(max(0, damaged.top())))
        y = table.rowViewportPosition(row)
        count = leads.rowCount()
        while y < bottom and row < count:
            if chosen.isRowSelected(row, root) and row != aside:
                painter.fillRect(0, y, width, height, selected)
            elif row == hovered:
                painter.fillRect(0, y, width, height, hover)
            if (head := leads.header(row)) is not None:
                self.header(painter, head, y, width, height)
            else:
                self._lead(painter, leads.line(row), cells, y, height)
            painter.fillRect(0, y + height - 1, width, 1, line)
            if row == current != aside:
                painter.fillRect(
                    width - 2 if is_mirrored() else 0, y, 2, height - 1, accent
                )  # the line stays
                if table.hasFocus():
                    painter.setPen(accent)
                    painter.drawRect(0, y, width - 1, height - 2)
            y += height
            row += 1

    def blocks(self, painter: QPainter, damaged: QRect, table: QTableView) -> None:
        """Quiet blocks where rows will stand."""
        painter.fillRect(damaged, self._paints.theme.colour("surface"))
        height, cells, theme = self.row_height(), self._cells(table), self._paints.theme
        for row, y in enumerate(range(0, table.viewport().height(), height)):
            for n, cell in enumerate(cells):
                wide = max(8, int(min(theme.px(160), cell.width * 0.6) * SHARES[(row + n) % len(SHARES)]))
                block(painter, theme, cell.x + theme.px(10), y + height // 2 - theme.px(4), wide, theme.px(8))
            painter.fillRect(0, y + height - 1, table.viewport().width(), 1, theme.colour("line2"))

    def prepare(self, lines: Iterable[LeadLine], table: QTableView, until: float) -> bool:
        """Record rows before they are painted; False when *until*, a thread's CPU time, came first."""
        height, cells = table.rowHeight(0) or self.row_height(), self._cells(table)
        ratio = table.devicePixelRatioF()
        if ratio % 1:
            return True  # nothing is repeated there
        transform = QTransform.fromScale(ratio, ratio)
        theme = self._paints.theme
        self._recorded.lay_out((cells, height, ratio, theme.tokens, theme.scale))
        for line in lines:
            if not self._recorded.has(line):
                if thread_time() > until:
                    return False
                self._recorded.record(
                    line, transform, partial(self.paint, line=line, cells=cells, y=0, height=height)
                )
        return True

    def _cells(self, table: QTableView) -> list[Cell]:
        header = table.horizontalHeader()
        return [
            Cell(n, header.sectionViewportPosition(n), header.sectionSize(n))
            for n in range(header.count())
            if not header.isSectionHidden(n)
        ]

    def _lead(self, p: QPainter, line: LeadLine | None, cells: list[Cell], y: int, height: int) -> None:
        if line is None:
            self.paint(p, None, cells, y, height)
        else:
            self._recorded.paint(p, line, y, partial(self.paint, line=line, cells=cells, y=0, height=height))

    def header(self, p: QPainter, header: GroupHeader, y: int, width: int, height: int) -> None:
        """The header of a group: folded or not, its name, how many it holds."""
        theme, px = self._paints.theme, self._paints.theme.px
        t = theme.tokens
        p.fillRect(0, y, width, height, QColor(t.raised))
        smooth(p)
        icon = theme.pixmap("chevron-right" if header.folded else "chevron-down", t.muted, 14)
        p.drawPixmap(self._there(0, width, px(9), px(14)), y + (height - px(14)) // 2, icon)
        name = self._fit(header.name or "…", 13, 600, width - px(140))
        wide = self._paints.wide(name, 13, 600)
        self._header_words(
            p, QRect(self._there(0, width, px(30), wide), y, wide + 1, height), name, 13, 600, "text"
        )
        count = wording.number(header.count)
        digits = self._paints.wide(count, 12, 400, figures=True)
        at = self._there(0, width, px(30) + wide + px(8), digits)
        self._header_words(p, QRect(at, y, digits + 1, height), count, 12, 400, "muted")

    def _header_words(self, p: QPainter, area: QRect, text: str, size: float, weight: int, tone: str) -> None:
        """Words that just fill *area*."""
        p.setFont(self._paints.theme.font(size, weight, figures=tone == "muted"))
        p.setPen(self._paints.theme.colour(tone))
        p.drawText(area, LEFT, as_written(text))

    def _there(self, x: int, width: int, at: int, wide: int) -> int:
        """Where something *wide* that begins at *at* in a cell from *x* on lies: from the side where reading begins."""
        return 2 * x + width - at - wide if is_mirrored() else at

    def _score(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        theme, px = self._paints.theme, self._paints.theme.px
        colour = theme.tokens.band(line.row.band)
        p.setPen(theme.colour(line.row.band if line.row.band in _WARM else "cold"))
        digits = self._paints.wide(line.score, 15, 600, figures=True)
        left = self._there(x, width, x + px(9), digits)
        self._paints.write(p, line.score, left, middle, max(px(34), digits), 15, 600, figures=True)
        number = max(px(35), digits + px(6))  # room for 100: the bars of all rows stand below each other
        at = x + px(9) + number
        wide = px(30)
        if width > number + wide + px(16):
            self._paints.bar(p, self._there(x, width, at, wide), middle, wide, line.fraction, colour)
            at += wide + px(6)
        room = x + width - at
        if room > px(20):
            change = line.row.score_change
            p.setPen(theme.colour("muted" if not change else "ok" if change > 0 else "bad"))
            wide = self._paints.wide(line.change, 12, 500, figures=True)
            self._paints.write(
                p, line.change, self._there(x, width, at, wide), middle, room, 12, 500, figures=True
            )

    def _person(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        px = self._paints.theme.px
        at, words = (x + width - px(34), x + px(6)) if is_mirrored() else (x + px(8), x + px(43))
        self._paints.avatar(p, at, middle, px(26), line.row.name, line.row.lead_id)
        self._two_lines(p, line.row.name, line.second, words, width - px(49), middle)

    def _company(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        px = self._paints.theme.px
        self._two_lines(p, line.company, line.domain, x + px(8), width - px(12), middle, weight=400)

    def _signals(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        px, bits = self._paints.theme.px, line.bits
        wide = len(bits) * px(12)
        at = self._there(x, width, x + px(8), wide)
        self._paints.strip(p, at, middle, bits[::-1] if is_mirrored() else bits)

    def _activation(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        self._plain(p, line.reached, x, width, middle)

    def _trial(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        self._pill(p, *line.trial, x, width, middle)

    def _active(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        self._plain(p, line.active, x, width, middle)

    def _owner(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        px = self._paints.theme.px
        if line.row.owner:
            at = self._there(x, width, x + px(8), px(23))
            self._paints.avatar(p, at, middle, px(23), line.owner, line.row.owner)
        else:
            self._plain(p, "–", x, width, middle)

    def _respond(self, p: QPainter, line: LeadLine, x: int, width: int, middle: int) -> None:
        text, tone = line.respond
        if tone == "none":
            self._plain(p, text, x, width, middle)
        else:
            self._pill(p, text, tone, x, width, middle)

    def _pill(self, p: QPainter, text: str, tone: str, x: int, width: int, middle: int) -> None:
        px = self._paints.theme.px
        most = width - px(12)
        at = (
            self._there(x, width, x + px(8), min(most, self._paints.pill_width(text)))
            if is_mirrored()
            else x + px(8)
        )
        self._paints.pill(p, at, middle, text, tone, most=most)

    def _extra(self, p: QPainter, line: LeadLine, cell: Cell, middle: int) -> None:
        text = extra_text(line.row, cell.column)
        self._plain(
            p, self._fit(text, 13, 400, cell.width - self._paints.theme.px(14)), cell.x, cell.width, middle
        )

    def _plain(self, p: QPainter, text: str, x: int, width: int, middle: int) -> None:
        px = self._paints.theme.px
        p.setPen(self._paints.theme.colour("muted"))
        at = x + px(10)
        if is_mirrored():
            at = max(x + px(2), self._there(x, width, at, self._paints.wide(text, 12.5, 400)))
        self._paints.write(p, text, at, middle, width - px(12), 12.5, figures=True)

    def _two_lines(
        self, p: QPainter, first: str, second: str, x: int, width: int, middle: int, weight: int = 500
    ) -> None:
        paints, px, theme = self._paints, self._paints.theme.px, self._paints.theme
        p.setPen(theme.colour("text"))
        if not second:
            paints.write_fitting(p, first, x, middle, width, 13, weight)
            return
        gap = px(17)
        paints.write_fitting(p, first, x, middle - gap + gap // 2, width, 13, weight)
        p.setPen(theme.colour("muted"))
        paints.write_fitting(p, second, x, middle - px(1) + gap // 2, width, 12)

    def _fit(self, text: str, size: float, weight: int, width: int) -> str:
        return self._paints.fit(text, size, weight, width)

    def _placeholder(self, painter: QPainter, cells: list[Cell], y: int, height: int) -> None:
        px, ground = self._paints.theme.px, QColor(self._paints.theme.tokens.line2)
        for cell in cells:
            painter.fillRect(cell.x + px(10), y + height // 2 - px(4), max(8, cell.width // 2), px(8), ground)


_PAINT = {
    SCORE: LeadPainter._score,
    PERSON: LeadPainter._person,
    COMPANY: LeadPainter._company,
    SIGNALS: LeadPainter._signals,
    ACTIVATION: LeadPainter._activation,
    TRIAL: LeadPainter._trial,
    ACTIVE: LeadPainter._active,
    OWNER: LeadPainter._owner,
    RESPOND: LeadPainter._respond,
}
