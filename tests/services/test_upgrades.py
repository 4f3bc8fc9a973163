"""Workspaces of every earlier schema open with this program, and nothing in them is lost.

tests/databases holds what the program of each schema had stored after a story of commands (keep_workspace.py there).
Each is put, by plain SQL, into a database that was brought to that schema and no further.
"""

import contextlib
import os
import random
import shutil
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dying import dying
from sqlalchemy import create_engine, text

from pqldesk.models import migrations
from pqldesk.models.base import micros
from pqldesk.models.db import Database
from pqldesk.models.people import Lead
from pqldesk.services.basics.moments import DAY
from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.queue.find import companies_found
from pqldesk.services.queue.queue import lead_order, queue_page
from pqldesk.services.score_now import score_now
from pqldesk.services.workspaces.workspace import FILE_NAME, open_workspace
from tests.services.checked_index import check_index
from tests.services.conftest import EVERYWHERE
from tests.services.old_schemas import KEPT, OLD, VERSIONS, Rows, fill_file, kept, old_database, plain

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # when the kept workspaces were made
# How many upgrades of a database are killed; PQLDESK_DYING_ROUNDS in the night.
ROUNDS = int(os.environ.get("PQLDESK_DYING_ROUNDS", "2"))


@pytest.fixture(scope="module")
def empty_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An empty file of each schema, brought there step by step."""
    folder = tmp_path_factory.mktemp("schemas")
    growing = folder / "growing.pqldesk"
    files = {}
    for version in VERSIONS:
        engine = create_engine(f"sqlite:///{growing}")
        with engine.begin() as connection:
            migrations.upgrade(connection, version)
        engine.dispose()
        files[version] = Path(shutil.copy(growing, folder / f"{version}.pqldesk"))
    return files


def old_file(empty_files: dict[str, Path], version: str, folder: Path) -> Path:
    """A workspace file as the program of *version* left it."""
    place = Path(shutil.copy(empty_files[version], folder / FILE_NAME))
    fill_file(place, kept(version))
    return place


def now_there(db: Database, tables: Rows) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows of the kept tables, in the kept columns, as they are now."""

    def read(session: Any) -> dict[str, Counter[tuple[Any, ...]]]:
        found = {}
        for name, table in tables.items():
            columns = ", ".join(f'"{column}"' for column in table["columns"])
            rows = session.execute(text(f'SELECT {columns} FROM "{name}"'))
            found[name] = Counter(
                tuple(int(value) if isinstance(value, bool) else value for value in row) for row in rows
            )
        return found

    return db.read(read).result()


def check_all_is_there(place: Path | str, version: str) -> None:
    """Open the old workspace, then look at it as a person would, and compare it row by row."""
    tables = kept(version)
    workspace = open_workspace(place, create=False)
    try:
        there = now_there(workspace.db, tables)
        for name, table in tables.items():
            wanted = Counter(tuple(plain(value) for value in row) for row in table["rows"])
            assert there[name] == wanted, name
        page, _ = workspace.db.read(queue_page, "all", rep="ines@northquay.example", at=NOW).result()
        columns = tables["lead"]["columns"]
        stored = {
            row[columns.index("name")]: row[columns.index("score")] / 100
            for row in tables["lead"]["rows"]
            if row[columns.index("state")] not in ("merged", "erased")
        }
        assert {row.name: row.score for row in page} == stored
        assert page[0].name == "Jane Doe"  # the best comes first
        assert len(workspace.db.read(lead_order, "all", search="bob roe", at=NOW).result()) == 1
        scored = workspace.db.write(score_now, NOW, full=True).result()
        assert (scored.leads, scored.changed) == (len(stored), 0)
        assert workspace.db.read(lambda session: migrations.version_of(session.connection())).result() == (
            migrations.HEAD
        )
    finally:
        workspace.close()


def check_sound(place: Path) -> None:
    with contextlib.closing(sqlite3.connect(place)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        check_index(file)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_workspace_of_an_earlier_program_opens_whole(
    empty_files: dict[str, Path], version: str, tmp_path: Path
) -> None:
    place = old_file(empty_files, version, tmp_path)
    check_all_is_there(place, version)
    check_sound(place)
    copies = list(tmp_path.glob(f"{FILE_NAME}.before-*"))
    assert len(copies) == (version != migrations.HEAD)
    for copy in copies:
        with contextlib.closing(sqlite3.connect(copy)) as file:
            assert file.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)


@pytest.mark.parametrize("version", OLD if EVERYWHERE else ["0001", "0007", "0013", OLD[-1]])
def test_a_database_of_an_earlier_program_opens_whole(postgres_template: str, version: str) -> None:
    with old_database(postgres_template, f"upgrade_{version}", version) as url:
        check_all_is_there(url, version)


