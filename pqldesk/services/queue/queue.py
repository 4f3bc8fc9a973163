"""The queue: which leads, in what order, as row numbers, as rows, page by page, and how many there are."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import FromClause, ScalarSelect, Text, func, literal_column, select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.queue_sql import BEST_FIRST, COUNTED_LEADS, LIVE_SPEC, SETTINGS, rows_of
from pqldesk.models.settings import SavedView
from pqldesk.services.basics.clock import now
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.queue_filter import (
    BUILT_IN,
    ENDING,
    QueueFilter,
    built_in_spec,
    conditions,
    containing,
    filter_node,
    filter_of,
    order_by,
    search_words,
    stored_spec,
    table_of,
    trigrams,
)
from pqldesk.services.filters.sql import Condition, leads_of_ending_trials, words_looked_for
from pqldesk.services.filters.terms import Terms
from pqldesk.services.queue.rows import CHANGE_WINDOW, Reading, in_order, reading_of
from pqldesk.services.queue.search import (
    among,
    by_id,
    by_name,
    first_hits,
    first_named,
    named_leads,
    searched,
)
from pqldesk.services.queue.view_layouts import arranged
from pqldesk.services.rows import QueueRow, QueueView
from pqldesk.services.settings import value as setting

_numbers = msgspec.json.Decoder(list[int]).decode
AT_ONCE = 500  # rows read by one statement
_COUNTED = (
    "SELECT count(*) FILTER (WHERE is_open = 1), count(*) FILTER (WHERE is_open = 1 AND owner IS NULL),"
    " count(*) FILTER (WHERE is_listed = 1) FROM lead"
)


class Place(NamedTuple):
    """Where a lead stands in the queue's order: what the next page begins after."""

    score: int
    active_order: int
    id: int


def reading(session: Session, at: datetime) -> Reading:
    """What turns stored columns into rows, as of *at*."""
    driver = Driver(session)
    spec = driver.rows(LIVE_SPEC)
    return reading_of(spec[0][0] if spec else None, dict(driver.rows(SETTINGS)), at)


def terms_of(session: Session, rep: str | None, at: datetime) -> Terms:
    """What filters are read against in this workspace."""
    how = reading(session, at)
    return Terms(at, how.zone, rep, how.model, how.milestones, Driver(session).is_sqlite)


def view_filter(session: Session, view: str) -> QueueFilter:
    """A built-in view, or a saved one by its key. Raises NotFound for any other."""
    if view in BUILT_IN:
        return QueueFilter(view)
    spec = session.scalars(select(SavedView.spec).where(SavedView.key == view)).first()
    if spec is None:
        saved = session.scalars(select(SavedView.key).order_by(SavedView.position, SavedView.id))
        raise NotFound(
            _("There is no view {view!r}.").format(view=view),
            _("Known: {known}.").format(known=", ".join([*BUILT_IN, *saved])),
        )
    return filter_of(view, spec)


def lead_order(
    session: Session,
    view: str = "open",
    search: str = "",
    sort: str = "score",
    descending: bool = True,
    rep: str | None = None,
    at: datetime | None = None,
    limit: int | None = None,
) -> "array[int]":
    """The row numbers of a view in order; with *limit* only the first ones, which is what a first frame needs.

    A search with a limit of some hundred answers while somebody types, and looks for one or two letters only among
    the best leads; one without a limit finds every hit.
    """
    base = view_filter(session, view)
    wanted = replace(base, search=f"{base.search} {search}".strip(), sort=sort, descending=descending)
    return filtered_order(session, wanted, rep or setting(session, "rep"), at or now(), limit)


def filtered_order(
    session: Session, wanted: QueueFilter, rep: str | None, at: datetime, limit: int | None = None
) -> "array[int]":
    """The row numbers of the leads that *wanted* lets through, in its order."""
    driver = Driver(session)
    if (
        limit is not None
        and driver.is_sqlite
        and (words := search_words(wanted.search))
        and _best_first(wanted)
    ):
        terms = terms_of(session, rep, at)
        return first_hits(driver, conditions(wanted, terms), containing(words, terms), words, limit)
    where = where_of(session, wanted, rep, at, limit)
    if limit is not None and _best_first(wanted) and (named := named_leads(driver, where)) is not None:
        return first_named(driver, where, named, limit)
    order = order_by(wanted.sort, wanted.descending, at, is_sqlite=driver.is_sqlite)
    values = [*(value for part in where for value in part.values), *order.values]
    table = table_of(wanted, is_sqlite=driver.is_sqlite)
    inner = f"SELECT id FROM {table} WHERE {' AND '.join(part.sql for part in where)} ORDER BY {order.sql}"  # noqa: S608
    if limit is not None:
        return array("q", [row[0] for row in driver.rows(f"{inner} LIMIT {limit:d}", values)])
    return all_ids(driver, inner, values)


