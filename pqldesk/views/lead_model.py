"""The queue as a Qt model: ids in order, rows fetched a page at a time and formatted once.

A million ids cost eight megabytes; rows are kept only around what is on screen.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.first_rows import QueueRow
from pqldesk.views import wording
from pqldesk.views.lead_cells import (
    SORTS,
    TITLES,
    LeadLine,
    LeadPage,
    cell_text,
    format_lead,
    group_name,
    tooltip,
)

Index = QModelIndex | QPersistentModelIndex
PAGE = 128
_KEPT = 6 * PAGE  # a line with its row takes 7 kB; the screen and its neighbours take up to four pages


@dataclass(frozen=True, slots=True)
class GroupHeader:
    """A group of the list: its name ("" until its first lead is here), how many it holds, whether it is folded."""

    name: str
    count: int
    folded: bool

    def words(self) -> str:
        return f"{self.name}, {n_('{n} lead', '{n} leads', self.count)}"

    def spoken(self) -> str:
        return f"{self.words()}, {_('folded') if self.folded else _('unfolded')}"


class LeadModel(QAbstractTableModel):
    """Row number -> id -> formatted line. Lines not here yet are asked for by `want`."""

    arrived = Signal()

    def __init__(
        self,
        fetch: Callable[[tuple[int, ...]], Any],
        now: Callable[[], datetime],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._fetch, self._now = fetch, now
        self.ids: array[int] = array("q")
        self._total = 0
        self._lines: OrderedDict[int, LeadLine] = OrderedDict()
        self._given: dict[int, Callable[[], QueueRow]] = {}
        self._heard: set[int] = set()  # leads that were read aloud before they were here
        self._asked: set[int] = set()  # first ids of the pages under way
        self._sort, self._descending = "score", True
        self.counts: array[int] = array("q")  # leads of each group; empty where nothing is grouped
        self._group = ""
        self._folded: dict[int, array[int]] = {}  # the leads of groups that are folded away
        self._heads: list[int] = []  # the rows of headers, in order

    # order and rows

    def show_order(
        self, ids: Sequence[int], total: int | None = None, counts: Sequence[int] = (), group: str = ""
    ) -> bool:
        """Take a new order; *total* says how many there will be while only the first are known.

        In a grouped order, *counts* says how many leads each group has, and a header stands before its group: minus
        its number from 1. Answers False when nothing moved.
        """
        fresh = ids if isinstance(ids, array) else array("q", ids)
        if counts or self.counts:
            self._regroup(fresh, counts, group)
            return True
        count = len(fresh) if total is None else max(total, len(fresh))
        if fresh == self.ids and count == self._total:
            return False
        self._asked.clear()
        if count == self._total and len(self.ids) < count and fresh[: len(self.ids)] == self.ids:
            self.ids = fresh  # the rest of an order whose beginning is already shown
            self.arrived.emit()
            return False
        self.beginResetModel()
        self.ids, self._total = fresh, count
        self.endResetModel()
        return True

    def is_header(self, number: int) -> bool:
        """Whether a row is the header of a group."""
        return 0 <= number < len(self.ids) and self.ids[number] < 0

    def header(self, number: int) -> "GroupHeader | None":
        """What the header at a row says; None for a lead's row."""
        if not self.is_header(number):
            return None
        group = -self.ids[number]
        folded = self._folded.get(group)
        members = folded if folded is not None else self.ids[number + 1 : number + 2]
        line = self._lines.get(members[0]) if len(members) else None
        return GroupHeader(
            "" if line is None else group_name(line, self._group), self.counts[group - 1], folded is not None
        )

    def header_above(self, number: int) -> int | None:
        """The row of the header that a row stands under, or is."""
        place = bisect_right(self._heads, number)
        return self._heads[place - 1] if place else None

    def headers_within(self, first: int, last: int) -> int:
        """How many of the rows from *first* to *last* are headers."""
        return bisect_right(self._heads, last) - bisect_left(self._heads, first)

    def fold(self, number: int, folded: bool) -> None:
        """Fold the group whose header is at a row away, or show it again."""
        if not self.is_header(number):
            return
        group = -self.ids[number]
        if folded and group not in self._folded:
            end = number + 1 + self.counts[group - 1]
            self.beginResetModel()
            self._folded[group] = self.ids[number + 1 : end]
            self.ids = self.ids[: number + 1] + self.ids[end:]
        elif not folded and group in self._folded:
            self.beginResetModel()
            self.ids = self.ids[: number + 1] + self._folded.pop(group) + self.ids[number + 1 :]
        else:
            return
        self._total = len(self.ids)
        self._find_heads()
        self.endResetModel()

    def lead_count(self) -> int:
        """How many leads the order has, folded ones too."""
        return sum(self.counts) if self.counts else self._total

    def lead_ids(self) -> "array[int]":
        """Every lead of the order that is known so far, folded ones too."""
        if not self.counts:
            return self.ids
        found = array("q")
        for one in self.ids:
            if one > 0:
                found.append(one)
            elif (members := self._folded.get(-one)) is not None:
                found.extend(members)
        return found

    def _regroup(self, fresh: "array[int]", counts: Sequence[int], group: str) -> None:
        """Take a grouped order, or the first one after it; folded groups are shown again when they have changed."""
        self._asked.clear()
        self.beginResetModel()
        keeps = group == self._group and list(counts) == list(self.counts)
        again = list(self._folded) if keeps else []
        self.ids, self.counts, self._group, self._folded = fresh, array("q", counts), group, {}
        for number in sorted(again, reverse=True):
            start = fresh.index(-number)
            end = start + 1 + self.counts[number - 1]
            self._folded[number] = self.ids[start + 1 : end]
            self.ids = self.ids[: start + 1] + self.ids[end:]
        self._total = len(self.ids)
        self._find_heads()
        self.endResetModel()

    def _find_heads(self) -> None:
        self._heads, row = [], 0
        for number, many in enumerate(self.counts, 1):
            self._heads.append(row)
            row += 1 if number in self._folded else 1 + many

    def give(self, rows: Mapping[int, Callable[[], QueueRow]]) -> None:
        """Take rows that somebody already has, such as those of the first frame; each is made when it is shown."""
        self._given = dict(rows)

    def line(self, number: int) -> LeadLine | None:
        """The line of a row, or None while it is not here."""
        if not 0 <= number < len(self.ids):
            return None
        identity = self.ids[number]
        line = self._lines.get(identity)
        if line is None and (given := self._given.pop(identity, None)) is not None:
            line = self._lines[identity] = format_lead(given(), self._now())
        return line

    def line_of(self, identity: int) -> LeadLine | None:
        """The line of a lead by its number in the database, or None while it is not here."""
        return self._lines.get(identity)

    def lead(self, number: int) -> QueueRow | None:
        line = self.line(number)
        return line.row if line else None

    def find(self, identity: int, near: int = 0) -> int | None:
        """The row number of an id; looked for around *near* first."""
        ids = self.ids
        low = max(0, near - 500)
        for part, start in ((ids[low : near + 500], low), (ids, 0)):
            try:
                return start + part.index(identity)
            except ValueError:
                continue
        return None

    def find_lead(self, lead_id: str) -> int | None:
        """The row number of a public id among the lines that are here."""
        identity = next((key for key, line in self._lines.items() if line.row.lead_id == lead_id), None)
        return None if identity is None else self.find(identity)

    def want_now(self, first: int, last: int) -> None:
        """Ask for the pages of these rows where one of the rows is not here."""
        first = max(0, first)
        for page in range(first // PAGE, max(0, last) // PAGE + 1):
            start = page * PAGE
            if not all(map(self._is_here, self._leads_in(max(first, start), min(last + 1, start + PAGE)))):
                self._ask(page)

    def want(self, first: int, last: int) -> None:
        """Ask for the pages of these rows that are not here, those on screen before their neighbours."""
        pages = list(range(max(0, first) // PAGE, max(0, last) // PAGE + 1))
        if pages:
            pages += [page for page in (pages[-1] + 1, pages[0] - 1) if page >= 0]
        for page in pages:
            self._ask(page)

    def _ask(self, page: int) -> None:
        ids = self._page_ids(page)
        if ids and ids[0] not in self._asked and not all(map(self._is_here, ids)):
            self._asked.add(ids[0])
            self._fetch(ids)

    def _is_here(self, identity: int) -> bool:
        return identity in self._lines or identity in self._given

    def again(self, first: int, last: int) -> None:
        """Ask again for rows on screen; the old lines stay until the new ones are here."""
        kept = {self.ids[n] for n in range(max(0, first), min(last + 1, len(self.ids)))}
        self._given = {one: made for one, made in self._given.items() if one in kept}
        for identity in [one for one in self._lines if one not in kept]:
            del self._lines[identity]
        for page in range(max(0, first) // PAGE, max(0, last) // PAGE + 1):
            if ids := self._page_ids(page):
                self._asked.add(ids[0])
                self._fetch(ids)

    def _page_ids(self, page: int) -> tuple[int, ...]:
        return self._leads_in(page * PAGE, (page + 1) * PAGE)

    def _leads_in(self, first: int, end: int) -> tuple[int, ...]:
        """The leads of these rows; for the headers of folded groups the lead that names them."""
        ids = self.ids[first:end]
        if not self.counts:
            return tuple(ids)
        named = (self._folded[-one][0] if -one in self._folded else one for one in ids)
        return tuple(one for one in named if one > 0)

    def take(self, page: LeadPage) -> None:
        """Keep the lines of an answer and repaint."""
        if page.ids:
            self._asked.discard(page.ids[0])
        self.keep(page)
        self.arrived.emit()
        for identity in self._heard.intersection(page.ids) if self._heard else ():
            self._heard.discard(identity)
            if (row := self.find(identity)) is not None:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))

    def keep(self, page: LeadPage) -> None:
        """Keep lines that the next order is going to show."""
        for line in page.lines:
            if (
                self._lines.get(line.row.id) != line
            ):  # one that says the same stays: it is known how it is painted
                self._lines[line.row.id] = line
            self._given.pop(line.row.id, None)
            self._lines.move_to_end(line.row.id)
        while len(self._lines) > _KEPT:
            self._lines.popitem(last=False)

    def sorted_by(self, key: str, descending: bool) -> None:
        self._sort, self._descending = key, descending
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(TITLES) - 1)

    # what Qt asks: copying, accessibility, tests

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if (header := self.header(index.row())) is not None:
            if index.column() or role not in _SPOKEN:
                return None
            return header.words() if role == Qt.ItemDataRole.DisplayRole else header.spoken()
        line = self.line(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(line, index.column()) if line else ""
        if line is None:
            return self._heard_early(index) if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.tip(tooltip(line, index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[index.column()]}: {cell_text(line, index.column())}"
        if role == Qt.ItemDataRole.UserRole:
            return line.row
        return None

    def _heard_early(self, index: Index) -> str:
        """What a reader of screens is told of a row that is not here: it is asked for, and told again once it is."""
        if 0 <= index.row() < len(self.ids):
            self._heard.add(self.ids[index.row()])
            self.want(index.row(), index.row())
        return _("{column}: on its way").format(column=TITLES[index.column()])

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.AccessibleTextRole and SORTS[section] == self._sort:
            direction = _("descending") if self._descending else _("ascending")
            return f"{TITLES[section]}, {direction}"
        return None


_SPOKEN = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
