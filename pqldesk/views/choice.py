"""One of several, to choose from a list that drops down."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QStyle, QStyleOptionComboBox, QStylePainter

_LEAST = 8  # letters that are always in sight


class Choice(QComboBox):
    """A combo box that the wheel scrolls past: whoever rolls a page under the pointer chooses nothing by it.

    Where there is no room for what is chosen it ends in dots, and the tooltip says it whole.
    """

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def showPopup(self) -> None:
        if isinstance(around := self.view().parentWidget(), QFrame):
            around.setFrameShape(QFrame.Shape.NoFrame)  # else the list has two edges, one of them in pieces
        super().showPopup()

    gives = False  # what it takes becomes less where there is little room

    def minimumSizeHint(self) -> QSize:
        whole = super().minimumSizeHint()
        if not self.gives:
            return whole
        return QSize(
            min(whole.width(), self._beside() + self.fontMetrics().averageCharWidth() * _LEAST),
            whole.height(),
        )

    def is_cut(self) -> bool:
        """Whether what is chosen ends in dots."""
        return self.fontMetrics().horizontalAdvance(self.currentText()) > self._room()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and not self.isEditable():
            usual = self.toolTip()
            if self.is_cut() and self.currentText() not in usual:
                self.setToolTip(f"{self.currentText()}\n{usual}".strip())
                try:
                    return super().event(event)
                finally:
                    self.setToolTip(usual)
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEditable() or not self.is_cut():
            super().paintEvent(event)
            return
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, self._room()
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def _beside(self) -> int:
        """What the edges and the arrow take."""
        return 42

    def _room(self) -> int:
        return self.width() - self._beside()
