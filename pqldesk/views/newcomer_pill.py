"""What came to stand above the rows on screen, as a pill over the list: 3 new · show."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea

from pqldesk.services.basics.texts import _, n_
from pqldesk.views.mirror import painter_of
from pqldesk.views.painting import CENTRE, Paintbox


class NewcomerPill(QAbstractButton):
    """Hangs at the top of a list; hidden while there is nothing new."""

    def __init__(self, table: QAbstractScrollArea, paints: Paintbox) -> None:
        super().__init__(table)
        self._table, self._paints = table, paints
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        table.installEventFilter(self)
        self.hide()

    def say(self, many: int) -> None:
        """How many leads are new above what is on screen."""
        if many:
            self.setText(n_("{n} new · show", "{n} new · show", many))
            self.setToolTip(_("New leads stand above; nothing moved under the cursor"))
            self.adjustSize()
            self._place()
            self.raise_()
        self.setVisible(bool(many))

    def sizeHint(self) -> QSize:
        px = self._paints.theme.px
        return QSize(self._paints.metrics(12, 500).horizontalAdvance(self.text()) + px(44), px(26))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, px, t = self._paints.theme, self._paints.theme.px, self._paints.theme.tokens
        painter = painter_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = t.accent_hover if self.underMouse() else t.accent
        painter.setPen(QPen(QColor(t.on_accent), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(1, 1, -1, -1), self.height() / 2, self.height() / 2
        )
        painter.drawPixmap(px(11), (self.height() - px(14)) // 2, theme.pixmap("chevron-up", t.on_accent, 14))
        painter.setFont(theme.font(12, 500))
        painter.setPen(QColor(t.on_accent))
        painter.drawText(self.rect().adjusted(px(14), 0, 0, 0), CENTRE, self.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.move((self._table.width() - self.width()) // 2, self._paints.theme.px(32) + 8)
