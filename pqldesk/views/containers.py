"""What the small widgets are put into: cards, columns that scroll, empty states, and the lines between them."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.labels import Heading, Label, wrapped
from pqldesk.views.parts import Icon
from pqldesk.views.theme import Theme

_TITLE = 300  # pixels of a card's title: all of it in any language, and beside two links in large text


class Card(QFrame):
    """A framed area with an optional title; add widgets to `body`."""

    def __init__(self, theme: Theme, title: str = "", note: str = "") -> None:
        super().__init__()
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 13, 16, 14)
        self.body.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(6)
        self.title: Heading | None = None
        if title:
            self.title = Heading(theme, title, least=_TITLE)
            self.head.addWidget(self.title)
            self.note = Label(theme, note, 12, tone="muted", elide=True)
            self.note.setObjectName("note")
            self.note.show_most_or_nothing()
            self.head.addWidget(self.note, 1)
            self.body.addLayout(self.head)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.title is not None:  # where the note has no room the title tells it
            self.title.set_hint("" if self.note.text() else self.note.full_text())


class EmptyState(QWidget):
    """What stands where rows would be: a title, a sentence, at most one action."""

    acted = Signal()

    def __init__(self, theme: Theme, icon: str = "inbox") -> None:
        super().__init__()
        self._theme, self._icon = theme, icon
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._picture = Icon()
        self.title = Label(theme, "", 15, 600)
        self.sentence = wrapped(theme, "", 13, "muted")
        self.action = QPushButton()
        self.action.clicked.connect(self.acted)
        self._column = column = QVBoxLayout(self)
        column.addStretch(2)
        for widget in (self.title, self.sentence):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()  # an aligned label gets one line only; between stretches, what it needs
        row.addStretch()
        row.addWidget(self.sentence)
        row.addStretch()
        column.addLayout(row)
        column.addSpacing(6)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.changed.connect(self._redraw)
        self._redraw()

    def say(self, title: str, sentence: str, action: str = "", icon: str = "") -> None:
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._icon = icon or self._icon
        self._redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As wide as one reads with ease, where there is room for it."""
        sides = self._column.contentsMargins()
        self.sentence.setFixedWidth(min(self._theme.px(470), self.width() - sides.left() - sides.right()))

    def _redraw(self) -> None:
        self._fit()
        self._picture.setPixmap(self._theme.pixmap(self._icon, self._theme.tokens.faint, 28))


def line() -> QFrame:
    """A hairline across the layout it is put in."""
    frame = QFrame()
    frame.setObjectName("line")
    return frame


def put_last(column: QBoxLayout, widget: QWidget) -> None:
    """Add *widget* above the stretch that *column* ends in: what stands there already does not move."""
    column.insertWidget(column.count() - 1, widget)


_LINE = 1  # around an area that has the focus, in the style; what it holds stands in one line with what is above it


def scrolled(inner: QWidget, name: str = "") -> QScrollArea:
    """*inner* in a scroll area without a frame; *name* is what it holds, for who scrolls it by ear."""
    inner.setObjectName("scrolled")
    area = QScrollArea()
    area.setAccessibleName(name or _("Content"))
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    area.setViewportMargins(-_LINE, 0, -_LINE, 0)
    return area


_ARRIVING_MS = 3_000  # within which the cards of a page have asked and been answered


class _Inner(QWidget):
    """What scrolls. Its parts are as high as their lines are at the width there is; the least height that Qt asks for
    is that of every line broken as often as it can be, 88 px more for four tabs alone, and would scroll for nothing."""

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(least.width(), 0) if self.hasHeightForWidth() else least


class ScrolledColumn:
    """A page's cards one below the other, in an area that scrolls and fills the page.

    A page that is built between other events adds them one by one: what stands there already does not move.
    """

    def __init__(self, page: QWidget, name: str) -> None:
        """*name* is the page's, for who scrolls it by ear."""
        inner = _Inner()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(16, 9, 16, 16)
        self._column.setSpacing(12)
        self._column.addStretch(1)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        self.area = scrolled(inner, name)
        outer.addWidget(self.area)
        self._sought: QWidget | None = None  # stays at the top while what is above it still grows
        self._scrolls = False
        self._arriving = QTimer(page, singleShot=True, interval=_ARRIVING_MS)
        self._arriving.timeout.connect(self._let_go)
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(self._seek)
        bar.valueChanged.connect(self._moved)

    def add(self, part: QWidget | QBoxLayout) -> None:
        """Put *part* below all others."""
        if isinstance(part, QWidget):
            put_last(self._column, part)
        else:
            self._column.insertLayout(self._column.count() - 1, part)

    def fill(self, part: QBoxLayout) -> None:
        """Put *part* below all others and give it all the height that is left: it is the last."""
        self._column.insertLayout(self._column.count() - 1, part, 1)
        self._column.setStretch(self._column.count() - 1, 0)

    def show_top_of(self, part: QWidget) -> None:
        """Scroll so that *part* begins a little below the upper edge, and keep it there while cards above it fill,
        until somebody scrolls."""
        self._sought = part
        self._arriving.start()
        self._column.activate()
        self._seek()

    def _seek(self) -> None:
        if self._sought is not None:
            self._scrolls = True
            self.area.verticalScrollBar().setValue(self._sought.y() - 12)
            self._scrolls = False

    def _moved(self) -> None:
        if not self._scrolls:
            self._let_go()

    def _let_go(self) -> None:
        self._sought = None
