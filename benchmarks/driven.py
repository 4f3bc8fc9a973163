"""The real window over a real workspace in a process of its own, driven as a person would, for memory and response.

Run by benchmarks/window.py; prints one JSON object.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.slots import Turns, figures
from pqldesk.app import application, build_window
from pqldesk.views.charts import Chart
from pqldesk.views.list_page import ListPage
from pqldesk.views.main_window import MainWindow
from pqldesk.views.page_makers import maker_of
from pqldesk.views.paged_table import PagedTable

WAIT_S = 120.0
LISTS = ("accounts", "trials", "tasks")
PAGES = (
    "accounts",
    "trials",
    "activation",
    "tasks",
    "handoffs",
    "funnel",
    "scoring",
    "sources",
    "settings",
    "queue",
)


def main(what: str, place: Path, amount: int) -> None:
    """Open the window at *place*, do what *what* says, print the figures and end the process."""
    app = application()
    window = build_window(place, "rep01@example.com")
    window.show()
    window.activateWindow()
    settled(app, window)
    drive = {"memory": _memory, "keys": _keys, "journeys": _journeys, "lists": _lists}[what]
    os.write(1, json.dumps(drive(app, window, amount)).encode())
    os._exit(0)


def settled(app: QApplication, window: MainWindow) -> None:
    """Wait until the workspace is open and the whole order is here."""
    model = window.queue.model
    wait(app, lambda: window.queue.tabs.shown() and len(model.ids) == model.rowCount())


def wait(app: QApplication, until: Callable[[], object]) -> None:
    """Let the window work until something holds."""
    limit = time.monotonic() + WAIT_S
    while not until():
        app.processEvents()
        if time.monotonic() > limit:
            raise SystemExit("the window did not get there in time")
        time.sleep(0.001)


def rest(app: QApplication, seconds: float) -> None:
    """Let the window work for a while, by a loop that sleeps as its own does: asking it all the time is work too."""
    loop = QEventLoop(app)
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    loop.deleteLater()


def _memory(app: QApplication, window: MainWindow, _amount: int) -> dict[str, float]:
    """Resident memory after scrolling, searching and sorting."""
    queue, bar = window.queue, window.queue.table.verticalScrollBar()
    for number in range(60):
        bar.setValue(bar.maximum() * number // 59)
        rest(app, 0.02)
    for text in ("a", "an", "ann", "anna", "", "north", "zzzz", ""):
        queue.show_search(text)
        rest(app, 0.3)
    settled(app, window)
    for sort in ("company", "active", "score"):
        queue.show_sort(sort, sort != "company")
        rest(app, 0.2)
        wait(app, lambda: queue._order_job is None)
        settled(app, window)
    rest(app, 1.0)
    page = os.sysconf("SC_PAGE_SIZE")
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * page
    return {"resident_mb": resident / 2**20}


class _Painted(QObject):
    """Notes when a widget was painted last."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.at: dict[QObject, float] = {}
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            self.at[watched] = time.perf_counter()
        return False


def _keys(app: QApplication, window: MainWindow, strokes: int) -> dict[str, Any]:
    """Milliseconds from a key to the next lead on screen, in the list and in the record.

    Each key is due at a typist's pace, whatever the window is busy with: the clock runs from the moment it was due.
    The rest of the record comes in turns of its own; how long that takes is told beside it.
    """
    table, panel = window.queue.table, window.queue.panel
    painted = _Painted(table.viewport(), panel)
    dice, took, spent = random.Random(5), [], []
    due_at: dict[str, float] = {}
    whole: list[float] = []
    show_detail = panel.show_detail

    def whole_record(detail: Any) -> None:
        show_detail(detail)
        if panel.detail() is detail and (due := due_at.pop(detail.row.lead_id, None)) is not None:
            whole.append((time.perf_counter() - due) * 1000)

    panel.show_detail = whole_record  # type: ignore[method-assign]
    table.setFocus()
    for _ in range(strokes):
        due = time.perf_counter() + dice.uniform(0.05, 0.15)
        wait(app, lambda due=due: time.perf_counter() >= due)
        if window.queue.model.lead(table.currentIndex().row() + 1) is None:
            continue  # not read yet: a placeholder would be painted, and nothing is to be timed
        before, cpu = table.currentIndex().row(), time.thread_time()
        due_at = {window.queue.model.lead(before + 1).lead_id: due}
        QTest.keyClick(table, Qt.Key.Key_J)
        shown, chosen = panel.lead(), table.current_lead()  # the import may score it anew between the two
        if table.currentIndex().row() == before or shown is None or chosen is None or shown.id != chosen.id:
            raise SystemExit(
                f"the key moved from row {before} to {table.currentIndex().row()}, {chosen}: {shown}"
            )
        pressed = time.perf_counter()
        wait(app, lambda at=pressed: all(painted.at.get(one, 0) > at for one in (table.viewport(), panel)))
        took.append((max(painted.at.values()) - due) * 1000)
        spent.append((time.thread_time() - cpu) * 1000)
    return {**figures(took), "strokes": len(took), "cpu": figures(spent), "whole": figures(whole)}


