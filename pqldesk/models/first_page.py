"""The first page of the queue through the driver alone: on screen while SQLAlchemy is still being loaded."""

import sqlite3
from array import array
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

from pqldesk.models.queue_sql import BEST_FIRST, LIVE_SPEC, OPEN, SETTINGS, rows_of

IDS, ROWS = 2_000, 64  # rows: what the tallest screen shows; the rest of the page is read with its neighbours
CHANGE_DAYS_US = 7 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True)
class FirstPage:
    """Row numbers in the queue's order, the first rows as stored, and what is needed to read them."""

    ids: "array[int]"
    rows: tuple[tuple[Any, ...], ...]
    spec: str | None  # the live model as JSON; None means the default one
    settings: dict[str, str]
    total: Callable[[], int]  # how many leads are open; waits until they are counted


def first_page(place: Path, at: int, ids: int = IDS, rows: int = ROWS) -> FirstPage | None:
    """The best open leads as of *at* (microseconds); None where there is no readable workspace at *place*."""
    if not place.is_file():
        return None
    counted = _counting(place)
    try:
        with closing(_opened(place)) as connection:
            return _read(connection, at, ids, rows, counted)
    except sqlite3.Error:
        return None  # opening it properly will say what is wrong


def _opened(place: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(place))}?mode=ro", uri=True, timeout=1)


def _counting(place: Path) -> Callable[[], int]:
    """Count on a thread while the window is built: a million leads take 15 ms, and no lock of the interpreter."""
    found = [0]

    def count() -> None:
        with suppress(sqlite3.Error), closing(_opened(place)) as connection:
            connection.execute("BEGIN")
            # All of them less the few that are closed: a walk over the closed ones only.
            (everyone,) = connection.execute("SELECT count(*) FROM lead").fetchone()
            (closed,) = connection.execute("SELECT count(*) FROM lead WHERE is_open = 0").fetchone()
            found[0] = everyone - closed

    thread = Thread(target=count, name="first-count", daemon=True)
    thread.start()

    def counted() -> int:
        thread.join()
        return found[0]

    return counted


def _read(
    connection: sqlite3.Connection, at: int, ids: int, rows: int, counted: Callable[[], int]
) -> FirstPage:
    connection.execute("BEGIN")
    best = f"SELECT id FROM lead WHERE {OPEN} ORDER BY {BEST_FIRST} LIMIT ?"  # noqa: S608 - no text from outside
    order = array("q", chain.from_iterable(connection.execute(best, (ids,))))
    wanted = order[:rows]
    found = connection.execute(rows_of(len(wanted)), (at - CHANGE_DAYS_US, at, at, *wanted)).fetchall()
    spec = connection.execute(LIVE_SPEC).fetchone()

    def total() -> int:
        return len(order) if len(order) < ids else max(len(order), counted())

    return FirstPage(
        order,
        tuple(found),
        spec[0] if spec else None,
        dict(connection.execute(SETTINGS).fetchall()),
        total,
    )
