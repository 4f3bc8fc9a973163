"""The queue's table: a real QTableView for selection, keys and accessibility, painted in one go."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)  # fmt: skip
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.first_rows import QueueRow
from pqldesk.services.view_spec import COLUMNS
from pqldesk.views.held_order import HeldOrder, Order
from pqldesk.views.lead_cells import SORTS
from pqldesk.views.lead_choice import LeadChoice
from pqldesk.views.lead_columns import Columns, LeadColumns
from pqldesk.views.lead_model import Index, LeadModel
from pqldesk.views.lead_painting import LeadPainter
from pqldesk.views.newcomers import Newcomers
from pqldesk.views.painting import Paintbox
from pqldesk.views.rows_ahead import RowsAhead
from pqldesk.views.table_header import TableHeader

_NEAR_MS = 10  # until rows near those on screen are asked for


class LeadTable(QTableView):
    """Shows the model's order; keeps the chosen lead chosen, and where it is on screen."""

    moved = Signal(object)  # the QueueRow under the cursor, or None
    opened = Signal(object)  # Enter or a double click on a QueueRow
    sort_wanted = Signal(str, bool)
    columns_changed = Signal(object)  # ((key, width), ...) after columns were dragged or made wider
    newcomers = Signal(int)  # how many new leads stand above what is on screen

    def __init__(self, model: LeadModel, paints: Paintbox) -> None:
        super().__init__()
        self._leads, self._paints, self._painter = model, paints, LeadPainter(paints)
        self.choice = LeadChoice(self, model)
        self._ahead = RowsAhead(self, model, self._painter)
        self.held = HeldOrder(self, self._show_held)
        self._newcomers = Newcomers(self)
        self._newcomers.counted.connect(self.newcomers)
        self._sorted = (0, True)
        self._near = QTimer(self, singleShot=True, interval=_NEAR_MS)
        self._near.timeout.connect(self._want_near)
        self._told: tuple[int, QueueRow | None] | None = None
        self._is_aside = self._is_ordering = False
        # One made in Python: to name Qt's own, its wrappers would load every class of widgets.
        self.setViewport(QWidget())
        self.viewport().setAttribute(
            Qt.WidgetAttribute.WA_OpaquePaintEvent
        )  # so that scrolling moves what is there
        header = TableHeader(paints, self)
        self.setHorizontalHeader(header)
        self.setModel(model)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        header.sectionClicked.connect(self._header_clicked)
        self._columns = LeadColumns(self, paints.theme)
        self._columns.changed.connect(self.columns_changed)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Leads"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._hovered = -1
        self._has_blocks = False
        self._restyle()
        paints.theme.changed.connect(self._restyle)
        model.arrived.connect(self._arrived)
        self.verticalScrollBar().valueChanged.connect(self._want_visible)
        self.verticalScrollBar().valueChanged.connect(self._newcomers.scrolled)
        self.doubleClicked.connect(self._open)

    # what the page asks

    def show_blocks(self, wanted: bool) -> None:
        """Quiet blocks where rows will stand, as long as there are none."""
        self._has_blocks = wanted
        self.viewport().update()

    def current_lead(self) -> QueueRow | None:
        return self._leads.lead(self.currentIndex().row())

    def current_id(self) -> int | None:
        row = self.currentIndex().row()
        return self._leads.ids[row] if 0 <= row < len(self._leads.ids) and self._leads.ids[row] > 0 else None

    def is_in_use(self) -> bool:
        """Whether a key, a click or the wheel has moved it just now."""
        return self.held.is_busy()

    def page_rows(self) -> int:
        """How many rows the window shows at once."""
        return max(1, self.viewport().height() // max(1, self.rowHeight(0) or 44))

    def show_columns(self, columns: Columns) -> None:
        """Show these columns, in this order; a width of 0 is the usual one, () is all as usual."""
        if self._columns.choose(columns):
            self.viewport().update()

    def columns_in_sight(self) -> list[str]:
        """The keys of the columns in sight."""
        return [COLUMNS[n] for n in self._columns.shown()]

    def shown_columns(self) -> list[int]:
        """The columns in sight, from left to right, as numbers of lead_cells.TITLES."""
        return self._columns.shown()

    def show_order(
        self,
        ids: Sequence[int],
        asked_for: bool = False,
        total: int | None = None,
        counts: Sequence[int] = (),
        group: str = "",
    ) -> None:
        """Take a new order; one that nobody asked for waits until keys and mouse rest."""
        if not asked_for and self.held.is_busy() and self._leads.rowCount():
            self.held.hold(Order(ids, total, counts, group))
            return
        self.held.drop()
        before = self.currentIndex().row()
        old, current = self._leads.ids, self.current_id()
        offset = before - self.verticalScrollBar().value() if before >= 0 else 0
        chosen = self.choice.kept()
        self._ahead.hold()
        self._is_ordering = True
        if not self._leads.show_order(ids, total, counts, group):
            self._is_ordering = False
            self._arrived()
            return
        row = self._kept_row(old, before, current)
        if asked_for:
            self._newcomers.forget()
        elif row is not None:
            self._newcomers.note(old, self._leads.ids, max(0, row - offset))
        if row is not None:
            scroll = self.verticalScrollBar()
            at_top = asked_for and scroll.value() == 0 and row < self.page_rows() - 1
            self.choice.again(row, chosen)
            scroll.setValue(0 if at_top else max(0, row - offset))
            if self.choice.is_whole:
                self.choice.choose_whole()
        self._is_ordering = False
        self.executeDelayedItemsLayout()  # with or without a scroll bar the columns have other widths
        self._arrived()

    def refresh_visible(self) -> None:
        """Ask again for what is on screen, in place."""
        first, last = self._span()
        self._leads.again(first, last)

    def go(self, row: int) -> None:
        if 0 <= row < self._leads.rowCount():
            self.stand_aside(False)
            self.setCurrentIndex(self._leads.index(row, 0))

    def stand_aside(self, aside: bool) -> None:
        """Whether the record beside the list is of somebody who is not in it: then no row looks chosen, and what
        arrives says nothing of the cursor until somebody moves it."""
        if aside != self._is_aside:
            self._is_aside, self._told = aside, None
            self.viewport().update()
            if not aside:
                self._tell()

    def is_aside(self) -> bool:
        return self._is_aside

    def step(self, rows: int) -> None:
        """Move the cursor, as J and K do: from lead to lead, past the headers of groups."""
        self.held.touched()
        last = self._leads.rowCount() - 1
        row = max(0, min(last, self.currentIndex().row() + rows))
        while self._leads.is_header(row):
            if not 0 <= row + rows <= last:
                return
            row += rows
        self.go(row)

    def show_newcomers(self) -> None:
        """Go to the top, where what has come stands."""
        self._newcomers.forget()
        self.scrollToTop()
        self.go(1 if self._leads.is_header(0) else 0)

    def fold(self, folded: bool) -> None:
        """Fold the group of the cursor away, or show it again; the cursor goes to its header."""
        head = self._leads.header_above(self.currentIndex().row())
        if head is not None:
            self._leads.fold(head, folded)
            self.go(head if folded else head + 1)
            self._want_visible()
            self.viewport().update()

    def fold_all(self, folded: bool) -> None:
        """Fold every group away, or show all again."""
        row = 0
        for number in range(len(self._leads.counts)):
            self._leads.fold(row, folded)
            row += 1 if folded else 1 + self._leads.counts[number]
        self.go(0)
        self._want_visible()

    def choose_page(self) -> bool:
        """Choose the rows on screen; False when they are already."""
        first, last = self._span()
        return self.choice.choose_rows(first, min(last - 1, self._leads.rowCount() - 1))

    def selectAll(self) -> None:
        self.choice.choose_whole()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:  # a painter that outlives a fault in here would bring the whole program down
            if self._has_blocks and not self._leads.rowCount():
                self._painter.blocks(painter, event.rect(), self)
            else:
                rest = event.rect(), self, self._leads, self._hovered
                self._painter.rows(painter, *rest, is_aside=self._is_aside)
        finally:
            painter.end()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._repaint(previous.row(), current.row())  # a row is painted whole, Qt would ask for one cell
        if not self._is_ordering:
            self.stand_aside(False)
        self._tell()

    def selectionCommand(
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        if (flags := self.choice.flags(event)) is not None:
            return flags
        return super().selectionCommand(index, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.held.touched()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
            return
        if (
            self._leads.counts
            and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
            and not event.modifiers()
        ):
            self.fold(event.key() == Qt.Key.Key_Left)
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here; typing does not jump through names."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()  # a row is painted whole, Qt would ask for one cell

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.held.touched()
        row = self.rowAt(event.position().toPoint().y())
        if (head := self._leads.header(row)) is not None:
            self._leads.fold(row, not head.folded)
            self.go(row)
            self._want_visible()
            return
        self.choice.forget()
        self.stand_aside(False)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        row = self.rowAt(event.position().toPoint().y())
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            self._repaint(before, row)

    def leaveEvent(self, event: object) -> None:
        before, self._hovered = self._hovered, -1
        self._repaint(before)

    def _repaint(self, *rows: int) -> None:
        width, height = self.viewport().width(), self.rowHeight(0) or self._painter.row_height()
        for row in rows:
            if row >= 0:
                self.viewport().update(0, self.rowViewportPosition(row), width, height)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.held.touched()
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._columns.spread()
        self._want_visible()

    # own

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._painter.row_height())
        self._columns.spread()
        self.viewport().update()

    def _span(self) -> tuple[int, int]:
        first = max(0, self.rowAt(0))
        return first, first + self.viewport().height() // max(1, self.rowHeight(0) or 44) + 1

    def _want_visible(self) -> None:
        self._ahead.moved(*self._want_in_sight())

    def _want_in_sight(self) -> tuple[int, int]:
        """What is on screen, which this answers with, is asked for at once, what is near it a moment later."""
        first, last = self._span()
        self._leads.want_now(first, last)
        if not self._near.isActive():
            self._near.start()
        return first, last

    def _want_near(self) -> None:
        if self._ahead.is_awaited:
            self._near.start()  # the rows on screen are not painted yet: nobody waits for the others
        else:
            self._leads.want(*self._span())

    def _arrived(self) -> None:
        first, last = self._want_in_sight()
        self._ahead.show(first, last)
        self._tell()

    def _tell(self) -> None:
        told = (self.currentIndex().row(), self.current_lead())
        if told != self._told and not self._is_aside:
            self._told = told
            self.moved.emit(told[1])

    def _open(self) -> None:
        if (lead := self.current_lead()) is not None:
            self.opened.emit(lead)

    def _show_held(self, order: Order) -> None:
        self.show_order(order.ids, False, order.total, order.counts, order.group)

    def _kept_row(self, old: Sequence[int], before: int, current: int | None) -> int | None:
        """Where the cursor goes: its lead, else the next one that is still there, else the same place."""
        count = self._leads.rowCount()
        if not count:
            return None
        if current is not None:
            for identity in old[before : before + 50]:
                if identity > 0 and (found := self._leads.find(identity, before)) is not None:
                    return found
        return max(0, min(before, count - 1))

    def _header_clicked(self, section: int) -> None:
        if (key := SORTS[section]) is None:
            self.show_sort(*self._sorted)  # Qt has moved the arrow already
            return
        was, descending = self._sorted
        descending = not descending if was == section else section == 0
        self.show_sort(section, descending)
        self.sort_wanted.emit(key, descending)

    def show_sort(self, section: int, descending: bool) -> None:
        """Move the arrow; the order itself comes from the page."""
        self._sorted = (section, descending)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)
        self._leads.sorted_by(SORTS[section] or "score", descending)