def _journeys(app: QApplication, window: MainWindow, amount: int) -> dict[str, Any]:
    """CPU time of the turns while a person triages, searches, sorts, claims, notes and looks at every page."""
    queue, table = window.queue, window.queue.table
    turns = Turns()
    for _ in range(amount):
        table.setFocus()
        before = table.currentIndex().row()
        turns.doing = "moving on"
        for _ in range(20):
            QTest.keyClick(table, Qt.Key.Key_J)
            rest(app, 0.03)
        if table.currentIndex().row() == before:
            raise SystemExit("the keys moved nothing")
        for command in ("claim", "snooze"):
            turns.doing = command
            QTest.keyClick(table, {"claim": Qt.Key.Key_C, "snooze": Qt.Key.Key_S}[command])
            rest(app, 0.3)
            if (menu := app.activePopupWidget()) is not None:
                QTest.keyClick(menu, Qt.Key.Key_2)
                rest(app, 0.3)
        turns.doing = "a search"
        for text in ("n", "no", "nor", ""):
            queue.show_search(text)
            rest(app, 0.25)
        turns.doing = "another order"
        for sort in ("name", "score"):
            queue.show_sort(sort, sort == "score")
            rest(app, 0.3)
        for page in PAGES:
            turns.doing = f"opening {page}"
            window.show_page(page)
            rest(app, 0.3)
    return {**turns.figures(), "offenders": turns.offenders()}


class _Watch:
    """How long it takes from something done to the frame that shows it, on the clock and in CPU of the window."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.ms: dict[str, list[float]] = {}

    def time(self, name: str, on: QWidget, act: Callable[[], object], until: Callable[[], object]) -> None:
        """Do *act* and wait until *on* has been painted after *until* holds."""
        painted = _Painted(on)
        began, cpu = time.perf_counter(), time.thread_time()
        act()
        wait(self._app, until)
        held = time.perf_counter()
        on.update()
        wait(self._app, lambda: painted.at.get(on, 0.0) > held)
        self.ms.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        self.ms.setdefault(f"{name}, CPU", []).append((time.thread_time() - cpu) * 1000)
        on.removeEventFilter(painted)
        rest(self._app, 0.02)


def _lists(app: QApplication, window: MainWindow, amount: int) -> dict[str, Any]:
    """Open, scroll, filter and sort the other lists; then search, filter and switch pages; each *amount* times."""
    watch = _Watch(app)
    pages: dict[str, ListPage] = {}
    for key in LISTS:
        pages[key] = page = _list_page(window, key)
        opened = partial(_is_open, page)
        watch.time(f"{key}: open", page.rows.viewport(), partial(window.show_page, key), opened)
    for key, page in pages.items():
        window.show_page(key)
        rest(app, 0.3)
        view, bar, header = page.rows, page.rows.verticalScrollBar(), page.rows.horizontalHeader()
        tabs = list(page._filters or page._labels)
        here = partial(_is_shown, page)
        for n in range(amount):
            place = bar.maximum() * (n + 1) // amount
            watch.time(f"{key}: scroll", view.viewport(), partial(bar.setValue, place), here)
        for n in range(max(4, amount // 5)):
            tab = tabs[(n + 1) % len(tabs)]
            shown = page.stack
            watch.time(f"{key}: filter", shown, partial(page.tabs.choose, tab), here)
        page.tabs.choose(tabs[0])
        wait(app, here)
        for n in range(max(4, amount // 5)):
            click = partial(header.sectionClicked.emit, n % header.count())
            watch.time(f"{key}: sort", view.viewport(), click, here)
    for n in range(amount):
        key = (*LISTS, "queue")[n % (len(LISTS) + 1)]
        watch.time("switch to a page", window.stack, partial(window.show_page, key), _at_once)
    window.show_page("queue")
    queue = window.queue
    for n in range(amount):
        text = ("a", "an", "ann", "", "st", "str", "")[n % 7]
        if text == queue.search:
            continue
        act = partial(queue.show_search, text)
        watch.time("search in the queue", window.stack, act, queue.is_settled)
    for n in range(max(4, amount // 5)):
        act = partial(queue.show_view, ("mine", "all", "unclaimed", "open")[n % 4])
        watch.time("another view of the queue", window.stack, act, queue.is_settled)
    funnel: Any = window.made("funnel")
    funnel.complete()
    opened = partial(window.show_page, "funnel")
    watch.time("funnel: open", funnel, opened, lambda: funnel.groups.rowCount())
    rest(app, 1.0)
    wait(app, lambda: not window.context.background.is_busy)
    for n in range(max(4, amount // 5)):
        mark = ("step", ("signed_up", "activated", "qualified")[n % 3])
        act = partial(funnel.open_mark, mark)
        watch.time("the leads behind a mark: open", funnel, act, lambda: _has_rows(window))
        window.overlay.close_sheet()
    for chart in (one for one in funnel.findChildren(Chart) if not one.visibleRegion().isEmpty()):
        for _ in range(max(4, amount // 5)):
            watch.time("redraw a chart", chart, _at_once, _at_once)
    return {name: figures(ms) for name, ms in watch.ms.items()}


def _list_page(window: MainWindow, key: str) -> ListPage:
    """A list's page before anything has been asked for it."""
    page = maker_of(key)(window.context)
    assert isinstance(page, ListPage)
    window._add(key, page)
    return page


def _is_open(page: ListPage) -> bool:
    return page.table.rowCount() > 0 and _is_shown(page)


def _is_shown(page: ListPage) -> bool:
    """Whether the order that was asked for is taken, and the rows in sight are here."""
    table, view = page.table, page.rows
    if not isinstance(table, PagedTable):
        return True
    last = view.rowAt(view.viewport().height() - 1)
    sight = (view.rowAt(0), table.rowCount() - 1 if last < 0 else last)
    return page.is_settled() and all(table.is_here(n) for n in sight if n >= 0)


def _has_rows(window: MainWindow) -> bool:
    sheet: Any = window.overlay.sheet()
    return sheet is not None and sheet.table.rowCount() > 0


def _at_once() -> bool:
    return True


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
