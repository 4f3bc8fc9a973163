"""What stands where the queue shows nobody: why, what would help, and in a new workspace the ways to begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.containers import EmptyState

if TYPE_CHECKING:
    from pqldesk.views.lead_table import LeadTable
    from pqldesk.views.page import Page
    from pqldesk.views.queue_head import QueueHead


class ListOrWhy(QStackedWidget):
    """The list, or why there is none."""

    def __init__(self, page: Page, head: QueueHead, table: LeadTable) -> None:
        super().__init__()
        self._page, self._head, self._table = page, head, table
        self.empty = EmptyState(page.theme)
        self.empty.acted.connect(self._leave)
        self._first_start: QWidget | None = None
        self.setMinimumWidth(1)  # the words of an empty list must not push the record out of the window
        self.addWidget(table)
        self.addWidget(self.empty)

    def show_list(self) -> None:
        self._put(self._table)

    def explain(self) -> None:
        """Say why nobody is in sight, and offer what would help."""
        view, search, is_dirty = self._head.key, self._head.search, self._head.is_dirty()
        if view == "all" and not search and not is_dirty:
            self._put(self._start())
            return
        may_be_new = view == "open" and not search and not is_dirty
        if not may_be_new or self.currentWidget() is not self._first_start:  # else the ways to begin stay
            self._put(self.empty)
        self.empty.say(*nobody(view, search, is_dirty=is_dirty))
        if may_be_new:
            everybody = self._page.context.desk.lead_order
            self._page.read(everybody, "all", "", "score", True).then(self._start_if_none)

    def _start_if_none(self, ids: Sequence[int]) -> None:
        """Nobody at all: the workspace is new."""
        if not len(ids) and not self._table.model().rowCount() and not self._head.search:
            self._put(self._start())
        elif self.currentWidget() is self._first_start:
            self._put(self.empty)

    def _put(self, what: QWidget) -> None:
        """Show *what*. The keyboard goes to it where it was here, and whenever it is given to the page."""
        if what is self.currentWidget():
            return
        focus = self.window().focusWidget()
        had_it = focus is not None and self.isAncestorOf(focus)
        self.setCurrentWidget(what)
        self._page.setFocusProxy(what)
        if had_it:
            what.setFocus()

    def _start(self) -> QWidget:
        if self._first_start is None:
            from pqldesk.views.first_start import FirstStart

            context = self._page.context
            start = FirstStart(context)
            start.wanted.connect(context.wishes.run)
            self.addWidget(start)
            self._first_start = start
        return self._first_start

    def _leave(self) -> None:
        view, search, wishes = self._head.key, self._head.search, self._page.context.wishes
        if search:
            wishes.open_view.emit("all", "" if view == "all" else search)
        elif self._head.is_dirty():
            self._head.run("revert_view")
        else:
            wishes.open_view.emit("all" if view == "open" else "open", "")


def nobody(view: str, search: str, *, is_dirty: bool) -> tuple[str, str, str, str]:
    """Why there is nobody, what would help, the button that does it, and the icon."""
    if search and view != "all":
        return (
            _("Nobody in this view matches “{text}”").format(text=search),
            _("The search looks at names, e-mail addresses and companies. Esc drops it."),
            _("Search all leads"), "search",
        )  # fmt: skip
    if search:
        return (
            _("Nobody matches “{text}”").format(text=search),
            _("The search looks at names, e-mail addresses and companies."),
            _("Drop the search"), "search",
        )  # fmt: skip
    if is_dirty:
        return (
            _("Nobody passes this filter"), _("Drop a chip above, or go back to the view as it is saved."),
            _("Revert"), "search",
        )  # fmt: skip
    if view == "open":
        return (
            _("No lead is open"),
            _("Every lead is won, lost, disqualified, handed off or asleep. New ones join by themselves."),
            _("Show all leads"), "circle-check",
        )  # fmt: skip
    return (
        _("Nothing waits here"), _("New leads join this view by themselves as their usage arrives."),
        _("Show all open leads"), "circle-check",
    )  # fmt: skip