def test_an_upgrade_of_a_database_that_dies_anywhere_is_done_again_and_loses_nothing(
    postgres_template: str,
) -> None:
    chance = random.Random()
    versions = OLD if len(OLD) < ROUNDS else [chance.choice(OLD[:-1])]
    statements: dict[str, int] = {}
    died = 0
    with dying("tests.services.dying_work") as warm:
        for number in range(ROUNDS):
            version = versions[number % len(versions)]
            if version not in statements:
                with old_database(postgres_template, "dying_whole", version) as url:
                    statements[version] = warm.whole("migrating", url)
            with old_database(postgres_template, "dying_upgrade", version) as url:
                died += warm.at(chance.randint(1, statements[version]), 0.0, "migrating", url)
                check_all_is_there(url, version)
    assert died > 0


def accented(connection: Any) -> None:
    """Give two people and a company of an earlier program names that are written with accents."""
    for old, new in (("Jane Doe", "Zoë Šťastná"), ("Bob Roe", "JOSÉ ØRSTED")):
        connection.execute(text("UPDATE lead SET name = :new WHERE name = :old"), {"old": old, "new": new})
    connection.execute(
        text("UPDATE company SET name = 'Straße & Söhne' WHERE id = (SELECT min(id) FROM company)")
    )


def check_accents_are_ignored(place: Path | str) -> None:
    with contextlib.closing(open_workspace(place, create=False)) as workspace:
        for word, people in (("stastna", 1), ("Jose ors", 1), ("jöse", 1), ("stastny", 0)):
            assert len(workspace.db.read(lead_order, "all", search=word, at=NOW).result()) == people, word
        assert [hit.name for hit in workspace.db.read(companies_found, "strasse").result()] == [
            "Straße & Söhne"
        ]


@pytest.mark.parametrize("version", [OLD[0], OLD[-1]])
def test_names_in_a_workspace_of_an_earlier_program_are_found_without_their_accents(
    empty_files: dict[str, Path], version: str, tmp_path: Path
) -> None:
    place = old_file(empty_files, version, tmp_path)
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        accented(connection)
    engine.dispose()
    check_accents_are_ignored(place)
    check_sound(place)


def test_names_in_a_database_of_an_earlier_program_are_found_without_their_accents(
    postgres_template: str,
) -> None:
    with old_database(postgres_template, "upgrade_accents", OLD[-1]) as url:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as connection:
            accented(connection)
        engine.dispose()
        check_accents_are_ignored(url)


def test_clocks_that_began_before_their_lead_came_here_are_set_again(
    empty_files: dict[str, Path], tmp_path: Path
) -> None:
    place = old_file(empty_files, "0020", tmp_path)
    crossed, came = micros(NOW) - 30 * DAY, micros(NOW)
    with contextlib.closing(sqlite3.connect(place)) as old, old:
        (number,) = old.execute("SELECT min(id) FROM lead WHERE state NOT IN ('merged', 'erased')").fetchone()
        old.execute(
            "UPDATE lead SET hand_raised_at = ?, qualified_at = ?, qualified = 1, state = 'qualified', created_at = ?,"
            " respond_by = ?, first_touch_at = NULL WHERE id = ?",
            (crossed, crossed, came, crossed + DAY, number),
        )
    with contextlib.closing(open_workspace(place, create=False)) as workspace:
        workspace.db.write(score_now, NOW).result()
        lead = workspace.db.read(lambda session: session.get_one(Lead, number)).result()
        assert (lead.known_qualified_at, lead.respond_by > NOW) == (NOW, True)


def test_a_file_of_a_newer_program_is_refused_in_one_sentence_and_left_alone(
    empty_files: dict[str, Path], tmp_path: Path
) -> None:
    place = Path(shutil.copy(empty_files[migrations.HEAD], tmp_path / FILE_NAME))
    with contextlib.closing(sqlite3.connect(place)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    before = place.read_bytes()
    with pytest.raises(WorkspaceProblem, match=r"was made by a newer PQLDesk \(schema 9999, this one knows"):
        open_workspace(place, create=False)
    assert place.read_bytes() == before
    assert list(tmp_path.glob(f"{FILE_NAME}.before-*")) == []


def test_the_kept_workspaces_hold_rows_of_all_that_people_did() -> None:
    """Else an upgrade could lose such rows and no test would see it."""
    filled = {name for version in KEPT for name in kept(version)}
    assert {
        "action", "action_row", "claim", "company", "company_key", "connection", "erasure", "event_set_aside",
        "handoff", "identity", "identity_link", "lead", "member", "merge", "note", "outbox_item", "placement",
        "playbook", "raw_page", "remote_link", "route_share", "saved_view", "score_event", "setting", "submission",
        "suggestion", "task", "tombstone", "trial", "usage_day", "usage_event", "usage_total",
    } <= filled  # fmt: skip
