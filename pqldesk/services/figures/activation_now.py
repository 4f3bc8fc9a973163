"""Activation as of now, summed by the database in one walk over the leads; people are read only where they are shown.

The times of milestones stand in each lead's row as JSON. Put into columns once, they are counted by days since signup,
by signup week and by wait; what comes back is as long as the figures are.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat

import msgspec
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, calendar_day, local_days, monday
from pqldesk.services.basics.statistics import median, reached_by_day, time_until_of
from pqldesk.services.figure_rows import ActivationFigures, ActivationStep, ActivationWeek
from pqldesk.services.figures.activation import (
    CURVE_DAYS,
    OVER,
    STALLED_AFTER,
    STALLED_AT_MOST,
    WEEKS,
    Person,
    shows_value,
    stalled_rows,
    told_apart,
)
from pqldesk.services.filters.sql import Condition
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.milestones import Milestone

_times_in = msgspec.json.Decoder(dict[str, int | None]).decode
_WAITS, _ALL, _VALUE, _WEEK, _STALLED, _MANY = range(6)
_NEVER = 1 << 62
_NOT_YET = -1
# A sum before each: a walk over the table as it lies, not over an index with a look-up for each lead.
COHORT = "+is_listed = 1 AND excluded IS NULL AND +signed_up_at <= ? AND +signed_up_at > ?"


def activation_now(session: Session, at: datetime, days: int | None = None) -> ActivationFigures:
    """What activation_figures() says of the leads that signed up by *at* (in the last *days*), as they are stored."""
    milestones = live_model(session).milestones
    driver, now = Driver(session), micros(at)
    since = -1 if days is None else micros(at - timedelta(days=days))
    week_days = local_days(settings.zone(session))
    this_week = monday(week_days.day_of(now))
    weeks = [this_week - 7 * back for back in range(WEEKS)]  # the newest first
    midnights = [week_days.midnight(week) for week in weeks]
    asked = _statement(milestones, midnights, now, since, is_sqlite=driver.is_sqlite)
    counted: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for tag, *numbers in driver.rows(asked.sql, asked.values):
        counted[tag].append(tuple(numbers))
    ((size, activated, *_),) = counted[_ALL]
    waits: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for place, *cell in sorted(counted[_WAITS]):
        waits[place].append((cell[0], cell[1], cell[2]))
    steps = tuple(_step(milestone, waits[place], size) for place, milestone in enumerate(milestones))
    came = outcomes(session, at)
    value = [(wait / DAY, happened, censored) for wait, happened, censored, _rest in sorted(counted[_VALUE])]
    shown = _people(driver, [row[0] for row in counted[_STALLED]], milestones, now, since)
    by_id = {one.lead_id: one for one in shown}
    stalled = [(by_id[lead_id], idle) for lead_id, _score, idle, _rest in counted[_STALLED]]
    return ActivationFigures(
        steps=told_apart(steps, milestones, _people(driver, sorted(came), milestones, now, since), came, now),
        cohort_size=size,
        activated=activated or 0,
        median_days_to_value=time_until_of(0.5, value, size),
        p90_days_to_value=time_until_of(0.9, value, size),
        stalled=stalled_rows(session, stalled, milestones),
        stalled_in_all=counted[_MANY][0][0],
        weeks=tuple(_weeks(counted[_WEEK], weeks, len(milestones))),
        kinds=tuple(name for (name,) in driver.rows("SELECT DISTINCT name FROM event_kind ORDER BY name")),
    )


def _statement(
    milestones: Sequence[Milestone], mondays: Sequence[int], now: int, since: int, *, is_sqlite: bool
) -> Condition:
    """Rows of five numbers: what they count, and the figures. The numbers in it are ours."""
    places = range(len(milestones))
    read = [time_of(one.key, is_sqlite=is_sqlite) for one in milestones]
    times = ", ".join(f"{one.sql} AS r{n}" for n, one in enumerate(read))
    reached = ", ".join(f"CASE WHEN r{n} <= {now} THEN r{n} END AS m{n}" for n in places)
    some = [f"m{n}" for n in places]
    values = [f"m{n}" for n, one in enumerate(milestones) if shows_value(one)]
    first = _most(values, "min" if is_sqlite else "least", _NEVER)
    last = _most(some, "max" if is_sqlite else "greatest", -1)
    is_all = " AND ".join(f"{one} IS NOT NULL" for one in some) or "1 = 1"
    week = " ".join(f"WHEN signup >= {monday} THEN {n}" for n, monday in enumerate(mondays))
    over = ", ".join(f"'{state}'" for state in OVER)
    wait = f"(CASE WHEN first < {_NEVER} THEN first ELSE {now} END) - signup"
    watched = (
        f"CASE WHEN {now} - signup < {CURVE_DAYS * DAY} THEN ({now} - signup) / {DAY} ELSE {CURVE_DAYS} END"
    )
    parts = [
        f"SELECT {_ALL}, count(*), sum(CASE WHEN {is_all} THEN 1 ELSE 0 END), 0, 0 FROM p",  # noqa: S608
        f"SELECT {_VALUE}, wait, sum(done), count(*) - sum(done), 0 FROM (SELECT CASE WHEN {wait} > 0 THEN {wait}"  # noqa: S608
        f" ELSE 0 END AS wait, CASE WHEN first < {_NEVER} THEN 1 ELSE 0 END AS done FROM q) AS waits GROUP BY wait",
        f"SELECT {_MANY}, count(*), 0, 0, 0 FROM stalled",  # noqa: S608
        f"SELECT * FROM (SELECT {_STALLED}, id, score, idle, 0 FROM stalled ORDER BY score DESC, idle, id"  # noqa: S608
        f" LIMIT {STALLED_AT_MOST}) AS best",
        f"SELECT {_WEEK}, week, -1, count(*), 0 FROM w WHERE week IS NOT NULL GROUP BY week",  # noqa: S608
    ]
    for n in places:
        day = f"(CASE WHEN m{n} > signup THEN m{n} - signup ELSE 0 END) / {DAY}"
        parts += [
            f"SELECT {_WAITS}, {n}, day, watched, count(*) FROM (SELECT CASE WHEN m{n} IS NULL THEN {_NOT_YET}"  # noqa: S608
            f" ELSE {day} END AS day, {watched} AS watched FROM p) AS days{n} GROUP BY day, watched",
            f"SELECT {_WEEK}, week, {n}, count(m{n}), 0 FROM w WHERE week IS NOT NULL GROUP BY week",  # noqa: S608
        ]
    sql = f"""WITH raw AS MATERIALIZED
        (SELECT id, score, state, signed_up_at AS signup{", " * bool(times)}{times} FROM lead WHERE {COHORT}),
        p AS (SELECT id, score, state, signup{", " * bool(reached)}{reached} FROM raw),
        q AS (SELECT p.*, {first} AS first, {last} AS last FROM p),
        w AS (SELECT p.*, CASE {week} END AS week FROM p),
        stalled AS (SELECT id, score, ({now} - last) / {DAY} AS idle FROM q WHERE last > -1 AND NOT ({is_all})
            AND state NOT IN ({over}) AND ({now} - last) / {DAY} >= {STALLED_AFTER})
        {" UNION ALL ".join(parts)}"""  # noqa: S608
    return Condition(sql, (*(value for one in read for value in one.values), now, since))


def time_of(key: str, *, is_sqlite: bool) -> Condition:
    """The time of one milestone out of a lead's row."""
    if not is_sqlite:
        return Condition("CAST(CAST(milestones AS json) ->> ? AS BIGINT)", (key,))
    if '"' in key:  # which a path cannot hold
        return Condition("(SELECT value FROM json_each(milestones) WHERE json_each.key = ?)", (key,))
    return Condition("json_extract(milestones, ?)", (f'$."{key}"',))


