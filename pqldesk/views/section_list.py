"""A short list of sections at the left of a page: one is chosen by pointer, arrow keys or Tab."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from pqldesk.views.mirror import painter_of
from pqldesk.views.painting import LEFT, Paintbox
from pqldesk.views.parts import sized


class SectionItem(QAbstractButton):
    """One section: its word, and an accent edge while it is open."""

    def __init__(self, paints: Paintbox, key: str, text: str) -> None:
        super().__init__()
        self._paints, self.key = paints, key
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self._paints.theme.px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px, t = self._paints.theme, self._paints.theme.px, self._paints.theme.tokens
        p = painter_of(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        p.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            p.setBrush(QColor(t.accent_soft if self.isChecked() else t.hover))
            p.drawRoundedRect(area, 6, 6)
        if self.hasFocus():
            p.setPen(QPen(QColor(t.accent), 1.5))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(area.adjusted(1, 1, -1, -1), 5, 5)
        p.setFont(theme.font(13, 500))
        p.setPen(QColor(t.accent if self.isChecked() else t.text))
        room = self.width() - px(20)
        shown = self._paints.metrics(13, 500).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        p.drawText(self.rect().adjusted(px(10), 0, 0, 0), LEFT, shown)


class SectionList(QWidget):
    """The sections from top to bottom; `chosen` carries the key."""

    chosen = Signal(str)

    def __init__(self, paints: Paintbox, name: str, sections: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._items: dict[str, SectionItem] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for key, text in sections:
            item = self._items[key] = SectionItem(paints, key, text)
            item.clicked.connect(self._clicked)
            column.addWidget(item)
        column.addStretch()
        sized(self, paints.theme, width=190)
        next(iter(self._items.values())).setChecked(True)

    def current(self) -> str:
        return next(key for key, item in self._items.items() if item.isChecked())

    def choose(self, key: str) -> None:
        """Open a section as if it had been clicked."""
        self._items[key].setChecked(True)
        self.chosen.emit(key)

    def take_focus(self) -> None:
        """Give the keyboard to the section that is open."""
        self._items[self.current()].setFocus(Qt.FocusReason.OtherFocusReason)

    def step(self, by: int) -> None:
        keys = list(self._items)
        key = keys[max(0, min(len(keys) - 1, keys.index(self.current()) + by))]
        self.choose(key)
        self._items[key].setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.step(by)

    def _clicked(self) -> None:
        self.chosen.emit(self.current())
