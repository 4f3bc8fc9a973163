"""The real window over a real workspace in a process of its own, driven as a person would, for memory and response.

Run by benchmarks/window.py; prints one JSON object.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.rounds import percentile
from pqldesk.app import application, build_window
from pqldesk.views.main_window import MainWindow

WAIT_S = 120.0
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
    figures = {"memory": _memory, "keys": _keys, "journeys": _journeys}[what](app, window, amount)
    os.write(1, json.dumps(figures).encode())
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
    """Let the window work for a while."""
    until = time.monotonic() + seconds
    wait(app, lambda: time.monotonic() >= until)


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


def _keys(app: QApplication, window: MainWindow, strokes: int) -> dict[str, float]:
    """Milliseconds from a key to the next lead on screen, in the list and in the record.

    Each key is due at a typist's pace, whatever the window is busy with: the clock runs from the moment it was due.
    """
    table, panel = window.queue.table, window.queue.panel
    painted = _Painted(table.viewport(), panel)
    dice, took = random.Random(5), []
    table.setFocus()
    for _ in range(strokes):
        due = time.perf_counter() + dice.uniform(0.05, 0.15)
        wait(app, lambda due=due: time.perf_counter() >= due)
        if window.queue.model.lead(table.currentIndex().row() + 1) is None:
            continue  # not read yet: a placeholder would be painted, and nothing is to be timed
        before = table.currentIndex().row()
        QTest.keyClick(table, Qt.Key.Key_J)
        if table.currentIndex().row() == before or panel.lead() != table.current_lead():
            raise SystemExit("the key did not move to the next lead")
        pressed = time.perf_counter()
        wait(app, lambda at=pressed: all(painted.at.get(one, 0) > at for one in (table.viewport(), panel)))
        took.append((max(painted.at.values()) - due) * 1000)
    return {
        "median_ms": statistics.median(took),
        "p99_ms": percentile(took, 0.99),
        "worst_ms": max(took),
        "strokes": len(took),
    }


class _Turns(QObject):
    """The GUI thread's CPU time of each turn of the event loop: never less than its longest slot's."""

    def __init__(self) -> None:
        super().__init__()
        self.ms: list[float] = []
        self._began: float | None = None
        dispatcher = QAbstractEventDispatcher.instance()
        dispatcher.awake.connect(self._begin)
        dispatcher.aboutToBlock.connect(self._end)

    def _begin(self) -> None:
        self._end()
        self._began = time.thread_time()

    def _end(self) -> None:
        if self._began is not None:
            self.ms.append((time.thread_time() - self._began) * 1000)
            self._began = None


def _journeys(app: QApplication, window: MainWindow, amount: int) -> dict[str, float]:
    """CPU time of the turns while a person triages, searches, sorts, claims, notes and looks at every page."""
    queue, table = window.queue, window.queue.table
    turns = _Turns()
    for _ in range(amount):
        for _ in range(20):
            QTest.keyClick(table, Qt.Key.Key_J)
            rest(app, 0.03)
        for command in ("claim", "snooze"):
            QTest.keyClick(table, {"claim": Qt.Key.Key_C, "snooze": Qt.Key.Key_S}[command])
            rest(app, 0.3)
            if (menu := app.activePopupWidget()) is not None:
                QTest.keyClick(menu, Qt.Key.Key_2)
                rest(app, 0.3)
        for text in ("n", "no", "nor", ""):
            queue.show_search(text)
            rest(app, 0.25)
        for sort in ("name", "score"):
            queue.show_sort(sort, sort == "score")
            rest(app, 0.3)
        for page in PAGES:
            window.show_page(page)
            rest(app, 0.3)
    return {"p99_ms": percentile(turns.ms, 0.99), "worst_ms": max(turns.ms), "turns": len(turns.ms)}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
