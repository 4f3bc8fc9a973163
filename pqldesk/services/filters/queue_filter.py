"""Which leads a queue shows and in what order: views, filters and search words as SQL conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pqldesk.models.people import HIDDEN_STATES
from pqldesk.models.plain_names import SEARCHED, in_alphabet, kept_text
from pqldesk.models.queue_sql import BEST_FIRST, WORST_FIRST, shown_trial
from pqldesk.services.basics.exact import HUNDRED
from pqldesk.services.basics.exact import text as exact_text
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.moments import micros
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.fields import ME, NOBODY
from pqldesk.services.filters.language import EVERYBODY, Clause, Every, Node, every, filter_text, parse_filter
from pqldesk.services.filters.sql import Condition, conditions_of, like_any
from pqldesk.services.filters.terms import Terms
from pqldesk.services.view_spec import ViewSpec, spec_from_json

BUILT_IN = {
    "open": _("Open"),
    "unclaimed": _("Unclaimed"),
    "hand-raises": _("Hand-raises"),
    "mine": _("My leads"),
    "trials-ending": _("Trials ending"),
    "all": _("All leads"),
}
ENDING_DAYS = 7  # a trial that ends within this many days is "ending"
# What a built-in view is made of, in the filter language; `all` also shows leads in states that are not open.
ENDING = Clause("trial ends", "next", (str(ENDING_DAYS), "days"))
VIEW_FILTERS = {
    "open": EVERYBODY,
    "unclaimed": Every((Clause("owner", "is", (NOBODY,)),)),
    "hand-raises": Every((Clause("hand-raise", "not empty"),)),
    "mine": Every((Clause("owner", "is", (ME,)),)),
    "trials-ending": Every((ENDING,)),
    "all": EVERYBODY,
}

_NAMES = ("name", "company", "title")  # sorted as the alphabet has them
_SORTS = {
    "name": "name",
    "company": "company_name",
    "activation": "activation",
    "trial": f"(SELECT t.ends_at FROM trial t WHERE t.id = {shown_trial('lead')})",  # noqa: S608
    "active": "last_active_at",
    "owner": "owner",
    "respond": "respond_by",
    "state": "state",
    "plan": "plan",
    "source": "source",
    "placement": "placement",
    "title": "job_title",
    "country": "country",
    "region": "region",
    "fit": "fit",
    "qualified": "qualified_at",
    "hand-raise": "hand_raised_at",
    "signed-up": "signed_up_at",
    "created": "created_at",
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """A view and what narrows it. *owner* may be NOBODY; scores are hundredths."""

    view: str = "open"
    search: str = ""
    owner: str | None = None
    state: str | None = None
    source: str | None = None
    placement: str | None = None
    min_score: int | None = None
    max_score: int | None = None
    sort: str = "score"
    descending: bool = True
    where: Every = EVERYBODY  # in the filter language, on top of the rest


def filter_of(key: str, stored: Mapping[str, Any]) -> QueueFilter:
    """The filter that a stored view holds. BadInput names what it holds that is unknown or cannot be read."""
    return spec_filter(stored_spec(key, stored))


def spec_filter(spec: ViewSpec) -> QueueFilter:
    """What a view lets through, and its order."""
    where = parse_filter(spec.filter)
    return QueueFilter(spec.scope, spec.search, sort=spec.sort_key, descending=spec.descending, where=where)


def spec_of(wanted: QueueFilter, columns: tuple[tuple[str, int], ...] = (), group: str = "") -> ViewSpec:
    """The view that shows what *wanted* lets through."""
    scope = "all" if wanted.view == "all" else "open"
    sort = f"{'-' if wanted.descending else ''}{wanted.sort}"
    return ViewSpec(scope, filter_text(filter_node(wanted)), sort, columns, group, wanted.search)


def built_in_spec(view: str) -> ViewSpec:
    """A built-in view as a value that can be changed and saved under another name."""
    return spec_of(QueueFilter(view))


def stored_spec(key: str, stored: Mapping[str, Any]) -> ViewSpec:
    """A view as the database holds it, also in the form of the first release: filters as {field, value}."""
    if "filters" not in stored:
        return spec_from_json(key, stored)
    chosen: dict[str, Any] = {}
    for part in stored["filters"]:
        name, value = part.get("field"), part.get("value")
        if name not in _OLD_FILTERS:
            raise BadInput(
                _("The view {key} filters by {name!r}.").format(key=key, name=name),
                _("Known: {known}.").format(known=", ".join(_OLD_FILTERS)),
            )
        chosen[name] = round(value * HUNDRED) if name in ("min_score", "max_score") else value
    sort = str(stored.get("sort") or "-score")
    return spec_of(QueueFilter(**chosen, sort=sort.removeprefix("-"), descending=sort.startswith("-")))


_OLD_FILTERS = ("view", "search", "owner", "state", "source", "placement", "min_score", "max_score")


def narrowed(base: QueueFilter, **changes: Any) -> QueueFilter:
    """*base* with what is given (not None) in its place."""
    return replace(base, **{name: value for name, value in changes.items() if value is not None})


def filter_node(wanted: QueueFilter) -> Every:
    """All of the filter but its scope and search words, as one tree of the filter language."""
    if wanted.view not in BUILT_IN:
        raise BadInput(
            _("There is no view {view!r}.").format(view=wanted.view),
            _("Known: {known}.").format(known=", ".join(BUILT_IN)),
        )
    found: list[Node] = [*VIEW_FILTERS[wanted.view].parts]
    if wanted.owner is not None:
        found.append(Clause("owner", "is", (wanted.owner or NOBODY,)))
    for name in ("state", "source", "placement"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(Clause(name, "is", (value,)))
    for name, op in (("min_score", ">="), ("max_score", "<=")):
        value = getattr(wanted, name)
        if value is not None:
            found.append(Clause("score", op, (exact_text(value, HUNDRED),)))
    return every(*found, wanted.where)


def conditions(wanted: QueueFilter, terms: Terms) -> list[Condition]:
    """All of the filter but its search words, beginning with what the queue's indexes begin with."""
    node = filter_node(wanted)
    scope = Condition("is_listed = 1" if wanted.view == "all" else "is_open = 1")
    fixed = {part.field: part for part in node.parts if isinstance(part, Clause) and part.op == "is"}
    found = [scope, *conditions_of(node, terms)]
    if "state" in fixed and not fixed.keys() & {"owner", "source", "placement", "plan"}:
        # The index of states leaves less to look at, and a state that is shown says itself that the lead is listed.
        if wanted.view == "all" and fixed["state"].values[0] not in HIDDEN_STATES:
            del found[0]
        else:
            found[0] = Condition(f"+{scope.sql}")
    return found


