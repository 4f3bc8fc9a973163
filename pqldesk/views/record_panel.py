"""The panel at the right of a list: what every record has in common, its frame, its head and its foot."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.views.blocks import record
from pqldesk.views.containers import scrolled
from pqldesk.views.flow import Flow
from pqldesk.views.labels import Label
from pqldesk.views.mirror import picture_painter
from pqldesk.views.page import Context
from pqldesk.views.parts import Avatar
from pqldesk.views.theme import PANEL_W

_KEPT_IN_SIGHT = 48  # of what was read last, so that the eye finds its place
_FACE = 240  # the width, at the usual text, from which there is room for a face beside a name
_MOST = 0.46  # of the page: in large text the list must not leave it


class RecordPanel(QWidget):
    """Subclasses put what they show into `column` and their buttons into `buttons`."""

    wanted = Signal(str)  # a command id

    def __init__(self, context: Context, name: str, spacing: int) -> None:
        super().__init__()
        self._context, self._waits = context, False
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(16, 14, 16, 16)
        self.column.setSpacing(spacing)
        self.area = scrolled(body, name)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows what has the keyboard inside it
        self.foot = QWidget()
        self.foot.setObjectName("panelfoot")
        self.foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.buttons = Flow(self.foot, shrinks=True)
        self.buttons.setContentsMargins(16, 11, 14, 11)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.area, 1)
        outer.addWidget(self.foot)
        self._page: QWidget | None = None
        self.avatar: Avatar | None = None
        context.theme.changed.connect(self._fit)
        self._fit()

    def build_head(self, side: QWidget, at: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter) -> None:
        """Whose record it is: initials, name, a line under it, and at the right what stands out."""
        theme = self._context.theme
        row = QHBoxLayout()
        row.setSpacing(10)
        self.avatar = Avatar(self._context.paints, 38)
        names = QVBoxLayout()
        names.setSpacing(1)
        self.name = Label(theme, "", 15, 600, elide=True)
        self.under = Label(theme, "", 12, tone="muted", elide=True)
        names.addWidget(self.name)
        names.addWidget(self.under)
        row.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(names, 1)
        row.addWidget(side, 0, at)
        self.column.addLayout(row)
        self._fit()

    def say_who(self, name: str, key: str, under: str) -> None:
        """Fill the head; *key* is what the colour of the initials is derived from."""
        if self.avatar is not None:
            self.avatar.say(name, key)
        self.name.setText(name)
        self.under.setText(under)

    def show_anything(self, some: bool) -> None:
        """Whether there is a record; without one the panel is empty."""
        self.area.setVisible(some)
        self.foot.setVisible(some)

    def show_blocks(self, wanted: bool) -> None:
        """Quiet blocks where the first record will stand."""
        self._waits = wanted
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._waits and self.area.isHidden():
            painter = picture_painter(self, self.width())
            try:
                record(painter, self._context.theme, QRectF(self.rect()))
            finally:
                painter.end()

    def turn(self, forwards: bool) -> None:
        """Scroll on or back by most of what is in sight."""
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.value() + (1 if forwards else -1) * max(1, bar.pageStep() - _KEPT_IN_SIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From its buttons too, the keys that scroll go through the record."""
        bar = self.area.verticalScrollBar()
        if event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.turn(event.key() == Qt.Key.Key_PageDown)
        elif event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:
            self._page = self.parentWidget()
            if self._page is not None:
                self._page.installEventFilter(self)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._page:
            self._fit()
        return False

    def _fit(self) -> None:
        wide = self._context.theme.px(PANEL_W)
        if self._page is not None and self._page.width() > 0:
            wide = min(wide, max(PANEL_W // 2, int(self._page.width() * _MOST)))
        self.setFixedWidth(wide)
        if self.avatar is not None:
            self.avatar.setHidden(
                wide < self._context.theme.px(_FACE)
            )  # a name says more than two letters of it
