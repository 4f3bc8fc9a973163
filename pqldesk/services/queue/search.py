"""Searching the queue: what the indexes of trigrams are asked, and which way to the first answers ends sooner.

There are two: of all leads as they are written, and of those with letters beyond ASCII as they are compared. A lead may
be a hit of both. The figures are of a million leads, a reader's page cache of 8 MB.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from pqldesk.models.driver import Driver
from pqldesk.models.queue_sql import BEST_FIRST
from pqldesk.services.filters.queue_filter import trigrams
from pqldesk.services.filters.sql import Condition

# Hits of the index (16 ms) from which on a walk along the queue meets enough of them at once.
CANDIDATES = 30_000
# Hits whose rows are read and sorted sooner (12 ms) than the queue is walked to the first hundred.
FEW = 4_000
# The same beside a word of one or two letters, which most hits of the index do not hold.
FEW_WITH_SHORT = 10_000
# Best leads in which one or two letters are looked for first (7 ms), and single letters that are rare.
NEAR = 1_000
# One of so many wanted is met there: then the queue is walked on, else the index is asked (30 ms).
_OFTEN = 5
SHORT_WALK = 5_000
_NAMED, _LISTED = "id IN (", "id IN (SELECT value FROM json_each(?))"
# Times the way on which the answers should be met, or the hits that there should be, before another way is tried.
_FURTHER = 5
# Hits are guessed from a fiftieth of the row numbers, in four places.
_PARTS, _SLICES = 50, 4
# First letters of terms that are tried (0.2 ms each).
_LETTERS = 200
# Each term once, by seeking: one beginning with two letters has some dozen others beside it, but a million rows.
_STARTING = """
WITH RECURSIVE found(term) AS (
  SELECT (SELECT term FROM {index}_term WHERE term >= ? LIMIT 1)
  UNION ALL
  SELECT (SELECT t.term FROM {index}_term t WHERE t.term >= found.term || char(1) LIMIT 1)
  FROM found WHERE substr(found.term, 1, 2) = ?)
SELECT term FROM found WHERE substr(term, 1, 2) = ?"""
_FIRST_LETTERS = """
WITH RECURSIVE found(letter) AS (
  SELECT (SELECT substr(term, 1, 1) FROM {index}_term LIMIT 1)
  UNION ALL
  SELECT (SELECT substr(t.term, 1, 1) FROM {index}_term t WHERE t.term >= found.letter || char(1114111) LIMIT 1)
  FROM found WHERE found.letter IS NOT NULL)
