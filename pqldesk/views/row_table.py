"""Lists of up to some thousand rows: columns as data, one model, one view that paints them in one go."""

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from pqldesk.views import wording
from pqldesk.views.painting import Paintbox
from pqldesk.views.row_painting import Cell, RowPainter
from pqldesk.views.row_painting import Mark as Mark  # what a column says of a cell, beside its text
from pqldesk.views.table_header import TableHeader

Index = QModelIndex | QPersistentModelIndex
R = TypeVar("R")


_PLAIN = Mark()
_MANY = 2_000
_NAME = 110  # of the first column, which names the row: the others can be scrolled to


# Not slots=True: a generic dataclass with slots cannot be made as Column[Row](...) before Python 3.13.
@dataclass(frozen=True)
class Column(Generic[R]):
    title: str
    text: Callable[[R], str]
    width: int = 100
    right: bool = False
    hint: Callable[[R], str] | None = None
    mark: Callable[[R], Mark] | None = None
    order: Callable[[R], Any] | None = None  # what a click on the header sorts by; default the text
    stretch: int = 0
    weak: int = 0  # leaves the list where there is no room, the highest first; 0 stays
    by: str = ""  # what a click on the header has the database sort by, in a PagedTable
    pills: tuple[str, ...] = ()  # words it shows as pills, none of which is to be cut

    def says(self, row: R) -> tuple[str, Mark]:
        """What a row shows in it."""
        return self.text(row), self.mark(row) if self.mark else _PLAIN


class RowTable(QAbstractTableModel, Generic[R]):
    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._key = key
        self._rows: list[R] = []
        self._sorted: tuple[int, bool] | None = None

    def show(self, rows: Sequence[R]) -> None:
        """Replace the rows; if only their contents differ, repaint just those."""
        before, after = self._rows, self._in_order(rows)
        if len(before) != len(after) or any(
            self._key(old) != self._key(new) for old, new in zip(before, after, strict=True)
        ):
            self.beginResetModel()
            self._rows = after
            self.endResetModel()
            return
        self._rows = after
        last = len(self.columns) - 1
        if len(after) > _MANY:  # to compare each takes longer than to paint those in sight
            self.dataChanged.emit(self.index(0, 0), self.index(len(after) - 1, last))
            return
        for n, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(n, 0), self.index(n, last))

    def rows(self) -> list[R]:
        return list(self._rows)

    @property
    def in_order(self) -> Sequence[R]:
        """The rows as they are shown, not copied."""
        return self._rows

    def row(self, index: Index) -> R | None:
        """The row of an index, or None for an invalid one."""
        return self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None

    def key_of(self, index: Index) -> Hashable:
        row = self.row(index)
        return None if row is None else self._key(row)

    def find(self, key: Hashable) -> int | None:
        return next((n for n, row in enumerate(self._rows) if self._key(row) == key), None)

    def want(self, first: int, last: int) -> None:
        """These rows are about to be seen."""

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; empty values come last in both directions."""
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder)
        self.beginResetModel()
        self._rows = self._in_order(self._rows)
        self.endResetModel()

    def mark(self, index: Index) -> Mark:
        column, row = self.columns[index.column()], self.row(index)
        return column.mark(row) if column.mark and row is not None else _PLAIN

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            second = self.mark(index).second
            return f"{column.title}: {column.text(row)} {second}".strip()
        if role == Qt.ItemDataRole.ToolTipRole:
            hint = (
                column.hint(row) if column.hint else f"{column.text(row)}\n{self.mark(index).second}".strip()
            )
            return wording.tip(hint)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None

    def _in_order(self, rows: Sequence[R]) -> list[R]:
        if self._sorted is None:
            return list(rows)
        column, descending = self._sorted
        order = self.columns[column].order or self.columns[column].text
        values = [order(row) for row in rows]  # asked once for each row
        some = [n for n, value in enumerate(values) if value is not None]
        some.sort(key=values.__getitem__, reverse=descending)
        return [rows[n] for n in some] + [
            row for row, value in zip(rows, values, strict=True) if value is None
        ]


class Sight(NamedTuple):
    """Where a list stands: its first row on screen and how many there are, the chosen row's key and place."""

    first: int
    many: int
    chosen: Hashable
    place: int

    def of(self, order: "array[int]") -> "array[int]":
        """What of an order of keys will be on screen: as little as the chosen row allows is scrolled."""
        if not order:
            return order
        try:
            place = order.index(self.chosen) if isinstance(self.chosen, int) else 0
        except ValueError:
            place = self.place
        first = max(0, min(self.first, len(order) - self.many))
        place = max(0, min(place, len(order) - 1))
        if isinstance(self.chosen, int) and not first <= place < first + self.many:
            first = place if place < first else place - self.many + 2
        first = max(0, first - 1)  # Qt may stop a row early or late
        return order[first : first + self.many + 2]


