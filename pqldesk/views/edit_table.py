"""A list whose cells are edited in place: Enter, F2, a digit or a double click begins, every letter is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)  # fmt: skip

from pqldesk.views.painting import Paintbox
from pqldesk.views.row_table import Column, RowTable, RowView

Index = QModelIndex | QPersistentModelIndex
R = TypeVar("R")


@dataclass(frozen=True)
class EditColumn(Column[R]):
    """A column whose cells can be typed into. *field* names what is edited, *typed* is the text to begin with."""

    field: str = ""
    typed: Callable[[R], str] | None = None


class EditTable(RowTable[R]):
    """Hands what was typed to whoever owns the rows; it changes none itself."""

    edited = Signal(object, str, str)  # key of the row, field, text
    locked: Callable[[], bool] = bool  # whether nothing can be edited now

    def field(self, index: Index) -> str:
        """The field a cell edits, "" for one that cannot be."""
        column = self.columns[index.column()] if index.isValid() else None
        return column.field if isinstance(column, EditColumn) and not self.locked() else ""

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.field(index) else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = self.columns[index.column()] if index.isValid() else None
        if role == Qt.ItemDataRole.EditRole and isinstance(column, EditColumn) and column.typed is not None:
            row = self.row(index)
            return "" if row is None else column.typed(row)
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self.field(index):
            return False
        self.edited.emit(self.key_of(index), self.field(index), str(value))
        return True


class EditDelegate(QStyledItemDelegate):
    """Opens a line to type into."""

    typed = Signal(object, str, str)  # key of the row, field, text so far

    def __init__(self, paints: Paintbox, parent: QWidget) -> None:
        super().__init__(parent)
        self._paints = paints

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        table = index.model()
        line = QLineEdit(parent)
        line.setFrame(True)
        line.setFont(self._paints.theme.font(13))
        if isinstance(table, EditTable):
            title = table.columns[index.column()].title
            line.setAccessibleName(title)
            key, field = table.key_of(index), table.field(index)

            def tell(text: str) -> None:
                self.typed.emit(key, field, text)

            line.textEdited.connect(tell)
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        px = self._paints.theme.px
        area = option.rect.adjusted(2, px(4), -2, -px(5))
        area.setWidth(max(area.width(), px(64)))
        editor.setGeometry(area)


class EditView(RowView):
    """A RowView with a cell under the keyboard."""

    typed = Signal(object, str, str)

    def __init__(self, table: EditTable[Any], paints: Paintbox, name: str, height: int = 40) -> None:
        super().__init__(table, paints, name, height)
        delegate = EditDelegate(paints, self)
        delegate.typed.connect(self.typed)
        self.setItemDelegate(delegate)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cell that the keyboard is on has a frame."""
        super().paintEvent(event)
        index = self.currentIndex()
        if self.hasFocus() and isinstance(self.table, EditTable) and self.table.field(index):
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._paints.theme.tokens.accent), 1.5))
            painter.drawRoundedRect(QRectF(self.visualRect(index)).adjusted(2, 4, -2, -5), 5, 5)
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and isinstance(self.table, EditTable) and self.table.field(index):
            if self.state() != QAbstractItemView.State.EditingState:
                self.edit(index)
            return
        super().keyPressEvent(event)
