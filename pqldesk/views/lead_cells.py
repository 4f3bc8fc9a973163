"""What the cells of the queue say: every text of a lead, formatted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pqldesk.services.basics.texts import _
from pqldesk.services.first_rows import QueueRow
from pqldesk.services.view_spec import COLUMNS, USUAL, ViewSpec
from pqldesk.views import wording

SCORE, PERSON, COMPANY, SIGNALS, ACTIVATION, TRIAL, ACTIVE, OWNER, RESPOND = range(9)


# In the order of view_spec.COLUMNS: the usual ones, then those that are shown on request.
TITLES = (
    _("Score"), _("Person"), _("Company"), _("Signals"), _("Activation"), _("Trial"), _("Active"), _("Owner"),
    _("Respond in"), _("State"), _("Plan"), _("Source"), _("Placement"), _("Job title"), _("Country"), _("Region"),
    _("Fit"), _("Qualified"), _("Hand-raise"), _("Signed up"), _("Created"),
)  # fmt: skip
# What an order is asked to sort by; None where it would say nothing.
SORTS = (
    "score", "name", "company", None, "activation", "trial", "active", "owner", "respond", *COLUMNS[len(USUAL) :],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeadLine:
    """A queue row with every text of its cells, formatted once."""

    row: QueueRow
    score: str
    change: str
    fraction: float
    second: str  # the line under the name
    company: str
    domain: str
    bits: tuple[bool, ...]
    reached: str
    trial: tuple[str, str]
    active: str
    owner: str
    respond: tuple[str, str]


@dataclass(frozen=True, slots=True)
class LeadPage:
    """The answer of a reader thread: the ids asked for and the lines found."""

    ids: tuple[int, ...]
    lines: tuple[LeadLine, ...]


def format_lead(row: QueueRow, now: datetime) -> LeadLine:
    """Every text of a row's cells."""
    reached = sum(1 for at in row.milestones.values() if at)
    free = (_("Free"), "neutral")
    trial = wording.trial(row.trial.state, row.trial.days_left) if row.trial else free
    return LeadLine(
        row,
        wording.number(row.score),
        wording.change(row.score_change),
        min(1.0, max(0.0, float(row.score) / 100)),
        row.email or _("no e-mail"),
        row.company or wording.NONE,
        row.domain or "",
        tuple(signal.met for signal in row.signals),
        f"{reached}/{len(row.milestones)}",
        trial,
        wording.age(row.last_active_at, now),
        wording.person(row.owner) if row.owner else "",
        _respond(row, now),
    )


def read_page(
    session: object,
    lead_rows: Callable[[Any, Sequence[int]], list[QueueRow]],
    ids: tuple[int, ...],
    now: datetime,
) -> LeadPage:
    """One page of rows, formatted on the reader's thread."""
    return LeadPage(ids, tuple(format_lead(row, now) for row in lead_rows(session, ids)))


def read_order(
    session: object,
    view_order: Callable[[Any, ViewSpec, str], Any],
    lead_rows: Callable[[Any, Sequence[int]], list[QueueRow]],
    spec: ViewSpec,
    search: str,
    now: datetime,
    first: int,
) -> tuple[Any, LeadPage]:
    """An order with its *first* rows, so that they need not be asked for once it is there."""
    order = view_order(session, spec, search)
    return order, read_page(session, lead_rows, tuple(one for one in order.ids[:first] if one > 0), now)


def read_start(
    session: object,
    view_start: Callable[[Any, ViewSpec], Sequence[int]],
    lead_rows: Callable[[Any, Sequence[int]], list[QueueRow]],
    spec: ViewSpec,
    now: datetime,
    first: int,
) -> tuple[Sequence[int], LeadPage]:
    """How a view begins, with its *first* rows."""
    ids = view_start(session, spec)
    return ids, read_page(session, lead_rows, tuple(ids[:first]), now)


def _respond(row: QueueRow, now: datetime) -> tuple[str, str]:
    if row.respond_by is not None and row.state in {"new", "qualified", "claimed"}:
        return wording.left(row.respond_by, now)
    if row.state in {"new", "qualified"}:
        return wording.NONE, "none"
    tone = {"handed_off": "accent", "won": "ok", "lost": "bad"}.get(row.state, "neutral")
    return wording.LEAD_STATES.get(row.state, wording.plain(row.state)), tone


def group_name(line: LeadLine, group: str) -> str:
    row = line.row
    return {
        "band": wording.BANDS.get(row.band, row.band),
        "owner": wording.person(row.owner) if row.owner else _("Nobody"),
        "source": row.source or _("No source"),
        "company": row.company or _("No company"),
    }.get(group, "")


def extra_text(row: QueueRow, column: int) -> str:
    """The text of a column that is shown on request."""
    key = COLUMNS[column]
    if key == "state":
        return wording.LEAD_STATES.get(row.state, wording.plain(row.state))
    if key == "fit":
        return wording.NONE if row.fit is None else wording.number(row.fit)
    if key in _TEXTS:
        return getattr(row, _TEXTS[key]) or wording.NONE
    return wording.day(getattr(row, _DAYS[key]))


_TEXTS = {
    "plan": "plan", "source": "source", "placement": "placement", "title": "job_title", "country": "country",
    "region": "region",
}  # fmt: skip
_DAYS = {
    "qualified": "qualified_at", "hand-raise": "hand_raised_at", "signed-up": "signed_up_at", "created": "created_at",
}  # fmt: skip


def cell_text(line: LeadLine, column: int) -> str:
    """What a cell says, in words; also what is copied."""
    if column >= len(USUAL):
        return extra_text(line.row, column)
    row = line.row
    return (
        f"{line.score} {wording.BANDS.get(row.band, row.band)}",
        f"{row.name} {line.second}",
        f"{line.company} {line.domain}".strip(),
        _("{met} of {n} signals").format(met=sum(line.bits), n=len(line.bits)),
        line.reached,
        line.trial[0],
        line.active,
        line.owner or _("nobody"),
        line.respond[0],
    )[column]


def tooltip(line: LeadLine, column: int) -> str:
    row = line.row
    if column in (SCORE, SIGNALS):
        parts = [
            f"{'●' if s.met else '○'} {wording.label(s.label)}:"
            f" {wording.number(s.value)} / {wording.number(s.threshold)}  {wording.points(s.points)}"
            for s in row.signals
        ]
        head = _("{score} points, {band}").format(
            score=line.score, band=wording.BANDS.get(row.band, row.band)
        )
        if row.score_change:
            head += _(", {change} in 7 days").format(change=line.change)
        return "\n".join([head, *parts])
    if column == PERSON:
        return "\n".join(
            part
            for part in (row.name, row.email, row.source and _("from {source}").format(source=row.source))
            if part
        )
    if column == COMPANY:
        return "\n".join(part for part in (row.company, row.domain) if part)
    if column == ACTIVATION:
        return "\n".join(
            f"{'●' if at else '○'} {wording.plain(key)}  {wording.day(at)}"
            for key, at in row.milestones.items()
        )
    if column == TRIAL and row.trial:
        plan = row.trial.plan or _("Trial")
        return f"{plan}: {wording.day(row.trial.starts_at)} – {wording.day(row.trial.ends_at)}"
    if column == ACTIVE:
        return _("Last active {at}").format(at=wording.exact(row.last_active_at))
    if column == OWNER:
        return row.owner or _("Nobody has claimed this lead")
    if column >= len(USUAL):
        return f"{TITLES[column]}: {extra_text(row, column)}"
    if column == RESPOND and row.respond_by:
        return _("First touch due {at}").format(at=wording.moment(row.respond_by))
    return ""
