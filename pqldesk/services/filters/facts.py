"""A filter asked of facts that were worked out, such as those of a past moment: sql.py in plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pqldesk.services.basics.exact import HUNDRED, MILLION
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.moments import micros
from pqldesk.services.filters.fields import FIELDS, ME, NOBODY, Kind
from pqldesk.services.filters.language import Clause, Either, Every, Node, Not
from pqldesk.services.filters.terms import Terms, hundredths
from pqldesk.services.first_rows import QueueRow, TrialShown

_EXACT = frozenset({"state", "source", "placement", "plan"})


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """One lead as filters see it. Scores, fit and activation in hundredths, times in microseconds."""

    numbers: Mapping[str, int | None]
    texts: Mapping[str, str | None]
    times: Mapping[str, int | None]
    band: str = ""
    pql: bool = False
    met: frozenset[str] = frozenset()  # keys of signals
    reached: frozenset[str] = frozenset()  # keys of milestones
    trial: str | None = None  # running, converted, expired, lost; None without a trial
    asked: Sequence[str] = ()  # what its hand-raises say
    tasks: Sequence[int | None] = field(default=())  # when its open tasks are due


def row_facts(
    row: QueueRow,
    terms: Terms,
    *,
    claimed: int | None = None,
    asked: Sequence[str] = (),
    tasks: Sequence[int | None] = (),
) -> LeadFacts:
    """The facts of a queue row; what no row holds is given beside it."""
    trial, ends, trial_plan = _trial_facts(row.trial)
    return LeadFacts(
        numbers={
            "score": round(row.score * HUNDRED),
            "fit": None if row.fit is None else round(row.fit * HUNDRED),
            "activation": row.activation * HUNDRED,
        },
        texts={
            "owner": row.owner, "state": row.state, "source": row.source, "placement": row.placement,
            "plan": row.plan, "company": row.company, "domain": row.domain, "name": row.name, "email": row.email,
            "title": row.job_title, "country": row.country, "region": row.region, "trial plan": trial_plan,
        },
        times={
            "active": _micros(row.last_active_at), "hand-raise": _micros(row.hand_raised_at),
            "respond by": _micros(row.respond_by), "qualified": _micros(row.qualified_at),
            "created": _micros(row.created_at), "signed-up": _micros(row.signed_up_at), "claimed": claimed,
            "trial ends": ends,
        },
        band=row.band,
        pql=row.qualified,
        met=frozenset(
            signal.key
            for signal, shown in zip(terms.model.signals, row.signals, strict=False)
            if shown.value * MILLION >= signal.threshold
        ),
        reached=frozenset(
            key for key, at in row.milestones.items() if at is not None and micros(at) <= terms.now
        ),
        trial=trial,
        asked=asked,
        tasks=tasks,
    )  # fmt: skip


def _trial_facts(trial: TrialShown | None) -> tuple[str | None, int | None, str | None]:
    """State, end and plan of a trial as filters know them; a trial that converted or was lost has no end."""
    if trial is None:
        return None, None, None
    if trial.state in ("converted", "lost"):
        return trial.state, None, trial.plan
    state = "expired" if trial.state == "expired" else "running"
    return state, _micros(trial.ends_at), trial.plan


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def holds(node: Node, facts: LeadFacts, terms: Terms) -> bool:
    """Whether the lead passes the filter."""
    if isinstance(node, Every):
        return all(holds(part, facts, terms) for part in node.parts)
    if isinstance(node, Either):
        return any(holds(part, facts, terms) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, facts, terms)
    return _clause(node, facts, terms)


def _clause(clause: Clause, facts: LeadFacts, terms: Terms) -> bool:
    if clause.field == "signal":
        return (clause.key in facts.met) == (clause.op == "met")
    if clause.field == "milestone":
        return (clause.key in facts.reached) == (clause.op == "reached")
    if clause.field == "task due":
        return _any_time(clause, facts.tasks, terms)
    if clause.field == "asked":
        return _any_text(clause, facts.asked)
    if clause.field == "owner":
        return _owner(clause, facts.texts["owner"], terms)
    if clause.field == "trial ends" and clause.op in ("next", "not next"):
        # A running trial, also on the day that its date-only end runs to.
        ends, (_start, end) = facts.times["trial ends"], terms.span(clause)
        soon = facts.trial == "running" and ends is not None and end is not None and ends < end
        return soon == (clause.op == "next")
    kind = FIELDS[clause.field].kind
    if kind is Kind.FLAG:
        return facts.pql == (clause.op == "yes")
    if kind is Kind.NUMBER:
        return _number(clause, facts.numbers[clause.field])
    if kind is Kind.TIME:
        return _time(clause, facts.times.get(clause.field), terms)
    value = {"band": facts.band, "trial": facts.trial}.get(clause.field, facts.texts.get(clause.field))
    return _text(clause, value, exact=clause.field in _EXACT or kind is Kind.CHOICE)


def _number(clause: Clause, value: int | None) -> bool:
    if clause.op in ("empty", "not empty"):
        return (value is None) == (clause.op == "empty")
    if value is None:
        return False
    wanted = hundredths(clause)
    return {
        ">=": value >= wanted, "<=": value <= wanted, "=": value == wanted, "!=": value != wanted,
        ">": value > wanted, "<": value < wanted,
    }[clause.op]  # fmt: skip


def _owner(clause: Clause, owner: str | None, terms: Terms) -> bool:
    names = {None if name == NOBODY else (terms.rep or "") if name == ME else name for name in clause.values}
    return (owner in names) == (clause.op in ("is", "any"))


def _text(clause: Clause, value: str | None, *, exact: bool) -> bool:
    op = clause.op
    if op in ("empty", "not empty"):
        return (value is None) == (op == "empty")
    positive = {"is not": "is", "none": "any", "not contains": "contains"}.get(op)
    if positive is not None:
        return not _text(Clause(clause.field, positive, clause.values), value, exact=exact)
    if value is None:
        return False
    if exact and op not in ("contains", "starts"):
        return value in clause.values
    asked, plain = [as_searched(one) for one in clause.values], as_searched(value)
    if op == "contains":
        return asked[0] in plain
    if op == "starts":
        return plain.startswith(asked[0])
    return plain in asked


def _time(clause: Clause, value: int | None, terms: Terms) -> bool:
    if clause.op in ("empty", "not empty"):
        return (value is None) == (clause.op == "empty")
    start, end = terms.span(clause)
    inside = value is not None and (start is None or value >= start) and (end is None or value < end)
    return inside != clause.op.startswith("not ")


def _any_time(clause: Clause, values: Sequence[int | None], terms: Terms) -> bool:
    positive = {"not last": "last", "not next": "next", "empty": "not empty"}.get(clause.op)
    asked = Clause(clause.field, positive or clause.op, clause.values)
    return any(_time(asked, value, terms) for value in values) == (positive is None)


def _any_text(clause: Clause, values: Sequence[str]) -> bool:
    positive = {"not contains": "contains", "empty": "not empty"}.get(clause.op)
    asked: Any = Clause(clause.field, positive or clause.op, clause.values)
    return any(_text(asked, value, exact=False) for value in values) == (positive is None)
