"""How far leads came, as a table that the database makes for one statement: what funnel.ways() says of each, as of now.

The times of milestones stand in each lead's row as JSON, those of claims, handoffs, deals and trials in other tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pqldesk.models.base import micros
from pqldesk.services.basics.moments import DAY, LocalDays
from pqldesk.services.figures.activation import shows_value
from pqldesk.services.figures.activation_now import time_of
from pqldesk.services.figures.funnel import STEPS
from pqldesk.services.filters.sql import Condition
from pqldesk.services.scoring.milestones import Milestone

COHORT_WEEKS = 8
NEVER = 1 << 62
_OF = {
    "claimed": "SELECT min(taken_at) FROM claim WHERE lead_id = l.id",
    "handed_off": "SELECT min(created_at) FROM handoff WHERE lead_id = l.id AND playbook = 'handoff'",
    # A deal of its own, or its company's that it had a part in.
    "opportunity": "SELECT min(done_at) FROM outbox_item WHERE lead_id = l.id AND kind = 'deal' AND state = 'done'",
    "bought": "SELECT min(converted_at) FROM trial WHERE lead_id = l.id",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which leads the Funnel page is of: those of the last *weeks* up to *at*, of one source or rep where named."""

    at: datetime
    weeks: int = 13
    source: str | None = None
    rep: str | None = None

    @property
    def since(self) -> datetime:
        return self.at - timedelta(weeks=self.weeks)

    @property
    def before(self) -> datetime:
        """When the period before this one began."""
        return self.since - timedelta(weeks=self.weeks)

    @property
    def first(self) -> datetime:
        """Nobody is looked at who signed up by then: the period before and the weeks of the retention are later."""
        return self.at - timedelta(days=max(14 * self.weeks, 7 * (COHORT_WEEKS + 1)))

    @property
    def is_filtered(self) -> bool:
        return self.source is not None or self.rep is not None

    def cohort(self, since: datetime) -> Condition:
        """The leads that signed up after *since*, as a condition on the lead table under the name l."""
        sql = "l.is_listed + 0 = 1 AND l.excluded IS NULL AND l.signed_up_at > ? AND l.signed_up_at <= ?"
        values: tuple[object, ...] = (micros(since), micros(self.at))
        for column, value in (("source", self.source), ("owner", self.rep)):
            if value is not None:
                sql, values = f"{sql} AND l.{column} = ?", (*values, value)
        return Condition(sql, values)


def ways_table(
    asked: Asked, milestones: Sequence[Milestone], *, is_sqlite: bool, whole: bool = True
) -> Condition:
    """The start of a statement, up to where others may follow: the table ``w`` with a row for each lead of the cohort.

    Its columns: id, score, source, placement, plan, owner, signup, period (1 this one, 2 the one before, 3 earlier),
    value (when it first reached a milestone that shows value), s0 ... s7 when it reached each of STEPS, all by now or
    NULL, and won, which is 1 also where that came at no known moment. *whole*: of all periods, and each row worked out
    once; else of this period, and of what a column is made only where it is used.
    """
    now, places = micros(asked.at), range(len(milestones))
    read = [time_of(one.key, is_sqlite=is_sqlite) for one in milestones]
    times = "".join(f", {one.sql} AS r{n}" for n, one in enumerate(read))
    firsts = "".join(f", ({sql}) AS {name}" for name, sql in _OF.items())
    where = asked.cohort(asked.first if whole else asked.since)
    reached = "".join(f", {_by(f'r{n}', now)} AS m{n}" for n in places)
    all_reached = " AND ".join(f"m{n} IS NOT NULL" for n in places) or "1 = 0"
    least, most = ("min", "max") if is_sqlite else ("least", "greatest")
    value = _of(least, [f"coalesce(m{n}, {NEVER})" for n, one in enumerate(milestones) if shows_value(one)])
    last = _of(most, [f"m{n}" for n in places])
    won_at = (
        "CASE WHEN is_won = 1 AND (bought IS NULL OR outcome_at <= bought) THEN outcome_at ELSE bought END"
    )
    moments = {
        "signed_up": "signup",
        "activated": f"CASE WHEN {all_reached} THEN {last} END",
        "qualified": _by("qualified_at", now),
        "claimed": _by("claimed", now),
        "contacted": _by("first_touch_at", now),
        "handed_off": _by("handed_off", now),
        "opportunity": _by("opportunity", now),
        "won": _by("won_at", now),
    }
    steps = "".join(f", {moments[step]} AS s{n}" for n, step in enumerate(STEPS))
    sql = f"""WITH raw AS {"" if whole else "NOT "}MATERIALIZED
        (SELECT l.id, l.score, l.source, l.placement, l.plan, l.owner, l.signed_up_at AS signup, l.qualified_at,
            l.first_touch_at, l.outcome_at, CASE WHEN l.outcome = 'won' AND (l.outcome_at IS NULL
            OR l.outcome_at <= {now}) THEN 1 ELSE 0 END AS is_won{firsts}{times} FROM lead l WHERE {where.sql}),
        capped AS NOT MATERIALIZED (SELECT raw.*, {won_at} AS won_at{reached} FROM raw),
        w AS (SELECT id, score, source, placement, plan, owner, signup, CASE WHEN signup > {micros(asked.since)} THEN 1
            WHEN signup > {micros(asked.before)} THEN 2 ELSE 3 END AS period,
            CASE WHEN {value} < {NEVER} THEN {value} END AS value{steps},
            CASE WHEN is_won = 1 OR won_at <= {now} THEN 1 END AS won FROM capped)"""  # noqa: S608 - numbers and names of ours
    return Condition(sql, (*(one for time in read for one in time.values), *where.values))


def reached(step: int) -> str:
    """The column that says whether a lead came to that step: NULL where it did not."""
    return "won" if STEPS[step] == "won" else f"s{step}"


def local_day(column: str, days: LocalDays, first: int, last: int) -> str:
    """The local day of a moment, for moments of the days from *first* to *last*: a CASE with a branch for each stretch
    of days that are 24 hours long, and for each day that is not."""
    branches: list[str] = []
    start, day = days.midnight(first), first
    while day <= last:
        end = day
        while end <= last and days.midnight(end + 1) - days.midnight(end) == DAY:
            end += 1
        if end > day:
            branches.append(f"WHEN {column} >= {start} THEN {day} + ({column} - {start}) / {DAY}")
        else:
            branches.append(f"WHEN {column} >= {start} THEN {day}")
            end = day + 1
        start, day = days.midnight(end), end
    return f"CASE {' '.join(reversed(branches))} END"


def _by(column: str, now: int) -> str:
    return f"CASE WHEN {column} <= {now} THEN {column} END"


def _of(function: str, values: Sequence[str]) -> str:
    """The least or greatest of some values."""
    if not values:
        return str(NEVER)
    return values[0] if len(values) == 1 else f"{function}({', '.join(values)})"