SELECT letter FROM found WHERE letter IS NOT NULL LIMIT ?"""
_TERM = "SELECT 1 FROM {index}_term WHERE term = ? LIMIT 1"
_AS_WRITTEN, _AS_COMPARED = "lead_fts", "lead_fts_plain"
_INDEXES = (_AS_WRITTEN, _AS_COMPARED)


class Hits(NamedTuple):
    """What the index holds for some words: row numbers as a JSON list, all of them unless it is capped."""

    numbers: str
    many: int
    capped: bool

    @property
    def condition(self) -> Condition:
        return Condition(_LISTED, (self.numbers,))


def matching(asked: str, among: str = "", *, of_all: bool = False) -> Condition:
    """The statement that selects the hits of the indexes; *among* narrows their row numbers.

    A question with letters beyond ASCII is for those of the second alone, unless it is *of_all*, as one whose terms
    were looked up in both.
    """
    indexes = _INDEXES if of_all or asked.isascii() else (_AS_COMPARED,)
    parts = (f"SELECT rowid FROM {index} WHERE {index} MATCH ?{among}" for index in indexes)  # noqa: S608 - ours
    return Condition(" UNION ALL ".join(parts), (asked,) * len(indexes))


def hits_of(driver: Driver, found: Condition, at_most: int) -> Hits:
    """The first *at_most* row numbers of a statement. As one text: rows of their own would take twice the time."""
    ((many, numbers),) = driver.rows(
        f"WITH hit(id) AS ({found.sql} LIMIT {at_most:d}) SELECT count(*), group_concat(id) FROM hit",  # noqa: S608
        found.values,
    )
    return Hits(f"[{numbers or ''}]", many, many >= at_most)


def searched(
    driver: Driver, where: list[Condition], likes: list[Condition], probes: list[str], limit: int | None
) -> list[Condition]:
    """The conditions and those of a search; *probes* are what the index of trigrams can be asked for."""
    asked = trigrams(probes) if driver.is_sqlite else None
    if asked is None:
        return [*where, *likes]
    if limit is None:
        every = matching(asked)
        hits = Condition(f"id IN ({every.sql})", every.values)
        return [hits, *by_id(where), *likes]
    found = hits_of(driver, matching(asked), CANDIDATES)
    if found.capped:
        return [*where, *likes]  # common: a walk along the score index ends soon
    return [found.condition, *by_id(where), *likes]


def first_hits(
    driver: Driver, where: list[Condition], likes: list[Condition], words: list[str], limit: int
) -> "array[int]":
    """The best *limit* leads that hold all *words*, in the queue's order, on SQLite.

    Single letters are looked for only among the best SHORT_WALK leads: they are mostly met at once, and one that
    hardly occurs must not cost a walk over everything.
    """
    asked = trigrams(words)
    if asked is None:
        return _short(driver, where, likes, words, limit)
    found = matching(asked)
    if " AND " not in asked:  # one term, which may be in every tenth lead: then its hits need not be read
        newest = _newest(driver)
        many = _guessed(driver, asked, newest)
        far = _FURTHER * limit * newest // max(1, many)
        if many > CANDIDATES and len(met := _near(driver, where, likes, limit, far)) == limit:
            return met
    hits = hits_of(driver, found, _FURTHER * CANDIDATES)
    few = FEW_WITH_SHORT if any(len(word) < 3 for word in words) else FEW
    return _best(driver, where, likes, hits, limit, few)


def named_leads(driver: Driver, where: Sequence[Condition]) -> Hits | None:
    """What a condition on the row number lets through, such as trials that end soon, on SQLite; None without one."""
    if not driver.is_sqlite:
        return None
    named = next((part for part in where if part.sql.startswith(_NAMED)), None)
    if named is None:
        return None
    found = hits_of(driver, Condition(named.sql[len(_NAMED) : -1], named.values), _FURTHER * CANDIDATES)
    return None if found.capped else found


def first_named(driver: Driver, where: Sequence[Condition], named: Hits, limit: int) -> "array[int]":
    """The best *limit* of the leads that *named* holds and the other conditions let through."""
    return _best(driver, _not_named(where), [Condition("1 = 1")], named, limit, FEW)


def among(ids: "array[int]") -> Condition:
    """Those leads and no others."""
    return Condition(_LISTED, (f"[{','.join(map(str, ids))}]",))


def by_name(where: Sequence[Condition], named: Hits) -> list[Condition]:
    """The same conditions with what *named* holds as a list, read once."""
    return [named.condition, *by_id(_not_named(where))]


def _not_named(where: Sequence[Condition]) -> list[Condition]:
    rest = list(where)
    rest.remove(next(part for part in where if part.sql.startswith(_NAMED)))
    return rest


def _short(
    driver: Driver, where: list[Condition], likes: list[Condition], words: list[str], limit: int
) -> "array[int]":
    """Words of one or two letters: among the best leads, else pairs by all terms of the index that hold them."""
    met = _near(driver, where, likes, limit, NEAR)
    if len(met) == limit:
        return met
    if len(met) * _OFTEN > limit:
        return _near(driver, where, likes, limit, _newest(driver))
    pairs = [word for word in words if len(word) == 2]
    found = _holding(driver, pairs) if pairs else None
    if found is None:
        return _near(driver, where, likes, limit, SHORT_WALK)
    return _best(driver, where, likes, hits_of(driver, found, _FURTHER * CANDIDATES), limit, FEW)


def _best(
    driver: Driver, where: list[Condition], likes: list[Condition], hits: Hits, limit: int, few: int
) -> "array[int]":
    """The best *limit* of the hits that *likes* lets through: the hits sorted, or met on a walk along the queue."""
    if hits.capped:
        return _sorted(driver, [*where, *likes], limit)
    if hits.many > few:
        met = _walked(driver, where, likes, hits, limit, _FURTHER * limit * _newest(driver) // hits.many)
        if len(met) == limit:
            return met
    return _sorted(driver, [hits.condition, *by_id(where), *likes], limit)


def _guessed(driver: Driver, asked: str, newest: int) -> int:
    """How many hits there are, from those in some stretches of the row numbers."""
    part = max(1, newest // (_PARTS * _SLICES))
    starts = [newest * n // _SLICES for n in range(_SLICES)]
    stretches = (f" AND rowid BETWEEN {start:d} AND {start + part:d}" for start in starts)
    return _PARTS * sum(_many(driver, matching(asked, stretch), part) for stretch in stretches)


def _newest(driver: Driver) -> int:
    ((newest,),) = driver.rows("SELECT max(id) FROM lead")
    return int(newest or 0)


def _many(driver: Driver, found: Condition, at_most: int) -> int:
    ((many,),) = driver.rows(f"SELECT count(*) FROM ({found.sql} LIMIT {at_most:d})", found.values)  # noqa: S608
    return int(many)


def _holding(driver: Driver, pairs: Sequence[str]) -> Condition | None:
    """Leads among which all are that hold *pairs* of letters; None where the terms are too many to be looked through.

    Wherever a pair stands, a term of three letters begins with it, or ends with it where a name does; names of two
    letters have no term and an index of their own.
    """
    letters = {
        index: [letter for (letter,) in driver.rows(_FIRST_LETTERS.format(index=index), (_LETTERS + 1,))]
        for index in _INDEXES
    }
    if any(len(some) > _LETTERS for some in letters.values()):
        return None
    groups = [
        sorted({term for index in _INDEXES for term in _terms(driver, index, pair, letters[index])})
        for pair in pairs
    ]
    spellings = sorted(
        {a + b for pair in pairs for a in (pair[0], pair[0].upper()) for b in (pair[1], pair[1].upper())}
    )
    marks = ", ".join("?" * len(spellings))
    parts = [
        f"SELECT {key} FROM {table} INDEXED BY {index}_{column}"  # noqa: S608 - our own columns
        f" WHERE length({column}) < 3 AND {column} IN ({marks})"
        for key, table, index in (
            ("id", "lead", "ix_lead_short"),
            ("lead_id", "lead_plain", "lead_plain_short"),
        )
        for column in ("name", "company_name")
    ]
    values: tuple[object, ...] = (*spellings,) * len(parts)
    if all(groups):
        asked = matching(" AND ".join(f"({' OR '.join(terms)})" for terms in groups), of_all=True)
        parts, values = [*parts, asked.sql], (*values, *asked.values)
    return Condition(" UNION ".join(parts), values)


def _terms(driver: Driver, index: str, pair: str, letters: Sequence[str]) -> list[str]:
    """The terms of an index that begin or end with two letters, quoted."""
    found = [term for (term,) in driver.rows(_STARTING.format(index=index), (pair, pair, pair))]
    found += [letter + pair for letter in letters if driver.rows(_TERM.format(index=index), (letter + pair,))]
    return ['"' + term.replace('"', '""') + '"' for term in found]


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


def _near(
    driver: Driver, where: list[Condition], likes: list[Condition], limit: int, far: int
) -> "array[int]":
    best = (
        f"SELECT id, name, email, company_name, domain FROM lead"  # noqa: S608
        f" WHERE {_all(where)} ORDER BY {BEST_FIRST} LIMIT {far:d}"
    )
    sql = f"SELECT id FROM ({best}) WHERE {_all(likes)} LIMIT {limit:d}"  # noqa: S608 - in order: see _walked
    return _ids(driver, sql, [*where, *likes])


def _all(parts: Sequence[Condition]) -> str:
    return " AND ".join(part.sql for part in parts)


def _ids(driver: Driver, sql: str, parts: Sequence[Condition]) -> "array[int]":
    values = [value for part in parts for value in part.values]
    return array("q", [row[0] for row in driver.rows(sql, values)])
