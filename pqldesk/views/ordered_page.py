"""A page that is one list as long as the workspace is: order, tabs and sorts are the database's, rows come as seen."""

from array import array
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from pqldesk.services.figure_rows import ListOrder
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.paged_table import PagedTable
from pqldesk.views.row_table import Column, Sight

AHEAD_MS = 100  # in which nothing is asked for, until what else it can be sorted by is worked out


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
        self._hand_job: Any = None
        self._whole: tuple[str, str, bool] | None = None  # what is being worked out from new figures,
        self._hand: tuple[str, str, bool] | None = None  # and what is asked of those at hand
        self._is_behind = False  # something has changed meanwhile
        self._is_new = True
        self.order = ListOrder(array("q"), {})
        self._keys_job: Any = None
        self._ahead = QTimer(self, singleShot=True, interval=AHEAD_MS)
        self._ahead.timeout.connect(self._look_ahead)
        self.table.fetch = self._fetch
        self.table.sort_wanted.connect(self._sort)
        self.table.arrived.connect(self._rows_arrived)

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        """Ask for an order, with_rows() that will be in sight."""
        raise NotImplementedError

    def ask_at_hand(self, tab: str, by: str, descending: bool) -> Any:
        """Ask for an order by figures that are worked out already, perhaps old ones; no job where none are kept."""

    def ask_keys(self) -> Any:
        """Have worked out what the list can be sorted by besides; no job where that is nothing."""

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        """Ask for the rows of some numbers."""
        raise NotImplementedError

    def with_rows(
        self, order: Callable[..., Any], rows: Callable[..., Mapping[int, Any]]
    ) -> Callable[..., Any]:
        """The query for an order together with its rows that will be in sight: asked for once the order is here, they
        would be painted a second time."""
        state = self.order.state
        here = self.table.fresh() if state is not None else frozenset()
        return partial(_with_rows, order, rows, self.rows.sight(), state, here)

    def refresh(self) -> None:
        if self._is_new:
            self._is_new = False
            self._rearrange(is_new=True)
        elif self._is_awaited() and self._wanted() in (self._whole, self._hand):
            self._is_behind = True  # given up each time, it would never come while somebody keeps writing
        else:
            self._drop_order_jobs()
            self._ask_whole()

    def _ask_whole(self) -> None:
        self._whole = self._wanted()
        self._order_job = self.ask_order(*self._whole).then(self._take_whole)

    def _wanted(self) -> tuple[str, str, bool]:
        return self.tabs.current() or next(iter(self._labels)), self._by, self._descending

    def _is_awaited(self) -> bool:
        return any(job is not None and job.is_awaited for job in (self._order_job, self._hand_job))

    def _drop_order_jobs(self) -> bool:
        """Whether there was one to be answered."""
        awaited = self._is_awaited()
        for job in (self._order_job, self._hand_job):
            if job is not None and job.is_awaited:
                job.cancel()
        self._whole, self._hand, self._is_behind = None, None, False
        return awaited

    def _rearrange(self, *, is_new: bool = False) -> None:
        """The same rows in another order: at once by the figures at hand, and again by new ones where those are old.

        Of a new list the figures are worked out meanwhile: there are hardly any at hand, only how it begins.
        """
        was_awaited, wanted = self._drop_order_jobs(), self._wanted()
        job = self.ask_at_hand(*wanted)
        if job is None:
            self._ask_whole()
            return
        self._hand = wanted
        self._hand_job = job.then(partial(self._take_at_hand, was_awaited))
        if is_new:
            self._ask_whole()

    def _take_at_hand(self, is_old: bool, order: ListOrder | None) -> None:
        is_old, self._hand = is_old or self._is_behind, None
        if order is not None:
            is_same = order.state is not None and order.state == self.order.state
            self._take_order(order, same_rows=is_same)
        is_over = order is not None and not order.is_old and not is_old
        if self._order_job is not None and self._order_job.is_awaited:
            if is_over:
                self._drop_order_jobs()
            return
        self._is_behind = False
        if not is_over:
            self._stale = True
            self._refresh_if_visible()

    def _take_whole(self, order: ListOrder) -> None:
        is_behind = self._is_behind
        self._drop_order_jobs()
        self._take_order(order)
        if is_behind:
            self._look_again()

    def _look_again(self) -> None:
        """What was written while the order was awaited may be in it: then what is at hand is not old."""
        wanted = self._wanted()
        job = self.ask_at_hand(*wanted)
        if job is None:
            self.refresh_later()
        else:
            self._hand = wanted
            self._hand_job = job.then(self._take_again)

    def _take_again(self, order: ListOrder | None) -> None:
        is_behind = self._is_behind
        self._drop_order_jobs()
        if order is None or order.is_old or is_behind:
            self.refresh_later()
        else:
            self._take_order(order)

    def is_settled(self) -> bool:
        return super().is_settled() and not self._is_awaited()

    def _take_order(self, order: ListOrder, *, same_rows: bool = False) -> None:
        first = not self.table.rowCount() and bool(order.ids)
        rows, self.order = order.rows, replace(order, rows={})
        some = any(order.counts.values())
        self.tabs.show_tabs([
            (key, label, wording.number(order.counts.get(key, 0)) if some else "")
            for key, label in self._labels.items()
        ])  # fmt: skip
        self._place_tabs()
        self.table.show_order(order.ids, same_rows=same_rows, rows=rows)
        self.show_rows_or_why(bool(order.ids), some)
        self.context.wishes.counted.emit()
        self._order_taken()
        self._ahead.start()
        if rows:
            self._rows_arrived()
        focus = self.window().focusWidget()
        if first and self.isVisible() and (focus is None or self.isAncestorOf(focus)):
            self.rows.setFocus()  # while there were no rows something in the head had it

    def _look_ahead(self) -> None:
        """Nobody should have to wait for it who sorts by it first."""
        if self.isVisible() and not self._is_awaited():
            self._keys_job = self.ask_keys()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ahead.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ahead.stop()
        if self._keys_job is not None and self._keys_job.is_awaited and not event.spontaneous():
            self._keys_job.cancel()

    def _order_taken(self) -> None:
        """There is another order."""

    def _rows_arrived(self) -> None:
        """Rows that were asked for are here."""

    def _fetch(self, ids: tuple[int, ...]) -> None:
        if self._ahead.isActive():
            self._ahead.start()  # somebody scrolls: not now
        self.ask_rows(ids).then(partial(self.table.take_rows, ids)).ended(partial(self._ended, ids))

    def _ended(self, ids: tuple[int, ...], _future: object = None) -> None:
        self.table.never_came(ids)  # says nothing where they have

    def _sort(self, by: str, descending: bool) -> None:
        self._by, self._descending = by, descending
        self._rearrange()

    def _filter(self, _key: str) -> None:
        self._rearrange()


def _with_rows(
    order: Callable[..., ListOrder | None], rows: Callable[..., Mapping[int, Any]], sight: Sight,
    state: int | None, here: Collection[int], session: object, *args: object,
) -> ListOrder | None:  # fmt: skip
    """The order and its rows in sight; where it is of the same *state*, without those that are *here* already."""
    found = order(session, *args)
    if found is None:
        return None
    known = here if found.state == state else ()
    missing = tuple(one for one in sight.of(found.ids) if one not in known)
    return replace(found, rows=rows(session, missing)) if missing else found
