"""The search field at the top: narrows the queue while typing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit

from pqldesk.services.basics.texts import _
from pqldesk.views.mirror import is_mirrored, smooth
from pqldesk.views.page import Context
from pqldesk.views.parts import sized


class SearchField(QLineEdit):
    searched = Signal(str)
    left = Signal()

    def __init__(self, context: Context, palette_key: str) -> None:
        super().__init__()
        self._context, self._key = context, palette_key
        self.setObjectName("searchfield")
        context.theme.changed.connect(self._make_room)
        self._make_room()
        self.setPlaceholderText(_("Search people and companies"))
        self.setAccessibleName(_("Search people and companies"))
        sized(self, context.theme, height=32)
        self.setMinimumWidth(160)
        self.setMaximumWidth(context.theme.px(440))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus | Qt.FocusPolicy.TabFocus)
        self.textEdited.connect(self.searched)

    def _make_room(self) -> None:
        """For icon and key beside the words. A style sheet knows neither the text's size nor the other side."""
        px = self._context.theme.px
        icon, key = px(11) + px(16) + px(7), self._context.paints.key_width(self._key) + px(18)
        begin, end = (key, icon) if is_mirrored() else (icon, key)
        self.setTextMargins(begin, 0, end, 0)

    def take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def show_text(self, text: str) -> None:
        """Show what is searched for without searching again."""
        if self.text() != text:
            self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
                self.searched.emit("")
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, px = self._context.theme, self._context.theme.px
        painter = smooth(QPainter(self))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() // 2

        def there(left: int, wide: int) -> int:
            """*left* from the side on which the reader begins."""
            return self.width() - left - wide if is_mirrored() else left

        painter.drawPixmap(
            there(px(11), px(16)), middle - px(8), theme.pixmap("search", theme.tokens.muted, 16)
        )
        if not self.hasFocus():
            width = self._context.paints.key_width(self._key)
            at = there(self.width() - px(9) - width, width)
            self._context.paints.key_cap(
                painter, at, middle, self._key, theme.tokens.muted, theme.tokens.line
            )
