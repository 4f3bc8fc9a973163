"""A filter as SQL conditions on the lead table, with bound parameters, for SQLite and PostgreSQL.

The parts of an Every become conditions of their own, so that the queue's indexes lead; see queue_filter.py.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pqldesk.models.plain_names import KEPT, is_beyond_ascii, plain_of
from pqldesk.models.queue_sql import shown_trial
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.moments import local_days
from pqldesk.services.filters.fields import ME, NOBODY
from pqldesk.services.filters.language import Clause, Every, Node, Not
from pqldesk.services.filters.terms import Terms, hundredths

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a WHERE clause with its values."""

    sql: str
    values: tuple[object, ...] = ()


# Columns that are compared as they are written: names of ours and of sources.
_EXACT = {"owner": "owner", "state": "state", "source": "source", "placement": "placement", "plan": "plan"}
_WORDS = {
    "company": "company_name", "domain": "domain", "name": "name", "email": "email", "title": "job_title",
    "country": "country", "region": "region",
}  # fmt: skip
_TIMES = {
    "active": "last_active_at", "hand-raise": "hand_raised_at", "respond by": "respond_by", "qualified": "qualified_at",
    "signed-up": "signed_up_at", "created": "created_at", "claimed": "claimed_at",
}  # fmt: skip
_LOST = "('lost', 'cancelled', 'canceled', 'paused')"
_WORD = "trim(lower(coalesce(t.source_state, '')))"


def conditions_of(node: Node, terms: Terms) -> list[Condition]:
    """What must all hold. BadInput where the filter names a band, signal or milestone that is not there."""
    terms.check(node)
    found: list[Condition] = []
    for part in node.parts if isinstance(node, Every) else (node,):
        found += _clause(part, terms) if isinstance(part, Clause) else [_one(part, terms)]
    return found


def words_looked_for(node: Node) -> list[str]:
    """Words that every hit has in its name, e-mail, company or domain: what the search index can be asked for."""
    return [
        as_searched(part.values[0])
        for part in (node.parts if isinstance(node, Every) else (node,))
        if isinstance(part, Clause)
        and part.field in ("company", "domain", "name", "email")
        and part.op in ("contains", "starts", "is")
    ]


def like(column: str, text: str, terms: Terms, before: str = "%", after: str = "%") -> Condition:
    """*column* holds *text*, whatever the case and the accents of either."""
    return like_any((column,), text, terms, before, after)


def like_any(
    columns: Sequence[str], text: str, terms: Terms, before: str = "%", after: str = "%"
) -> Condition:
    """One of *columns* holds *text*. Those of a lead are compared as they are, which finds plain letters, and beside it
    in the row of lead_plain that it has where one of them has others; any other column is made plain here."""
    plain = as_searched(text)
    word = before + plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + after

    def tests(of: Iterable[str], how: str = "LIKE") -> str:
        return " OR ".join(f"{one} {how} ? ESCAPE '\\'" for one in of)

    if not set(columns) <= set(KEPT["lead"]):
        made = tests(plain_of(one, is_sqlite=terms.is_sqlite) for one in columns)
        return Condition(f"({made})", (word,) * len(columns))
    beside = tests(f"p.{one}" for one in columns)
    # Nine of ten leads need no look there: without asking them first, a walk over a million took twice the time.
    other = " OR ".join(is_beyond_ascii(one, is_sqlite=terms.is_sqlite) for one in columns)
    found = f"(({other}) AND EXISTS (SELECT 1 FROM lead_plain p WHERE p.lead_id = id AND ({beside})))"  # noqa: S608
    if not plain.isascii():
        return Condition(found, (word,) * len(columns))
    as_it_is = tests(columns, "LIKE" if terms.is_sqlite else "ILIKE")
    return Condition(f"({as_it_is} OR {found})", (word,) * (2 * len(columns)))


def trials_ending(terms: Terms, within: int) -> Condition:
    """Leads whose shown trial is open and ends within that many microseconds: the trials first, then who shows them."""
    found = leads_of_ending_trials(terms, within)
    return Condition(f"id IN ({found.sql})", found.values)


