"""Asking for a file must not look into any: a workspace among them would lose its locks."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

import pqldesk
from pqldesk.views import file_dialog
from pqldesk.views.file_dialog import FileDialog

needs_locks = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/locks")


@pytest.fixture
def workspace_file(tmp_path: Path) -> Iterator[Path]:
    """One that is open in this process, its log and its index beside it."""
    file = tmp_path / "my.pqldesk"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE lead (name)")
        connection.commit()
        connection.execute("SELECT * FROM lead").fetchall()
        yield file


def locks() -> int:
    return sum(f" {os.getpid()} " in line for line in Path("/proc/locks").read_text().splitlines())


@needs_locks
@pytest.mark.parametrize("how", [{"saves_as": "csv"}, {"folders": True}, {}])
def test_a_workspace_that_is_listed_keeps_its_locks(qtbot, monkeypatch, workspace_file, how) -> None:
    (workspace_file.parent / "sub").mkdir()
    asked = set()
    named = file_dialog._ByName.icon

    def icon(icons: object, what: object) -> object:
        asked.add(getattr(what, "fileName", str)())
        return named(icons, what)

    monkeypatch.setattr(file_dialog._ByName, "icon", icon)
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    before = locks()
    assert before > 0
    dialog = FileDialog(owner, "Choose", lambda file: None, place=workspace_file.parent / "x.csv", **how)
    wanted = {"sub"} if how.get("folders") else {file.name for file in workspace_file.parent.iterdir()}
    qtbot.waitUntil(lambda: wanted <= asked)
    assert locks() == before
    dialog.reject()


def test_what_was_chosen_is_told_with_the_ending_of_the_filter(qtbot, tmp_path) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    told = []
    dialog = FileDialog(
        owner,
        "Export",
        told.append,
        place=tmp_path / "leads.csv",
        filters="CSV (*.csv);;Excel (*.xlsx)",
        saves_as="csv",
    )
    dialog.selectNameFilter("Excel (*.xlsx)")
    dialog.filterSelected.emit("Excel (*.xlsx)")
    dialog.selectFile(str(tmp_path / "mine"))
    dialog.accept()
    assert told == [str(tmp_path / "mine.xlsx")]


def test_nothing_else_asks_for_files() -> None:
    root = Path(pqldesk.__file__).parent
    others = [path.name for path in root.rglob("*.py") if "QFileDialog" in path.read_text("utf-8")]
    assert others == ["file_dialog.py"]


def test_the_next_file_is_asked_for_where_the_last_one_was(qtbot, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(FileDialog, "_last_place", None)
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    (tmp_path / "people.csv").write_text("email\n")
    first = FileDialog(owner, "Import", str, place=Path.home())
    first.fileSelected.emit(str(tmp_path / "people.csv"))
    first.reject()
    assert Path(FileDialog(owner, "Import", str, place=Path.home()).directory().path()) == tmp_path
    named = FileDialog(owner, "Export", str, place=Path.home() / "queue.csv", saves_as="csv")
    assert [Path(file) for file in named.selectedFiles()] == [tmp_path / "queue.csv"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert (
        Path(FileDialog(owner, "Folder", str, place=elsewhere, folders=True).directory().path()) == elsewhere
    )
