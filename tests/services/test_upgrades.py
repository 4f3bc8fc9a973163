"""Workspaces of every earlier schema open with this program, and nothing in them is lost.

tests/databases holds what the program of each schema had stored after a story of commands (keep_workspace.py there).
Each is put, by plain SQL, into a database that was brought to that schema and no further.
"""

import base64
import contextlib
import gzip
import json
import shutil
import sqlite3
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Boolean, Connection, MetaData, create_engine, text

from pqldesk.models import migrations
from pqldesk.models.db import Database
from pqldesk.services.basics.problems import WorkspaceProblem
from pqldesk.services.queue.queue import lead_order, queue_page
from pqldesk.services.score_now import score_now
from pqldesk.services.workspaces.workspace import FILE_NAME, open_workspace

KEPT = {
    path.name.partition(".")[0]: path
    for path in sorted((Path(__file__).parent.parent / "databases").glob("*.json.gz"))
}
VERSIONS = sorted(migrations.known_versions())
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # when the kept workspaces were made

Rows = dict[str, dict[str, Any]]


def kept(version: str) -> Rows:
    """The rows of the program of *version*; of the newest before it where nobody kept one."""
    newest = max(known for known in KEPT if known <= version)
    tables: Rows = json.loads(gzip.decompress(KEPT[newest].read_bytes()))["tables"]
    return tables


def plain(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def fill(connection: Connection, tables: Rows) -> None:
    """Insert everything into a database of PostgreSQL, in an order that foreign keys allow."""
    there = MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        if table.name not in tables:
            continue
        columns = tables[table.name]["columns"]
        switches = [isinstance(table.c[name].type, Boolean) for name in columns]
        rows = []
        for row in tables[table.name]["rows"]:
            values = [
                bool(value) if switch and value is not None else plain(value)
                for value, switch in zip(row, switches, strict=True)
            ]
            rows.append(dict(zip(columns, values, strict=True)))
        connection.execute(table.insert(), rows)


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
    with contextlib.closing(sqlite3.connect(place)) as file, file:
        for name, table in kept(version).items():
            columns = ", ".join(f'"{column}"' for column in table["columns"])
            rows = [[plain(value) for value in row] for row in table["rows"]]
            places = ", ".join("?" * len(table["columns"]))
            file.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({places})', rows)
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
        file.execute(
            "INSERT INTO lead_fts (lead_fts, rank) VALUES ('integrity-check', 1)"
        )  # raises where it differs


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


@pytest.mark.parametrize("version", ["0001", "0007", "0013"])
def test_a_database_of_an_earlier_program_opens_whole(postgres_template: str, version: str) -> None:
    name = f"upgrade_{version}"
    url = f"{postgres_template.rpartition('/')[0]}/{name}"
    with psycopg.connect(postgres_template, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        try:
            engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
            with engine.begin() as connection:
                migrations.upgrade(connection, version)
                fill(connection, kept(version))
            engine.dispose()
            check_all_is_there(url, version)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