def _most(columns: Sequence[str], function: str, without: int) -> str:
    """The least or greatest of some columns that may be empty; *without* where all are."""
    filled = [f"coalesce({one}, {without})" for one in columns]
    if not filled:
        return str(without)
    return filled[0] if len(filled) == 1 else f"{function}({', '.join(filled)})"


def _step(milestone: Milestone, waits: Sequence[tuple[int, int, int]], size: int) -> ActivationStep:
    """*waits* are (whole days from signup or _NOT_YET, whole days watched, how many), in order."""
    reached = [(day, many) for day, _watched, many in waits if day != _NOT_YET]
    return ActivationStep(
        milestone.key,
        milestone.label,
        sum(many for _day, many in reached),
        size,
        median(chain.from_iterable(repeat(day, many) for day, many in reached)),
        reached_by_day(
            ((None if day == _NOT_YET else day, watched, many) for day, watched, many in waits), CURVE_DAYS
        ),
    )


def _people(
    driver: Driver, ids: Sequence[int], milestones: Sequence[Milestone], now: int, since: int
) -> list[Person]:
    """Those of *ids* that belong to the cohort."""
    sql = f"SELECT id, score, state, signed_up_at, milestones FROM lead WHERE {COHORT} AND id"  # noqa: S608
    found = []
    for lead_id, score, state, signup, stored in driver.rows_among(sql, ids, (now, since)):
        times = _times_in(stored) if stored else {}
        reached = (times.get(one.key) for one in milestones)
        found.append(
            Person(lead_id, score, state, signup, tuple(when if when is not None and when <= now else None
                                                        for when in reached))
        )  # fmt: skip
    return found


def _weeks(
    counted: Sequence[tuple[int, ...]], mondays: Sequence[int], milestones: int
) -> Iterator[ActivationWeek]:
    """The newest last; *counted* are (number of the week, of the milestone or -1 for everybody, how many)."""
    many = {(week, place): n for week, place, n, _rest in counted}
    for week in reversed(range(len(mondays))):
        if (week, -1) in many:
            start = calendar_day(mondays[week])
            reached = tuple(many[week, place] for place in range(milestones))
            yield ActivationWeek(
                datetime(start.year, start.month, start.day, tzinfo=UTC), many[week, -1], reached
            )
