"""Which leads a queue shows and in what order: views, filters and search words as SQL conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pqldesk.models.people import HIDDEN_STATES
from pqldesk.models.queue_sql import BEST_FIRST, WORST_FIRST, shown_trial
from pqldesk.services.exact import HUNDRED
from pqldesk.services.moments import micros
from pqldesk.services.problems import BadInput
from pqldesk.services.texts import _

BUILT_IN = {
    "open": _("Open"),
    "unclaimed": _("Unclaimed"),
    "hand-raises": _("Hand-raises"),
    "mine": _("My leads"),
    "trials-ending": _("Trials ending"),
    "all": _("All leads"),
}
_DAY = 86_400_000_000
ENDING_DAYS = 7  # a trial that ends within this many days is "ending"
NOBODY = "nobody"  # owner of a lead that nobody has claimed

_SORTS = {
    "name": "name",
    "company": "company_name",
    "activation": "activation",
    "trial": f"(SELECT t.ends_at FROM trial t WHERE t.id = {shown_trial('lead')})",  # noqa: S608
    "active": "last_active_at",
    "owner": "owner",
    "respond": "respond_by",
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


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a WHERE clause with its values."""

    sql: str
    values: tuple[object, ...] = ()


FILTERS = ("view", "search", "owner", "state", "source", "placement", "min_score", "max_score")


def filter_of(key: str, spec: Mapping[str, Any]) -> QueueFilter:
    """The filter that a saved view holds; see view_spec(). BadInput names what it holds that is unknown."""
    chosen: dict[str, Any] = {}
    for part in spec.get("filters", []):
        name, value = part.get("field"), part.get("value")
        if name not in FILTERS:
            raise BadInput(f"The view {key} filters by {name!r}.", f"Known: {', '.join(FILTERS)}.")
        chosen[name] = round(value * HUNDRED) if name in ("min_score", "max_score") else value
    if (base := chosen.get("view", "open")) not in BUILT_IN:
        raise BadInput(f"The view {key} builds on {base!r}.", f"Known: {', '.join(BUILT_IN)}.")
    sort = str(spec.get("sort") or "-score")
    return QueueFilter(**chosen, sort=sort.removeprefix("-"), descending=sort.startswith("-"))


def view_spec(given: Mapping[str, Any], sort: str = "-score") -> dict[str, Any]:
    """What a saved view holds: filters as {field, value}, scores in points, and an order (a minus is descending)."""
    return {
        "filters": [
            {"field": name, "value": given[name]} for name in FILTERS if given.get(name) not in (None, "")
        ],
        "sort": sort,
    }


def narrowed(base: QueueFilter, **changes: Any) -> QueueFilter:
    """*base* with what is given (not None) in its place."""
    return replace(base, **{name: value for name, value in changes.items() if value is not None})


