"""The order of a view for the window: row numbers, grouped where the view is, and what filters can be made of."""

from array import array
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.plain_names import in_alphabet, kept_text, plain_of
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.queue_filter import QueueFilter, order_by, spec_filter, table_of
from pqldesk.services.filters.terms import Terms
from pqldesk.services.queue import queue
from pqldesk.services.view_spec import GROUPS, ViewSpec

CHOICES = 200  # values offered for a field, the most frequent first
_CHOICES = {
    "owner": "owner", "source": "source", "placement": "placement", "plan": "plan", "country": "country",
    "region": "region", "title": "job_title",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewOrder:
    """Row numbers in order. In a grouped view a header stands before its group: minus its number from 1."""

    ids: "array[int]"
    counts: "array[int]"  # leads in each group, in order; empty where nothing is grouped
    whole: bool = True  # False while only the best hits of a search are known

    @property
    def leads(self) -> int:
        return len(self.ids) - len(self.counts)


def view_order(
    session: Session, spec: ViewSpec, search: str, rep: str | None, at: datetime, limit: int | None = None
) -> ViewOrder:
    """What the view shows, in its order, with its groups; *limit* answers a search while somebody types."""
    wanted = searched(spec, search)
    if spec.group and not search.strip():
        return _grouped(session, wanted, spec.group, rep, at)
    ids = queue.filtered_order(session, wanted, rep, at, limit)
    return ViewOrder(ids, array("q"), limit is None or len(ids) < limit)


def searched(spec: ViewSpec, search: str) -> QueueFilter:
    """The filter of a view, narrowed by what is searched for."""
    wanted = spec_filter(spec)
    return replace(wanted, search=f"{wanted.search} {search}".strip())


def count_leads(session: Session, spec: ViewSpec, search: str, rep: str | None, at: datetime) -> int:
    """How many leads the view shows."""
    return queue.count(session, searched(spec, search), rep, at)


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the clauses of a field can be made of: (key, label)."""

    field: str
    values: tuple[tuple[str, str], ...]


def filter_choices(session: Session, field: str, rep: str | None, at: datetime) -> FilterChoices:
    """The values that leads have in a field, the most frequent first; keys of signals, milestones and bands."""
    terms = queue.terms_of(session, rep, at)
    known = {
        "signal": [(signal.key, signal.label) for signal in terms.model.signals],
        "milestone": [(milestone.key, milestone.label) for milestone in terms.milestones],
        "band": [(band.key, band.label) for band in terms.model.bands],
    }
    if field in known:
        return FilterChoices(field, tuple(known[field]))
    column = _CHOICES.get(field)
    if column is None:
        return FilterChoices(field, ())
    rows = Driver(session).rows(
        f"SELECT {column} FROM lead WHERE {column} IS NOT NULL AND is_listed = 1"  # noqa: S608 - a name of ours
        f" GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT {CHOICES}"
    )
    return FilterChoices(field, tuple((str(row[0]), str(row[0])) for row in rows))


def _grouped(session: Session, wanted: QueueFilter, group: str, rep: str | None, at: datetime) -> ViewOrder:
    if group not in GROUPS:
        raise BadInput(
            _("The queue cannot be grouped by {group!r}.").format(group=group),
            _("Known: {known}.").format(known=", ".join(GROUPS)),
        )
    driver, terms = Driver(session), queue.terms_of(session, rep, at)
    where = queue.where_of(session, wanted, rep, at, None)
    order = order_by(wanted.sort, wanted.descending, at, is_sqlite=driver.is_sqlite)
    values = [value for part in where for value in part.values]
    table = table_of(wanted, is_sqlite=driver.is_sqlite)
    inner = f"FROM {table} WHERE {' AND '.join(part.sql for part in where)}"
    if group == "company":
        name = _company_name(is_sqlite=driver.is_sqlite)
        by = f"company_name IS NULL, {name}, coalesce(company_id, -1)"
        keys = f"SELECT company_id AS company, company_name IS NULL AS no_name, {name} AS name {inner}"
        each = (
            f"SELECT count(*) FROM ({keys}) one GROUP BY company, no_name, name"  # noqa: S608 - our own columns
            " ORDER BY no_name, name, coalesce(company, -1)"
        )
    else:
        by = _band(terms) if group == "band" else f"{group} IS NULL, {group}"
        key = _band(terms) if group == "band" else group
        each = f"SELECT count(*) {inner} GROUP BY {key} ORDER BY {by}"
    ids = queue.all_ids(driver, f"SELECT id {inner} ORDER BY {by}, {order.sql}", [*values, *order.values])
    return _with_headers(ids, array("q", [row[0] for row in driver.rows(each, values)]))


def _company_name(*, is_sqlite: bool) -> str:
    """What leads are put in the order of their companies by: the company's row has it where the company is known."""
    known = kept_text("company", "name", "lead.company_id")
    made = plain_of("company_name", is_sqlite=is_sqlite)
    return in_alphabet("company_name", f"coalesce({known}, {made})", is_sqlite=is_sqlite)


def _band(terms: Terms) -> str:
    """The number of a lead's band, the best first."""
    whens = " ".join(
        f"WHEN score >= {band.at_least:d} THEN {number:d}"
        for number, band in enumerate(terms.model.bands)
        if band.at_least is not None
    )
    return f"CASE {whens} ELSE {len(terms.model.bands):d} END" if whens else "1 + 0"


def _with_headers(ids: "array[int]", counts: "array[int]") -> ViewOrder:
    found = array("q")
    start = 0
    for number, many in enumerate(counts, 1):
        found.append(-number)
        found.extend(ids[start : start + many])
        start += many
    return ViewOrder(found, counts)
