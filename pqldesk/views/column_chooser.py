"""Which columns the list shows, and in what order: tick them, drag them, or move them with Alt and the arrows."""

from collections.abc import Callable, Collection

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

from pqldesk.services.basics.texts import _, p_
from pqldesk.services.view_spec import COLUMNS, USUAL
from pqldesk.views.labels import Label
from pqldesk.views.lead_cells import TITLES
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
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

    def __init__(
        self,
        context: Context,
        anchor: QWidget,
        columns: Columns,
        in_sight: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """*in_sight* tells which columns the list shows now; a narrow one leaves some of the usual ones out."""
        super().__init__(anchor)
        self.setAccessibleName(_("Columns"))
        self._widths, self._in_sight = dict(columns), in_sight
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
        self._say_room()
        self.column.addWidget(self.list)
        self.column.addWidget(
            Label(context.theme, _("Space shows or hides, Alt ↑ ↓ moves"), 11.5, tone="muted")
        )
        foot = QHBoxLayout()
        usual = QPushButton(_("Reset"))
        usual.setObjectName("link")
        usual.clicked.connect(self._reset)
        done = Button(context.paints, p_("button", "Done"), "Esc")
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
        self._say_room()

    def _say_room(self) -> None:
        """What is ticked and not in sight says so; once columns are chosen, the list scrolls to all of them."""
        if self._in_sight is None:
            return
        seen = self._in_sight()
        self.list.blockSignals(True)
        for n in range(self.list.count()):
            item = self.list.item(n)
            key = str(item.data(Qt.ItemDataRole.UserRole))
            title = TITLES[COLUMNS.index(key)]
            has_room = item.checkState() != Qt.CheckState.Checked or key in seen
            item.setText(title if has_room else _("{column} (no room)").format(column=title))
            if key != "person":
                item.setToolTip(
                    "" if has_room else _("Choose or move any column: then the list scrolls to it")
                )
        self.list.blockSignals(False)

    def _reset(self) -> None:
        self.chosen.emit(())
        self.leave()
