"""What a long list is put in order by, kept beside the workspace: another order of its rows works nothing out again.

A table of a temporary database of SQLite's, whatever holds the workspace. It sorts without holding up the interpreter;
what outgrows its cache goes into a file without a name.
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

_CACHE_KB = 16_384
_AT_ONCE = 2_000  # rows that are added in one turn
_ORDERS = 8  # kept as texts, the last ones; of 300,000 rows each has 2 MB


class Ranking:
    """The rows of a list with the tabs each is under and the keys it can be sorted by. Close it when done."""

    def __init__(
        self,
        tabs: Sequence[str],
        keys: Sequence[str],
        rows: Iterable[Sequence[Any]],
        order: str = "",
        about: str = "",
    ) -> None:
        """*rows* are an id, the tabs as bits, the first of *tabs* the lowest, and a value for each of *keys*, in
        the list's own order or in any where *order* gives that in SQL, over keys and id. *about* says something of all
        of it."""
        self.about = about
        self._bits = {tab: 1 << n for n, tab in enumerate(tabs)}
        self._keys = {key: f'row."{key}"' for key in keys}  # where each is
        self._turn = threading.Lock()
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        columns = ("id", "tabs", *(f'"{key}"' for key in keys))
        self._file.execute("BEGIN")
        first = "unsorted" if order else "row"
        self._file.execute(f"CREATE TABLE {first} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        self._file.executemany(f"INSERT INTO {first} VALUES ({marks})", rows)  # noqa: S608 - names of ours
        if order:
            self._file.execute(f"CREATE TABLE row AS SELECT * FROM unsorted ORDER BY {order}")  # noqa: S608
            self._file.execute("DROP TABLE unsorted")
        self._file.execute("COMMIT")
        counted = ", ".join(f"count(*) FILTER (WHERE tabs & {bit})" for bit in self._bits.values())
        counts = self._file.execute(f"SELECT {counted} FROM row").fetchone()  # noqa: S608
        self.counts: dict[str, int] = dict(zip(tabs, counts, strict=True))
        self._texts: OrderedDict[tuple[str, str, bool], str | None] = OrderedDict()

    def has(self, key: str) -> bool:
        """Whether rows can be sorted by *key*: "" is the list's own order."""
        return not key or key in self._keys

    def add(self, keys: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """More keys, by an id and a value for each; rows that do not come have nothing to sort by. Orders are told
        meanwhile. One thread at a time may add."""
        table = f"more_{len(self._keys)}"
        columns = ("id INTEGER PRIMARY KEY", *(f'"{key}"' for key in keys))
        with self._turn:
            self._file.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        marks, rows = ", ".join("?" * len(columns)), iter(rows)
        try:
            while some := list(islice(rows, _AT_ONCE)):
                with self._turn:
                    self._file.execute("BEGIN")
                    self._file.executemany(f"INSERT INTO {table} VALUES ({marks})", some)  # noqa: S608
                    self._file.execute("COMMIT")
        except BaseException:  # such as that nobody waits for it any more
            with self._turn:
                self._file.execute(f"DROP TABLE {table}")
            raise
        with self._turn:
            self._keys |= {key: f'{table}."{key}"' for key in keys}

    def ids(self, tab: str, key: str, *, descending: bool) -> str | None:
        """The ids under *tab* as one text, ``3,1,2``, sorted by *key*: those that have none last, equals in the list's
        own order."""
        with self._turn:
            wanted = (tab, key, descending)
            if wanted not in self._texts:
                ((self._texts[wanted],),) = self._file.execute(self._sorted(tab, key, descending=descending))
                if len(self._texts) > _ORDERS:
                    self._texts.popitem(last=False)
            self._texts.move_to_end(wanted)
            return self._texts[wanted]

    def close(self) -> None:
        with self._turn:
            self._file.close()

    def _sorted(self, tab: str, key: str, *, descending: bool) -> str:
        source, order = "row", "row.rowid"
        if key:
            column = self._keys[key]
            if (table := column.partition(".")[0]) != "row":
                source = f"row LEFT JOIN {table} ON {table}.id = row.id"
            order = f"{column} IS NULL, {column}{' DESC' if descending else ''}, row.rowid"
        inner = f"SELECT row.id FROM {source} WHERE row.tabs & {self._bits[tab]} ORDER BY {order}"  # noqa: S608
        return f"SELECT group_concat(id) FROM ({inner})"  # noqa: S608
