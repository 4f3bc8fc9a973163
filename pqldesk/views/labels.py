"""Texts of the window: a label that is cut where room ends, and a heading that gives way."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from pqldesk.views import wording
from pqldesk.views.layouts import keep_layouts_safe
from pqldesk.views.mirror import is_mirrored
from pqldesk.views.theme import Theme

_LEAST = 90  # of a heading, at the usual text size

keep_layouts_safe()  # before the first layout there is


def stand(widget: QWidget, wanted: bool) -> None:
    """Show or hide a part of the window. One that has no place in it yet is shown with what it is put into: shown
    at once it would be a window of its own, and take the keyboard."""
    if wanted and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(wanted)


class Label(QLabel):
    """A text of one size, weight and tone that follows the theme; *elide* cuts it with a tooltip."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        size: float = 13,
        weight: int = 400,
        tone: str = "",
        elide: bool = False,
    ) -> None:
        super().__init__()
        self._theme, self._size, self._weight, self._elide = theme, size, weight, elide
        self._full = self._cut = self._hint = ""
        self._vanishes, self._enough = False, 0
        self._least = 0.0  # of its text that has to have room
        self._aligned, self._turned = super().alignment(), False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._restyle()
        if is_mirrored():
            self._align()
        theme.changed.connect(self._restyle)
        self.setText(text)

    def setAlignment(self, alignment: Qt.AlignmentFlag) -> None:
        self._aligned = alignment
        self._align()

    def _align(self) -> None:
        """Begin where the reader does. Qt begins a Latin name on the left even there, far from what it is beside."""
        sides = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignRight
        self._turned, turned = is_mirrored(), self._aligned
        if self._turned and not turned & (Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignJustify):
            turned = (turned & ~sides) | (sides ^ (turned & sides or Qt.AlignmentFlag.AlignLeft))
            turned |= Qt.AlignmentFlag.AlignAbsolute
        super().setAlignment(turned)

    def setText(self, text: str) -> None:
        if text == self._full:
            return
        self._full = text
        if self._vanishes:
            stand(self, bool(text))
        self._fit()

    def stand_only_with_words(self) -> None:
        """Take no room while there is nothing to read."""
        self._vanishes = True
        stand(self, bool(self._full))

    def show_most_or_nothing(self) -> None:
        """Leave a text to the tooltip of which only the beginning would be read: half a sentence says nothing."""
        self._least = 0.92
        self._fit()

    def says_enough_or_nothing(self) -> None:
        """Show no beginning of a word: it would say less than none, and the tooltip has the whole."""
        self._enough = 6
        self._fit()

    def full_text(self) -> str:
        return self._full

    def set_hint(self, words: str) -> None:
        """What the tooltip says besides the whole text."""
        if words != self._hint:
            self._hint = words
            if self._elide:
                self._say_whole()

    def set_size(self, size: float) -> None:
        if size != self._size:
            self._size = size
            self._restyle()
            self._fit()

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().polish(self)
            self._restyle()  # polishing puts back the font of an earlier text size

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restyle()
        if self._turned != is_mirrored():
            self._align()

    def _fit(self) -> None:
        shown = self._full
        if self._elide and (self.width() > 0 or self._least or (self._enough and self.isVisible())):
            shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())
            if self._least * self.fontMetrics().horizontalAdvance(self._full) > self.width():
                shown = ""
            self._cut = self._full if shown != self._full else ""
            if self._cut and len(shown) < self._enough:
                shown = ""
            self._say_whole()
        if shown != super().text():
            super().setText(shown)

    def _say_whole(self) -> None:
        """In the tooltip: what was cut, and what is said besides."""
        told = wording.tip("\n".join(filter(None, (self._cut, self._hint))))
        if told != self.toolTip():  # to set the same again is an event each
            self.setToolTip(told)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._size, self._weight))


class Heading(Label):
    """A short text that is whole where there is room, and gives way to what stands beside it where there is not."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        size: float = 13,
        weight: int = 600,
        tone: str = "",
        least: int = 0,
    ) -> None:
        """*least* pixels of it are always in sight, whatever the size of the text."""
        self._always = least
        super().__init__(theme, text, size, weight, tone, elide=True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self.full_text()) + 1
        return QSize(wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        least = max(self._always, self._theme.px(_LEAST))
        return QSize(min(self.sizeHint().width(), least), super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self.updateGeometry()


def at_end(label: Label) -> Label:
    """*label*, with its words where a line ends. Where only the first letters would have room it says nothing."""
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.says_enough_or_nothing()
    return label


def wrapped(theme: Theme, text: str = "", size: float = 13, tone: str = "") -> Label:
    """A label that breaks lines."""
    label = Label(theme, text, size, tone=tone)
    label.setWordWrap(True)
    return label
