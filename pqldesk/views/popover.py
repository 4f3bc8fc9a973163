"""A small card over the page that hangs on what opened it: closes with Esc, or when the user goes elsewhere."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from pqldesk.views.tab_order import step_focus

_MARGIN = 12


class Popover(QFrame):
    """Keeps the keyboard while it is open: letters typed into it are no commands. Deleted once closed."""

    closed = Signal()

    def __init__(self, anchor: QWidget) -> None:
        """*anchor* is where it hangs. The keyboard returns to where it was before."""
        super().__init__(anchor.window())
        self._anchor: QWidget | None = anchor
        self._before = anchor.window().focusWidget() or anchor
        self.setObjectName("popover")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 11, 12, 11)
        self.column.setSpacing(8)
        anchor.destroyed.connect(self._anchor_gone)

    def open(self) -> None:
        """Show it below its anchor, inside the window."""
        self.place()
        self.show()
        self.raise_()
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def place(self) -> None:
        """Sit below the anchor, moved as far as the window asks for."""
        window = self.window()
        room = window.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        self.setMaximumWidth(room.width())
        self.adjustSize()
        at = QPoint(_MARGIN, _MARGIN)
        if self._anchor is not None:
            at = self._anchor.mapTo(window, QPoint(0, self._anchor.height() + 4))
            if window.isRightToLeft():
                at.setX(at.x() + self._anchor.width() - self.width())
        area = QRect(at, self.size().boundedTo(room.size()))
        area.moveLeft(max(room.left(), min(area.left(), room.right() - area.width())))
        area.moveTop(max(room.top(), min(area.top(), room.bottom() - area.height())))
        self.setGeometry(area)

    def leave(self) -> None:
        """Close, with the keyboard back where it came from."""
        if not self.isVisible():
            return
        self._anchor = None
        self.hide()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        if isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()
        self.deleteLater()

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes round inside it."""
        return step_focus(self, forwards)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        # every other key ends here

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            widget = QApplication.widgetAt(event.globalPosition().toPoint())
            popup = QApplication.activePopupWidget()
            if popup is None and widget is not None and widget is not self and not self.isAncestorOf(widget):
                self.leave()
        elif event.type() == QEvent.Type.WindowDeactivate and watched is self.window():
            return False
        return False

    def _anchor_gone(self) -> None:
        self._anchor = None


def holds_keyboard(widget: QWidget | None) -> bool:
    """Whether *widget* is, or lies in, an open popover."""
    while widget is not None:
        if isinstance(widget, Popover):
            return True
        widget = widget.parentWidget()
    return False
