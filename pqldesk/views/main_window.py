"""The window: navigation, search, pages, status, and the place where notices appear.

What the first frame does not show is imported when it is first opened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from pqldesk.services.basics.bugs import keep_bug
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import Problem, RepUnknown
from pqldesk.views.commands import PAGE_OF
from pqldesk.views.keys import Keys
from pqldesk.views.navigation import Navigation
from pqldesk.views.notices import BugSheet, Toast
from pqldesk.views.overlay import Overlay, Sheet
from pqldesk.views.page import Context, Page
from pqldesk.views.page_makers import maker_of
from pqldesk.views.popover import holds_keyboard
from pqldesk.views.queue_page import QueuePage
from pqldesk.views.sample_opening import SampleOpening
from pqldesk.views.status_line import StatusLine
from pqldesk.views.tab_order import step_focus
from pqldesk.views.top_bar import TopBar
from pqldesk.views.undoing import Undoing
from pqldesk.views.window_bars import WindowBars
from pqldesk.views.window_place import come_back, keep_place
from pqldesk.views.window_sheets import WindowSheets

if TYPE_CHECKING:
    from pqldesk.services.rows import NavCounts, SettingRow

COUNT_SOON_MS = 200
# Counting reads every lead: while another process changes them, not more often than this
COUNT_REST_MS = 2_000


class MainWindow(QMainWindow):
    """Builds the queue page at once and every other page when it is first opened."""

    def __init__(self, context: Context, memory: QSettings | None = None) -> None:
        super().__init__()
        self.context, self._memory = context, memory
        self.setWindowTitle("PQLDesk")
        self.setMinimumSize(QSize(1024, 640))
        self.resize(1440, 900)
        root = QWidget()
        root.setObjectName("root")
        self.setCentralWidget(root)
        self.overlay = Overlay(root)
        self.keys = Keys(self, self._sheet_open, page=self._page_shown)
        context.key_of = self.keys.first
        self._pages: dict[str, Page] = {}
        self._look_is_pinned = False
        self._undoing = Undoing(context, self.tell, self)
        self._sheets = WindowSheets(context, self.keys, self._undoing, self.current, memory, self)
        self._sample = SampleOpening(context, self)
        self.navigation = Navigation(context, self.keys)
        self.stack = QStackedWidget()
        self.bars = WindowBars(context, self)
        self._status = StatusLine(context.theme, self.keys, context.rights)
        self.toast = Toast(context, self.keys, root, self._uncovered)
        self._top = TopBar(context, self.keys, self._sheets)
        self.search = self._top.search
        self._build(root)
        self.queue = QueuePage(context, self.keys, self.overlay.open)
        self._add("queue", self.queue)
        self._connect()
        self._count_soon = QTimer(self, singleShot=True, interval=COUNT_SOON_MS)
        self._count_soon.timeout.connect(self._count)
        self._minute = QTimer(self, interval=60_000)
        self._minute.timeout.connect(self._count)
        self._minute.start()
        self.show_page("queue")
        if memory is not None:
            come_back(self, memory)

    # what others ask

    def show_page(self, key: str) -> None:
        """Open a page, building it if it is the first time, a large one little by little."""
        page = self.made(key)
        before, focus = self.stack.currentWidget(), self.focusWidget()
        if before is not page and before is not None and focus is not None and before.isAncestorOf(focus):
            focus.clearFocus()  # else Qt looks for who is next in the whole window, which takes 30 ms
        self._put_in_sight(page, key)
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_in_sight(self, page: Page, key: str) -> None:
        self.stack.setCurrentWidget(page)
        self.navigation.show_page(key)
        self._status.follow(page, is_queue=page is self.queue)

    def made(self, key: str) -> Page:
        """A page, made if it is not there yet; it is not opened."""
        if key not in self._pages:
            self._add(key, maker_of(key)(self.context))
        return self._pages[key]

    def is_in_use(self) -> bool:
        """Whether keys or pointer are moving in the page that is shown, or it is still being built or waits for
        what it shows."""
        page = self.current()
        return page.is_in_use() or page.is_asking or not page.is_built

    def page(self, key: str) -> Page:
        """Open a page, and build all of it."""
        self.show_page(key)
        self._pages[key].complete()
        return self._pages[key]

    def _page_shown(self) -> str:
        shown = self.stack.currentWidget()
        return next((key for key, page in self._pages.items() if page is shown), "")

    def current(self) -> Page:
        page = self.stack.currentWidget()
        assert isinstance(page, Page)  # noqa: S101 - the stack holds nothing else
        return page

    def run(self, command: str) -> None:
        """Carry out a command from the keyboard, the menu or the palette."""
        if command.startswith("go."):
            self.show_page(command[3:])
            return
        if not self.context.may(command):
            return
        if (page := PAGE_OF.get(command)) and page != self._page_shown():
            self.show_page(page)
        own: dict[str, Callable[[], object]] = {
            "search": self.search.take_focus, "palette": self._sheets.palette, "help": self._sheets.help,
            "add_lead": self._sheets.add_lead, "import": self._sheets.import_file, "undo": self._undoing.undo,
            "redo": self._undoing.redo, "history": self._sheets.history, "about": partial(self._section, "about"),
            "data.backup": partial(self._data, "back_up"), "data.export": partial(self._data, "ask_export"),
            "data.archive": partial(self._data, "ask_archive"), "data.refill": partial(self._data, "ask_refill"),
            "team": partial(self._section, "team"), "theme": self._switch_theme,
            "sample": self._sample.open, "sample.remove": self.bars.ask_remove_sample,
            "quit": self.close,
        }  # fmt: skip
        self.current().complete()
        if command in own:
            own[command]()
        elif not self.current().run(command):
            if command == "back":
                self.show_page("queue")
            elif command == "refresh":
                self.current().refresh()
            elif command in {"record_on", "record_back"}:
                self._turn_record(command == "record_on")
            elif command in {"next", "previous"} and (focus := self.focusWidget()) is not None:
                self.current().setFocus()
                del focus

    def _turn_record(self, forwards: bool) -> None:
        from pqldesk.views.record_panel import RecordPanel

        panel = self.current().findChild(RecordPanel)
        if panel is not None:
            panel.turn(forwards)

    def show_problem(self, problem: object) -> None:
        """A Problem in the bar, anything else as a bug."""
        if isinstance(problem, RepUnknown):
            from pqldesk.views.who_sheet import WhoSheet

            self.open_sheet(WhoSheet(self.context))
        elif isinstance(problem, Problem):
            self.bars.say_problem(problem)
        elif isinstance(problem, BaseException):
            keep_bug(problem)
            self.open_sheet(BugSheet(self.context, problem))

    def tell(self, words: str, undoes: int = 0) -> None:
        """Show a toast; its undo, and the key, take back *undoes* actions."""
        self._undoing.next_takes(undoes)
        self.toast.say(words, undoes > 0)

    def open_sheet(self, sheet: Sheet) -> None:
        """Over the page; what was only said meanwhile goes, an undo stays on offer."""
        if not self.toast.offers_undo():
            self.toast.hide()
        self.overlay.open(sheet)

    # building

    def _build(self, root: QWidget) -> None:
        across = QHBoxLayout(root)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.navigation)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._top)
        self.bars.add_to(column)
        column.addWidget(self.stack, 1)
        column.addWidget(self._status)
        across.addLayout(column, 1)

    def _connect(self) -> None:
        wishes, background = self.context.wishes, self.context.background
        self.navigation.wanted.connect(self.show_page)
        self.navigation.command.connect(self.run)
        self.keys.triggered.connect(self.run)
        self.toast.undo_wanted.connect(self._undoing.undo)
        self.search.searched.connect(self._search)
        self.search.left.connect(self._leave_search)
        wishes.open_lead.connect(self._open_lead)
        wishes.open_page.connect(self.show_page)
        wishes.open_account.connect(self._open_account)
        wishes.open_view.connect(self._open_view)
        wishes.trace.connect(self._trace)
        wishes.told.connect(self.tell)
        wishes.mended.connect(self.bars.mended)
        wishes.run.connect(self.run)
        wishes.counted.connect(self._counted)
        wishes.sheet.connect(self.open_sheet)
        background.problem.connect(self.show_problem)
        background.changed.connect(self._on_changed)
        background.only_read.connect(self.context.rights.only_look)

    def _add(self, key: str, page: Page) -> None:
        self._pages[key] = page
        self.stack.addWidget(page)

    # commands

    def _section(self, key: str) -> None:
        """Open the settings at one of their sections."""
        page = self.page("settings")
        page.open_section(key)  # type: ignore[attr-defined]

    def _data(self, act: str) -> None:
        """Do something to the workspace as a whole, where its section says how it went."""
        self._section("data")
        page: Any = self._pages["settings"]
        getattr(page.data_cards(), act)()

    def _open_account(self, number: int) -> None:
        page: Any = self.page("accounts")
        page.show_account(number)

    def _trace(self, lead: str) -> None:
        page: Any = self.page("sources")
        page.follow(lead)

    def pin_look(self) -> None:
        """Keep the theme as it is, whatever the settings say: for pictures."""
        self._look_is_pinned = True

    def _switch_theme(self) -> None:
        self._look_is_pinned = True
        self.context.theme.choose("light" if self.context.theme.tokens.dark else "dark")

    def _search(self, text: str) -> None:
        if self.current() is not self.queue:
            self._put_in_sight(self.queue, "queue")
        self.queue.show_search(text)

    def _leave_search(self) -> None:
        self.queue.focus_list()

    def _open_view(self, view: str, search: str) -> None:
        self.search.show_text(search)
        self.show_page("queue")
        self.queue.show_view(view, search)

    def _open_lead(self, lead_id: str) -> None:
        self.show_page("queue")
        self.queue.show_lead(lead_id)

    # showing

    def _uncovered(self) -> list[QRect]:
        """What a toast leaves in sight: the bar of what is selected, and the row under the cursor."""
        bar = self.queue.selection.bar()
        shown: list[QRect] = []
        if bar is not None and bar.isVisible():
            shown.append(QRect(bar.mapTo(self, QPoint(0, 0)), bar.size()))
        focus = self.focusWidget()
        if isinstance(focus, QAbstractItemView) and self.current().isAncestorOf(focus):
            row = focus.visualRect(focus.currentIndex())
            at = focus.viewport().mapTo(self, QPoint(0, row.top()))
            if 0 <= row.top() < focus.viewport().height():
                shown.append(QRect(at, QSize(focus.viewport().width(), row.height())))
        return shown

    def _counted(self) -> None:
        self._status.say()
        if self.toast.isVisible():
            self.toast.place()

    def _on_changed(self, changes: Changes) -> None:
        if changes.touch(frozenset({Topic.SETTINGS})):
            self._ask_look()
        wait_ms = COUNT_REST_MS if changes.elsewhere else COUNT_SOON_MS
        if not self._count_soon.isActive() or self._count_soon.remainingTime() > wait_ms:
            self._count_soon.start(wait_ms)

    def _count(self) -> None:
        self.context.background.read(self.context.desk.nav_counts).then(self._show_counts)
        if self.context.rep:
            unread = self.context.background.read(self.context.desk.unread_notices, self.context.rep)
            unread.then(self.navigation.show_unread)
        else:
            self.navigation.show_unread(0)

    def _show_counts(self, counts: NavCounts) -> None:
        self.navigation.show_counts(counts)
        self.bars.say_sample(there=counts.sample)

    def show_first_counts(self, unclaimed: int, *, sample: bool) -> None:
        """What the first frame knows: the list stays where it is when the rest of the counts come."""
        self.navigation.show_unclaimed(unclaimed)
        if sample:
            self.bars.place_sample()

    def _sheet_open(self) -> bool:
        return self.overlay.sheet() is not None or holds_keyboard(self.focusWidget())

    # Qt

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes through the window as it is read."""
        return step_focus(self, forwards)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._count_soon.start()
        self._ask_look()

    def rep_known(self) -> None:
        """Another sits here than the page in sight has asked for: it asks again."""
        self._ask_look()
        self._count_soon.start(COUNT_SOON_MS)
        if self.current() is not self.queue or self.queue.head.key == "mine":
            self.current().refresh()

    def _ask_look(self) -> None:
        self.context.background.read(self.context.desk.settings_rows).then(self._wear)
        self.context.background.read(self.context.desk.kept_role).then(self._kept_to)

    def _kept_to(self, role: str) -> None:
        self.context.rights.know(role, self.context.rep)

    def _wear(self, rows: list[SettingRow]) -> None:
        from pqldesk.views.look import wear

        if not self._look_is_pinned:
            wear(self.context.theme, rows)
        if self._memory is not None:  # read at the next start, before there is a workspace or a text
            self._memory.setValue("language", next((row.value for row in rows if row.key == "language"), ""))
        role = next((row.value for row in rows if row.key == "role"), "")
        self.navigation.show_role(role)
        self.keys.take(
            {row.key.removeprefix("key."): row.value for row in rows if row.key.startswith("key.")}
        )
        self._status.say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.navigation.leave_room(self.width())
        if self.toast.isVisible():
            self.toast.place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._memory is not None:
            keep_place(self, self._memory)
        super().closeEvent(event)
