"""Backups: whole, daily, seven of them; restoring keeps what was there; damage stops writing and offers a backup."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.app.window import put_back
from pqldesk.models.people import Lead
from pqldesk.services.basics.problems import BadInput, WorkspaceProblem
from pqldesk.services.workspaces.backup import (
    DAILY_KEPT,
    backup,
    copy_before_migrating,
    daily_backup,
    daily_backups,
    damaged,
    restore,
)
from pqldesk.services.workspaces.file_checks import refuse_network_drive
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

pytestmark = pytest.mark.of_a_file

DAY = date(2026, 11, 21)
MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
files:/home /home nfs4 rw 0 0
/dev/sdb1 /home/kim/local\\040disk ext4 rw 0 0
"""


def leads_in(place: Path) -> int:
    with closing(sqlite3.connect(place)) as connection:
        return int(connection.execute("SELECT count(*) FROM lead").fetchone()[0])


def damage(place: Path) -> None:
    """Overwrite the middle of the file, as a failing disk would."""
    size = place.stat().st_size
    with place.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xde\xad\xbe\xef" * (size // 8))


def count(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(Lead)).scalar_one())


def test_a_backup_holds_what_is_committed_while_the_workspace_is_in_use(
    workspace: Workspace, new_lead: Callable[..., int], tmp_path: Path
) -> None:
    assert isinstance(workspace.place, Path)
    new_lead("ada@example.com")
    backup(workspace.place, tmp_path / "copy")
    assert leads_in(tmp_path / "copy") == 1
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    with pytest.raises(BadInput, match="exists already"):
        backup(workspace.place, tmp_path / "copy")


def test_the_copy_before_migrating_holds_what_is_still_in_the_log(
    workspace: Workspace, new_lead: Callable[..., int]
) -> None:
    assert isinstance(workspace.place, Path)
    new_lead("ada@example.com")
    assert leads_in(copy_before_migrating(workspace.place, "0002")) == 1


def test_one_backup_a_day_and_seven_in_all(workspace: Workspace) -> None:
    assert isinstance(workspace.place, Path)
    made = [daily_backup(workspace.place, DAY + timedelta(days=n)) for n in range(DAILY_KEPT + 3)]
    assert daily_backup(workspace.place, DAY + timedelta(days=DAILY_KEPT + 2)) is None
    assert daily_backups(workspace.place) == made[:2:-1]


def test_a_backup_in_the_window_leaves_its_log_alone_when_another_process_ends(
    workspace: Workspace, new_lead: Callable[..., int]
) -> None:
    place = workspace.place
    assert isinstance(place, Path)
    new_lead("ada@example.com")
    daily_backup(place, DAY)
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM lead'); c.close()"
    subprocess.run([sys.executable, "-c", look, str(place)], check=True)
    new_lead("bo@example.com")
    assert place.with_name(f"{place.name}-wal").exists()
    assert leads_in(place) == 2


def test_a_damaged_workspace_never_pushes_a_good_backup_out(workspace: Workspace) -> None:
    place = workspace.place
    assert isinstance(place, Path)
    good = daily_backup(place, DAY)
    workspace.close()
    damage(place)
    with pytest.raises(BadInput, match="no sound workspace"):
        daily_backup(place, DAY + timedelta(days=1))
    assert daily_backups(place) == [good]
    assert [path.name for path in (place.parent / "backups").iterdir()] == [good.name if good else ""]


def test_restoring_names_nothing_takes_the_newest_and_keeps_what_was_there(
    workspace: Workspace, new_lead: Callable[..., int]
) -> None:
    place = workspace.place
    assert isinstance(place, Path)
    daily_backup(place, DAY - timedelta(days=1))
    new_lead("ada@example.com")
    daily_backup(place, DAY)
    new_lead("bob@example.com")
    workspace.close()
    kept = restore(None, place)
    assert kept is not None
    assert (leads_in(place), leads_in(kept)) == (1, 2)


def test_the_window_says_what_it_put_back_and_where_what_was_there_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    place, copy = workspace.place, tmp_path / "copy.pqldesk"
    assert isinstance(place, Path)
    backup(place, copy)
    workspace.close()
    assert put_back(copy, place) == (
        f"copy.pqldesk is the workspace now. What was there is kept as {place.name}.before-restore-1."
    )
    assert isinstance(put_back(tmp_path / "none.pqldesk", place), BadInput)


