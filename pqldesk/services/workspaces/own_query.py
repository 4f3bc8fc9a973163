"""A query of the user's own over the workspace's tables (docs/schema.md), which can read and nothing else."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from psycopg import Connection, DatabaseError
from sqlalchemy.orm import Session

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

_ALLOWED = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
}  # fmt: skip
_LOOKING = {
    "data_version", "foreign_key_list", "index_info", "index_list", "table_info", "table_list", "table_xinfo",
}  # fmt: skip
_ITS_OWN_FAULT = (
    "0A",
    "21",
    "22",
    "25",
    "42",
)  # a query's: not supported, wrong number of rows, value, state, wording
_REFUSED = ("25006", "42501", "42P11")  # it writes, it reads what the login may not, it is no query
_NAME = "own_query"  # of the cursor on a server


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: its columns, each name once, and its rows; *is_cut* where there were more."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    is_cut: bool

    def as_dicts(self) -> list[dict[str, Any]]:
        """The rows with their columns' names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def own_query(session: Session, sql: str, limit: int | None = None) -> Found:
    """The first *limit* rows of one statement that reads, written for the database the workspace is on.

    Raises BadInput for what the database does not understand, and for any statement that does more than read.
    """
    statement = sql.strip().rstrip(";").rstrip()
    raw: Any = session.connection().connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        names, rows = _from_sqlite(raw, statement, limit)
    else:
        names, rows = _from_server(raw, statement, limit) if statement else ((), ())
    if not names:
        raise BadInput(_("There is no query."), _('Give one, such as "SELECT count(*) FROM lead".'))
    is_cut = limit is not None and len(rows) > limit
    return Found(_each_once(names), [tuple(map(_value, row)) for row in rows[:limit]], is_cut)


def _from_sqlite(
    raw: sqlite3.Connection, statement: str, limit: int | None
) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
    """query_only alone is not enough: a statement could switch it off, attach another file, or end the transaction."""
    raw.set_authorizer(_allowed)
    try:
        cursor = raw.execute(statement)
        rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit + 1)
        names = [column[0] for column in cursor.description or ()]
    except (sqlite3.Error, sqlite3.Warning) as problem:
        if getattr(problem, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise  # nobody waits for the answer any more
        raise _not_run(statement, str(problem), "not authorized" in str(problem)) from problem
    finally:
        raw.set_authorizer(None)
    return names, rows


def _allowed(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    match action:
        case sqlite3.SQLITE_FUNCTION:
            is_fine = second != "load_extension"
        case sqlite3.SQLITE_PRAGMA:
            is_fine = first in _LOOKING
        case (
            sqlite3.SQLITE_UPDATE
        ):  # asked for where a virtual table such as the search index is first looked at;
            is_fine = first == "sqlite_master"  # a statement that says so itself is refused by SQLite
        case _:
            is_fine = action in _ALLOWED
    return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY


def _from_server(
    raw: Connection[Any], statement: str, limit: int | None
) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
    """A cursor on the server takes one statement and only one that reads; the login's own rights hold."""
    try:
        with raw.cursor(name=_NAME) as cursor:
            cursor.execute(statement.encode())
            rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit + 1)
            return [column.name for column in cursor.description or ()], rows
    except DatabaseError as problem:
        code = problem.sqlstate or ""
        if code.startswith(_ITS_OWN_FAULT):
            said = problem.diag.message_primary or str(problem)
            raise _not_run(statement, said, code in _REFUSED) from problem
        raise


def _not_run(statement: str, said: str, is_refused: bool) -> BadInput:
    if is_refused:
        return BadInput(
            _("This query does more than read, or reads what is not yours: {query!r}.").format(
                query=_short(statement)
            ),
            _("Use SELECT; what changes the workspace has commands of its own."),
        )
    return BadInput(
        _("The database does not take this query: {said}.").format(said=said.rstrip(".")),
        _("docs/schema.md names every table and column."),
    )


def _short(statement: str) -> str:
    line = " ".join(statement.split())
    return line if len(line) <= 60 else line[:59] + "…"


def _each_once(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns with a number behind those that came before, so that none hides another."""
    taken: dict[str, None] = {}
    for name in names:
        tried = (name if number == 1 else f"{name}_{number}" for number in count(1))
        taken[next(one for one in tried if one not in taken)] = None
    return tuple(taken)


def _value(value: Any) -> Any:
    """As JSON and CSV can hold it: bytes as hexadecimal digits, moments as ISO 8601."""
    match value:
        case bytes() | memoryview():
            return bytes(value).hex()
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case None | bool() | int() | float() | str() | list() | dict():
            return value
    return str(value)