_WITHOUT = ("empty", "not last", "not next")  # also lets leads through that never raised a hand


def table_of(wanted: QueueFilter, *, is_sqlite: bool) -> str:
    """The lead table; for hand-raises with the index that holds only them, which SQLite's planner may not prefer."""
    if not is_sqlite or wanted.view == "all" or wanted.search:
        return "lead"
    clauses = [part for part in filter_node(wanted).parts if isinstance(part, Clause)]
    raised = any(part.field == "hand-raise" and part.op not in _WITHOUT for part in clauses)
    looked_up = any(part.op in ("contains", "starts", "next") for part in clauses)
    return "lead INDEXED BY ix_lead_hand_raise" if raised and not looked_up else "lead"


def check_sort(sort: str) -> None:
    """Raises BadInput where the queue cannot be sorted by that key."""
    if sort != "score" and sort not in _SORTS:
        raise BadInput(
            _("The queue cannot be sorted by {sort!r}.").format(sort=sort),
            _("Known: score, {known}.").format(known=", ".join(_SORTS)),
        )


def order_by(sort: str, descending: bool, at: datetime, *, is_sqlite: bool) -> Condition:
    """The ORDER BY of a sort key; the default ends with active_order and id so that no two leads tie."""
    check_sort(sort)
    if sort == "score":
        return Condition(BEST_FIRST if descending else WORST_FIRST)
    column = _SORTS[sort]
    key = f"lower({column})" if sort == "owner" else column
    if sort in _NAMES:
        key = in_alphabet(column, kept_text("lead", column, "lead.id"), is_sqlite=is_sqlite)
    values = (micros(at), micros(at)) if sort == "trial" else ()
    direction = " DESC" if descending else ""
    return Condition(f"{column} IS NULL, {key}{direction}, {BEST_FIRST}", values * 2)


def search_words(search: str) -> list[str]:
    """The words that must all be found, each in the name, e-mail, company or domain, as they are compared."""
    return as_searched(search).split()


def trigrams(words: list[str]) -> str | None:
    """The words, as they are compared, as a question to the trigram index; None when each is too short for it.

    The index keeps no positions (detail=none), so trigrams are joined with AND and the words checked again.
    """
    pieces = [word[start : start + 3] for word in words for start in range(len(word) - 2)]
    if not pieces:
        return None
    return " AND ".join('"' + piece.replace('"', '""') + '"' for piece in dict.fromkeys(pieces))


def containing(words: list[str], terms: Terms) -> list[Condition]:
    """One condition per word: it stands in the name, e-mail, company or domain."""
    return [like_any(SEARCHED, word, terms) for word in words]
