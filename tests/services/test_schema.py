"""The migrated database is the one the models describe, on SQLite and on PostgreSQL."""

import contextlib
import runpy
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import UniqueConstraint, inspect, text

from pqldesk.models import migrations
from pqldesk.models.schema import Base
from pqldesk.services.workspaces.workspace import open_workspace


def differences(session):
    connection = session.connection()
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": False,
            # What triggers keep is no model; indexes over expressions cannot be compared, so all go by name below.
            "include_object": lambda thing, name, kind, *_: (
                kind != "index"
                and not name.startswith(
                    ("lead_fts", "lead_count", "lead_plain", "company_plain", "plain_letter")
                )
            ),
        },
    )
    return compare_metadata(context, Base.metadata)


@pytest.mark.both_databases
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrated_schema_equals_the_models(workspace):
    assert workspace.db.write(differences).result() == []


@pytest.mark.both_databases
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_every_index_and_unique_key_of_the_models_is_there(workspace):
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    }

    def read(session):
        there = set(session.scalars(text(names[session.get_bind().dialect.name])))
        inspector = inspect(session.connection())
        uniques = {
            key["name"] for table in Base.metadata.tables for key in inspector.get_unique_constraints(table)
        }
        return there, uniques

    there, uniques = workspace.db.write(read).result()
    wanted = {index.name for table in Base.metadata.sorted_tables for index in table.indexes}
    assert wanted == {name for name in there if name.startswith("ix_")}
    assert uniques == {
        key.name
        for table in Base.metadata.sorted_tables
        for key in table.constraints
        if isinstance(key, UniqueConstraint)
    }


def contents(place: Path) -> dict[str, list[object]]:
    """What makes a file: every definition as it is written there, and every row."""
    with contextlib.closing(sqlite3.connect(place)) as file:
        made = file.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        ).fetchall()
        tables = [name for kind, name, _, sql in made if kind == "table" and "fts5vocab" not in sql]
        rows = {name: sorted(map(str, file.execute(f'SELECT * FROM "{name}"'))) for name in tables}
        return {"": made, **rows}


TOOL = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "make_grown.py"))


def test_a_new_file_is_the_one_that_went_through_every_revision(tmp_path):
    new = tmp_path / "new.pqldesk"
    open_workspace(new, create=True).close()
    assert contents(new) == contents(TOOL["grown"](tmp_path))


def test_a_new_file_takes_what_is_newer_than_the_kept_schema_from_its_revisions(tmp_path, monkeypatch):
    earlier = "\n".join(TOOL["script"](TOOL["grown"](tmp_path, "0016")))
    monkeypatch.setattr(migrations, "GROWN", tmp_path / "kept.sql")
    migrations.GROWN.write_text(earlier, encoding="utf-8")
    new = tmp_path / "new.pqldesk"
    open_workspace(new, create=True).close()
    assert contents(new) == contents(TOOL["grown"](tmp_path))


def test_generated_columns_say_what_is_open_and_listed(workspace, new_lead):
    number = new_lead("ada@example.com")

    def flags(session, state):
        session.execute(text("UPDATE lead SET state = :state WHERE id = :id"), {"state": state, "id": number})
        return tuple(session.execute(text("SELECT is_open, is_listed FROM lead")).one())

    found = {
        state: workspace.db.write(flags, state).result()
        for state in ("new", "working", "snoozed", "merged", "erased")
    }
    assert found == {
        "new": (1, 1), "working": (1, 1), "snoozed": (0, 1), "merged": (0, 0), "erased": (0, 0),
    }  # fmt: skip
