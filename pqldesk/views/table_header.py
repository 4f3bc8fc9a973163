"""The header row of every table: small, muted, with the sort direction as an arrow."""

from PySide6.QtCore import QItemSelection, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtWidgets import QHeaderView, QStyle, QWidget

from pqldesk.views.mirror import smooth
from pqldesk.views.painting import LEFT, Paintbox


class TableHeader(QHeaderView):
    """Paints its sections from the theme's tokens."""

    def __init__(self, paints: Paintbox, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._paints = paints
        self.right: frozenset[int] = frozenset()
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(32)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def sizeHint(self) -> QSize:
        # Only the height is asked for. Qt's own hint reads every title, a fifth of the time to make a page.
        return QSize(self.length(), self._paints.theme.px(32))

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """Nothing: no title shows what is selected, but Qt painted all of them with each step of the cursor."""
        return QRegion()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme, px = self._paints.theme, self._paints.theme.px
        t = theme.tokens
        painter.fillRect(rect, QColor(t.raised))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(t.line))
        text = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        sorted_here = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        painter.setFont(theme.font(11.5, 600))
        painter.setPen(QColor(t.text if sorted_here else t.muted))
        room = rect.width() - px(14) - (px(14) if sorted_here else 0)
        metrics = self._paints.metrics(11.5, 600)
        text = self._paints.fit(text, 11.5, 600, room)
        x = rect.left() + px(10)
        if section in self.right:
            x = rect.right() - px(10) - metrics.horizontalAdvance(text)
        wide = metrics.horizontalAdvance(text)

        def there(left: int, width: int) -> QRect:
            """What begins at *left*, on the side on which the reader begins."""
            return QStyle.visualRect(
                self.layoutDirection(), rect, QRect(left, rect.top(), width, rect.height())
            )

        painter.drawText(there(x, wide + 2), LEFT, text)
        if sorted_here:
            down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            smooth(painter)
            icon = theme.pixmap("chevron-down" if down else "chevron-up", t.text, 12)
            painter.drawPixmap(there(x + wide + px(3), px(12)).x(), rect.center().y() - px(6), icon)