def _best_first(wanted: QueueFilter) -> bool:
    """Whether the leads come in the queue's own order, and no condition but the search reads words of a row."""
    return wanted.sort == "score" and wanted.descending and not words_looked_for(filter_node(wanted))


def all_ids(driver: Driver, select_ids: str, values: Sequence[object]) -> "array[int]":
    """The answer of a statement that selects ids, in its order, as fast as a million of them can be had."""
    if not driver.is_sqlite:
        return array("q", [row[0] for row in driver.rows(select_ids, values)])
    # One text of all ids holds no lock of the interpreter while it is made, and takes half the time of rows.
    ((text,),) = driver.rows(f"SELECT group_concat(id) FROM ({select_ids})", values)  # noqa: S608
    return numbers_in(text)


def joined_ids(is_sqlite: bool, inner: FromClause) -> ScalarSelect[str]:
    """The ids of a statement in its order as one text, for numbers_in(): a fifth of the time of as many rows."""
    one = inner.c.id
    joined = func.group_concat(one) if is_sqlite else func.string_agg(one.cast(Text), literal_column("','"))
    return select(joined).select_from(inner).scalar_subquery()


def where_of(
    session: Session, wanted: QueueFilter, rep: str | None, at: datetime, limit: int | None
) -> list[Condition]:
    """All conditions of a filter, put so that the database goes the way that ends sooner."""
    driver, terms = Driver(session), terms_of(session, rep, at)
    where = conditions(wanted, terms)
    words = search_words(wanted.search)
    if probes := [*words, *words_looked_for(filter_node(wanted))]:
        return searched(driver, where, containing(words, terms), probes, limit)
    if limit is None and any(part.sql.startswith("id IN") for part in where):
        return by_id(where)
    return where


def numbers_in(text: str | None) -> "array[int]":
    """``1,2,3`` as an array, some thousand at a time so that no other thread waits long."""
    found = array("q")
    start, size = 0, len(text or "")
    while text and start < size:
        end = text.find(",", start + 32_768)
        end = size if end < 0 else end
        found.fromlist(_numbers(f"[{text[start:end]}]"))  # a quarter of the time of split() and int()
        start = end + 1
    return found


def lead_rows(session: Session, ids: Sequence[int], at: datetime | None = None) -> list[QueueRow]:
    """The rows of *ids* in their order, as of now or *at*; ids that are gone are left out."""
    return read_rows(Driver(session), ids, reading(session, at or now()))


def read_rows(driver: Driver, ids: Sequence[int], how: Reading) -> list[QueueRow]:
    """The rows of *ids* for a caller that reads many pages in one transaction."""
    at = micros(how.at)
    rows: list[QueueRow] = []
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        rows += in_order(part, driver.rows(rows_of(len(part)), (at - CHANGE_WINDOW, at, at, *part)), how)
    return rows


def queue_page(
    session: Session,
    view: str = "open",
    *,
    rep: str | None = None,
    at: datetime | None = None,
    after: Place | None = None,
    limit: int = 100,
    wanted: QueueFilter | None = None,
) -> tuple[list[QueueRow], Place | None]:
    """A page of the queue in its default order and where the next one begins; None after the last.

    Any depth costs the same: each of the three ways to come after a place is one stretch of an index.
    """
    at = at or now()
    chosen = wanted or view_filter(session, view)
    driver = Driver(session)
    terms = terms_of(session, rep or setting(session, "rep"), at)
    likes = containing(search_words(chosen.search), terms)
    where = [*conditions(chosen, terms), *likes]
    probes = [*search_words(chosen.search), *words_looked_for(filter_node(chosen))]
    if driver.is_sqlite and trigrams(probes) is not None:
        where = searched(driver, conditions(chosen, terms), likes, probes, limit)
    table = table_of(chosen, is_sqlite=driver.is_sqlite)
    stretches: list[tuple[Condition, ...]] = [()] if after is None else _after(after)
    if not probes and (named := named_leads(driver, where)) is not None:
        if after is None:
            where = [among(first_named(driver, where, named, limit))]
        else:  # their rows are read in any case, so in one go
            where, stretches = by_name(where, named), [(_beyond(after),)]
    parts, values = [], []
    for stretch in stretches:
        all_of = [*_without_bounds(where, stretch), *stretch]
        parts.append(
            f"SELECT * FROM (SELECT score, active_order, id FROM {table}"  # noqa: S608
            f" WHERE {' AND '.join(part.sql for part in all_of)}"
            f" ORDER BY {BEST_FIRST} LIMIT {limit:d}) AS stretch"
        )
        values += [value for part in all_of for value in part.values]
    places = driver.rows(f"{' UNION ALL '.join(parts)} ORDER BY {BEST_FIRST} LIMIT {limit:d}", values)
    rows = read_rows(driver, [place[2] for place in places], reading(session, at))
    return rows, Place(*places[-1]) if len(places) == limit else None


