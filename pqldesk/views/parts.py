"""The small widgets that every page is built from beside its texts: buttons, chips, pills, avatars."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QSizePolicy,
    QWidget,
)  # fmt: skip

from pqldesk.views.labels import Label, stand
from pqldesk.views.mirror import painter_of, smooth
from pqldesk.views.painting import LEFT, Paintbox
from pqldesk.views.theme import Theme


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