class RowView(QTableView):
    """A RowTable on screen: selection by row, kept by key; Enter or a double click opens."""

    opened = Signal(object)
    moved = Signal(object)

    def __init__(self, table: RowTable[Any], paints: Paintbox, name: str, height: int = 44) -> None:
        super().__init__()
        self.table, self._paints, self._tall = table, paints, height
        self._chosen: Hashable = None
        self._place = -1
        self._has_blocks = False
        header = TableHeader(paints, self)
        header.right = frozenset(n for n, column in enumerate(table.columns) if column.right)
        self.setHorizontalHeader(header)
        self.setModel(table)
        self._painter = RowPainter(paints)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # scrolling moves what is there
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        header.sectionClicked.connect(self._sort)
        self._order: tuple[int, bool] | None = None
        self.doubleClicked.connect(self._open)
        table.modelAboutToBeReset.connect(self._remember)
        table.modelReset.connect(self._recall)
        paints.theme.changed.connect(self._restyle)
        self._restyle()

    def current(self) -> Any:
        """The row under the cursor, or None."""
        return self.table.row(self.currentIndex())

    def in_sight(self) -> tuple[int, int]:
        """The first and last row on screen."""
        last = self.rowAt(self.viewport().height() - 1)
        return self.rowAt(0), self.table.rowCount() - 1 if last < 0 else last

    def sight(self) -> Sight:
        """What tells which rows of another order are going to be on screen."""
        tall = max(1, self.verticalHeader().defaultSectionSize())
        index = self.currentIndex()
        many = self.viewport().height() // tall + 2
        return Sight(max(0, self.rowAt(0)), many, self.table.key_of(index), index.row())

    def step(self, rows: int) -> None:
        row = max(0, min(self.table.rowCount() - 1, self.currentIndex().row() + rows))
        self.setCurrentIndex(self.table.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is seen: on the row it was on, else on the first."""
        super().focusInEvent(event)
        if self.table.rowCount() and not self.selectionModel().hasSelection():
            # Qt has put the cursor on the first row where there was none, and has not selected that row
            self.setCurrentIndex(self.table.index(max(0, self.currentIndex().row()), 0))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.moved.emit(self.table.row(current))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:  # a painter that outlives a fault in here would bring the whole program down
            self._paint_rows(painter, event.rect())
        finally:
            painter.end()

    def _paint_rows(self, painter: QPainter, damaged: QRect) -> None:
        header, chosen, root = self.horizontalHeader(), self.selectionModel(), QModelIndex()
        cells = [
            Cell(header.sectionViewportPosition(n), header.sectionSize(n), column.right, column.says)
            for n, column in enumerate(self.table.columns)
            if not header.isSectionHidden(n)
        ]
        if self._has_blocks and not self.table.rowCount():
            height = self.verticalHeader().defaultSectionSize()
            self._painter.blocks(painter, damaged, cells, height, self.viewport().height())
            return
        if self.table.rowCount():
            self.table.want(*self.in_sight())
        focused = self.currentIndex().row() if self.hasFocus() else -1
        self._painter.rows(
            painter, damaged, self.table.in_order, cells, self.rowViewportPosition(0),
            self.verticalHeader().defaultSectionSize(), lambda n: chosen.isRowSelected(n, root), focused,
        )  # fmt: skip

    def show_blocks(self, wanted: bool) -> None:
        """Quiet blocks where rows will stand, as long as there are none."""
        self._has_blocks = wanted
        self.viewport().update()

    def fit_rows(self, most: int = 0, expected: int = 0) -> None:
        """Be exactly as high as the rows, for short tables inside cards; *most* rows in sight, the others scroll.
        Until there are any, room is kept for as many as are *expected*: what is below does not move then."""
        # Scroll bars would take room from the rows they are not needed for.
        policy, count = Qt.ScrollBarPolicy, self.table.rowCount() or expected
        scrolls = bool(most) and count > most
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if scrolls else policy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAlwaysOff)
        rows = (most if scrolls else count or expected) * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(rows + self.horizontalHeader().sizeHint().height() + 2)

    def set_height(self, height: int) -> None:
        """How high a row is in the usual text: 44 for two lines, 32 for one."""
        self._tall = height
        self._restyle()

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._paints.theme.row(self._tall))
        self._spread()

    def _spread(self) -> None:
        """Share spare width among the columns that want it; where there is too little, weak ones leave first."""
        columns, px, room = self.table.columns, self._paints.theme.px, self.viewport().width()
        shown = set(range(len(columns)))
        usual = [max(px(column.width), self._heading(column)) for column in columns]
        for n in sorted((n for n in shown if columns[n].weak), key=lambda n: -columns[n].weak):
            if sum(self._least(columns[one]) for one in shown) <= room:
                break
            shown.discard(n)
        spare = room - sum(usual[n] for n in shown)
        gives = {n: columns[n].stretch if spare >= 0 or not columns[n].pills else 0 for n in shown}
        shares = sum(gives.values()) or 1
        last = max((n for n in shown if gives[n]), default=-1)
        odd = spare - sum(spare * gives[n] // shares for n in shown)  # pixels that no share is whole of
        scrolls = self.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        header = self.horizontalHeader()
        for n in range(len(columns)):
            if self.isColumnHidden(n) == (n in shown):
                self.setColumnHidden(n, n not in shown)
            if n not in shown:
                continue
            extra = spare * gives[n] // shares + (odd if n == last else 0)
            wide = max(px(_NAME if n == 0 and scrolls else 60), usual[n] + extra) if gives[n] else usual[n]
            if header.sectionSize(n) != wide:
                header.resizeSection(n, wide)

    def cuts_pill(self, column: int, text: str) -> bool:
        """Whether a pill in *column*, by its number, has no room for the whole *text*."""
        return self._paints.pill_width(text) > self.columnWidth(column) - self._paints.theme.px(16)

    def _least(self, column: Column[Any]) -> int:
        """The width below which a column no longer says what it is there for."""
        if column.stretch:
            return self._paints.theme.px(column.width * 0.8)
        return max(self._paints.theme.px(column.width), self._heading(column))

    def _heading(self, column: Column[Any]) -> int:
        """The width that the words over a column and its pills take: they are longer in other languages."""
        wide, air = self._paints.wide(column.title, 11.5, 600), self._paints.theme.px(20)
        return max([wide, *map(self._paints.pill_width, column.pills)]) + air

    def _open(self) -> None:
        if (row := self.current()) is not None:
            self.opened.emit(row)

    def _remember(self) -> None:
        self._chosen, self._place = self.table.key_of(self.currentIndex()), self.currentIndex().row()

    def _recall(self) -> None:
        if not self.table.rowCount():
            return
        if self._chosen is None:
            if self.hasFocus():  # it had the keyboard before it had rows: show where it is
                self.setCurrentIndex(self.table.index(0, 0))
            return
        row = self.table.find(self._chosen)
        if row is None:  # it has left the list: what came after it is next
            row = min(self._place, self.table.rowCount() - 1)
        if row >= 0:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self.table.index(row, 0), flags.ClearAndSelect | flags.Rows)

    def _sort(self, section: int) -> None:
        down = self._order == (section, False)
        self._order = (section, down)
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicatorShown(True)
        self.horizontalHeader().setSortIndicator(section, order)
        self.table.sort(section, order)
