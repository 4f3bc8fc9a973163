"""From the start of the process to the first frame with leads in it, against a bare window with an empty table.

Every round is a fresh process of its own; the parent's clock runs from before it is started until the frame is there.

usage: python -m benchmarks.startup [--small]
"""

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.ground import copy_of, offscreen
from benchmarks.rounds import medians

LATER = ("sqlalchemy", "httpx", "numpy", "pyqtgraph", "alembic")  # loaded when somebody needs them
_BARE = """
import os
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView
app = QApplication([])
window = QMainWindow()
window.resize(1200, 800)
window.setCentralWidget(QTableView())
window.show()
app.processEvents()
os._exit(0)
"""
_OURS = """
import os, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

run = QApplication.exec

def watched(*_):
    from pqldesk.views.lead_table import LeadTable
    paint = LeadTable.paintEvent

    def first(table, event):
        paint(table, event)
        assert all(table.model().lead(number) is not None for number in range(10))
        loaded = " ".join(sorted(set(sys.modules) & set(sys.argv[2].split())))
        QTimer.singleShot(0, lambda: (os.write(1, loaded.encode()), os._exit(0)))  # after all else is painted

    LeadTable.paintEvent = first
    return run()

QApplication.exec = watched
from pqldesk import cli
sys.exit(cli.main(["--workspace", sys.argv[1], "--rep", "rep01@example.com"]))
"""


def main(small: bool) -> list[Figure]:
    """The ratio; *small* takes a tenth of the leads, which should change nothing."""
    leads = 10_000 if small else 100_000
    with copy_of(leads) as path:
        loaded = modules_loaded(path)
        if loaded:
            raise SystemExit(f"Loaded before the first frame: {', '.join(loaded)}.")
        taken = medians({"bare": bare_s, "ours": lambda: first_frame_s(path)}, 5 if small else 15)
    return [
        Figure(
            "process start to the first useful frame, against a bare window",
            taken["ours"] / taken["bare"],
            "x",
            3.0,
            1.5,
            f"{taken['ours'] * 1000:.0f} ms, bare {taken['bare'] * 1000:.0f} ms, {leads:,} leads",
        )
    ]


def bare_s() -> float:
    """Seconds until a bare window has been painted."""
    return _run(_BARE)[0]


def first_frame_s(path: Path) -> float:
    """Seconds until the queue of the workspace at *path* has been painted by our own command line."""
    return _run(_OURS, str(path), " ".join(LATER))[0]


def modules_loaded(path: Path) -> list[str]:
    """Which of LATER are loaded when the window is shown."""
    return _run(_OURS, str(path), " ".join(LATER))[1]


def _run(code: str, *args: str) -> tuple[float, list[str]]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, env=offscreen(), check=False
    )
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return took, done.stdout.decode().split()


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
