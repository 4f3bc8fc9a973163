"""The queue: views as tabs, the ranked list, the record of the lead under the cursor."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_
from pqldesk.views.keys import Keys
from pqldesk.views.lead_actions import LeadActions
from pqldesk.views.lead_cells import SORTS, LeadPage, read_order, read_page, read_start
from pqldesk.views.lead_details import LeadDetails
from pqldesk.views.lead_model import LeadModel
from pqldesk.views.lead_panel import LeadPanel
from pqldesk.views.lead_table import LeadTable
from pqldesk.views.newcomer_pill import NewcomerPill
from pqldesk.views.page import Context, Page
from pqldesk.views.queue_empty import ListOrWhy
from pqldesk.views.queue_head import QueueHead
from pqldesk.views.queue_selection import QueueSelection

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from pqldesk.services.record_rows import LeadDetail
    from pqldesk.services.rows import QueueRow
    from pqldesk.views.view_tabs import ViewTabs


_SEARCH_REST_MS = 60  # between two searches while somebody types
_AT_ONCE = 32  # rows that come with an order: what a screen shows


class QueuePage(Page):
    topics = frozenset({Topic.LEADS, Topic.USAGE, Topic.TRIALS, Topic.TASKS, Topic.OUTBOX, Topic.MODEL})

    def __init__(self, context: Context, keys: Keys, open_sheet: Callable[[Any], None]) -> None:
        super().__init__(context)
        self.is_answered = False
        self._asked_for = True
        self._order_job: Any = None
        self._held: str | None = None  # a command on a lead, until the list shows what was asked for
        self._details = LeadDetails(self, self._show_detail, self._lead_gone)
        self._newcomers: NewcomerPill | None = None
        self._wanted_lead: str | None = None
        self.model = LeadModel(self._fetch, context.now, self)
        self.table = LeadTable(self.model, self.paints)
        self.panel = LeadPanel(context, keys)
        self.head = QueueHead(self, keys)
        self.selection = QueueSelection(self, self.head, self.table, self.model, keys.first)
        self.lead_actions = LeadActions(
            self, self.current, self.chosen, self._anchor, open_sheet, self.selection.bulk
        )
        self._place = ListOrWhy(self, self.head, self.table)
        self.empty = self._place.empty
        self._start_job: Any = None
        self._has_start = False  # the beginning of what is awaited is in sight
        self._search_waits = False
        self._search_rest = QTimer(self, singleShot=True, interval=_SEARCH_REST_MS)
        self._search_rest.timeout.connect(self._search_on)
        self._build()
        self.setFocusProxy(self.table)
        self.head.changed.connect(self._view_changed)
        self.head.columns.connect(self.table.show_columns)
        self.head.in_sight = self.table.columns_in_sight
        self.head.search_dropped.connect(self._drop_search)
        self.table.columns_changed.connect(self.head.take_columns)
        self.table.newcomers.connect(self._show_newcomers)
        self.table.moved.connect(self._show_lead)
        self.table.opened.connect(self._open_record)
        self.table.sort_wanted.connect(self.head.sort_by)
        self.panel.wanted.connect(self.run)
        self.panel.lead_wanted.connect(self.show_lead)
        self.panel.task_done.connect(self.lead_actions.finish_task)
        self.panel.comparison.connect(self.lead_actions.compare)
        self.panel.apart_wanted.connect(self.lead_actions.take_apart)
        self.panel.part_wanted.connect(self.lead_actions.ask_part)
        self.panel.older_wanted.connect(self._read_older)
        self.panel.link_wanted.connect(self._open_link)

    # what the window asks

    def show_first(self, rows: Mapping[int, Callable[[], QueueRow]], ids: Sequence[int], total: int) -> None:
        """Paint the first page before anything has been asked for."""
        self.model.give(rows)
        self._take_order(ids, total)

    def show_view(self, view: str, search: str | None = None) -> None:
        """Go to a saved view; *search* replaces what was searched for."""
        if search is not None:
            self.head.show_search(search)
        self.head.open_view(view)

    def show_search(self, text: str) -> None:
        """Narrow the list while typing."""
        if text.strip() != self.search:
            self.table.choice.drop_whole()
            self.head.show_search(text.strip())
            self._search_waits = True
            if not self._search_rest.isActive() or self._order_job is None:
                self._search_on()

    def _search_on(self) -> None:
        """A letter is searched for at once where the last search is answered, else with what is typed meanwhile."""
        if self._search_waits:
            self._search_rest.start()
            self._asked_for = True
            self._ask_order()

    @property
    def view(self) -> str:
        """The key of the view in sight."""
        return self.head.key

    @property
    def search(self) -> str:
        return self.head.search

    @property
    def tabs(self) -> ViewTabs:
        return self.head.tabs

    def show_lead(self, lead_id: str) -> None:
        """Bring one lead under the cursor, or at least into the panel when no view in sight has it."""
        self._asked_for = False  # an order still on its way must not take the cursor elsewhere
        row = self.model.find_lead(lead_id)
        if row is not None:
            self.table.go(row)
            self.table.setFocus()
        else:
            self.table.stand_aside(True)  # keys act on the lead in the panel: no row may look like it
        self._wanted_lead = lead_id
        self._read_detail(lead_id)

    def show_sort(self, sort: str, descending: bool) -> None:
        self.head.sort_by(sort, descending)

    def current(self) -> QueueRow | None:
        """The lead that commands act on: the one in the panel."""
        return self.panel.lead()

    def chosen(self) -> list[QueueRow]:
        if self.table.choice.is_several() and (many := self.table.choice.leads()):
            return many
        lead = self.current()
        return [lead] if lead else []

    def status(self) -> str:
        words = n_("{n} person", "{n} people", self.model.lead_count())
        if self.table.choice.is_whole:
            return words + _(" · all selected")
        if self.table.choice.is_several():
            words += _(" · {n} selected").format(n=self.table.choice.count())
        return words

    def run(self, command: str) -> bool:
        if command in {"next", "previous"}:
            self.table.step(1 if command == "next" else -1)
        elif command == "select":
            self.table.choice.toggle()
            self.context.wishes.counted.emit()
        elif command == "open":
            self._open_record(None)
        elif command == "back":
            self._back()
        elif command == "refresh":
            self._asked_for = True
            self.refresh()
        elif command in {"fold", "unfold"}:
            self.table.fold_all(command == "fold")
        elif command == "newcomers":
            self.table.show_newcomers()
        elif self.is_settled() or command not in self.lead_actions.commands:
            return self.head.run(command) or self.selection.run(command) or self.lead_actions.run(command)
        elif self._held is None:
            self._held = command
        return True

    def _anchor(self, command: str) -> QPoint:
        """Where the menu of a command opens: over its button in the selection's bar, else in the panel."""
        return self.selection.anchor(command) or self.panel.anchor(command)

    def focus_list(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # asking

    def refresh(self) -> None:
        self._details.forget()
        self.read(self.context.desk.queue_views).then(self.head.show_views)
        self._ask_order()
        self.table.refresh_visible()
        if lead := self.current():
            self._read_detail(lead.lead_id, again=True)

    def _view_changed(self) -> None:
        """Another view, filter or order is wanted."""
        self.table.choice.drop_whole()
        spec = self.head.spec
        if spec.sort_key in SORTS:
            self.table.show_sort(SORTS.index(spec.sort_key), spec.descending)
        self._asked_for = True
        self._ask_order()

    def _ask_order(self) -> None:
        for job in (self._order_job, self._start_job):
            if job is not None:
                job.cancel()
        desk, spec, search, now = self.context.desk, self.head.spec, self.head.search, self.context.now()
        self._start_job, self._search_waits, self._has_start = None, False, False
        first = _AT_ONCE if self._asked_for else 0
        if self._asked_for and not (spec.group or search):
            self._start_job = self.read(read_start, desk.view_start, desk.lead_rows, spec, now, first)
            self._start_job.then(self._take_start).otherwise(self._no_start)
        self._order_job = self.read(read_order, desk.view_order, desk.lead_rows, spec, search, now, first)
        self._order_job.then(partial(self._take_view, spec.group)).otherwise(self._order_failed)

    def _fetch(self, ids: tuple[int, ...]) -> None:
        self.read(read_page, self.context.desk.lead_rows, ids, self.context.now()).then(self._take_page)

    def _read_detail(self, lead_id: str, *, again: bool = False) -> None:
        below = self.model.lead(self.table.currentIndex().row() + 1)
        self._details.ask(lead_id, then=below.lead_id if below else "", again=again)

    def _lead_gone(self) -> None:
        """The lead in the panel is no more, as after its import was taken back."""
        self._wanted_lead = None
        self.table.stand_aside(False)
        self.panel.show_lead(self.table.current_lead())

    def _read_older(self, lead_id: str, before: datetime) -> None:
        self.read(self.context.desk.timeline, lead_id, before).then(self.panel.add_older)

    # showing

    def _order_failed(self, problem: Exception) -> None:
        self._order_job, self._asked_for, self._held = None, False, None
        self.context.background.problem.emit(problem)

    def is_settled(self) -> bool:
        """Whether the list shows what was last asked for, so that a command meets the lead that the person means."""
        if self._search_waits or (self._asked_for and not self._has_start and self._order_job is not None):
            return False
        here = self.table.currentIndex()
        return not here.isValid() or self.model.is_header(here.row()) or self.table.current_lead() is not None

    def is_in_use(self) -> bool:
        return self.table.is_in_use()

    def _let_go(self) -> None:
        if self._held is not None and self.is_settled():
            command, self._held = self._held, None
            self.lead_actions.run(command)

    def _take_page(self, page: LeadPage) -> None:
        self.model.take(page)
        self._let_go()

    def _take_start(self, start: tuple[Sequence[int], LeadPage]) -> None:
        """The beginning of a view, before all of a million row numbers is there."""
        ids, page = start
        self.count_is_known()
        current = self.table.current_id()
        if self._order_job is None or not len(ids) or (current is not None and current not in ids):
            return  # where the lead under the cursor stands, the whole order says
        view = self.head.tabs.view(self.head.key)
        known = view.count if view is not None and not self.head.is_dirty() else None
        self._has_start = True
        self.model.keep(page)
        self._show_order(ids, max(known or 0, len(ids)))

    def _no_start(self, _problem: object) -> None:
        """The order says what is wrong."""

    def _take_view(self, group: str, answer: tuple[Any, LeadPage]) -> None:
        order, page = answer
        self.model.keep(page)
        self._take_order(order.ids, None, order.counts, group if len(order.counts) else "")

    def _take_order(
        self, ids: Sequence[int], total: int | None = None, counts: Sequence[int] = (), group: str = ""
    ) -> None:
        asked_for, self._asked_for, self._has_start = self._asked_for, False, False
        self.count_is_known()
        self._order_job = None
        self._show_order(ids, total, counts, group, asked_for=asked_for)

    def _show_order(
        self,
        ids: Sequence[int],
        total: int | None,
        counts: Sequence[int] = (),
        group: str = "",
        *,
        asked_for: bool = True,
    ) -> None:
        order = ids if isinstance(ids, array) else array("q", ids)
        if asked_for:
            self.table.stand_aside(False)
        self.table.show_order(order, asked_for, total, counts, group)
        self._meet_wanted()
        if order and not self.table.currentIndex().isValid():
            self.table.go(1 if self.model.is_header(0) else 0)
        some = bool(self.model.rowCount())
        self.panel.setVisible(some or self._wanted_lead is not None)
        if not some:
            self.panel.show_lead(None)
        self._place.show_list() if some else self._place.explain()
        self.context.wishes.counted.emit()
        self._let_go()

    def _show_newcomers(self, many: int) -> None:
        """What came to stand above the rows on screen does not move them: it is offered."""
        if self._newcomers is None:
            self._newcomers = NewcomerPill(self.table, self.paints)
            self._newcomers.clicked.connect(self.table.show_newcomers)
        self._newcomers.say(many)

    def _show_lead(self, lead: QueueRow | None) -> None:
        if lead is None:
            if not self.model.rowCount() or self.model.is_header(self.table.currentIndex().row()):
                self.panel.show_lead(None)  # what keys act on is what is in sight: nobody
            return
        self._wanted_lead = None
        self.panel.show_lead(lead)
        self._read_detail(lead.lead_id)
        self.context.wishes.counted.emit()

    def _show_detail(self, detail: LeadDetail) -> None:
        if detail.row.lead_id == self._wanted_lead:
            self.panel.show_lead(detail.row)
            self.panel.setVisible(True)
        self.panel.show_detail(detail)
        self._meet_wanted()

    def _meet_wanted(self) -> None:
        """The cursor goes to the lead that was asked for where it stands further down, or has come by now."""
        lead = self.panel.lead() if self.table.is_aside() else None
        if lead is not None and lead.lead_id == self._wanted_lead:
            row = self.model.find(lead.id)
            if row is not None:
                self.table.go(row)

    def _open_record(self, _lead: object) -> None:
        if self.panel.lead() is not None:
            self.panel.focus_record()

    def _back(self) -> None:
        if self.panel.isAncestorOf(self.window().focusWidget() or self):
            self.focus_list()
        elif self.table.choice.is_marking or self.table.choice.is_several():
            self.table.choice.clear()
            self.context.wishes.counted.emit()
        elif self.search:
            self.context.wishes.open_view.emit(self.view, "")
        else:
            self.focus_list()

    def _drop_search(self) -> None:
        self.context.wishes.open_view.emit(self.view, "")

    def _open_link(self, url: str) -> None:
        if url.startswith(("https://", "http://")):
            QDesktopServices.openUrl(QUrl(url))

    # building

    def _build(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._place, 1)
        body.addWidget(self.panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(body, 1)
