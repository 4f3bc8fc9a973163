"""A row of tabs with counts."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.flow import Flow
from pqldesk.views.mirror import painter_of
from pqldesk.views.painting import LEFT, RIGHT, Paintbox

_GAP = 4


class Tab(QAbstractButton):
    """One tab: a word and a count."""

    def __init__(self, paints: Paintbox, key: str, text: str, count: str = "") -> None:
        super().__init__()
        self._paints, self.key, self._count, self._dirty = paints, key, count, False
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{text} {count}".strip())

    def set_count(self, count: str) -> None:
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"{self.text()} {count}".strip())
            self.updateGeometry()
            self.update()

    def set_dirty(self, dirty: bool) -> None:
        """Whether it holds changes that are not saved: a dot says so."""
        if dirty != self._dirty:
            self._dirty = dirty
            words = _("{name}, changed and not saved").format(name=self.text()) if dirty else self.text()
            self.setAccessibleName(f"{words} {self._count}".strip())
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        px = self._paints.theme.px
        width = self._paints.metrics(13, 500).horizontalAdvance(self.text()) + px(20)
        if self._dirty:
            width += px(11)
        if self._count:
            width += self._paints.metrics(11.5, 500).horizontalAdvance(self._count) + px(7)
        return QSize(width, px(27))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px = self._paints.theme, self._paints.theme.px
        t = theme.tokens
        painter = painter_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.accent_soft if self.isChecked() else t.hover))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        painter.setFont(theme.font(13, 500))
        painter.setPen(QColor(t.accent if self.isChecked() else t.muted))
        words, count, lacking = self.text(), self._count, self.sizeHint().width() - self.width()
        if lacking > 0:
            wide = self._paints.metrics(13, 500).horizontalAdvance(words)
            if count and wide - lacking < wide / 2:  # a number without its name says nothing
                lacking -= self._paints.metrics(11.5, 500).horizontalAdvance(count) + px(7)
                count = ""
            words = self._paints.fit(words, 13, 500, max(0, wide - max(0, lacking)))
        painter.drawText(self.rect().adjusted(px(10), 0, 0, 0), LEFT, words)
        if self._dirty:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.accent))
            at = px(10) + self._paints.metrics(13, 500).horizontalAdvance(words) + px(5)
            painter.drawEllipse(QRectF(at, self.height() / 2 - px(3), px(6), px(6)))
        if count:
            painter.setFont(theme.font(11.5, 500))
            painter.setPen(QColor(t.accent if self.isChecked() else t.muted))
            painter.drawText(self.rect().adjusted(0, 0, -px(10), 0), RIGHT, count)


class Tabs(QWidget):
    """A row of tabs; `chosen` carries the key."""

    chosen = Signal(str)

    def __init__(self, paints: Paintbox) -> None:
        super().__init__()
        self._paints = paints
        self._tabs: dict[str, Tab] = {}
        self._row = Flow(self, _GAP)  # many tabs in large text take a second line
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def whole_width(self) -> int:
        """What all tabs take side by side, nothing cut."""
        return sum(tab.sizeHint().width() + _GAP for tab in self._tabs.values())

    def show_tabs(self, tabs: list[tuple[str, str, str]]) -> None:
        """(key, text, count) from left to right; the chosen one stays chosen."""
        if list(self._tabs) == [key for key, _text, _count in tabs]:
            for key, _text, count in tabs:
                self._tabs[key].set_count(count)
            return
        current = self.current()
        for old in self._tabs.values():
            self._row.removeWidget(old)
            old.deleteLater()
        self._tabs = {}
        for key, text, count in tabs:
            tab = Tab(self._paints, key, text, count)
            tab.clicked.connect(self._clicked)
            self._row.addWidget(tab)
            self._tabs[key] = tab
        chosen = current if current in self._tabs else next(iter(self._tabs), None)
        if chosen is not None:
            self._tabs[chosen].setChecked(True)

    def shown(self) -> list[str]:
        return list(self._tabs)

    def current(self) -> str | None:
        return next((key for key, tab in self._tabs.items() if tab.isChecked()), None)

    def choose(self, key: str) -> None:
        if key in self._tabs and self.current() != key:
            self._tabs[key].setChecked(True)
            self.chosen.emit(key)

    def _clicked(self) -> None:
        if current := self.current():
            self.chosen.emit(current)