def leads_of_ending_trials(terms: Terms, within: int, *, only_open: bool = False) -> Condition:
    """The same as a statement that selects each lead's id once. *only_open* costs no row of a company's people:
    the index of companies holds it."""
    start = terms.now
    soon = (
        "t.ends_at > ? AND t.ends_at <= ? AND (t.ends_at > ? OR t.ends_date_only)"
        " AND (t.starts_at IS NULL OR t.starts_at <= ?) AND (t.converted_at IS NULL OR t.converted_at > ?)"
        " AND t.closed_at IS NULL AND lower(coalesce(t.source_state, '')) NOT IN"
        " ('converted', 'lost', 'cancelled', 'canceled', 'paused')"
    )
    # A date-only end runs to the end of that day.
    soon_values = (start - _DAY, start + within, start, start, start)
    begun = "(o.starts_at IS NULL OR o.starts_at <= ?)"
    later = f"{begun} AND (coalesce(o.starts_at, -1), o.id) > (coalesce(t.starts_at, -1), t.id)"
    is_open = " AND +m.is_open = 1" if only_open else ""  # the plus: no walk over all that are open
    starter = "JOIN lead m ON m.id = t.lead_id" if only_open else ""
    ending = f"""WITH ending AS MATERIALIZED
        (SELECT t.id, t.lead_id, t.company_id, t.starts_at FROM trial t WHERE {soon})"""  # noqa: S608
    own = f"""SELECT t.lead_id FROM ending t {starter} WHERE t.lead_id IS NOT NULL{is_open}
        AND NOT EXISTS (SELECT 1 FROM trial o WHERE o.lead_id = t.lead_id AND {later})"""  # noqa: S608
    of_company = f"""SELECT m.id FROM ending t JOIN lead m ON m.company_id = t.company_id WHERE 1 = 1{is_open}
        AND NOT EXISTS (SELECT 1 FROM trial o WHERE o.company_id = t.company_id AND {later})
        AND NOT EXISTS (SELECT 1 FROM trial o WHERE o.lead_id = m.id AND {begun})"""  # noqa: S608
    return Condition(f"{ending} {own} UNION ALL {of_company}", (*soon_values, start, start, start))


def _one(node: Node, terms: Terms) -> Condition:
    """A node as one condition, in brackets where it is made of several."""
    if isinstance(node, Clause):
        return _joined(_clause(node, terms), " AND ")
    if isinstance(node, Not):
        inner = _one(node.part, terms)
        return Condition(f"(({inner.sql}) IS NOT TRUE)", inner.values)
    parts = [_one(part, terms) for part in node.parts]
    if not parts:
        return Condition("1 = 1")
    return _joined(parts, " AND " if isinstance(node, Every) else " OR ")


def _joined(parts: list[Condition], word: str) -> Condition:
    if len(parts) == 1:
        return parts[0]
    return Condition(
        f"({word.join(part.sql for part in parts)})", tuple(v for part in parts for v in part.values)
    )


def _clause(clause: Clause, terms: Terms) -> list[Condition]:
    """A clause as conditions that must all hold."""
    special: dict[str, Callable[[Clause, Terms], list[Condition]]] = {
        "owner": _owner, "band": _band, "pql": _flag, "signal": _signal, "milestone": _milestone, "asked": _asked,
        "trial": _trial_state, "trial ends": _trial_ends, "trial plan": _trial_plan, "task due": _task_due,
        "activation": _number, "score": _number, "fit": _number,
    }  # fmt: skip
    if clause.field in special:
        return special[clause.field](clause, terms)
    if clause.field in _TIMES:
        return [_time(_TIMES[clause.field], clause, terms)]
    exact = clause.field in _EXACT
    return [_text((_EXACT if exact else _WORDS)[clause.field], clause, terms, exact=exact)]


def _number(clause: Clause, _terms: Terms) -> list[Condition]:
    column = clause.field
    if clause.op in ("empty", "not empty"):
        return [_empty(column, clause)]
    value = hundredths(clause)
    if column == "activation":
        return [Condition(f"activation * 100 {_sign(clause.op)} ?", (value,))]
    return [Condition(f"{column} {_sign(clause.op)} ?", (value,))]


def _sign(op: str) -> str:
    return "<>" if op == "!=" else op


def _empty(column: str, clause: Clause) -> Condition:
    return Condition(f"{column} IS {'NOT ' if clause.op == 'not empty' else ''}NULL")


