"""Which leads of the queue's table are chosen: one under the cursor, several with X or Shift, or all that match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QTableView

if TYPE_CHECKING:
    from pqldesk.services.first_rows import QueueRow
    from pqldesk.views.lead_model import LeadModel

_FLAGS = QItemSelectionModel.SelectionFlag
_KEPT = 1_000  # chosen leads that stay chosen when another order comes
_ACTED_ON = 2_000  # chosen leads that are looked for among the rows that are here


class LeadChoice:
    """The selection of one table, in leads instead of cells; headers of groups are never among them."""

    def __init__(self, table: QTableView, leads: LeadModel) -> None:
        self._table, self._leads = table, leads
        self.is_marking = False  # several are being chosen with X: moving the cursor leaves them chosen
        self.is_whole = False  # everything that the view shows is chosen: held as the filter

    # what is chosen

    def leads(self) -> list[QueueRow]:
        """Those that are here, in order."""
        lines = (self._leads.line_of(one) for one in self.ids(_ACTED_ON))
        return [line.row for line in lines if line is not None]

    def count(self) -> int:
        return sum(
            bottom - top + 1 - self._leads.headers_within(top, bottom) for top, bottom in self._spans()
        )

    def is_several(self) -> bool:
        """Whether more is chosen than the lead under the cursor."""
        return self.is_whole or (count := self.count()) > 1 or bool(count and self.is_marking)

    def ids(self, most: int = 0) -> list[int]:
        """By their numbers in the database, in order, also those that are not here yet; *most* of them if not 0."""
        ids = self._leads.ids
        found: list[int] = []
        for top, bottom in sorted(self._spans()):
            if most and len(found) >= most:
                break
            found += [one for one in ids[top : bottom + 1] if one > 0]
        return found

    # choosing

    def toggle(self) -> None:
        """Choose the row under the cursor, or take it back, keeping the others; the first X chooses it."""
        index = self._table.currentIndex()
        if not index.isValid():
            return
        if not self.is_marking and self.count() <= 1:
            self.is_marking = True
            self._selection().select(index, _FLAGS.ClearAndSelect | _FLAGS.Rows)
        else:
            self.is_marking, self.is_whole = True, False
            self._selection().select(index, _FLAGS.Toggle | _FLAGS.Rows)
            if not self.count():
                self.clear()
        self._table.viewport().update()

    def choose_rows(self, first: int, last: int) -> bool:
        """Choose these rows too; False when they are already."""
        chosen = self._selection()
        if last < first or all(chosen.isRowSelected(row, QModelIndex()) for row in range(first, last + 1)):
            return False
        self.is_marking = True
        chosen.select(self._rows(first, last), _FLAGS.Select)
        self._table.viewport().update()
        return True

    def choose_whole(self) -> None:
        """Choose everything that the view shows, also what comes to it."""
        if rows := self._leads.rowCount():
            self._selection().select(self._rows(0, rows - 1), _FLAGS.ClearAndSelect)
            self.is_marking = self.is_whole = True
            self._table.viewport().update()

    def drop_whole(self) -> None:
        """The view is about to be another one: what was chosen as all of it is not any more."""
        if self.is_whole:
            self.clear()

    def clear(self) -> None:
        """Choose nothing but the row under the cursor."""
        self.forget()
        self._table.clearSelection()
        if (here := self._table.currentIndex()).isValid():
            self._table.setCurrentIndex(self._leads.index(here.row(), 0))
        self._table.viewport().update()

    def forget(self) -> None:
        """What follows is chosen anew."""
        self.is_marking = self.is_whole = False

    # for the table

    def kept(self) -> list[int]:
        """What has to be chosen again in another order of the same view."""
        return [] if self.is_whole else self.ids(_KEPT)

    def again(self, row: int, kept: Sequence[int]) -> None:
        """In the new order: the cursor to *row*, and what was kept chosen, as far as it is still there."""
        chosen = QItemSelection()
        for identity in kept if self.is_marking or len(kept) > 1 else ():
            if (found := self._leads.find(identity, row)) is not None:
                chosen.merge(self._rows(found, found), _FLAGS.Select)
        if chosen.isEmpty():
            self.is_marking = False
            chosen = self._rows(row, row)
        self._selection().setCurrentIndex(self._leads.index(row, 0), _FLAGS.NoUpdate)
        self._selection().select(chosen, _FLAGS.ClearAndSelect)

    def flags(self, event: QEvent | None) -> QItemSelectionModel.SelectionFlag | None:
        """How the selection follows the cursor at *event* (None: a move that no event asked for); None: as Qt does."""
        if self.is_marking and (event is None or event.type() == QEvent.Type.KeyPress):
            held = event.modifiers() if isinstance(event, QKeyEvent) else Qt.KeyboardModifier.NoModifier
            if not held & Qt.KeyboardModifier.ShiftModifier:
                return _FLAGS.NoUpdate
        if event is None and not QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            # A move that no key of this list asked for: Ctrl of Ctrl+K, still held, must not add to the selection.
            return _FLAGS.ClearAndSelect | _FLAGS.Rows
        return None

    def _selection(self) -> QItemSelectionModel:
        return self._table.selectionModel()

    def _spans(self) -> list[tuple[int, int]]:
        parts = self._selection().selection()
        return [(parts.at(n).top(), parts.at(n).bottom()) for n in range(parts.size())]

    def _rows(self, first: int, last: int) -> QItemSelection:
        end = self._leads.columnCount() - 1
        return QItemSelection(self._leads.index(first, 0), self._leads.index(last, end))
