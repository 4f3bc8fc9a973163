"""How the rows of a list look: every kind of mark, painted row after row. Nothing here asks Qt's model for data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from pqldesk.views.blocks import SHARES, block
from pqldesk.views.mirror import is_mirrored
from pqldesk.views.painting import Paintbox
from pqldesk.views.recorded import Recorded

if TYPE_CHECKING:
    from pqldesk.views.theme import Tokens

_USUAL_FIGURE = 3  # letters of a score


@dataclass(frozen=True)
class Mark:
    """What a cell shows beside, or instead of, its text."""

    kind: str = "text"  # text, pill, bar, gauge, dots, score, avatar, tick
    second: str = ""  # a muted line under the text
    tone: str = ""  # of a pill, or the colour token of text, score and bar
    share: float = 0.0  # of a bar, 0..1
    bits: tuple[bool, ...] = ()
    key: str = ""  # what an avatar's colour is derived from
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A visible column: where, how wide, and what a row says in it."""

    x: int
    width: int
    right: bool
    says: Callable[[Any], tuple[str, Mark]]


class RowPainter:
    """Paints rows whole: a delegate for each cell, with what it asks the model, took two and a half times as long."""

    def __init__(self, paints: Paintbox) -> None:
        self._paints = paints
        self._recorded = Recorded()

    def rows(
        self, p: QPainter, damaged: QRect, rows: Sequence[Any], cells: Sequence[Cell], top: int, height: int,
        chosen: Callable[[int], bool], focused: int,
    ) -> None:  # fmt: skip
        """Paint the rows that *damaged* touches; row 0 has its top at *top*, *focused* has the keyboard (-1: none)."""
        theme = self._paints.theme
        surface, selected = theme.colour("surface"), theme.colour("selected")
        line, accent = theme.colour("line2"), theme.colour("accent")
        p.fillRect(damaged, surface)
        left = min((cell.x for cell in cells), default=0)
        wide = sum(cell.width for cell in cells)
        self._recorded.lay_out((cells, height, p.deviceTransform().m11(), theme.tokens, theme.scale))
        first = max(0, (damaged.top() - top) // height)
        last = min(len(rows), (damaged.bottom() - top) // height + 1)
        for n in range(first, last):
            y, row = top + n * height, rows[n]
            if chosen(n):
                p.fillRect(left, y, wide, height, selected)
                p.fillRect(left + wide - 2 if is_mirrored() else left, y, 2, height, accent)
            p.fillRect(left, y + height - 1, wide, 1, line)
            if n == focused:
                p.fillRect(left, y, wide, 1, accent)
                p.fillRect(left, y + height - 2, wide, 1, accent)
                p.fillRect(left, y, 1, height - 1, accent)
                p.fillRect(left + wide - 1, y, 1, height - 1, accent)
            if row is not None:  # what is not here yet has no words
                self._recorded.paint(p, row, y, partial(self._row, row=row, cells=cells, middle=height // 2))

    def blocks(self, p: QPainter, damaged: QRect, cells: Sequence[Cell], height: int, bottom: int) -> None:
        """Where rows will stand, down to *bottom*."""
        theme, px = self._paints.theme, self._paints.theme.px
        p.fillRect(damaged, theme.colour("surface"))
        ground = theme.colour("line2")
        for row, y in enumerate(range(0, bottom, height)):
            for n, cell in enumerate(cells):
                wide = max(px(16), int(min(px(160), cell.width * 0.6) * SHARES[(row + n) % len(SHARES)]))
                at_end = cell.right != is_mirrored()
                x = cell.x + cell.width - px(10) - wide if at_end else cell.x + px(10)
                block(p, theme, x, y + height // 2 - px(4), wide, px(8))
                p.fillRect(cell.x, y + height - 1, cell.width, 1, ground)

    def _row(self, p: QPainter, row: object, cells: Sequence[Cell], middle: int) -> None:
        tokens = self._paints.theme.tokens
        for cell in cells:
            text, mark = cell.says(row)
            self._cell(p, tokens, cell, text, mark, middle)

    def _cell(self, p: QPainter, t: "Tokens", cell: Cell, text: str, mark: Mark, middle: int) -> None:
        paints, px, kind = self._paints, self._paints.theme.px, mark.kind
        x, room = cell.x + px(6 if is_mirrored() else 10), cell.width - px(16)
        if kind == "pill":
            if text:
                over = max(0, room - paints.pill_width(text)) if is_mirrored() else 0
                paints.pill(p, x + over + px(2 if is_mirrored() else -2), middle, text, mark.tone, most=room)
            return
        if kind == "dots":
            if is_mirrored():
                over = max(0, room - paints.dots_width(len(mark.bits)) + px(3))
                paints.dots(p, x + over, middle, mark.bits[::-1])
            else:
                paints.dots(p, x, middle, mark.bits)
            return
        if kind == "gauge":
            self._gauge(p, t, text, mark, x, middle, room)
            return
        if kind == "bar":
            self._bar(p, t, text, mark, x, middle, room)
            return
        if kind == "tick":
            paints.tick(p, x + room - px(15) if is_mirrored() else x, middle, bool(mark.share))
            x, room = x if is_mirrored() else x + px(24), room - px(24)
        elif kind == "avatar" and text:
            at = x + room - px(24) if is_mirrored() else x
            paints.avatar(p, at, middle, px(24), text, mark.key or text)
            x, room = x if is_mirrored() else x + px(33), room - px(33)
        weight = 600 if kind == "score" or mark.strong else 500 if mark.second else 400
        size, tone = (15 if kind == "score" else 13), mark.tone or "text"
        if cell.right:
            p.setPen(paints.theme.colour(tone))
            begin = cell.x + px(10) if is_mirrored() else cell.x
            paints.write_right(p, text, begin, middle, cell.width - px(10), room, size, weight)
        elif mark.second:
            self._write(p, text, size, weight, tone, x, middle - px(9), room)
            self._write(p, mark.second, 12, 400, "muted", x, middle + px(7), room)
        else:
            self._write(p, text, size, weight, tone, x, middle, room)

    def _bar(self, p: QPainter, t: "Tokens", text: str, mark: Mark, x: int, middle: int, room: int) -> None:
        paints, px = self._paints, self._paints.theme.px
        colour = getattr(t, mark.tone or "accent")
        if mark.second or not text:
            above, wide = px(8) if mark.second else 0, min(room, px(150))
            at = x + room - wide if is_mirrored() else x
            paints.bar(p, at, middle - above, wide, mark.share, colour)
            if mark.second:
                self._write(p, mark.second, 12, 400, "muted", x, middle + px(7), room)
            return
        wide = min(room - px(44), px(90))
        whole = max(px(20), wide)
        at, words = (x + room - whole, x + room - wide - px(54)) if is_mirrored() else (x, x + wide + px(10))
        paints.bar(p, at, middle, whole, mark.share, colour)
        self._write(p, text, 13, 600, "text", words, middle, px(44))

    def _gauge(self, p: QPainter, t: "Tokens", text: str, mark: Mark, x: int, middle: int, room: int) -> None:
        """A figure in its colour and how full it is, as the queue shows a score."""
        paints, px = self._paints, self._paints.theme.px
        over = is_mirrored()
        figure = px(34 if len(text) <= _USUAL_FIGURE else 48)  # a sum without a cap may have thousands
        self._write(p, text, 15, 600, mark.tone or "text", x + room - figure if over else x, middle, figure)
        wide = max(px(20), min(room - figure, px(72)))
        at = x + room - figure - wide if over else x + figure
        paints.bar(p, at, middle, wide, mark.share, getattr(t, mark.tone or "accent"))

    def _write(
        self, p: QPainter, text: str, size: float, weight: int, tone: str, x: int, middle: int, width: int
    ) -> None:
        if text:
            p.setPen(self._paints.theme.colour(tone))
            self._paints.write_fitting(p, text, x, middle, width, size, weight)
