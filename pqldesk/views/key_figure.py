"""One number with its change against the period before; a share of fewer than thirty is not pretended."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.blocks import block
from pqldesk.views.containers import Card
from pqldesk.views.labels import Label, stand
from pqldesk.views.mirror import is_mirrored, picture_painter, turned_over
from pqldesk.views.page import Context
from pqldesk.views.parts import Pill
from pqldesk.views.theme import Theme

_FIGURE, _WORDS = 22, 14  # sizes: a figure is looked for, "not enough yet" is read
_LONGEST_FIGURE = 9


class FigureCard(Card):
    """A card with one figure and a note under it, and quiet blocks while they are on their way."""

    def __init__(self, theme: Theme, figure: float, note: float) -> None:
        """The sizes of both."""
        super().__init__(theme)
        self._theme, self._waits = theme, False
        self.value = Label(theme, wording.NONE, figure, 600, elide=True)
        self.note = Label(theme, " ", note, tone="muted", elide=True)

    def show_blocks(self, wanted: bool) -> None:
        """Quiet blocks in place of a figure that is on its way."""
        self._waits = wanted
        if wanted:
            self.value.setText("")
        elif not self.value.full_text():
            self.value.setText(wording.NONE)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._waits:
            return
        painter, px = picture_painter(self, self.width()), self._theme.px
        try:
            for label, wide, high in ((self.value, 64, 14), (self.note, 110, 8)):
                if label.isVisible():
                    at = turned_over(label.geometry(), self.width()) if is_mirrored() else label.geometry()
                    y = at.center().y() - px(high) / 2
                    block(painter, self._theme, at.x(), y, min(px(wide), at.width()), px(high))
        finally:
            painter.end()


class KeyFigure(FigureCard):
    """A card with a title, a number, a note and a change."""

    def __init__(self, context: Context, title: str, hint: str) -> None:
        super().__init__(theme := context.theme, _FIGURE, 12)
        self._title, self._change = title, ""
        self._note = self._short_note = ""
        self.setToolTip(hint)
        self.body.setContentsMargins(14, 11, 12, 11)
        self.body.setSpacing(2)
        self.body.addWidget(Label(theme, title, 12, tone="muted"))
        row = QHBoxLayout()
        self.change = Pill(context.paints)
        row.addWidget(self.value, 1)
        row.addWidget(self.change, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row = row
        self.body.addLayout(row)
        self.body.addWidget(self.note)
        self.body.addStretch(1)

    def say(
        self, value: str, note: str, change: str = "", good: bool | None = None, short_note: str = ""
    ) -> None:
        """*short_note* stands where there is no room for *note*, which is in its tooltip then."""
        self.value.set_size(_FIGURE if len(value) <= _LONGEST_FIGURE else _WORDS)
        self.value.setText(value)
        self._note, self._short_note, self._change = note, short_note or note, change
        self.change.say(change, "neutral" if good is None else "ok" if good else "bad")
        self._fit()
        self.setAccessibleName(f"{self._title}: {value} {note}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The number goes first: where both have no room, the change is in its tooltip."""
        margins = self.body.contentsMargins()
        within = self.contentsRect().width()  # the card's own line takes a pixel on each side
        room = within - margins.left() - margins.right() - self._row.spacing()
        whole = self.value.fontMetrics().horizontalAdvance(self.value.full_text())
        fits = whole + self.change.sizeHint().width() <= room
        stand(self.change, bool(self._change) and fits)
        self.value.set_hint("" if fits else self._change)
        room = within - margins.left() - margins.right()
        fits = self.note.fontMetrics().horizontalAdvance(self._note) <= room
        self.note.setText(self._note if fits else self._short_note)
        self.note.set_hint("" if fits or self._short_note == self._note else self._note)


def say_rate(figure: KeyFigure, now: Rate | None, before: Rate | None) -> None:
    """A share with its counts and interval, and how it moved where both periods have enough leads."""
    if now is None or now.share is None:
        figure.say(wording.NONE, "")
        return
    note = short = _("{n} of {of}").format(n=wording.number(now.n), of=wording.number(now.of))
    if now.low is not None and now.high is not None:
        note += f" · {wording.percent_span(now.low, now.high)}"
        short += f" · {wording.percent_span(now.low, now.high, 0)}"
    enough = before is not None and before.share is not None and min(now.of, before.of) >= ENOUGH
    moved = now.share - before.share if enough and before is not None and before.share is not None else None
    figure.say(wording.rate(now.share, now.of, 1), note, *moved_words(moved), short_note=short)


def moved_words(share: float | None) -> tuple[str, bool | None]:
    """A change in percentage points, and whether it is good."""
    if share is None or abs(share) < 0.0005:
        return "", None
    return _("{points} pt").format(points=wording.signed(share * 100)), share > 0
