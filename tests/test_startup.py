"""What a start of the window may cost: the first frame is painted by Qt and sqlite3 alone."""

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from pqldesk.app import desk as app_desk
from pqldesk.cli import window_options
from pqldesk.cli.grammar import build_parser
from pqldesk.services.workspaces.workspace import open_workspace

LATER = [
    "PySide6.QtNetwork",
    "QFileDialog",  # nobody asked for it: its wrapper is there when Shiboken had to load all of them to name a widget
    "alembic",
    "asyncio",
    "html",
    "httpx",
    "numpy",
    "pqldesk.cli.grammar",
    "pqldesk.services.figure_rows",  # import rows for annotations under TYPE_CHECKING where the first frame loads them
    "pqldesk.services.rows",
    "pyqtgraph",
    "secrets",
    "sqlalchemy",
]
UNTIL_SHOWN = """
import json, os, sys
from PySide6.QtWidgets import QApplication

wait = QApplication.exec
def shown(*_):
    from pqldesk.views.lead_table import LeadTable

    def painted(*_):
        classes = set(sys.modules["PySide6.QtWidgets"].__dict__)
        os.write(1, json.dumps(sorted(set(json.loads(sys.argv[2])) & (set(sys.modules) | classes))).encode())
        os._exit(0)

    LeadTable.paintEvent = painted
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


def test_pyside_reads_no_source_of_what_is_imported_and_keeps_none_in_memory() -> None:
    code = "import pqldesk.app, sqlalchemy.orm, linecache, json; print(json.dumps(list(linecache.cache)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    kept = [file for file in json.loads(done.stdout) if file.endswith(".py")]
    assert [file for file in kept if "/pqldesk/" in file or "/sqlalchemy/" in file] == []


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--workspace", "a.pqldesk"],
        ["--workspace=a=b.pqldesk", "--rep", "kim@example.com"],
        ["--rep=", "--workspace", "a", "--workspace", "b"],
    ],
)
def test_a_start_of_the_window_is_read_as_the_whole_grammar_reads_it(argv: list[str]) -> None:
    assert window_options(argv) == vars(build_parser("1").parse_command(argv))


@pytest.mark.parametrize(
    "argv",
    [
        ["queue"],
        ["--workspace"],
        ["--workspace", "--rep", "x"],
        ["--rep", "x", "queue"],
        ["--help"],
        ["--format=json"],
    ],
)
def test_anything_but_a_start_of_the_window_is_left_to_the_grammar(argv: list[str]) -> None:
    assert window_options(argv) is None


def _add_lead(session: object) -> None:
    from pqldesk.models.people import Lead
    from pqldesk.services.basics.clock import now

    session.add(Lead(name="Ada Byrne", email="ada@example.com", created_at=now()))  # type: ignore[attr-defined]


def test_everything_that_the_window_may_ask_for_is_there(tmp_path: Path) -> None:
    """Each is looked up by its name alone when it is first asked for, so nothing else notices one that is missing."""
    asked = app_desk.desk(tmp_path / "w.pqldesk", lambda: "")
    for field in fields(asked):
        call = getattr(asked, field.name)
        if call.__module__ == app_desk.__name__ and call.__qualname__.startswith(("later.", "_net_work.")):
            assert callable(app_desk._asked(call.__name__)), field.name
    with pytest.raises(LookupError, match="is called select"):
        app_desk._asked("select")  # imported by the rooms, and none of theirs


@pytest.mark.parametrize("words", [("import", "leads", "leads.csv"), ("queue",)])
def test_a_command_that_asks_no_other_system_loads_nothing_that_does(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "leads.csv").write_text("email\nada@example.com\n")
    code = (
        "import sys, json; from pqldesk.cli import main; code = main(sys.argv[1:]);"
        "print(json.dumps(sorted({'httpx', 'httptools', 'pqldesk.services.figure_rows'} & set(sys.modules))));"
        "sys.exit(code)"
    )
    command = [
        sys.executable,
        "-c",
        code,
        "--workspace",
        str(tmp_path / "w.pqldesk"),
        "--rep",
        "kim@example.com",
    ]
    open_workspace(tmp_path / "w.pqldesk", create=True).close()
    done = subprocess.run(
        [*command, *words], cwd=tmp_path, capture_output=True, check=True, text=True, timeout=60
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
