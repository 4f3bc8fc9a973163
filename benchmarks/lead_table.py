"""The queue's table at a million leads: its first frame, and a page scrolled to, each against a table of C++ models.

The first frame counts from opening the file to the painted rows, with the window's classes loaded already (the start of
the process is benchmarks/startup.py), against a QTableView that shows an empty QStandardItemModel. A scrolled page is
compared with a QStandardItemModel that holds the same texts, elided by Qt; the bars, pills, faces and second lines are
extra. Each design runs in fresh processes, in turns.

usage: python -m benchmarks.lead_table [--small]
"""

import json
import os
import statistics
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.build import AT
from benchmarks.figures import Figure
from benchmarks.ground import offscreen, workspace_of

DESIGNS = ("empty", "texts", "ours")
WIDTH, HEIGHT = 1100, 44 * 22 + 30
SCROLLS = 80


def main(small: bool) -> list[Figure]:
    """Both figures; *small* takes a tenth of the leads."""
    leads = 100_000 if small else 1_000_000
    path = workspace_of(leads)
    found: dict[str, list[dict[str, float]]] = {design: [] for design in DESIGNS}
    for _ in range(3 if small else 7):
        for design in DESIGNS:
            found[design].append(_child(design, path))
    first = {design: statistics.median(one["first_ms"] for one in found[design]) for design in DESIGNS}
    page = {design: statistics.median(one["page_ms"] for one in found[design]) for design in DESIGNS}
    return [
        Figure(
            f"first painted queue frame at {leads:,} leads, against an empty C++ model",
            first["ours"] / first["empty"],
            "x",
            2.2,
            1.2,
            f"{first['ours']:.0f} ms, empty {first['empty']:.0f} ms",
        ),
        Figure(
            "a scrolled page with bars, pills and elided text, against a C++ model with the same texts",
            page["ours"] / page["texts"],
            "x",
            1.0,
            0.45,
            f"{page['ours']:.1f} ms, texts {page['texts']:.1f} ms, empty {page['empty']:.1f} ms",
        ),
    ]


def _child(design: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.lead_table", "--child", design, str(path)]
    done = subprocess.run(command, capture_output=True, env=offscreen(), check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _measure(design: str, path: Path) -> None:
    """In a process of its own: paint the first frame, then scroll page by page, and print both times."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

    import pqldesk.views.lead_table  # noqa: F401 - loaded before the clock runs
    from pqldesk.app import application
    from pqldesk.services.queue import rows as queue_rows  # noqa: F401
    from pqldesk.views.theme import Theme

    app = application()
    # Classes get their enumerations when first asked; that belongs to loading, for every design.
    _ = (
        Qt.ItemDataRole.DisplayRole,
        QHeaderView.ResizeMode.Fixed,
        QAbstractItemView.EditTrigger.NoEditTriggers,
    )
    theme = Theme("light")
    theme.apply(app)
    warm = QWidget()
    warm.show()
    app.processEvents()
    warm.hide()
    began = time.perf_counter()
    view = _ours(path, theme) if design == "ours" else _plain(100_000 if design == "empty" else 0)
    view.resize(WIDTH, HEIGHT)
    view.show()
    view.viewport().grab()
    first = time.perf_counter() - began
    if design == "texts":
        view = _same_texts(path, theme)
    app.processEvents()
    bar, step, took = view.verticalScrollBar(), 22, []
    for number in range(SCROLLS):
        if design == "ours":
            _answer(view.model())
        began = time.perf_counter()
        bar.setValue(number * step)
        view.viewport().grab()
        took.append(time.perf_counter() - began)
    os.write(1, json.dumps({"first_ms": first * 1000, "page_ms": statistics.median(took) * 1000}).encode())
    os._exit(0)


def _ours(path: Path, theme: Any) -> Any:
    from pqldesk.services.queue.rows import first_queue
    from pqldesk.views.lead_model import LeadModel
    from pqldesk.views.lead_table import LeadTable
    from pqldesk.views.painting import Paintbox

    first = first_queue(path, AT)
    if first is None:
        raise SystemExit("the workspace cannot be read")
    asked: list[tuple[int, ...]] = []
    model = LeadModel(asked.append, lambda: AT)
    table = LeadTable(model, Paintbox(theme))
    model.give(first.unread)
    table.show_order(first.ids, asked_for=True, total=first.total)
    table.go(0)
    model.asked_pages, model.place = asked, path  # type: ignore[attr-defined]  # answered by _answer
    return table


def _answer(model: Any) -> None:
    """Answer as the reader thread does: the page on screen and its neighbours are there before they are scrolled to."""
    from pqldesk.views.lead_cells import LeadPage, format_lead

    rows = _rows(model.place)
    asked = list(model.asked_pages)
    model.asked_pages.clear()
    for ids in asked:
        model.take(LeadPage(ids, tuple(format_lead(rows[one], AT) for one in ids if one in rows)))


@cache
def _rows(path: Path) -> dict[int, Any]:
    """The first 2,000 rows of the queue."""
    from pqldesk.models.first_page import first_page
    from pqldesk.services.basics.moments import micros
    from pqldesk.services.queue.rows import in_order, reading_of

    page = first_page(path, micros(AT), rows=2_000)
    if page is None:
        raise SystemExit("the workspace cannot be read")
    return {row.id: row for row in in_order(page.ids, page.rows, reading_of(page.spec, page.settings, AT))}


def _plain(rows: int) -> Any:
    """A QTableView as wide and as dense as ours over an empty C++ model."""
    from PySide6.QtGui import QStandardItemModel
    from PySide6.QtWidgets import QHeaderView, QTableView

    view = QTableView()
    view.verticalHeader().setDefaultSectionSize(44)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.verticalHeader().hide()
    view.horizontalHeader().setDefaultSectionSize(WIDTH // 9 - 2)
    view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerItem)
    view.setShowGrid(False)
    model = QStandardItemModel(rows, 9, view)
    view.setModel(model)
    return view


def _same_texts(path: Path, theme: Any) -> Any:
    """The plain view over a C++ model with the texts of our own cells."""
    from PySide6.QtGui import QStandardItem

    ours = _ours(path, theme)
    model = ours.model()
    view = _plain(0)
    for number in range(SCROLLS * 24):
        if model.line(number) is None:
            model.want(number, number)
            _answer(model)
        view.model().appendRow(
            [QStandardItem(str(model.data(model.index(number, column)))) for column in range(9)]
        )
    view.resize(WIDTH, HEIGHT)
    view.show()
    return view


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _measure(sys.argv[2], Path(sys.argv[3]))
    for figure in main("--small" in sys.argv):
        print(figure)