def conditions(wanted: QueueFilter, rep: str | None, at: datetime) -> list[Condition]:
    """All of the filter but its search words, beginning with what the queue's indexes begin with."""
    if wanted.view not in BUILT_IN:
        raise BadInput(f"There is no view {wanted.view!r}.", f"Known: {', '.join(BUILT_IN)}.")
    found = [Condition("is_listed = 1" if wanted.view == "all" else "is_open = 1")]
    if wanted.view == "unclaimed":
        found.append(Condition("owner IS NULL"))
    elif wanted.view == "mine":
        found.append(Condition("owner = ?", (rep or "",)))
    elif wanted.view == "hand-raises":
        found.append(Condition("hand_raised_at IS NOT NULL"))
    elif wanted.view == "trials-ending":
        found.append(_trials_ending(at))
    if wanted.owner is not None:
        found.append(
            Condition("owner IS NULL")
            if wanted.owner in (NOBODY, "")
            else Condition("owner = ?", (wanted.owner,))
        )
    if wanted.state is not None and wanted.owner is None and wanted.source is None:
        # The index of states leaves less to look at, and a state that is shown says itself that the lead is listed.
        if wanted.view == "all" and wanted.state not in HIDDEN_STATES:
            found.clear()
        else:
            found[0] = Condition(f"+{found[0].sql}")
    for name in ("state", "source", "placement"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(Condition(f"{name} = ?", (value,)))
    if wanted.min_score is not None:
        found.append(Condition("score >= ?", (wanted.min_score,)))
    if wanted.max_score is not None:
        found.append(Condition("score <= ?", (wanted.max_score,)))
    return found


def table_of(wanted: QueueFilter, *, is_sqlite: bool) -> str:
    """The lead table; for hand-raises with the index that holds only them, which SQLite's planner may not prefer."""
    if is_sqlite and wanted.view == "hand-raises" and not wanted.search:
        return "lead INDEXED BY ix_lead_hand_raise"
    return "lead"


def order_by(sort: str, descending: bool, at: datetime) -> Condition:
    """The ORDER BY of a sort key; the default ends with active_order and id so that no two leads tie."""
    if sort == "score":
        return Condition(BEST_FIRST if descending else WORST_FIRST)
    if sort not in _SORTS:
        raise BadInput(f"The queue cannot be sorted by {sort!r}.", f"Known: score, {', '.join(_SORTS)}.")
    column = _SORTS[sort]
    text = "lower({})" if sort in ("name", "company", "owner") else "{}"
    values = (micros(at), micros(at)) if sort == "trial" else ()
    direction = " DESC" if descending else ""
    return Condition(f"{column} IS NULL, {text.format(column)}{direction}, {BEST_FIRST}", values * 2)


def search_words(search: str) -> list[str]:
    """The words that must all be found, each in the name, e-mail, company or domain."""
    return search.split()


def trigrams(words: list[str]) -> str | None:
    """The words as a question to the trigram index; None when every word is too short for it.

    The index keeps no positions (detail=none), so trigrams are joined with AND and the words checked again.
    """
    pieces = [word[start : start + 3] for word in words for start in range(len(word) - 2)]
    if not pieces:
        return None
    return " AND ".join('"' + piece.replace('"', '""') + '"' for piece in dict.fromkeys(pieces))


def containing(words: list[str], *, is_sqlite: bool) -> list[Condition]:
    """One condition per word. SQLite's LIKE folds only ASCII, so other letters are tried in both cases."""
    found = []
    like = "LIKE" if is_sqlite else "ILIKE"
    for word in words:
        spellings = (
            [word]
            if word.isascii() or not is_sqlite
            else list(dict.fromkeys((word, word.lower(), word.upper())))
        )
        parts, values = [], []
        for spelling in spellings:
            pattern = "%" + spelling.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            for column in ("name", "email", "company_name", "domain"):
                parts.append(f"{column} {like} ? ESCAPE '\\'")
                values.append(pattern)
        found.append(Condition(f"({' OR '.join(parts)})", tuple(values)))
    return found


def _trials_ending(at: datetime) -> Condition:
    """Leads whose shown trial is open and ends soon: the trials first, then who shows them."""
    start = micros(at)
    soon = (
        "t.ends_at > ? AND t.ends_at <= ? AND (t.ends_at > ? OR t.ends_date_only)"
        " AND (t.starts_at IS NULL OR t.starts_at <= ?) AND (t.converted_at IS NULL OR t.converted_at > ?)"
        " AND t.closed_at IS NULL AND lower(coalesce(t.source_state, '')) NOT IN"
        " ('converted', 'lost', 'cancelled', 'canceled', 'paused')"
    )
    end = micros(at + timedelta(days=ENDING_DAYS))
    soon_values = (start - _DAY, end, start, start, start)  # a date-only end runs to the end of that day
    begun = "(o.starts_at IS NULL OR o.starts_at <= ?)"
    later = f"{begun} AND (coalesce(o.starts_at, -1), o.id) > (coalesce(t.starts_at, -1), t.id)"
    own = f"""SELECT t.lead_id FROM trial t WHERE t.lead_id IS NOT NULL AND {soon}
        AND NOT EXISTS (SELECT 1 FROM trial o WHERE o.lead_id = t.lead_id AND {later})"""  # noqa: S608
    of_company = f"""SELECT m.id FROM trial t JOIN lead m ON m.company_id = t.company_id WHERE {soon}
        AND NOT EXISTS (SELECT 1 FROM trial o WHERE o.company_id = t.company_id AND {later})
        AND NOT EXISTS (SELECT 1 FROM trial o WHERE o.lead_id = m.id AND {begun})"""  # noqa: S608
    values = (*soon_values, start, *soon_values, start, start)
    return Condition(f"id IN ({own} UNION ALL {of_company})", values)
