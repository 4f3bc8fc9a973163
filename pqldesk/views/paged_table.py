"""Lists as long as the workspace is: the order of all rows as numbers, the rows themselves only around what is seen."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal

from pqldesk.views.row_table import Column, RowTable

Index = QModelIndex | QPersistentModelIndex
R = TypeVar("R")

PAGE = 64  # twice what is in sight on most screens: a row of trials takes 0.1 ms
_KEPT = 12 * PAGE
_NO_ONE: tuple[int, Sequence[int]] = (-1, ())


class PagedTable(RowTable[R]):
    """A RowTable whose rows come a page at a time, when they are about to be seen. None is a row that is not here."""

    arrived = Signal()  # rows that were asked for
    sort_wanted = Signal(str, bool)  # what Column.by says, descending

    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable]) -> None:
        super().__init__(columns, key)
        self.fetch: Callable[[tuple[int, ...]], object] = _nobody
        self._ids: array[int] = array("q")
        self._lines: OrderedDict[int, tuple[int, R | None]] = OrderedDict()  # with how old they are
        self._age = 0
        self._sight = (0, -1)  # the first and last row that were last wanted
        self._asked: dict[
            int, tuple[int, Sequence[int]]
        ] = {}  # by their first: age and ids of pages under way

    def show_order(
        self, ids: "array[int]", *, same_rows: bool = False, rows: Mapping[int, R] | None = None
    ) -> None:
        """Take a new order; unless it is one of the *same_rows*, every row is asked for again, and shown as it was
        until it comes. *rows* are some that came with it."""
        if not same_rows:
            self._age += 1
            self._asked.clear()
        for one, row in (rows or {}).items():
            self._keep(one, self._age, row)
        if ids == self._ids:
            self._repaint(0, len(ids) - 1)
            return
        self.beginResetModel()
        self._ids = ids
        self.endResetModel()

    def take_rows(self, asked: Sequence[int], rows: Mapping[int, R]) -> None:
        """The rows that were asked for; those that are gone are left out."""
        if not asked:
            return
        age, ids = self._asked.get(asked[0], _NO_ONE)
        if ids is asked:
            del self._asked[asked[0]]
        else:
            age = -1  # what was asked for before the order came is asked for again
        for one in asked:
            self._keep(one, age, rows.get(one))
        moved = set(asked)
        while len(self._lines) > max(_KEPT, len(asked)):
            moved.add(self._lines.popitem(last=False)[0])
        first, last = self._sight
        if not moved.isdisjoint(self._ids[first : last + 1]):
            self._repaint(0, len(self._ids) - 1)  # all in sight: those that had to go are asked for again
        self.arrived.emit()

    def never_came(self, asked: Sequence[int]) -> None:
        """Rows that were asked for and could not be told: whoever comes to them asks again."""
        if asked and self._asked.get(asked[0], _NO_ONE)[1] is asked:
            del self._asked[asked[0]]

    def want(self, first: int, last: int) -> None:
        """Ask for what is missing of the pages in sight, and for their neighbours once all in sight is here: what
        nobody sees yet must not take the readers' time meanwhile."""
        self._sight = max(0, first), max(0, last)
        pages = list(range(self._sight[0] // PAGE, self._sight[1] // PAGE + 1))
        is_here = all(map(self._is_fresh, self._ids[self._sight[0] : self._sight[1] + 1]))
        for page in [*pages, pages[-1] + 1, max(0, pages[0] - 1)] if is_here else pages:
            ids = self._ids[page * PAGE : (page + 1) * PAGE]
            missing = tuple(one for one in ids if not self._is_fresh(one))
            for one in ids:
                if one in self._lines:
                    self._lines.move_to_end(one)  # what comes in their stead must not push out those in sight
            if missing and missing[0] not in self._asked:
                self._asked[missing[0]] = self._age, missing
                self.fetch(missing)

    def is_here(self, number: int) -> bool:
        """Whether a row is as it was when the order was taken."""
        return number < len(self._ids) and self._is_fresh(self._ids[number])

    def fresh(self) -> frozenset[int]:
        """The rows that are as they were when the order was taken."""
        return frozenset(one for one, (age, _row) in self._lines.items() if age == self._age)

    def show(self, rows: Sequence[R]) -> None:
        raise NotImplementedError("rows come by their numbers here")

    def rows(self) -> list[R]:
        """Those that are here."""
        return [row for row in self.in_order if row is not None]

    @property
    def in_order(self) -> Sequence[R]:
        return _Lines(self)

    def at(self, number: int) -> R | None:
        line = self._lines.get(self._ids[number])
        return None if line is None else line[1]

    def row(self, index: Index) -> R | None:
        return self.at(index.row()) if 0 <= index.row() < len(self._ids) else None

    def key_of(self, index: Index) -> Hashable:
        return self._ids[index.row()] if 0 <= index.row() < len(self._ids) else None

    def find(self, key: Hashable) -> int | None:
        """The place of a row by its number, or by its key where it is here."""
        if not isinstance(key, int):
            return next((n for n, row in enumerate(self.in_order) if row and self._key(row) == key), None)
        try:
            return self._ids.index(key)
        except ValueError:
            return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if by := self.columns[column].by:
            self.sort_wanted.emit(by, order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def _is_fresh(self, one: int) -> bool:
        return self._lines.get(one, (-1, None))[0] == self._age

    def _keep(self, one: int, age: int, row: R | None) -> None:
        self._lines[one] = (age, row)
        self._lines.move_to_end(one)

    def _repaint(self, first: int, last: int) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))


class _Lines(Sequence[Any]):
    """The rows by their places, as the painter asks for them."""

    def __init__(self, table: PagedTable[Any]) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.rowCount()

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self._table.at(n) for n in range(*place.indices(len(self)))]
        return self._table.at(place)

    def __iter__(self) -> Iterator[Any]:
        return map(self._table.at, range(len(self)))


def _nobody(_ids: tuple[int, ...]) -> None:
    return None
