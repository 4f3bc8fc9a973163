"""The first page of the queue through the driver alone: on screen while SQLAlchemy is still being loaded."""

import sqlite3
from array import array
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from pqldesk.models.looking import reading_uri
from pqldesk.models.queue_sql import BEST_FIRST, COUNTED_LEADS, HAS_SAMPLE, LIVE_SPEC, OPEN, SETTINGS, rows_of

IDS, ROWS = 2_000, 64  # rows: what the tallest screen shows; the rest of the page is read with its neighbours
CHANGE_DAYS_US = 7 * 86_400 * 1_000_000


@dataclass(frozen=True, slots=True)
class FirstPage:
    """Row numbers in the queue's order, the first rows as stored, and what is needed to read them."""

    ids: "array[int]"
    rows: tuple[tuple[Any, ...], ...]
    spec: str | None  # the live model as JSON; None means the default one
    settings: dict[str, str]
    total: int  # how many leads are open
    unclaimed: int  # of those
    sample: bool  # whether people of the sample are among them


def first_page(place: Path, at: int, ids: int = IDS, rows: int = ROWS) -> FirstPage | None:
    """The best open leads as of *at* (microseconds); None where there is no readable workspace at *place*."""
    if not place.is_file():
        return None
    try:
        with closing(_opened(place)) as connection:
            return _read(connection, at, ids, rows)
    except sqlite3.Error:
        return None  # opening it properly will say what is wrong


def _opened(place: Path) -> sqlite3.Connection:
    return sqlite3.connect(reading_uri(place), uri=True, timeout=1)


def _read(connection: sqlite3.Connection, at: int, ids: int, rows: int) -> FirstPage:
    connection.execute("BEGIN")
    best = f"SELECT id FROM lead WHERE {OPEN} ORDER BY {BEST_FIRST} LIMIT ?"  # noqa: S608 - no text from outside
    order = array("q", chain.from_iterable(connection.execute(best, (ids,))))
    wanted = order[:rows]
    found = connection.execute(rows_of(len(wanted)), (at - CHANGE_DAYS_US, at, at, *wanted)).fetchall()
    spec = connection.execute(LIVE_SPEC).fetchone()
    total, unclaimed, _listed = connection.execute(COUNTED_LEADS).fetchone()
    sample = connection.execute(HAS_SAMPLE).fetchone() is not None
    return FirstPage(
        order,
        tuple(found),
        spec[0] if spec else None,
        dict(connection.execute(SETTINGS).fetchall()),
        total,
        unclaimed or 0,
        sample,
    )