def _owner(clause: Clause, terms: Terms) -> list[Condition]:
    names = [terms.rep or "" if value == ME else value for value in clause.values]
    people = [name for name in names if name != NOBODY]
    nobody = NOBODY in names
    if clause.op in ("is", "any"):
        tests = [Condition("owner IS NULL")] if nobody else []
        tests += [Condition("owner = ?", (name,)) for name in people]
        return [_joined(tests, " OR ")]
    tests = [Condition("owner IS NOT NULL")] if nobody else []
    tests += [Condition("(owner IS NULL OR owner <> ?)", (name,)) for name in people]
    return [_joined(tests, " AND ")]


def _band(clause: Clause, terms: Terms) -> list[Condition]:
    """Bands are stretches of the score, so that the score's index finds them."""
    bands = terms.model.bands
    stretches: list[list[Condition]] = []
    for n, band in enumerate(bands):
        if (band.key in clause.values) != (clause.op in ("is", "any")):
            continue
        stretch = [] if band.at_least is None else [Condition("score >= ?", (band.at_least,))]
        if n:
            stretch.append(Condition("score < ?", (bands[n - 1].at_least,)))
        stretches.append(stretch or [Condition("1 = 1")])
    if not stretches:
        return [Condition("1 = 0")]
    return (
        stretches[0] if len(stretches) == 1 else [_joined([_joined(s, " AND ") for s in stretches], " OR ")]
    )


def _flag(clause: Clause, _terms: Terms) -> list[Condition]:
    return [Condition("qualified" if clause.op == "yes" else "NOT qualified")]


def _text(column: str, clause: Clause, terms: Terms, *, exact: bool) -> Condition:
    op = clause.op
    if op in ("empty", "not empty"):
        return _empty(column, clause)
    if op in ("is not", "none", "not contains"):
        opposite = {"is not": "is", "none": "any", "not contains": "contains"}[op]
        positive = _text(column, Clause(clause.field, opposite, clause.values), terms, exact=exact)
        return Condition(f"({column} IS NULL OR NOT ({positive.sql}))", positive.values)
    if op == "contains":
        return like(column, clause.values[0], terms)
    if op == "starts":
        return like(column, clause.values[0], terms, before="")
    if exact and len(clause.values) == 1:
        return Condition(f"{column} = ?", clause.values)
    if exact:
        # A list would lead SQLite's planner to the column's index and then to sorting: the queue's order leads instead.
        led = "+" if terms.is_sqlite else ""
        return Condition(f"{led}{column} IN ({', '.join('?' * len(clause.values))})", clause.values)
    return _joined([like(column, value, terms, before="", after="") for value in clause.values], " OR ")


def _time(column: str, clause: Clause, terms: Terms) -> Condition:
    if clause.op in ("empty", "not empty"):
        return _empty(column, clause)
    start, end = terms.span(clause)
    tests = []
    if start is not None:
        tests.append(Condition(f"{column} >= ?", (start,)))
    if end is not None:
        tests.append(Condition(f"{column} < ?", (end,)))
    inside = _joined(tests, " AND ")
    if clause.op in ("not last", "not next"):
        return Condition(f"({column} IS NULL OR NOT {inside.sql})", inside.values)
    return inside


def _signal(clause: Clause, terms: Terms) -> list[Condition]:
    """Values as stored in the model's order. A signal that is met has earned its points, which bounds the score."""
    place = terms.signal_at(clause.key)
    signal = terms.model.signals[place]
    read = (
        f"coalesce(json_extract(signals, '$[{place:d}][0]'), 0)"
        if terms.is_sqlite
        else f"coalesce(((signals::json) -> {place:d} ->> 0)::bigint, 0)"
    )
    if clause.op == "unmet":
        return [Condition(f"{read} < ?", (signal.threshold,))]
    found = [Condition(f"{read} >= ?", (signal.threshold,))]
    if all(one.weight >= 0 for one in terms.model.signals) and signal.threshold > 0 and not signal.cap:
        found.append(Condition("score >= ?", (signal.weight,)))
    return found


def _milestone(clause: Clause, terms: Terms) -> list[Condition]:
    if terms.is_sqlite:
        read, key = "json_extract(milestones, ?)", f'$."{clause.key}"'
    else:
        read, key = "((milestones::json) ->> ?)::bigint", clause.key
    reached = Condition(f"coalesce({read}, ?) <= ?", (key, terms.now + 1, terms.now))
    if clause.op == "unreached":
        return [Condition(f"NOT ({reached.sql})", reached.values)]
    return [reached]


