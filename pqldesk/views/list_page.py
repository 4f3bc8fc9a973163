"""A page that is one list: a head with title or tabs, the rows, and what stands there when there are none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import n_
from pqldesk.views import wording
from pqldesk.views.containers import EmptyState
from pqldesk.views.labels import Label
from pqldesk.views.layouts import widgets_in
from pqldesk.views.page import Context, Page
from pqldesk.views.row_table import RowTable, RowView
from pqldesk.views.tabs import Tabs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TabRows:
    """All rows of a list, and those of each tab."""

    rows: list[Any]
    of_tab: Mapping[str, list[Any]]


def in_tabs(rows: Sequence[Any], keeps: Mapping[str, Callable[[Any], bool]]) -> TabRows:
    """Give each tab what it keeps."""
    return TabRows(list(rows), {key: list(filter(keep, rows)) for key, keep in keeps.items()})


def _asked_in_tabs(
    session: object,
    query: Callable[..., Sequence[Any]],
    keeps: Mapping[str, Callable[[Any], bool]],
    *args: object,
) -> TabRows:
    return in_tabs(query(session, *args), keeps)


class ListPage(Page):
    """Subclasses give the table and the query; tabs are filters over rows that are already here."""

    def __init__(self, context: Context, table: RowTable[Any], name: str, icon: str) -> None:
        super().__init__(context)
        self.table = table
        self.rows = RowView(table, context.paints, name)
        self.empty = EmptyState(self.theme, icon)
        self.empty.acted.connect(self._take_offer)
        self._offered = ""
        self.tabs = Tabs(self.paints)
        self.tabs.chosen.connect(self._filter)
        self._all: list[Any] = []
        self._of_tab: Mapping[str, list[Any]] = {}
        self._filters: dict[str, tuple[str, Callable[[Any], bool]]] = {}
        head = QWidget()
        head.setObjectName("pagehead")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        lines = QVBoxLayout(head)
        lines.setContentsMargins(16, 10, 16, 10)
        lines.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self._below = QHBoxLayout()  # where the tabs go when the line is too short for them and the buttons
        lines.addLayout(self.head)
        lines.addLayout(self._below)
        self.title = Label(self.theme, name, 15, 600)
        self.title.setContentsMargins(0, 0, 8, 0)
        self.head.addWidget(self.title)
        self.head.addWidget(self.tabs, 1, Qt.AlignmentFlag.AlignVCenter)
        self.head.addStrut(self.theme.px(32))  # as high as a button, also where there is none
        self.stack = QStackedWidget()
        self.stack.addWidget(self.rows)
        self.stack.addWidget(self.empty)
        self.column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.stack, 1)
        self._beside: QWidget | None = None
        self.is_answered = False
        self.setFocusProxy(self.rows)

    def put_beside(self, panel: QWidget) -> None:
        """Put what a row opens at the right of the list; where there are no rows at all, nothing is there."""
        self._beside = panel
        body = QHBoxLayout()
        body.setSpacing(0)
        self.column.removeWidget(self.stack)
        body.addWidget(self.stack, 1)
        body.addWidget(panel)
        self.column.addLayout(body, 1)
        self.stack.setMinimumWidth(1)

    def filters(self, **filters: tuple[str, Callable[[Any], bool]]) -> None:
        """Name the tabs: key=(label, keeps)."""
        self._filters = filters
        self.tabs.show_tabs([(key, label, "") for key, (label, _keeps) in filters.items()])

    def ask(self, query: Callable[..., Sequence[Any]], *args: object) -> Any:
        """Read rows and give each tab its own, on the reader's thread: 20,000 tasks took the window's 200 ms."""
        return self.read_long(_asked_in_tabs, query, self._keeps(), *args)

    def _keeps(self) -> dict[str, Callable[[Any], bool]]:
        return {key: keeps for key, (_label, keeps) in self._filters.items()}

    def take(self, fresh: TabRows | Sequence[Any]) -> None:
        """Show fresh rows under the chosen tab."""
        sorted_in = fresh if isinstance(fresh, TabRows) else in_tabs(fresh, self._keeps())
        rows = sorted_in.rows
        first = not self._all and bool(rows)
        self._all, self._of_tab = rows, sorted_in.of_tab
        if self._filters:
            self.tabs.show_tabs(
                [
                    (key, label, wording.number(len(self._of_tab[key])) if rows else "")
                    for key, (label, _keeps) in self._filters.items()
                ]
            )
            self._place_tabs()
        self._filter(self.tabs.current() or "")
        focus = self.window().focusWidget()
        if first and self.isVisible() and (focus is None or self.isAncestorOf(focus)):
            self.rows.setFocus()  # while there were no rows something in the head had it

    def status(self) -> str:
        return n_("{n} row", "{n} rows", self.table.rowCount())

    def run(self, command: str) -> bool:
        if command in {"next", "previous"}:
            self.rows.step(1 if command == "next" else -1)
            self.rows.setFocus()
            return True
        if command == "open" and self.rows.current() is not None:
            self.rows.opened.emit(self.rows.current())
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_tabs()

    def _place_tabs(self) -> None:
        """Beside the buttons, or below them where both do not fit."""
        beside = sum(
            widget.sizeHint().width() + self.head.spacing()
            for widget in widgets_in(self.head)
            if widget is not self.tabs and not widget.isHidden()
        )
        below = self.tabs.whole_width() + beside > self.width() - 32
        if below == (self._below.indexOf(self.tabs) >= 0):
            return
        if below:
            self.head.removeWidget(self.tabs)
            self.head.insertStretch(0, 1)
            self._below.addWidget(self.tabs, 1)
        else:
            self._below.removeWidget(self.tabs)
            self.head.takeAt(0)
            self.head.insertWidget(1, self.tabs, 1, Qt.AlignmentFlag.AlignVCenter)

    def _filter(self, key: str) -> None:
        rows = self._of_tab.get(key, self._all)
        self.table.show(rows)
        self.show_rows_or_why(bool(rows), bool(self._all))
        self.context.wishes.counted.emit()

    def show_rows_or_why(self, rows: bool, some: bool) -> None:
        """The list, or why there are no *rows* in it; *some* says that other tabs have some."""
        self.count_is_known()
        focus = self.window().focusWidget()
        was_here = focus is not None and self.isAncestorOf(focus) and not self.tabs.isAncestorOf(focus)
        self.setFocusProxy(self.rows if rows else self.empty)
        self.stack.setCurrentIndex(0 if rows else 1)
        if was_here and not rows:
            self.empty.setFocus()  # else Qt looks for who is next, and finds the first of the window
        if self._beside is not None:
            self._beside.setVisible(rows or some)
        self.explain(some)

    def explain(self, some: bool) -> None:
        """Word the empty state; *some* says that other tabs have rows."""

    def say_none_yet(self, title: str, sentence: str, offer: str, command: str) -> None:
        """What a page says in a new workspace, with a button called *offer* that gives *command*: the next step."""
        self._offered = command
        self.empty.say(title, sentence, offer)
        self.context.rights.hold(self.empty.action, command)

    def _take_offer(self) -> None:
        self.context.wishes.run.emit(self._offered)
