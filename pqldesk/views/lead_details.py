"""Reads the records that a panel shows, and the next one before it is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from pqldesk.services.basics.problems import NotFound
from pqldesk.views.page import Page

if TYPE_CHECKING:
    from pqldesk.services.record_rows import LeadDetail

_PAINTED_MS = 10
_KEPT = 12  # records beside the one shown; going back and forth over a few leads asks nothing again


class LeadDetails:
    """One record at a time for a page; what was read stays until something changes."""

    def __init__(
        self, page: Page, show: Callable[[LeadDetail], None], gone: Callable[[], None] = lambda: None
    ) -> None:
        """*gone*: the lead that is shown is found no more when it is read again."""
        self._page, self._show, self._gone = page, show, gone
        self._wanted = self._ahead = self._coming = ""  # shown; to be read next; being read ahead
        self._job: Any = None
        self._ahead_job: Any = None
        self._next_turn = QTimer(page, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._show_known)
        self._after_painting = QTimer(page, singleShot=True)
        self._after_painting.timeout.connect(self._read_ahead)
        self._kept: OrderedDict[str, LeadDetail] = OrderedDict()

    def ask(self, lead_id: str, then: str = "", *, again: bool = False) -> None:
        """Show that lead's record, where it is here already once its row and head are painted: both in one turn took
        the window twice as long. *then* read the one that comes next. *again*: it is shown, and nobody asked."""
        self._wanted, self._ahead = lead_id, then
        self._after_painting.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._next_turn.stop()
        if lead_id in self._kept:
            self._kept.move_to_end(lead_id)
            self._next_turn.start()
            return
        if self._ahead_job is not None and self._coming == lead_id:
            return  # it is on its way already, and shown when it is here
        self._job = self._page.read(self._page.context.desk.lead_detail, lead_id)
        self._job.then(self._take)
        if again:
            self._job.otherwise(self._not_again)

    def _not_again(self, problem: object) -> None:
        self._job = None
        if isinstance(problem, NotFound):
            self._gone()
        else:
            self._page.context.background.problem.emit(problem)

    def _show_known(self) -> None:
        if (known := self._kept.get(self._wanted)) is not None:
            self._show(known)
            self._look_ahead()

    def forget(self) -> None:
        """Something has changed: whatever is shown is read again, and nothing else is believed."""
        self._kept.clear()
        self._next_turn.stop()
        self._after_painting.stop()
        if self._ahead_job is not None:
            self._ahead_job.cancel()
            self._ahead_job = None

    def _take(self, detail: LeadDetail) -> None:
        self._job = None
        self._keep(detail)
        self._show(detail)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Read the next record once this one is painted: until then the reader would keep Python from the window."""
        self._after_painting.start(_PAINTED_MS)

    def _read_ahead(self) -> None:
        if self._ahead_job is not None:
            self._ahead_job.cancel()
            self._ahead_job = None
        if self._ahead and self._ahead not in self._kept:
            self._coming = self._ahead
            self._ahead_job = self._page.read(self._page.context.desk.lead_detail, self._ahead)
            self._ahead_job.then(self._take_ahead).otherwise(self._drop)

    def _take_ahead(self, detail: LeadDetail) -> None:
        self._ahead_job = None
        if detail.row.lead_id == self._wanted:
            self._take(detail)
        else:
            self._keep(detail)

    def _drop(self, problem: object) -> None:
        """It is told when somebody goes to that lead."""
        self._ahead_job = None
        if self._coming == self._wanted:
            self._page.context.background.problem.emit(problem)

    def _keep(self, detail: LeadDetail) -> None:
        self._kept[detail.row.lead_id] = detail
        self._kept.move_to_end(detail.row.lead_id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
