"""Writes pqldesk/models/migrations/grown.sql, which new workspaces begin with: ``python tools/make_grown.py``.

What is newer than the file is added by its revisions, so it may be made anew at any time, best before a release.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine

from pqldesk.models import migrations

MADE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
TABLES = "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"


def grown(folder: Path, version: str = migrations.HEAD) -> Path:
    """A file in *folder* that went through every revision up to *version*, one after the other."""
    place = folder / f"grown-{version}.pqldesk"
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        migrations.upgrade(connection, version)
    engine.dispose()
    return place


def script(place: Path) -> Iterator[str]:
    """The statements that make what the file at *place* holds: tables, their rows, indexes and triggers."""
    with contextlib.closing(sqlite3.connect(place)) as file:
        kinds = dict(file.execute(TABLES).fetchall())
        made = file.execute(f"{MADE} ORDER BY type != 'table', rowid").fetchall()
        tables = [name for kind, name, _sql in made if kind == "table" and kinds[name] != "shadow"]
        yield from (f"{sql};" for kind, name, sql in made if name in tables)
        for name in tables:
            rows = [] if kinds[name] != "table" else file.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            if rows:  # in one statement: two thousand of their own take a new file 20 ms
                together = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
                yield f'INSERT INTO "{name}" VALUES {together};'  # noqa: S608 - our own name
        yield from (f"{sql};" for kind, _name, sql in made if kind != "table")


def _literal(value: object) -> str:
    if value is None or isinstance(value, int | float):
        return "NULL" if value is None else repr(value)
    return "'" + str(value).replace("'", "''") + "'"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        lines = script(grown(Path(name)))
        migrations.GROWN.write_text("\n".join(lines) + "\n", encoding="utf-8")
