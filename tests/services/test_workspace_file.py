"""The workspace file among several processes: its locks stay, its log stays short, damage is claimed once proven."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pqldesk.models import db, migrations
from pqldesk.models.people import Lead
from pqldesk.models.write_turn import LOG_BYTES, LogKeeper, own_log, take_turn
from pqldesk.services.basics.problems import WorkspaceBusy, WorkspaceProblem
from pqldesk.services.workspaces.backup import soundness_flaw
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

pytestmark = pytest.mark.of_a_file

LOOK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM lead'); c.close()"
CHANGE = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()"
)
FILL = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
    " INSERT INTO filler SELECT hex(randomblob(500)) FROM n"
)


def count(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(Lead)).scalar_one())


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Lead.name)))


def log_of(place: Path) -> Path:
    return place.with_name(f"{place.name}-wal")


@pytest.fixture
def file(workspace: Workspace) -> Path:
    assert isinstance(workspace.place, Path)
    return workspace.place


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection; it waits for nothing."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        yield connection


def test_opening_beside_the_first_page_leaves_the_log_alone_when_another_process_ends(
    workspace: Workspace, file: Path, new_lead: Callable[..., int]
) -> None:
    new_lead("ada@example.com")
    workspace.close()
    first = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    first.execute("SELECT 1 FROM lead").fetchall()  # the window's first page is still being counted
    opened = open_workspace(file, create=True)
    first.close()
    try:
        opened.db.write(lambda session: session.execute(text("UPDATE lead SET name = 'Ada'"))).result()
        subprocess.run([sys.executable, "-c", LOOK, str(file)], check=True)
        assert log_of(file).exists()
        opened.db.write(lambda session: session.execute(text("UPDATE lead SET name = 'Ada B'"))).result()
        with closing(sqlite3.connect(file)) as later:
            assert later.execute("SELECT name FROM lead").fetchall() == [("Ada B",)]
            assert later.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        opened.close()


def test_what_is_written_after_the_log_was_deleted_under_the_process_is_kept(
    workspace: Workspace, file: Path, new_lead: Callable[..., int]
) -> None:
    new_lead("ada@example.com")
    assert workspace.db.read(count).result() == 1
    lose_locks(file)
    change = "UPDATE lead SET name = 'Ada of another process'"
    subprocess.run([sys.executable, "-c", CHANGE, str(file), change], check=True)
    assert not log_of(file).exists()
    assert workspace.db.read(names).result() == ["Ada of another process"]
    new_lead("bob@example.com")
    workspace.db.write_rows("UPDATE lead SET job_title = ?", [("Ops",)]).result()
    subprocess.run([sys.executable, "-c", LOOK, str(file)], check=True)
    with closing(sqlite3.connect(file)) as later:
        found = later.execute("SELECT email, job_title FROM lead ORDER BY id").fetchall()
        assert found == [("ada@example.com", "Ops"), ("bob@example.com", "Ops")]
        assert later.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_work_under_way_ends_before_the_file_is_opened_anew(
    workspace: Workspace, file: Path, new_lead: Callable[..., int]
) -> None:
    new_lead("ada@example.com")
    began, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> int:
        found = count(session)
        began.set()
        go_on.wait()
        return found + count(session)

    long = workspace.db.read_long(slow)
    began.wait()
    lose_locks(file)
    subprocess.run([sys.executable, "-c", CHANGE, str(file), "UPDATE lead SET name = 'x'"], check=True)
    later = workspace.db.write(lambda session: session.execute(text("UPDATE lead SET job_title = 'Ops'")))
    assert not later.done()
    go_on.set()
    assert long.result() == 2
    later.result()
    with closing(sqlite3.connect(file)) as seen:
        assert seen.execute("SELECT name, job_title FROM lead").fetchall() == [("x", "Ops")]


def lose_locks(file: Path) -> None:
    """What a file dialog does that looks into what it lists."""
    for name in (file, log_of(file), file.with_name(f"{file.name}-shm")):
        with name.open("rb"):
            pass


@pytest.mark.parametrize("content", [b"hello", b"x" * 5000, b"SQLite format 3\0"])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "notes.txt"
    place.write_bytes(content)
    with pytest.raises(WorkspaceProblem, match="is not a PQLDesk workspace"):
        open_workspace(place, create=True)
    assert place.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_that_is_locked_while_it_is_checked_is_not_called_damaged(
    workspace: Workspace, file: Path
) -> None:
    workspace.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode=DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        asked = sqlite3.connect

        def impatient(*args: object, **options: object) -> sqlite3.Connection:
            return asked(*args, **{**options, "timeout": 0})  # type: ignore[call-overload, no-any-return]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite3, "connect", impatient)
            assert soundness_flaw(file) is None


def test_json_that_is_malformed_is_no_damage(workspace: Workspace) -> None:
    def read(session: Session) -> object:
        return session.execute(text("SELECT json_extract('{', '$.a')")).scalar()

    with pytest.raises(Exception, match="malformed JSON") as failed:
        workspace.db.read(read).result()
    assert not isinstance(failed.value, WorkspaceProblem)


def test_what_cannot_be_read_in_a_sound_file_is_not_called_damage(
    workspace: Workspace, new_lead: Callable[..., int]
) -> None:
    new_lead("ada@example.com")
    workspace.db.write(lambda session: session.execute(text("DELETE FROM lead_fts_data"))).result()

    def search(session: Session) -> object:
        return session.execute(text("SELECT rowid FROM lead_fts WHERE lead_fts MATCH 'ada'")).all()

    with pytest.raises(WorkspaceProblem, match="was read through and is sound"):
        workspace.db.read(search).result()
    assert workspace.db.read(count).result() == 1


def test_only_the_keeper_of_the_log_brings_it_in(workspace: Workspace, file: Path) -> None:
    def pragma(session: Session) -> object:
        return session.execute(text("PRAGMA wal_autocheckpoint")).scalar()

    assert workspace.db.write(pragma).result() == 0
    assert workspace.db.write_bulk(pragma).result() == 0


def test_nobody_can_write_while_the_log_is_brought_in(
    workspace: Workspace, file: Path, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            if "wal_checkpoint" in sql:
                try:
                    other.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as locked:
                    refused.append(str(locked))
            return super().execute(sql)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "factory": Watched}))
    keeper = LogKeeper(file)
    other.execute("CREATE TABLE filler (x TEXT)")
    other.execute("PRAGMA wal_autocheckpoint=0")
    while log_of(file).stat().st_size < LOG_BYTES:
        other.execute(FILL)
    keeper.after_commit()
    keeper.close()
    assert refused == ["database is locked"]
    other.execute("INSERT INTO filler VALUES ('after')")


def test_the_log_stays_short_and_what_it_held_is_in_the_file(workspace: Workspace, file: Path) -> None:
    workspace.db.write(lambda session: session.execute(text("CREATE TABLE filler (x TEXT)"))).result()
    sizes = []
    for _ in range(12):
        workspace.db.write(lambda session: session.execute(text(FILL))).result()
        workspace.db.write(count).result()  # behind what the writer does after a commit
        sizes.append(log_of(file).stat().st_size)
    assert max(sizes) < 3 * LOG_BYTES
    assert file.stat().st_size > 2 * LOG_BYTES


def test_a_log_that_another_program_reads_from_is_brought_in_later(
    workspace: Workspace, file: Path, other: sqlite3.Connection
) -> None:
    workspace.db.write(lambda session: session.execute(text("CREATE TABLE filler (x TEXT)"))).result()
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM lead").fetchone()
    for _ in range(8):
        workspace.db.write(lambda session: session.execute(text(FILL))).result()
    assert other.execute("SELECT count(*) FROM filler").fetchone() == (0,)
    other.execute("COMMIT")
    for _ in range(8):
        workspace.db.write(lambda session: session.execute(text(FILL))).result()
    workspace.db.write(count).result()
    assert other.execute("SELECT count(*) FROM filler").fetchone() == (48_000,)
    assert log_of(file).stat().st_size < 3 * LOG_BYTES


def test_a_turn_is_taken_as_soon_as_the_lock_is_free(file: Path, other: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as waiting:
        own_log(waiting)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            take_turn(waiting, patience_s=0)
        thread = threading.Thread(target=take_turn, args=(waiting,))
        thread.start()
        assert not waiting.in_transaction
        other.execute("COMMIT")
        thread.join()
        assert waiting.in_transaction
        assert waiting.execute("PRAGMA busy_timeout").fetchone() == (30_000,)


def test_somebody_who_waits_is_told_within_seconds_that_another_program_writes_and_can_do_it_again(
    workspace: Workspace, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ASKED_S", 0.0)
    monkeypatch.setattr(db, "_AT_LEAST_S", 0.1)
    other.execute("BEGIN IMMEDIATE")
    patient = workspace.db.write(count)  # as the outbox does: it waits on, and is in nobody's way
    with pytest.raises(WorkspaceBusy, match="is being written by another program"):
        workspace.db.write_asked(count).result(timeout=20)
    assert not patient.done()
    other.execute("COMMIT")
    assert patient.result() == workspace.db.write_asked(count).result()


def test_commands_that_wait_for_their_turn_keep_their_order(
    workspace: Workspace, other: sqlite3.Connection
) -> None:
    done: list[int] = []
    other.execute("BEGIN IMMEDIATE")
    waiting = [workspace.db.write(lambda _session, n=n: done.append(n)) for n in range(5)]
    asked = workspace.db.write_asked(lambda _session: done.append(99))
    other.execute("COMMIT")
    for one in (*waiting, asked):
        one.result()
    assert [n for n in done if n != 99] == list(range(5))


STORM = """
import sys, threading
from pathlib import Path
from sqlalchemy import text
from pqldesk.services.workspaces.workspace import open_workspace
opened = open_workspace(Path(sys.argv[1]), create=True)
print("begun", flush=True)
for n in range(100_000):
    opened.db.write_bulk(lambda s: s.execute(text(
        "INSERT INTO filler SELECT hex(randomblob(400)) FROM lead_fts_config, (SELECT 1 UNION SELECT 2 UNION SELECT 3)"
    ))).result()
