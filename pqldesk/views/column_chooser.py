"""Which columns the list shows, and in what order: tick them, drag them, or move them with Alt and the arrows."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from pqldesk.services.basics.texts import _
from pqldesk.services.view_spec import COLUMNS, USUAL
from pqldesk.views.lead_cells import TITLES
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, Label
from pqldesk.views.popover import Popover

Columns = tuple[tuple[str, int], ...]


class _List(QListWidget):
    moved = Signal()

    def __init__(self, wanted: QSize) -> None:
        super().__init__()
        self._wanted = wanted

    def sizeHint(self) -> QSize:
        return self._wanted

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            row = self.currentRow()
            if 0 <= row + step < self.count():
                item = self.takeItem(row)
                self.insertItem(row + step, item)
                self.setCurrentRow(row + step)
                self.moved.emit()
            return
        super().keyPressEvent(event)


class ColumnChooser(Popover):
    """Says the columns as they are put together."""

    chosen = Signal(object)  # Columns; () is as usual

    def __init__(self, context: Context, anchor: QWidget, columns: Columns) -> None:
        super().__init__(anchor)
        self.setAccessibleName(_("Columns"))
        self._widths = dict(columns)
        shown = [key for key, _width in columns] or list(USUAL)
        self.column.addWidget(Label(context.theme, _("Columns"), 13, 600))
        px = context.theme.px
        self.list = _List(QSize(px(230), px(400)))
        self.list.setAccessibleName(_("Columns"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setMinimumSize(px(230), px(160))  # it scrolls where large text leaves no room for all rows
        for key in [*shown, *(one for one in COLUMNS if one not in shown)]:
            item = QListWidgetItem(TITLES[COLUMNS.index(key)])
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setSizeHint(QSize(0, context.theme.row(28)))
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key in shown else Qt.CheckState.Unchecked)
            if key == "person":  # a row must say whose it is
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
                item.setToolTip(_("Always shown"))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.column.addWidget(self.list)
        self.column.addWidget(
            Label(context.theme, _("Space shows or hides, Alt ↑ ↓ moves"), 11.5, tone="muted")
        )
        foot = QHBoxLayout()
        usual = QPushButton(_("As usual"))
        usual.setObjectName("link")
        usual.clicked.connect(self._reset)
        done = Button(context.paints, _("Done"), "Esc")
        done.clicked.connect(self.leave)
        foot.addWidget(usual)
        foot.addStretch()
        foot.addWidget(done)
        self.column.addLayout(foot)
        self.list.itemChanged.connect(self._say)
        self.list.moved.connect(self._say)
        self.list.model().rowsMoved.connect(self._say)

    def first_field(self) -> QWidget:
        return self.list

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave()
        else:
            super().keyPressEvent(event)

    def _say(self) -> None:
        items = [self.list.item(n) for n in range(self.list.count())]
        keys = [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item is not None and item.checkState() == Qt.CheckState.Checked
        ]
        self.chosen.emit(tuple((key, self._widths.get(key, 0)) for key in keys))

    def _reset(self) -> None:
        self.chosen.emit(())
        self.leave()
