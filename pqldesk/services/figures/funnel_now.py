"""The Funnel page as of now, summed by the database in one walk over the leads of its cohorts.

Leads are read one by one only where each has a clock of its own: those that qualified, for the speed to lead.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, HOUR, LocalDays, calendar_day, local_days, monday
from pqldesk.services.basics.rates import Rate, rate
from pqldesk.services.basics.statistics import median, time_until_of
from pqldesk.services.figure_rows import CohortRow, FunnelFigures, FunnelStep, GroupRow
from pqldesk.services.figures.first_touch import Wait, speed, waits, way_of
from pqldesk.services.figures.funnel import STEPS, step_of
from pqldesk.services.figures.funnel_ways import COHORT_WEEKS, Asked, local_day, reached, ways_table
from pqldesk.services.figures.outcome_bands import closed_by_band
from pqldesk.services.figures.rep_rows import reps
from pqldesk.services.filters.sql import Condition
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.scoring.live import live_model

VALUE_DAYS = 30
_REACHED, _PASSED, _FROM_SIGNUP, _FROM_BEFORE, _VALUE, _WEEK, _GROUP, _QUALIFIED, _SIGNED, _ACTIVE = range(10)
_WIDTH = len(STEPS)  # numbers in a row, after what it counts and a word
_QUALIFIED_STEP, _DEAL = STEPS.index("qualified"), STEPS.index("opportunity")
Counted = dict[int, list[tuple[Any, ...]]]


def funnel_now(session: Session, asked: Asked, by: str = "source") -> FunnelFigures:
    """The steps of the last weeks and of the weeks before them, split *by*; bands, cohorts, speed and reps."""
    driver, at, days = Driver(session), asked.at, local_days(settings.zone(session))
    table = ways_table(asked, live_model(session).milestones, is_sqlite=driver.is_sqlite)
    counted: Counted = defaultdict(list)
    for tag, *row in driver.each(*_statement(table, asked, days, by)):
        counted[tag].append(tuple(row))
    target, hot = map(float, settings.values(session, "respond_qualified_hours", "respond_hot_hours"))
    recent, earlier = _speeds(session, counted[_QUALIFIED], at)
    among = cohort_ids(session, asked) if asked.is_filtered else None
    came = outcomes(session, at)
    closed = closed_by_band(session, came, at, asked.since, among)
    weeks = range(monday(days.day_of(micros(asked.since))), days.day_of(micros(at)) + 1, 7)
    signups = {week: many for _none, week, many, *_rest in counted[_WEEK]}
    value = sorted((wait, came_then, waiting) for _none, wait, came_then, waiting, *_rest in counted[_VALUE])
    to_value = Counter[int]()
    for wait, came_then, _waiting in value:
        to_value[wait // DAY] += came_then
    return FunnelFigures(
        since=asked.since,
        until=at,
        steps=tuple(_steps(counted, 1)),
        previous=tuple(_steps(counted, 2)),
        weekly_signups=tuple(signups.get(week, 0) for week in weeks),
        deals=_deals(counted, 1),
        deals_before=_deals(counted, 2),
        bands=tuple(closed.rates()),
        bands_worked_out=closed.worked_out,
        bands_undated=closed.undated,
        bands_left_out=closed.left_out,
        cohorts=tuple(_cohorts(counted, days.day_of(micros(at)))),
        days_to_first_value=tuple(to_value[day] for day in range(VALUE_DAYS + 1)),
        median_days_to_value=time_until_of(
            0.5, ((wait / DAY, came_then, waiting) for wait, came_then, waiting in value), _size(counted, 1)
        ),
        speed=speed(recent, target, hot),
        speed_before=speed(earlier, target, hot),
        reps=tuple(reps(session, came, asked.since, at, among)),
        by=by,
        groups=tuple(_groups(counted[_GROUP], by)),
        sources=known(driver, "source"),
        owners=known(driver, "owner"),
    )


def cohort_ids(session: Session, asked: Asked) -> set[int]:
    """The leads of all periods of the page."""
    where = asked.cohort(asked.first)
    return {
        row[0]
        for row in Driver(session).each(
            f"SELECT l.id FROM lead l WHERE {where.sql}",  # noqa: S608
            where.values,
        )
    }


def known(driver: Driver, column: str) -> tuple[str, ...]:
    """The values of *column*, source or owner, among the listed leads, in order: one look into an index for each."""
    halves, walks = [], []
    for n in (0, 1):
        least = f"SELECT min({column}) FROM lead WHERE is_open = {n} AND {column}"  # noqa: S608 - names of ours
        walks.append(
            f"half{n}(x) AS (SELECT ({least} IS NOT NULL) UNION ALL"  # noqa: S608
            f" SELECT ({least} > half{n}.x) FROM half{n} WHERE x IS NOT NULL)"
        )
        is_listed = f"SELECT 1 FROM lead WHERE is_open = {n} AND {column} = x AND is_listed + 0 = 1"  # noqa: S608
        halves.append(f"SELECT x FROM half{n} WHERE x IS NOT NULL AND EXISTS ({is_listed})")  # noqa: S608
    both = " UNION ALL ".join(halves)
    rows = driver.rows(
        f"WITH RECURSIVE {', '.join(walks)} SELECT DISTINCT x FROM ({both}) AS found ORDER BY x"  # noqa: S608
    )
    return tuple(str(value) for (value,) in rows)


def active_weeks(asked: Asked, days: LocalDays, only: int | None = None) -> str:
    """Two tables beside ``w``: the leads of the last weeks (or those of the week of that Monday) with the day they
    signed up, and ``active``: in which weeks after that somebody used the product, once each."""
    today = days.day_of(micros(asked.at))
    first = monday(today) - 7 * (COHORT_WEEKS - 1) if only is None else only
    end = days.midnight((today if only is None else only + 6) + 1)
    day = local_day("signup", days, first, today)
    return f"""signed AS (SELECT id, day, day - (day + 3) % 7 AS week FROM
            (SELECT id, {day} AS day FROM w WHERE signup >= {days.midnight(first)} AND signup < {end}) AS dated),
        active AS (SELECT DISTINCT s.id, s.week, (d.day - s.day) / 7 AS later FROM signed s
            JOIN identity i ON i.lead_id = s.id JOIN usage_day d ON d.identity_id = i.id
            WHERE d.day >= s.day AND d.day <= {today})"""  # noqa: S608


def _statement(table: Condition, asked: Asked, days: LocalDays, by: str) -> tuple[str, tuple[object, ...]]:
    """Rows of what they count, a word, and _WIDTH numbers."""
    now, later = micros(asked.at), range(1, len(STEPS))
    came = [f"count({reached(n)})" for n in range(len(STEPS))]
    dealt = f"count(CASE WHEN {reached(_QUALIFIED_STEP)} IS NOT NULL THEN {reached(_DEAL)} END)"
    passed = [f"count(CASE WHEN {reached(n - 1)} IS NOT NULL THEN {reached(n)} END)" for n in later]
    week = _week(asked, days)
    key = f"CAST({week} AS TEXT)" if by == "week" else {"rep": "owner"}.get(by, by)
    spans = [
        *(
            f"SELECT {_FROM_SIGNUP} AS what, {n} AS step, period, CASE WHEN s{n} > signup THEN s{n} - signup ELSE 0"  # noqa: S608
            f" END AS wait FROM w WHERE s{n} IS NOT NULL AND period < 3"
            for n in later
        ),
        *(
            f"SELECT {_FROM_BEFORE}, {n}, period, s{n} - s{n - 1} FROM w WHERE s{n} >= s{n - 1} AND period < 3"  # noqa: S608
            for n in later
        ),
    ]
    wait = f"CASE WHEN value > signup THEN value - signup WHEN value IS NULL THEN {now} - signup ELSE 0 END"
    by_period = "w WHERE period < 3 GROUP BY period"
    parts = [
        _part(_REACHED, by_period, numbers=came, word="CAST(period AS TEXT)"),
        _part(_PASSED, by_period, numbers=(dealt, *passed), word="CAST(period AS TEXT)"),
        _part("what", "middle", numbers=("step", "period", "wait")),
        _part(_VALUE, f"(SELECT value, {wait} AS wait FROM w WHERE period = 1) AS waits GROUP BY wait",  # noqa: S608
              numbers=("wait", "count(value)", "count(*) - count(value)")),
        _part(_WEEK, f"(SELECT {week} AS week FROM w WHERE period = 1) AS weeks GROUP BY week",  # noqa: S608
              numbers=("week", "count(*)")),
        _part(_GROUP, "parted GROUP BY word", numbers=came, word="word"),
        _part(_QUALIFIED, f"w WHERE period < 3 AND s{_QUALIFIED_STEP} IS NOT NULL", word="owner",
              numbers=("id", "period", f"s{_QUALIFIED_STEP}", f"coalesce(s{STEPS.index('contacted')}, -1)")),
        _part(_SIGNED, "signed GROUP BY week", numbers=("week", "count(*)", "max(day)")),
        _part(_ACTIVE, "active GROUP BY week, later", numbers=("week", "later", "count(*)")),
    ]  # fmt: skip
    sql = f"""{table.sql},
        spans AS ({" UNION ALL ".join(spans)}),
        ranked AS (SELECT spans.*, row_number() OVER (PARTITION BY what, step, period ORDER BY wait) AS place,
            count(*) OVER (PARTITION BY what, step, period) AS many FROM spans),
        middle AS (SELECT * FROM ranked WHERE place IN ((many + 1) / 2, many / 2 + 1)),
        parted AS (SELECT w.*, {key} AS word FROM w WHERE period = 1),
        {active_weeks(asked, days)}
        {" UNION ALL ".join(parts)}"""  # noqa: S608
    return sql, table.values


def _part(
    tag: object, source: str, *_by: str, numbers: Sequence[str], word: str = "CAST(NULL AS TEXT)"
) -> str:
    filled = (*numbers, *["0"] * (_WIDTH - len(numbers)))
    return f"SELECT {tag}, {word}, {', '.join(filled)} FROM {source}"  # noqa: S608


def _week(asked: Asked, days: LocalDays) -> str:
    """The Monday of the signup, for the leads of the period."""
    day = local_day("signup", days, days.day_of(micros(asked.since)), days.day_of(micros(asked.at)))
    return f"{day} - ({day} + 3) % 7"


def _of_period(counted: Counted, tag: int, period: int) -> tuple[int, ...]:
    return next((row[1:] for row in counted[tag] if row[0] == str(period)), (0,) * _WIDTH)


def _size(counted: Counted, period: int) -> int:
    return _of_period(counted, _REACHED, period)[0]


def _steps(counted: Counted, period: int) -> Iterator[FunnelStep]:
    n, passed = _of_period(counted, _REACHED, period), _of_period(counted, _PASSED, period)
    signup, before = _medians(counted[_FROM_SIGNUP], period), _medians(counted[_FROM_BEFORE], period)
    if n[0]:
        signup[0] = 0.0  # who signed up had done so at once
    for place, step in enumerate(STEPS):
        of_before = (passed[place], n[place - 1]) if place else None
        yield step_of(step, n[place], n[0], of_before, signup.get(place), before.get(place))


def _medians(rows: Sequence[tuple[Any, ...]], period: int) -> dict[int, float]:
    """Step -> median in hours, of the one or two in the middle."""
    middle: dict[int, list[float]] = defaultdict(list)
    for _none, step, of, wait, *_rest in rows:
        if of == period:
            middle[step].append(wait / HOUR)
    return {step: found for step, waited in middle.items() if (found := median(waited)) is not None}


def _deals(counted: Counted, period: int) -> Rate:
    """Of those that qualified, the ones that a deal was opened for."""
    both = _of_period(counted, _PASSED, period)[0]
    return rate(both, _of_period(counted, _REACHED, period)[_QUALIFIED_STEP])


def _groups(rows: Sequence[tuple[Any, ...]], by: str) -> Iterator[GroupRow]:
    """One row a value: how many signed up, and the share that reached each later step; those without a value last."""
    for value, *came in sorted(rows, key=lambda row: (row[0] is None, row[0] or "")):
        name = calendar_day(int(value)).isoformat() if by == "week" else value
        yield GroupRow(name, came[0], tuple(rate(many, came[0]) for many in came))


def _speeds(session: Session, rows: Sequence[tuple[Any, ...]], at: datetime) -> tuple[list[Wait], list[Wait]]:
    """The waits of those that signed up in this period, and in the one before."""
    periods: Mapping[int, int] = {lead: period for _owner, lead, period, *_rest in rows}
    found = waits(
        session,
        (
            way_of(at, lead, owner, qualified, None if touched < 0 else touched)
            for owner, lead, _period, qualified, touched, *_rest in rows
        ),
        at,
    )
    return [one for one in found if periods[one.lead_id] == 1], [
        one for one in found if periods[one.lead_id] == 2
    ]


def _cohorts(counted: Counted, today: int) -> Iterator[CohortRow]:
    """Signup weeks, the newest last, with the share of their leads active in each week after."""
    active = {(week, after): many for _none, week, after, many, *_rest in counted[_ACTIVE]}
    for _none, week, many, last, *_rest in sorted(counted[_SIGNED], key=lambda row: row[1]):
        shares = (
            active.get((week, after), 0) / many if last + 7 * (after + 1) <= today else None
            for after in range((monday(today) - week) // 7 + 1)
        )
        start = calendar_day(week)
        yield CohortRow(datetime(start.year, start.month, start.day, tzinfo=UTC), many, tuple(shares))