def test_a_workspace_in_use_is_not_replaced(workspace: Workspace, new_lead: Callable[..., int]) -> None:
    place = workspace.place
    assert isinstance(place, Path)
    daily_backup(place, DAY)
    new_lead("ada@example.com")
    with pytest.raises(WorkspaceProblem, match="open in another program"):
        restore(None, place)
    assert leads_in(place) == 1


@pytest.mark.parametrize("wrong", ["", "hello", "SQLite format 3\0"])
def test_what_is_no_backup_is_refused_and_nothing_is_moved(
    workspace: Workspace, wrong: str, tmp_path: Path
) -> None:
    place = workspace.place
    assert isinstance(place, Path)
    workspace.close()
    source = tmp_path / "source"
    source.write_text(wrong)
    before = place.read_bytes()
    with pytest.raises(BadInput, match="source"):
        restore(source, place)
    assert place.read_bytes() == before
    assert not list(place.parent.glob("*.part*"))


def test_a_backup_of_a_newer_version_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    assert isinstance(workspace.place, Path)
    copy = tmp_path / "copy"
    backup(workspace.place, copy)
    with closing(sqlite3.connect(copy)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    with pytest.raises(BadInput, match="newer PQLDesk"):
        restore(copy, workspace.place)


def test_after_an_unclean_end_damage_stops_writing_while_reading_goes_on(
    workspace: Workspace, new_lead: Callable[..., int], place: Path
) -> None:
    for n in range(60):
        new_lead(f"user{n}@example.com")
    daily_backup(place, DAY)
    workspace.close()
    with closing(sqlite3.connect(place)) as connection:
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'lead_fts_data'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with place.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xde\xad\xbe\xef" * (size // 4))
    place.with_name(f"{place.name}-wal").write_bytes(b"a log that nobody closed")

    opened = open_workspace(place, create=False)
    try:
        told: list[WorkspaceProblem] = []
        thread = opened.check_beside(told.append)
        assert isinstance(thread, threading.Thread)
        thread.join()
        assert [problem.what for problem in told] == [f"The workspace {place} is damaged."]
        assert "backup of 2026-11-21" in told[0].remedy
        assert opened.db.read(count).result() == 60
        with pytest.raises(WorkspaceProblem, match="is damaged"):
            opened.db.write(lambda session: session.add(Lead(name="No", created_at=None))).result()
    finally:
        opened.close()
    assert restore(None, place) is not None
    assert leads_in(place) == 60


def test_a_clean_end_costs_no_check(workspace: Workspace, place: Path) -> None:
    workspace.close()
    opened = open_workspace(place, create=False)
    assert opened.check_beside(lambda _: None) is None
    opened.close()


def test_without_a_backup_the_sentence_says_how_to_bring_one(tmp_path: Path) -> None:
    assert "pqldesk restore FILE" in damaged(tmp_path / "w.pqldesk").remedy


@pytest.mark.parametrize(
    ("folder", "is_refused"),
    [
        ("/home/kim", True),
        ("/home", True),
        ("/homes", False),
        ("/home/kim/local disk/x", False),
        ("/var", False),
    ],
)
def test_a_network_drive_is_refused_by_its_mount(folder: str, is_refused: bool) -> None:
    if not is_refused:
        refuse_network_drive(Path(folder), MOUNTS)
        return
    with pytest.raises(WorkspaceProblem, match=r"network drive \(nfs4\)"):
        refuse_network_drive(Path(folder), MOUNTS)


def test_a_full_disk_stops_writing_with_a_sentence_and_reading_goes_on(
    workspace: Workspace, new_lead: Callable[..., int], write: Callable[..., Any]
) -> None:
    new_lead("ada@example.com")
    pages = write(lambda session: session.connection().exec_driver_sql("PRAGMA page_count").scalar())
    write(lambda session: session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())

    def fill() -> None:
        for n in range(2_000):
            new_lead(f"user{n}@example.com")

    with pytest.raises(WorkspaceProblem, match="disk is full"):
        fill()
    assert workspace.db.read(count).result() >= 1
