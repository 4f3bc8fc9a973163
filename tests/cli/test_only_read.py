"""A workspace in a place that can only be read, as a colleague's share or a backup medium: it is looked at."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from pqldesk.models import looking, migrations
from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.workspaces import commits, file_checks, workspace
from tests.cli.conftest import LEADS, Run, call, sentence

REFUSED = "cannot be written, so it can only be looked at."
CLOSED = ("w.pqldesk", "old.pqldesk")
REP = ("--rep", "kim@example.com")


@pytest.fixture
def closed(filled_file: Path, tmp_path: Path) -> Iterator[Path]:
    """The filled workspace in a folder where nothing can be made."""
    folder = tmp_path / "closed"
    folder.mkdir()
    shutil.copy(filled_file, folder / "w.pqldesk")
    folder.chmod(0o555)
    yield folder / "w.pqldesk"
    folder.chmod(0o755)


@pytest.fixture
def only_read(filled: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands of this process on the filled workspace, as if it could not be written; modes do not bind root."""
    for module in (looking, file_checks, workspace):
        monkeypatch.setattr(module, "may_be_written", lambda path: path.name not in CLOSED)
    return filled


LOOKING = [
    ("queue",), ("show", "jane@acme.example"), ("trials",), ("funnel",), ("activation",), ("accounts",),
    ("history",), ("settings", "list"), ("score", "--explain", "jane@acme.example"), ("task", "list"),
    ("outbox", "list"), ("model", "show"), ("trace", "jane@acme.example"), ("placement", "list"),
]  # fmt: skip


def test_everything_that_only_looks_answers_as_in_a_place_of_ones_own(
    filled: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [filled(*words, "--format", "json") for words in LOOKING]
    for module in (looking, file_checks, workspace):
        monkeypatch.setattr(module, "may_be_written", lambda path: path.name not in CLOSED)
    assert [filled(*words, "--format", "json") for words in LOOKING] == here
    assert {ran.code for ran in here} == {0}


@pytest.mark.parametrize(
    "words",
    [("lead", "claim", "jane@acme.example", *REP), ("score", "--full"), ("settings", "set", "rep", "kim@example.com"),
     ("undo", *REP), ("note", "add", "jane@acme.example", "Called", *REP), ("placement", "add", "pricing", *REP),
     ("sample", "remove"), ("outbox", "run"), ("sync",), ("intake", "serve", "--port", "0"),
     ("connect", "attio", "--token-env", "PATH"), ("erase", "jane@acme.example"),
     ("export", "leads", "--out", "all.csv")],
)  # fmt: skip
def test_everything_that_writes_is_refused_with_one_sentence(
    only_read: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "w.pqldesk"
    before = place.read_bytes()
    assert f"{place} {REFUSED}" in sentence(only_read(*words))
    assert (place.read_bytes(), os.listdir(tmp_path)) == (before, ["w.pqldesk"])


def test_an_import_is_refused_before_it_writes_down_what_it_would_have_rejected(
    only_read: Run, tmp_path: Path
) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(LEADS + "no address,,,,,,,,,\n")
    assert REFUSED in sentence(only_read("import", "leads", leads))
    assert not list(tmp_path.glob("*rejects*"))
    assert only_read("import", "leads", leads, "--dry-run").code == 0


def test_a_copy_of_it_can_be_written(only_read: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only_read("backup", tmp_path / "mine.pqldesk").code == 0
    monkeypatch.undo()
    claimed = only_read("--workspace", tmp_path / "mine.pqldesk", "lead", "claim", "jane@acme.example", *REP)
    assert claimed.code == 0


def test_in_a_folder_where_nothing_can_be_made_nothing_is_made(closed: Path) -> None:
    ran = call("--workspace", closed, "queue", "--format", "json")
    assert (ran.code, len(ran.json), ran.err) == (0, 3, "")
    assert os.listdir(closed.parent) == ["w.pqldesk"]


def test_what_waits_in_its_log_is_seen_and_the_copy_made_for_that_goes_again(
    closed: Path, tmp_path: Path
) -> None:
    closed.parent.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with closing(sqlite3.connect(closed)) as colleague:
        colleague.execute("PRAGMA wal_autocheckpoint=0")
        colleague.execute("UPDATE lead SET name = 'Jane of the log' WHERE name = 'Jane Doe'")
        colleague.commit()
        closed.parent.chmod(0o555)
        ran = call("--workspace", closed, "show", "jane@acme.example", TMPDIR=str(temporary))
        assert "Jane of the log" in ran.out
    assert not list(temporary.glob("pqldesk-look-*"))


def test_one_of_an_older_version_is_brought_up_to_date_in_a_copy(only_read: Run, tmp_path: Path) -> None:
    place = tmp_path / "old.pqldesk"
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        migrations.upgrade(connection, sorted(migrations.known_versions())[-2])
    engine.dispose()
    before = place.read_bytes()
    ran = only_read("--workspace", place, "queue", "--format", "json")
    assert (ran.code, ran.err, ran.json) == (0, "", [])
    assert (place.read_bytes(), list(tmp_path.glob("old.pqldesk?*"))) == (before, [])


def test_one_of_a_newer_version_is_refused_as_everywhere(only_read: Run, tmp_path: Path) -> None:
    place = tmp_path / "w.pqldesk"
    with closing(sqlite3.connect(place)) as file:
        file.execute("PRAGMA journal_mode=DELETE")
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    assert f"{place} was made by a newer PQLDesk" in sentence(only_read("queue"))


def test_what_somebody_writes_meanwhile_is_said_and_never_half_seen(only_read: Run, tmp_path: Path) -> None:
    place = tmp_path / "w.pqldesk"
    opened = workspace.open_workspace(place, create=False)
    assert opened.db.read(commits.newest_change).result() > 0
    with closing(sqlite3.connect(place)) as colleague:
        colleague.execute("UPDATE lead SET name = 'Somebody else'")
        colleague.commit()
        with pytest.raises(WorkspaceProblem, match="has been written by somebody else meanwhile"):
            opened.db.read(commits.newest_change).result()
    opened.close()
