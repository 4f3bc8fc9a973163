"""One Alembic history for both databases. HEAD is checked without importing Alembic, which costs 60 ms.

A new file takes its whole schema from grown.sql at once, and from there on the revisions that came after that was kept:
going through all twenty takes 0.3 s, and a first start waits for it.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0022"
HERE = Path(__file__).parent
GROWN = HERE / "grown.sql"  # kept by tools/make_grown.py: what the revisions make of an empty SQLite file


def version_of(connection: Connection) -> str | None:
    """The schema version of a workspace, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def known_versions() -> set[str]:
    """Every version this PQLDesk can start from."""
    return {path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py")}


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the schema to HEAD, or step by step to an earlier *version*, inside the caller's transaction."""
    if (
        version == "head"
        and connection.dialect.name == "sqlite"
        and not inspect(connection).get_table_names()
    ):
        for statement in statements(GROWN.read_text("utf-8")):
            connection.exec_driver_sql(statement)
        if version_of(connection) == HEAD:
            return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def statements(script: str) -> Iterator[str]:
    """The statements of a script for SQLite, each of which ends with its line; a trigger's own semicolons end none."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
