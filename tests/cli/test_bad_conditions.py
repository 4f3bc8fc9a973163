"""Bad input and bad surroundings: one sentence that names the thing and the remedy, and nothing half-done."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from pqldesk.cli.output import message, print_list
from pqldesk.services.workspaces.backup import daily_backup
from tests.cli.conftest import LEADS, Run, call, sentence


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS)
    return path


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://kim:canary@127.0.0.1:port/db",
        "postgresql://kim:canary@[half/db",
        "mysql://kim:canary@host/db",
    ],
)
def test_a_url_that_is_none_is_told_without_its_password(run: Run, url: str) -> None:
    said = sentence(run("--workspace", url, "queue"))
    assert "neither a file nor a PostgreSQL URL" in said
    assert "canary" not in said


def test_a_database_that_does_not_answer_is_named_without_its_password(run: Run) -> None:
    said = sentence(run("--workspace", "postgresql://kim:can@ry@127.0.0.1:1/db", "queue"))
    assert "postgresql://kim@127.0.0.1:1/db did not answer" in said
    assert "can@ry" not in said


def test_a_path_with_signs_of_a_url_is_the_file_that_it_names(run: Run, leads: Path, tmp_path: Path) -> None:
    place = tmp_path / "a?b#c%20d.pqldesk"
    assert run("--workspace", place, "import", "leads", leads).code == 0
    assert place.exists()
    assert not (tmp_path / "a").exists()
    assert len(run("--workspace", place, "queue", "--format", "json").json) == 3


def test_somebody_elses_database_is_left_alone(run: Run, leads: Path, tmp_path: Path) -> None:
    place = tmp_path / "theirs.db"
    with closing(sqlite3.connect(place)) as theirs:
        theirs.execute("CREATE TABLE song (title TEXT)")
    assert "holds no PQLDesk workspace" in sentence(run("--workspace", place, "import", "leads", leads))
    with closing(sqlite3.connect(place)) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("song",)]


def test_reading_does_not_make_a_workspace_of_an_empty_file(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "empty.pqldesk"
    place.touch()
    assert "There is no workspace at" in sentence(run("--workspace", place, "queue"))
    assert place.stat().st_size == 0


def test_a_missing_file_leaves_no_workspace_behind(run: Run, leads: Path, tmp_path: Path) -> None:
    said = sentence(run("import", "leads", leads, tmp_path / "missing.csv"))
    assert f"There is no file {tmp_path / 'missing.csv'}" in said
    assert not (tmp_path / "w.pqldesk").exists()


def test_files_before_a_faulty_one_are_stored_and_counted(run: Run, leads: Path, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.csv"
    faulty.write_text("colour\nred\n")
    ran = run("import", "leads", leads, faulty, "--format", "json")
    assert ran.code == 1
    assert "No column identifies a lead" in ran.err
    assert [(Path(file["file"]).name, file["created"]) for file in ran.json["files"]] == [("leads.csv", 3)]


@pytest.mark.parametrize(
    "words",
    [("show", "\udcff"), ("placement", "add", "x\udcff"), ("note", "add", "jane@acme.example", "\udcff")],
)
def test_bytes_that_are_no_text_are_refused(filled: Run, words: tuple[str, ...]) -> None:
    assert "is not UTF-8 text" in sentence(filled(*words, "--rep", "kim@example.com"))


def test_an_export_that_cannot_be_written_leaves_what_was_there(filled: Run, tmp_path: Path) -> None:
    assert "it is a folder" in sentence(filled("export", "leads", "--out", tmp_path))
    assert "No such file or directory" in sentence(
        filled("export", "leads", "--out", tmp_path / "no" / "x.csv")
    )
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_may_only_be_read_is_named(filled: Run, leads: Path, tmp_path: Path) -> None:
    place = tmp_path / "w.pqldesk"
    closed = tmp_path / "closed"
    closed.mkdir()
    shutil.copy(place, closed)
    closed.chmod(0o555)
    assert f"{closed / 'w.pqldesk'} cannot be written" in sentence(
        call("--workspace", closed / "w.pqldesk", "import", "leads", leads)
    )
    for words in (("export", "leads", "--out"), ("backup",)):
        said = sentence(call("--workspace", place, *words, closed / "x"))
        assert f"{closed / 'x'} cannot be written" in said
    closed.chmod(0o000)
    assert "cannot be reached: Permission denied" in sentence(
        call("--workspace", closed / "w.pqldesk", "queue")
    )
    assert "cannot be read: Permission denied" in sentence(
        call("--workspace", place, "import", "leads", closed / "x.csv")
    )
    closed.chmod(0o755)


def test_a_file_that_may_only_be_read_is_named(filled: Run, leads: Path, tmp_path: Path) -> None:
    place = tmp_path / "w.pqldesk"
    place.chmod(0o444)
    assert f"{place} cannot be written" in sentence(call("import", "leads", leads))


def test_signs_that_steer_a_terminal_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    name = "Ada \x1b[31mred\x07 \u202eevil\x9b2J"
    print_list([{"name": name}], "table", ("name",))
    message(f"{name}: claimed.")
    print_list([{"name": name, "sum": "\x01=1+1"}], "csv", ("name", "sum"))
    printed = "".join(capsys.readouterr())
    assert not set(printed) & set("\x1b\x07\u202e\x9b\x01")
    assert "Ada [31mred evil2J" in printed
    assert "'=1+1" in printed


def test_a_terminal_that_knows_few_letters_gets_question_marks_and_scripts_get_utf8(filled: Run) -> None:
    assert (
        filled(
            "lead", "add", "--email", "zoe@acme.example", "--name", "Zoë €", "--rep", "kim@example.com"
        ).code
        == 0
    )
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert call("queue", **ascii_only).code == 0
    assert "Zoë €" in [row["name"] for row in call("queue", "--format", "json", **ascii_only).json]


@pytest.mark.parametrize("rep", ["kim", "kim@", "@example.com", "kim lo@example.com", "kim\x1b@example.com"])
def test_a_rep_is_an_address(filled: Run, rep: str) -> None:
    assert "is no e-mail address of a rep. Write it like kim@example.com." in sentence(
        filled("lead", "claim", "jane@acme.example", "--rep", rep)
    )


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("note", "add", "jane@acme.example", "x" * 50_001), "The note on Jane Doe has 50,001 characters"),
        (
            ("task", "add", "jane@acme.example", "x" * 501),
            "The title of the task for Jane Doe has 501 characters",
        ),
        (("lead", "add", "--email", "z@acme.example", "--name", "x" * 1_001), "1,001 characters"),
    ],
)
def test_a_text_that_is_too_long_is_counted(filled: Run, words: tuple[str, ...], what: str) -> None:
    said = sentence(filled(*words, "--rep", "kim@example.com"))
    assert what in said
    assert said.endswith("Shorten it.\n")


def test_what_a_person_types_loses_its_control_signs(filled: Run) -> None:
    added = filled(
        "lead",
        "add",
        "--email",
        "zoe@acme.example",
        "--name",
        "Zoe\x1b[31m \u202eRed",
        "--rep",
        "kim@example.com",
    )
    assert added.code == 0
    assert filled("show", "zoe@acme.example", "--format", "json").json["name"] == "Zoe[31m Red"


def test_a_dry_run_reads_a_workspace_with_signs_of_a_url(run: Run, leads: Path, tmp_path: Path) -> None:
    place = tmp_path / "a?b%20.pqldesk"
    assert run("--workspace", place, "import", "leads", leads).code == 0
    tried = run("--workspace", place, "import", "leads", leads, "--dry-run", "--format", "json")
    assert tried.json["files"][0]["duplicates"] == 3


def test_the_demo_names_a_folder_that_may_only_be_read(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    assert f"The folder {closed} cannot be made or written to (Permission denied)" in sentence(
        call("demo", "--headless", closed)
    )


@pytest.mark.parametrize("content", ["no zip at all", None, "broken rows"])
def test_an_archive_that_cannot_be_read_leaves_no_workspace_behind(
    run: Run, filled: Run, tmp_path: Path, content: str | None
) -> None:
    source, place = tmp_path / "all.zip", tmp_path / "new.pqldesk"
    if content == "broken rows":
        run("export", "all", tmp_path / "whole.zip")
        with ZipFile(tmp_path / "whole.zip") as whole, ZipFile(source, "w") as half:
            for name in whole.namelist():
                half.writestr(name, whole.read(name)[: None if name == "manifest.json" else 40])
    elif content is not None:
        source.write_text(content)
    said = sentence(run("--workspace", place, "import", "all", source))
    assert str(source) in said
    assert list(tmp_path.glob("new.pqldesk*")) == []


def damage(place: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with closing(sqlite3.connect(place)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with place.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xde\xad\xbe\xef" * (size // 4))


def test_the_doctor_of_a_damaged_workspace_says_what_is_sound_and_what_is_not(
    filled: Run, tmp_path: Path
) -> None:
    damage(tmp_path / "w.pqldesk", "suggestion")
    found = {row["check"]: row for row in filled("doctor", "--format", "json").json}
    assert not found["database"]["ok"]
    assert "damaged" in found["database"]["what"]
    assert not found["duplicates"]["ok"]
    assert found["duplicates"]["what"].startswith("Could not be looked at: ")
    without = "Put a copy of yours in its place: pqldesk restore FILE; until then it can only be read."
    assert found["database"]["do"] == found["duplicates"]["do"] == without
    assert found["schema"]["ok"]
    assert found["scores"]["ok"]


def test_the_doctor_of_a_damaged_workspace_names_the_backup_that_there_is(
    filled: Run, tmp_path: Path
) -> None:
    daily_backup(tmp_path / "w.pqldesk", date(2026, 11, 17))
    damage(tmp_path / "w.pqldesk", "suggestion")
    found = {row["check"]: row for row in filled("doctor", "--format", "json").json}
    assert found["database"]["do"].startswith("Put the backup of 2026-11-17 in its place: pqldesk restore;")


def test_the_doctor_of_a_workspace_that_cannot_be_opened_has_a_table_too(filled: Run, tmp_path: Path) -> None:
    damage(tmp_path / "w.pqldesk", "alembic_version")
    done = filled("doctor", "--format", "json")
    assert done.code == 1
    assert [(row["check"], row["ok"]) for row in done.json] == [("database", False), ("backups", True)]
    assert done.err.count("\n") == 1