def _without_bounds(where: Sequence[Condition], stretch: Sequence[Condition]) -> list[Condition]:
    """*where* less the bounds of the score that *stretch*, which begins at a place within them, makes needless.

    With both, the planner sorts, or begins at the looser of two upper bounds and walks to the place.
    """
    own = {part.sql for part in stretch}
    needless = ("score ",) if "score = ?" in own else ("score < ", "score <= ") if "score < ?" in own else ()
    return [part for part in where if not part.sql.startswith(needless)] if needless else [*where]


def _after(place: Place) -> list[tuple[Condition, ...]]:
    return [
        (Condition("score = ?", (place.score,)), Condition("active_order = ?", (place.active_order,)),
         Condition("id > ?", (place.id,))),
        (Condition("score = ?", (place.score,)), Condition("active_order < ?", (place.active_order,))),
        (Condition("score < ?", (place.score,)),),
    ]  # fmt: skip


def _beyond(place: Place) -> Condition:
    score, active_order, number = place
    return Condition(
        "(score < ? OR (score = ? AND (active_order < ? OR (active_order = ? AND id > ?))))",
        (score, score, active_order, active_order, number),
    )


def queue_views(session: Session, rep: str | None = None, at: datetime | None = None) -> list[QueueView]:
    """The built-in views and the saved ones that are everybody's or *rep*'s, with how many leads each shows."""
    at = at or now()
    rep = rep or setting(session, "rep")
    driver = Driver(session)
    counts = _built_in_counts(session, driver, rep, at)
    views = [QueueView(key, label, counts[key], spec=built_in_spec(key)) for key, label in BUILT_IN.items()]
    saved = session.execute(
        select(SavedView.key, SavedView.label, SavedView.spec, SavedView.owner)
        .where(SavedView.owner.is_(None) | (SavedView.owner == rep))
        .order_by(SavedView.position, SavedView.id)
    )
    for key, label, stored, owner in saved:
        many = count(session, filter_of(key, stored), rep, at)
        views.append(QueueView(key, label, many, built_in=False, spec=stored_spec(key, stored), owner=owner))
    return arranged(session, views, rep)


def count(session: Session, wanted: QueueFilter, rep: str | None, at: datetime) -> int:
    """How many leads a filter lets through."""
    driver = Driver(session)
    where = where_of(session, wanted, rep, at, None)
    return _count(driver, where, table_of(wanted, is_sqlite=driver.is_sqlite))


def _built_in_counts(session: Session, driver: Driver, rep: str | None, at: datetime) -> dict[str, int]:
    """SQLite keeps the large counts; PostgreSQL counts them, and both count what is few."""
    if driver.is_sqlite:
        ((is_open, unclaimed, listed),) = driver.rows(COUNTED_LEADS)
    else:
        ((is_open, unclaimed, listed),) = driver.rows(_COUNTED)
    few = {view: count(session, QueueFilter(view), rep, at) for view in ("hand-raises", "mine")}
    return {
        "open": is_open,
        "unclaimed": unclaimed,
        **few,
        "trials-ending": _trials_ending(session, driver, rep, at),
        "all": listed,
    }


def _trials_ending(session: Session, driver: Driver, rep: str | None, at: datetime) -> int:
    """What the view of that name shows, counted without reading a lead's row but for those who began a trial."""
    terms = terms_of(session, rep, at)
    found = leads_of_ending_trials(terms, terms.within(ENDING), only_open=True)
    ((many,),) = driver.rows(f"SELECT count(*) FROM ({found.sql}) AS found", found.values)  # noqa: S608
    return int(many)


def _count(driver: Driver, where: list[Condition], table: str = "lead") -> int:
    if any(part.sql.startswith("id IN") for part in where):
        where = by_id(where)
    values: list[Any] = [value for part in where for value in part.values]
    ((many,),) = driver.rows(
        f"SELECT count(*) FROM {table} WHERE {' AND '.join(part.sql for part in where)}",  # noqa: S608
        values,
    )
    return int(many)
