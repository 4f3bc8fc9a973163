"""The bare driver under a session, of SQLite or PostgreSQL: statements in bulk, one spelling for both."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from pqldesk.models.readers import READING, Reading

_PARAMETERS = 400  # in one statement of many rows; SQLite takes 999 and more
_RAW = "raw"  # where a session keeps its transaction with the bare connection under it


class Driver:
    """The bare driver under a session, for work in bulk: SQLAlchemy Core takes 1.8 times as long, the ORM 4 to 15."""

    def __init__(self, session: Session) -> None:
        self._session = session
        raw = _raw(session)
        self._cursor: Any = raw.cursor()
        self._reading: Reading[Any] | None = session.info.get(READING)
        self.is_sqlite = isinstance(raw, sqlite3.Connection)

    def run(self, sql: str, values: Sequence[object] = ()) -> Any:
        """Execute one statement; placeholders are written ``?`` for both databases."""
        if self._reading is not None:
            self._reading.go_on()
        if self.is_sqlite:
            return self._cursor.execute(sql, values)
        return self._cursor.execute(_percent(sql), values or None)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Execute for each row; returns how many rows were changed in all."""
        self._cursor.executemany(sql if self.is_sqlite else _percent(sql), rows)
        return int(self._cursor.rowcount)

    def fetched(self) -> list[tuple[Any, ...]]:
        """All rows of the statement just run, such as those of RETURNING."""
        return list(self._cursor.fetchall())

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        self.run(sql, values)
        return list(self._cursor.fetchall())

    def each_of(self, statement: Executable) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement as the driver has them, as they come: nothing is made of them in between."""
        if self._reading is not None:
            self._reading.go_on()
        cursor: Any = self._session.connection().execute(statement).cursor
        return iter(cursor)

    def rows_among(
        self, sql: str, wanted: Sequence[int] | Sequence[str], values: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a query that ends in the name of a column, which is one of *wanted*, however many they are."""
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), _PARAMETERS):
            some = wanted[start : start + _PARAMETERS]
            found += self.rows(f"{sql} IN ({', '.join('?' * len(some))})", (*values, *some))
        return found

    def each(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of one query as they come: nothing is kept, so there is nothing for the garbage collector to
        walk. What is looked up meanwhile needs a driver beside() this one."""
        self.run(sql, values)
        return iter(self._cursor)

    def beside(self) -> "Driver":
        """Another cursor in the same transaction."""
        return Driver(self._session)

    def add_new(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """Insert rows, leaving out those a unique key already has; returns how many were new."""
        if not rows:
            return 0
        names = ", ".join(columns)
        if self.is_sqlite:
            return self.add_flat(table, columns, [*chain.from_iterable(rows)], or_ignore=True)
        # COPY into a table of this transaction, then one insert: no round trip for each row.
        shape = f"SELECT {names} FROM {table} LIMIT 0"  # noqa: S608
        self._cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS {shape}")
        with self._cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        self._cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING"  # noqa: S608
        )
        added = int(self._cursor.rowcount)
        self._cursor.execute("DROP TABLE incoming")
        return added

    def add_flat(
        self, table: str, columns: Sequence[str], values: Sequence[object], *, or_ignore: bool = False
    ) -> int:
        """Insert rows whose values follow each other, on SQLite; returns how many were new.

        Many go into one statement: the driver's work for each statement is three quarters of a row's time.
        """
        width = len(columns)
        together = _PARAMETERS // width
        start_of_all = "INSERT OR IGNORE" if or_ignore else "INSERT"
        insert = f"{start_of_all} INTO {table} ({', '.join(columns)}) VALUES "
        marks = f"({', '.join('?' * width)})"
        step = together * width
        whole = len(values) // step * step
        added = 0
        if whole:
            several = insert + ", ".join([marks] * together)
            added = self.run_many(several, (values[start : start + step] for start in range(0, whole, step)))
        if whole < len(values):
            rest = range(whole, len(values), width)
            added += self.run_many(insert + marks, (values[start : start + width] for start in rest))
        return added


def _raw(session: Session) -> Any:
    """The bare connection under the session, asked for once in each transaction: a small one makes thirty drivers, and
    asking took a sixth of its time."""
    known = session.info.get(_RAW)
    if known is not None and known[0] is session.get_transaction():
        return known[1]
    raw = session.connection().connection.driver_connection
    if raw is None:
        raise RuntimeError("the session has no open connection")
    session.info[_RAW] = session.get_transaction(), raw
    return raw


def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")