"""


def test_a_writer_killed_in_the_midst_leaves_a_sound_file(workspace: Workspace, file: Path) -> None:
    workspace.db.write(lambda session: session.execute(text("CREATE TABLE filler (x TEXT)"))).result()
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", STORM, str(file)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begun\n"
            for _ in range(6):
                workspace.db.write(lambda session: session.execute(text(FILL))).result()
            child.kill()
        assert soundness_flaw(file) is None
    assert workspace.db.read(count).result() == 0


def test_the_newest_revision_is_the_one_that_workspaces_are_brought_to() -> None:
    assert max(migrations.known_versions()) == migrations.HEAD


@pytest.mark.both_databases
def test_rows_that_are_written_without_a_session_are_kept_all_or_none(workspace: Workspace) -> None:
    insert = "INSERT INTO setting (key, value) VALUES (?, ?)"

    def kept(session: Session) -> list[str]:
        return [row[0] for row in session.execute(text("SELECT key FROM setting WHERE value = 'x'"))]

    workspace.db.write_rows(insert, [("one", "x"), ("two", "x")]).result()
    with pytest.raises(Exception, match=r"(?i)unique"):
        workspace.db.write_rows(insert, [("three", "x"), ("one", "x")]).result()
    workspace.db.write_rows(insert, [("four", "x")]).result()
    assert sorted(workspace.db.read(kept).result()) == ["four", "one", "two"]
