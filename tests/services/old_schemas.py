"""Workspaces as the programs of earlier schemas left them: tests/databases, which keep_workspace.py there writes."""

import base64
import contextlib
import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Boolean, Connection, MetaData, create_engine

from pqldesk.models import migrations

KEPT = {
    path.name.partition(".")[0]: path
    for path in sorted((Path(__file__).parent.parent / "databases").glob("*.json.gz"))
}
VERSIONS = sorted(migrations.known_versions())
OLD = [version for version in VERSIONS if version != migrations.HEAD]

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


def fill_file(place: Path, tables: Rows) -> None:
    """Insert everything into a file, whose foreign keys are not looked at meanwhile."""
    with contextlib.closing(sqlite3.connect(place)) as file, file:
        for name, table in tables.items():
            columns = ", ".join(f'"{column}"' for column in table["columns"])
            rows = [[plain(value) for value in row] for row in table["rows"]]
            places = ", ".join("?" * len(table["columns"]))
            file.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({places})', rows)


@contextlib.contextmanager
def old_database(server: str, name: str, version: str) -> Iterator[str]:
    """The URL of a new database as the program of *version* left it."""
    url = f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        try:
            engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
            with engine.begin() as connection:
                migrations.upgrade(connection, version)
                fill(connection, kept(version))
            engine.dispose()
            yield url
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
