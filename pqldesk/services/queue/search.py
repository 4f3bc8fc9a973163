"""Searching the queue: what the index of trigrams is asked, and which way to the first answers ends sooner.

The figures are of a million leads, a reader's page cache of 8 MB.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from pqldesk.models.db import Driver
from pqldesk.models.queue_sql import BEST_FIRST
from pqldesk.services.filters.queue_filter import trigrams
from pqldesk.services.filters.sql import Condition

# Hits of the index (16 ms) from which on a walk along the queue meets enough of them at once.
CANDIDATES = 30_000
# Hits whose rows are read and sorted sooner (12 ms) than the queue is walked to the first hundred.
FEW = 2_500
# The same beside a word of one or two letters, which most hits of the index do not hold.
FEW_WITH_SHORT = 10_000
# Best leads in which the first answers to one or two letters are looked for.
SHORT_WALK = 10_000
# Times the way on which the answers should be met, before their rows are read instead.
_FURTHER = 5


class Hits(NamedTuple):
    """What the index holds for some words: row numbers as a JSON list, all of them unless it is capped."""

    numbers: str
    many: int

    @property
    def capped(self) -> bool:
        return self.many >= CANDIDATES

    @property
    def condition(self) -> Condition:
        return Condition("id IN (SELECT value FROM json_each(?))", (self.numbers,))


def index_hits(driver: Driver, asked: str) -> Hits:
    """The first CANDIDATES hits. As one text: rows of their own would take twice the time."""
    ((many, numbers),) = driver.rows(
        "SELECT count(*), group_concat(rowid) FROM (SELECT rowid FROM lead_fts WHERE lead_fts MATCH ? LIMIT ?)",
        (asked, CANDIDATES),
    )
    return Hits(f"[{numbers or ''}]", many)


def searched(
    driver: Driver, where: list[Condition], likes: list[Condition], probes: list[str], limit: int | None
) -> list[Condition]:
    """The conditions and those of a search; *probes* are what the index of trigrams can be asked for."""
    asked = trigrams(probes) if driver.is_sqlite else None
    if asked is None:
        return [*where, *likes]
    if limit is None:
        hits = Condition("id IN (SELECT rowid FROM lead_fts WHERE lead_fts MATCH ?)", (asked,))
        return [hits, *by_id(where), *likes]
    found = index_hits(driver, asked)
    if found.capped:
        return [*where, *likes]  # common: a walk along the score index ends soon
    return [found.condition, *by_id(where), *likes]


def first_hits(
    driver: Driver, where: list[Condition], likes: list[Condition], words: list[str], limit: int
) -> "array[int]":
    """The best *limit* leads that hold all *words*, in the queue's order, on SQLite.

    One or two letters are looked for only among the best SHORT_WALK leads: they are mostly met at once, and a pair
    that hardly occurs must not cost a walk over everything.
    """
    asked = trigrams(words)
    if asked is None:
        return _near(driver, where, likes, limit)
    found = index_hits(driver, asked)
    if found.capped:
        return _sorted(driver, [*where, *likes], limit)
    few = FEW_WITH_SHORT if any(len(word) < 3 for word in words) else FEW
    if found.many > few:
        ((newest,),) = driver.rows("SELECT max(id) FROM lead")
        met = _walked(driver, where, likes, found, limit, _FURTHER * limit * newest // found.many)
        if len(met) == limit:
            return met
    return _sorted(driver, [found.condition, *by_id(where), *likes], limit)


def by_id(where: Sequence[Condition]) -> list[Condition]:
    """The same conditions, led by those on the id: a unary plus keeps the planner from walking the whole queue."""
    return [
        Condition(f"+{part.sql}" if part.sql.startswith("is_") else part.sql, part.values) for part in where
    ]


def _sorted(driver: Driver, where: list[Condition], limit: int) -> "array[int]":
    sql = f"SELECT id FROM lead WHERE {_all(where)} ORDER BY {BEST_FIRST} LIMIT {limit:d}"  # noqa: S608
    return _ids(driver, sql, where)


def _walked(
    driver: Driver, where: list[Condition], likes: list[Condition], hits: Hits, limit: int, far: int
) -> "array[int]":
    """The hits among the best *far* leads: an index alone is walked, and only rows of hits are read.

    A subquery with a limit keeps its order, and a cross join reads it first: so the answers come in that order, and
    the walk ends with the last one that is wanted. Sorting them again would make it go to its end.
    """
    queue = f"SELECT id AS walked FROM lead WHERE {_all(where)} ORDER BY {BEST_FIRST} LIMIT {far:d}"  # noqa: S608
    sql = (
        f"SELECT walked FROM ({queue}) CROSS JOIN lead ON id = walked"  # noqa: S608
        f" WHERE walked IN (SELECT value FROM json_each(?)) AND {_all(likes)} LIMIT {limit:d}"
    )
    return _ids(driver, sql, [*where, Condition("", (hits.numbers,)), *likes])


def _near(driver: Driver, where: list[Condition], likes: list[Condition], limit: int) -> "array[int]":
    best = (
        f"SELECT id, name, email, company_name, domain FROM lead"  # noqa: S608
        f" WHERE {_all(where)} ORDER BY {BEST_FIRST} LIMIT {SHORT_WALK:d}"
    )
    sql = f"SELECT id FROM ({best}) WHERE {_all(likes)} LIMIT {limit:d}"  # noqa: S608 - in order: see _walked
    return _ids(driver, sql, [*where, *likes])


def _all(parts: Sequence[Condition]) -> str:
    return " AND ".join(part.sql for part in parts)


def _ids(driver: Driver, sql: str, parts: Sequence[Condition]) -> "array[int]":
    values = [value for part in parts for value in part.values]
    return array("q", [row[0] for row in driver.rows(sql, values)])
