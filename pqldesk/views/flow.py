"""A layout that breaks its widgets into as many lines as the width asks for."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """From left to right, then the next line; from right to left where the language is written so.

    With *shrinks*, widgets give up what they can do without before one of them goes to another line.
    """

    def __init__(
        self, parent: QWidget | None = None, gap: int = 6, *, shrinks: bool = False, at_end: bool = False
    ) -> None:
        """*at_end*: lines end where the room does, as the buttons of a card do."""
        super().__init__(parent)
        self._gap, self._shrinks, self._at_end = gap, shrinks, at_end
        self._items: list[QLayoutItem] = []
        # At widths that were asked for: fifty times for each change of a chip.
        self._heights: dict[int, int] = {}
        self._least: QSize | None = None
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self.invalidate()

    def invalidate(self) -> None:
        self._heights.clear()
        self._least = None
        super().invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        if not 0 <= index < len(self._items):
            return None
        item = self._items.pop(index)
        self.invalidate()
        return item

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        known = self._heights.get(width)
        if known is None:
            left, top, right, bottom = self._margins()
            inner = self._arrange(QRect(left, top, width - left - right, 0), move=False)
            known = self._heights[width] = inner + top + bottom
        return known

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        left, top, right, bottom = self._margins()
        self._arrange(area.adjusted(left, top, -right, -bottom), move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        if self._least is None:
            size = QSize()
            for item in self._items:
                size = size.expandedTo(item.minimumSize())
            left, top, right, bottom = self._margins()
            self._least = size + QSize(left + right, top + bottom)
        return QSize(self._least)

    def _margins(self) -> tuple[int, int, int, int]:
        margins = self.contentsMargins()
        return margins.left(), margins.top(), margins.right(), margins.bottom()

    def _arrange(self, area: QRect, *, move: bool) -> int:
        x, y, tall = area.x(), area.y(), 0
        parent = self.parentWidget()
        mirrored = parent is not None and parent.isRightToLeft()
        items = [item for item in self._items if not item.isEmpty()]
        whole = sum(item.sizeHint().width() + self._gap for item in items) - self._gap
        line: list[tuple[QLayoutItem, QRect]] = []
        for item in items:
            wanted = item.minimumSize() if self._shrinks and whole > area.width() else item.sizeHint()
            size = wanted.boundedTo(QSize(max(1, area.width()), wanted.height()))
            if x > area.x() and x + size.width() > area.right() + 1:
                self._put(line, area, mirrored=mirrored)
                line = []
                x, y, tall = area.x(), y + tall + self._gap, 0
            if move:
                line.append((item, QRect(QPoint(x, y), size)))
            x += size.width() + self._gap
            tall = max(tall, size.height())
        self._put(line, area, mirrored=mirrored)
        return y + tall - area.y()

    def _put(self, line: list[tuple[QLayoutItem, QRect]], area: QRect, *, mirrored: bool) -> None:
        """Set the widgets of one line where they belong."""
        over = area.right() - line[-1][1].right() if line and self._at_end else 0
        for item, place in line:
            left = place.x() + over
            item.setGeometry(
                place.translated(area.right() + area.x() - left - place.right() if mirrored else over, 0)
            )
