"""The small widgets that every page is built from: labels, buttons, chips, pills, avatars."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QSizePolicy,
    QWidget,
)  # fmt: skip

from pqldesk.views import wording
from pqldesk.views.layouts import keep_layouts_safe
from pqldesk.views.mirror import is_mirrored, painter_of, smooth
from pqldesk.views.painting import LEFT, Paintbox
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


class Button(QAbstractButton):
    """A button with its key painted on it; *kind* is plain, primary or danger. A key that may change is asked for."""

    def __init__(
        self,
        paints: Paintbox,
        text: str,
        key: str | Callable[[], str] = "",
        kind: str = "plain",
        icon: str = "",
    ) -> None:
        super().__init__()
        self._paints, self._key_of, self._kind, self._icon = paints, key, kind, icon
        self._told_key: Callable[[], str] = str
        self._hint = ""
        self.setText(text)
        self._tell()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)  # its key goes first
        paints.theme.changed.connect(self.updateGeometry)

    @property
    def _key(self) -> str:
        return self._key_of if isinstance(self._key_of, str) else self._key_of()

    def tell_key(self, key: Callable[[], str]) -> None:
        """Tell the key in the tooltip alone, where drawing it would crowd what stands beside."""
        self._told_key = key
        self.setToolTip(self._hint)

    def setToolTip(self, words: str) -> None:
        """*words* and the key that does the same, asked for again whenever it is shown."""
        self._hint = words
        self._tell()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self._tell()
        return super().event(event)

    def _tell(self) -> None:
        key = "" if self.property("barred") else self._key or self._told_key()
        words = self._hint or (self.text() if key else "")
        super().setToolTip(f"{words}  {key}" if key and not words.endswith(f"  {key}") else words)

    def set_kind(self, kind: str) -> None:
        if kind != self._kind:
            self._kind = kind
            self.update()

    def sizeHint(self) -> QSize:
        key = self._paints.theme.px(4) + self._paints.key_width(self._key) if self._key else 0
        return self.minimumSizeHint() + QSize(key, 0)

    def minimumSizeHint(self) -> QSize:
        """Without its key, which is in the tooltip and the menus too: words in other languages are longer."""
        px = self._paints.theme.px
        width = px(22) + self._paints.metrics(13, 500).horizontalAdvance(self.text())
        return QSize(width + (px(22) if self._icon else 0), px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px = self._paints.theme, self._paints.theme.px
        t = theme.tokens
        ground, ink, edge = t.surface, t.text, t.line
        if self._kind == "primary":
            ground, ink, edge = t.accent, t.on_accent, t.accent
        elif self._kind == "danger":
            ground, ink, edge = t.surface, t.bad, t.line
        if not self.isEnabled():
            ink = t.faint
            ground, edge = (t.surface, t.line)
        elif self.underMouse() or self.isDown():
            ground = t.accent_hover if self._kind == "primary" else t.hover
        painter = painter_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(ground))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, 7, 7)
        if self.hasFocus():
            painter.setPen(QPen(QColor(t.on_accent if self._kind == "primary" else t.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(2, 2, -2, -2), 5, 5)
        x = px(11)
        if self._icon:
            painter.drawPixmap(x - px(2), (self.height() - px(16)) // 2, theme.pixmap(self._icon, ink, 16))
            x += px(20)
        painter.setFont(theme.font(13, 500))
        painter.setPen(QColor(ink))
        painter.drawText(QRectF(x, 0, self.width(), self.height()), LEFT, self.text())
        if self._key and self.width() >= self.sizeHint().width():
            strong = self._kind == "primary" and self.isEnabled()
            faint = ink if strong or not self.isEnabled() else t.muted
            edge = ink if strong else t.line
            at = self.width() - px(8) - self._paints.key_width(self._key)
            self._paints.key_cap(painter, at, self.height() // 2, self._key, faint, edge)


class Chip(QAbstractButton):
    """A filter as a small sentence: faint word, strong value; with a cross when it can be dropped."""

    def __init__(self, paints: Paintbox, word: str, value: str, removable: bool = False) -> None:
        super().__init__()
        self._paints, self._word, self._value, self._removable = paints, word, value, removable
        self.setAccessibleName(f"{word} {value}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if removable else Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        px, advance = self._paints.theme.px, self._paints.metrics(12).horizontalAdvance
        width = advance(self._word) + self._paints.metrics(12, 500).horizontalAdvance(self._value) + px(22)
        return QSize(width + (px(16) if self._removable else 0), px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px = self._paints.theme, self._paints.theme.px
        t = theme.tokens
        painter = painter_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(t.accent if self.hasFocus() else t.line), 1))
        painter.setBrush(QColor(t.hover if self._removable and self.underMouse() else t.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(t.muted))
        painter.drawText(self.rect().adjusted(px(9), 0, 0, 0), LEFT, self._word)
        x = px(9) + self._paints.metrics(12).horizontalAdvance(self._word + " ")
        painter.setFont(theme.font(12, 500))
        painter.setPen(QColor(t.text))
        painter.drawText(self.rect().adjusted(x, 0, 0, 0), LEFT, self._value)
        if self._removable:
            at = self.width() - px(20)
            painter.drawPixmap(at, (self.height() - px(12)) // 2, theme.pixmap("x", t.muted, 12))


class Pill(QWidget):
    """A word on its tint, as widget."""

    def __init__(self, paints: Paintbox, text: str = "", tone: str = "neutral") -> None:
        super().__init__()
        self._paints, self._text, self._tone = paints, text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._put(text, tone)

    def say(self, text: str, tone: str = "neutral") -> None:
        if (text, tone) != (self._text, self._tone):
            self._put(text, tone)

    def _put(self, text: str, tone: str) -> None:
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        stand(self, bool(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = self._paints.theme.px
        return QSize(self._paints.metrics(12, 500).horizontalAdvance(self._text) + px(14), px(20))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paints.pill(painter, 0, self.height() // 2, self._text, self._tone)


class Avatar(QWidget):
    def __init__(self, paints: Paintbox, size: int) -> None:
        super().__init__()
        self._paints, self._name, self._key = paints, "", ""
        sized(self, paints.theme, size, size)

    def say(self, name: str, key: str) -> None:
        self._name, self._key = name, key
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._paints.avatar(QPainter(self), 0, self.height() // 2, self.width(), self._name, self._key)


class Icon(QLabel):
    """An icon as widget, scaled with care."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        picture = self.pixmap()
        size = picture.deviceIndependentSize()
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        smooth(QPainter(self)).drawPixmap(QPointF(left, top), picture)


class _Sized(QObject):
    """Keeps one widget's fixed size in step with the text size."""

    def __init__(self, widget: QWidget, theme: Theme, width: int, height: int) -> None:
        super().__init__(widget)
        self._widget, self._theme, self._width, self._height = widget, theme, width, height
        theme.changed.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        if self._width:
            self._widget.setFixedWidth(self._theme.px(self._width))
        if self._height:
            self._widget.setFixedHeight(self._theme.px(self._height))


def sized(widget: QWidget, theme: Theme, width: int = 0, height: int = 0) -> None:
    """Fix a width or height that is given for the usual text size."""
    _Sized(widget, theme, width, height)


def page_title(theme: Theme, text: str) -> Label:
    """The title of a page, as high as the buttons that other pages have beside theirs: it stands where theirs do."""
    title = Label(theme, text, 15, 600)
    sized(title, theme, height=32)
    return title
