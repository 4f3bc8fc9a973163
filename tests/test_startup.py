"""What a start of the window may cost: the first frame is painted by Qt and sqlite3 alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pqldesk.services.workspace import open_workspace

LATER = ["alembic", "asyncio", "httpx", "numpy", "pyqtgraph", "sqlalchemy"]
UNTIL_SHOWN = """
import json, os, sys
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QTableView

class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched.parent(), QTableView):
            os.write(1, json.dumps(sorted(set(sys.modules) & set(json.loads(sys.argv[2])))).encode())
            os._exit(0)
        return False

wait = QApplication.exec
def shown(*_):
    watcher = Painted()
    QApplication.instance().installEventFilter(watcher)
    return wait()
QApplication.exec = shown
from pqldesk import cli
sys.exit(cli.main(["--workspace", sys.argv[1], "--rep", "kim@example.com"]))
"""


def test_the_first_frame_is_painted_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    place = tmp_path / "w.pqldesk"
    workspace = open_workspace(place, create=True)
    workspace.db.write(_add_lead).result()
    workspace.close()
    done = subprocess.run(
        [sys.executable, "-c", UNTIL_SHOWN, str(place), json.dumps(LATER)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == []


def _add_lead(session: object) -> None:
    from pqldesk.models.people import Lead
    from pqldesk.services.clock import now

    session.add(Lead(name="Ada Byrne", email="ada@example.com", created_at=now()))  # type: ignore[attr-defined]