def _asked(clause: Clause, terms: Terms) -> list[Condition]:
    """What the lead's hand-raises say: their comment and the product interaction."""
    raised = "SELECT s.lead_id FROM submission s WHERE s.kind = 'hand_raise'"
    if clause.op in ("empty", "not empty"):
        said = Condition("coalesce(s.comment, s.product_interaction, '') <> ''")
    else:
        said = like_any(("s.comment", "s.product_interaction"), clause.values[0], terms)
    positive = clause.op in ("contains", "not empty")
    return [Condition(f"id {'' if positive else 'NOT '}IN ({raised} AND {said.sql})", said.values)]


def _of_trial(test: Condition, terms: Terms) -> Condition:
    shown = shown_trial("lead")
    at = terms.now
    return Condition(
        f"EXISTS (SELECT 1 FROM trial t WHERE t.id = {shown} AND {test.sql})",  # noqa: S608
        (at, at, *test.values),
    )


def _over(terms: Terms) -> Condition:
    """The trial has ended: a date-only end is over with its day in the workspace's zone."""
    days = local_days(terms.zone)
    midnight = days.midnight(days.day_of(terms.now))
    return Condition(
        f"((t.ends_date_only AND t.ends_at < ?) OR (NOT t.ends_date_only AND t.ends_at <= ?)"
        f" OR (t.ends_at IS NULL AND {_WORD} = 'expired'))",
        (midnight, terms.now),
    )


def _converted(terms: Terms) -> Condition:
    return Condition(f"({_WORD} = 'converted' OR coalesce(t.converted_at <= ?, FALSE))", (terms.now,))


def _closed() -> Condition:
    return Condition(f"({_WORD} IN {_LOST} OR t.closed_at IS NOT NULL)")


def _no(test: Condition) -> Condition:
    return Condition(f"(({test.sql}) IS NOT TRUE)", test.values)


def _trial_state(clause: Clause, terms: Terms) -> list[Condition]:
    if clause.op in ("empty", "not empty"):
        some = _of_trial(Condition("1 = 1"), terms)
        return [some if clause.op == "not empty" else Condition(f"NOT {some.sql}", some.values)]
    won, lost, over = _converted(terms), _closed(), _over(terms)
    tests = {
        "converted": [won],
        "lost": [_no(won), lost],
        "expired": [_no(won), _no(lost), over],
        "running": [_no(won), _no(lost), _no(over)],
    }
    one_of = _joined([_joined(tests[value], " AND ") for value in clause.values], " OR ")
    found = _of_trial(Condition(f"({one_of.sql})", one_of.values), terms)
    return [found if clause.op in ("is", "any") else Condition(f"NOT {found.sql}", found.values)]


def _trial_ends(clause: Clause, terms: Terms) -> list[Condition]:
    """The end of the shown trial, unless it converted or was lost."""
    if clause.op in ("next", "not next"):
        found = trials_ending(terms, terms.within(clause))
        if clause.op == "next":
            return [found]
        return [Condition(found.sql.replace("id IN", "id NOT IN", 1), found.values)]
    negative = clause.op in ("not last", "empty")
    asked = Clause(
        clause.field, {"not last": "last", "empty": "not empty"}.get(clause.op, clause.op), clause.values
    )
    tests = [_time("t.ends_at", asked, terms), _no(_converted(terms)), _no(_closed())]
    found = _of_trial(_joined(tests, " AND "), terms)
    return [Condition(f"NOT {found.sql}", found.values) if negative else found]


def _trial_plan(clause: Clause, terms: Terms) -> list[Condition]:
    negative = {"is not": "is", "none": "any", "not contains": "contains", "empty": "not empty"}.get(
        clause.op
    )
    asked = Clause("plan", negative or clause.op, clause.values)
    found = _of_trial(_text("t.plan", asked, terms, exact=False), terms)
    return [Condition(f"NOT {found.sql}", found.values) if negative else found]


def _task_due(clause: Clause, terms: Terms) -> list[Condition]:
    """An open task, and when it is due."""
    negative = clause.op in ("not last", "not next", "empty")
    op = {"not last": "last", "not next": "next", "empty": "not empty"}.get(clause.op, clause.op)
    test = _time("k.due_at", Clause(clause.field, op, clause.values), terms)
    word = "NOT IN" if negative else "IN"
    open_tasks = f"SELECT k.lead_id FROM task k WHERE k.done_at IS NULL AND {test.sql}"  # noqa: S608
    return [Condition(f"id {word} ({open_tasks})", test.values)]
