"""A page that is one list as long as the workspace is: order, tabs and sorts are the database's, rows come as seen."""

from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from pqldesk.services.figure_rows import ListOrder
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.paged_table import PagedTable
from pqldesk.views.row_table import Column


class OrderedPage(ListPage):
    """Subclasses name the tabs, and the two queries: for an order, and for the rows of some numbers."""

    table: PagedTable[Any]

    def __init__(
        self, context: Context, columns: Sequence[Column[Any]], key: Callable[[Any], Hashable], name: str,
        icon: str, tabs: Mapping[str, str],
    ) -> None:  # fmt: skip
        super().__init__(context, PagedTable(columns, key), name, icon)
        self._labels = dict(tabs)
        self.tabs.show_tabs([(key, label, "") for key, label in tabs.items()])
        self._by, self._descending = "", True
        self._order_job: Any = None
        self._whole: tuple[str, str, bool] | None = None  # what is being worked out from new figures,
        self._hand: tuple[str, str, bool] | None = None  # and what is asked of those at hand
        self._is_behind = False  # something has changed meanwhile
        self._is_new = True
        self.order = ListOrder(array("q"), {})
        self.table.fetch = self._fetch
        self.table.sort_wanted.connect(self._sort)
        self.table.arrived.connect(self._rows_arrived)

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        """Ask for an order."""
        raise NotImplementedError

    def ask_at_hand(self, tab: str, by: str, descending: bool) -> Any:
        """Ask for an order by figures that are worked out already, perhaps old ones; no job where none are kept."""

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        """Ask for the rows of some numbers."""
        raise NotImplementedError

    def refresh(self) -> None:
        if self._is_new:
            self._is_new = False
            self._rearrange()
        elif self._is_awaited() and self._wanted() in (self._whole, self._hand):
            self._is_behind = True  # given up each time, it would never come while somebody keeps writing
        else:
            self._drop_order_job()
            self._whole = self._wanted()
            self._order_job = self.ask_order(*self._whole).then(self._take_whole)

    def _wanted(self) -> tuple[str, str, bool]:
        return self.tabs.current() or next(iter(self._labels)), self._by, self._descending

    def _is_awaited(self) -> bool:
        return self._order_job is not None and self._order_job.is_awaited

    def _drop_order_job(self) -> bool:
        """Whether there was one to be answered."""
        if awaited := self._is_awaited():
            self._order_job.cancel()
        self._whole, self._hand, self._is_behind = None, None, False
        return awaited

    def _rearrange(self) -> None:
        """The same rows in another order: at once by the figures at hand, and again by new ones where those are old."""
        was_awaited, wanted = self._drop_order_job(), self._wanted()
        job = self.ask_at_hand(*wanted)
        if job is None:
            self.refresh()
        else:
            self._hand = wanted
            self._order_job = job.then(partial(self._take_at_hand, was_awaited))

    def _take_at_hand(self, is_old: bool, order: ListOrder | None) -> None:
        wanted, is_old = self._wanted(), is_old or self._is_behind
        self._hand, self._is_behind = None, False
        if order is not None:
            is_same = order.state is not None and order.state == self.order.state
            self._take_order(order, same_rows=is_same)
        if (order is None or order.is_old or is_old) and wanted == self._wanted():
            self._stale = True
            self._refresh_if_visible()

    def _take_whole(self, order: ListOrder) -> None:
        is_behind = self._is_behind
        self._whole, self._is_behind = None, False
        self._take_order(order)
        if is_behind:
            self.refresh_later()

    def is_settled(self) -> bool:
        return super().is_settled() and not self._is_awaited()

    def _take_order(self, order: ListOrder, *, same_rows: bool = False) -> None:
        first = not self.table.rowCount() and bool(order.ids)
        self.order = order
        some = any(order.counts.values())
        self.tabs.show_tabs([
            (key, label, wording.number(order.counts.get(key, 0)) if some else "")
            for key, label in self._labels.items()
        ])  # fmt: skip
        self._place_tabs()
        self.table.show_order(order.ids, same_rows=same_rows)
        self.show_rows_or_why(bool(order.ids), some)
        self.context.wishes.counted.emit()
        self._order_taken()
        focus = self.window().focusWidget()
        if first and self.isVisible() and (focus is None or self.isAncestorOf(focus)):
            self.rows.setFocus()  # while there were no rows something in the head had it

    def _order_taken(self) -> None:
        """There is another order."""

    def _rows_arrived(self) -> None:
        """Rows that were asked for are here."""

    def _fetch(self, ids: tuple[int, ...]) -> None:
        self.ask_rows(ids).then(partial(self.table.take_rows, ids)).ended(partial(self._ended, ids))

    def _ended(self, ids: tuple[int, ...], _future: object = None) -> None:
        self.table.never_came(ids)  # says nothing where they have

    def _sort(self, by: str, descending: bool) -> None:
        self._by, self._descending = by, descending
        self._rearrange()

    def _filter(self, _key: str) -> None:
        self._rearrange()
