"""The Funnel page and the leads behind its marks, worked out lead by lead, to hold the database's sums against."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, calendar_day, local_days, monday
from pqldesk.services.basics.rates import Rate, rate
from pqldesk.services.basics.statistics import time_until
from pqldesk.services.figure_rows import CohortRow, FunnelFigures, GroupRow, LeadRows
from pqldesk.services.figures.activation import shows_value
from pqldesk.services.figures.first_touch import speed, waits
from pqldesk.services.figures.funnel import STEPS, Cohort, Way, grouped, steps_of, ways
from pqldesk.services.figures.lead_rows import lead_rows
from pqldesk.services.figures.outcome_bands import closed_by_band
from pqldesk.services.figures.rep_rows import claims_of, reps
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.scoring.live import live_model

COHORT_WEEKS = 8
VALUE_DAYS = 30


def funnel_figures(
    session: Session,
    at: datetime,
    *,
    weeks: int = 13,
    source: str | None = None,
    rep: str | None = None,
    by: str = "source",
) -> FunnelFigures:
    """The steps of the last *weeks* and of the weeks before them, split *by*; bands, cohorts, speed and reps."""
    since = at - timedelta(weeks=weeks)
    everybody = _everybody(session, at, weeks, source, rep)
    recent = _between(everybody, since, at)
    earlier = _between(everybody, since - timedelta(weeks=weeks), since)
    day_of = local_days(settings.zone(session)).day_of
    to_value = Counter(_value_days(session, recent).values())
    target, hot = map(float, settings.values(session, "respond_qualified_hours", "respond_hot_hours"))
    filtered = {way.person.lead_id for way in everybody} if source is not None or rep is not None else None
    came = outcomes(session, at)
    closed = closed_by_band(session, came, at, since, filtered)
    return FunnelFigures(
        since=since,
        until=at,
        steps=tuple(steps_of(recent)),
        previous=tuple(steps_of(earlier)),
        weekly_signups=_weekly(recent, day_of(micros(since)), day_of(micros(at)), day_of),
        deals=_deals(recent),
        deals_before=_deals(earlier),
        bands=tuple(closed.rates()),
        bands_worked_out=closed.worked_out,
        bands_undated=closed.undated,
        bands_left_out=closed.left_out,
        cohorts=tuple(_cohorts(session, everybody, at)),
        days_to_first_value=tuple(to_value[day] for day in range(VALUE_DAYS + 1)),
        median_days_to_value=_median_to_value(session, recent, at),
        speed=speed(waits(session, recent, at), target, hot),
        speed_before=speed(waits(session, earlier, at), target, hot),
        reps=tuple(reps(session, came, since, at, filtered)),
        by=by,
        groups=tuple(_groups(session, by, recent)),
        sources=_known(session, "source"),
        owners=_known(session, "owner"),
    )


def funnel_rows(
    session: Session,
    at: datetime,
    mark: tuple[Any, ...],
    *,
    weeks: int = 13,
    source: str | None = None,
    rep: str | None = None,
) -> LeadRows:
    """The leads that a mark of the page stands for, best score first; at most ROWS_SHOWN of them are listed."""
    since = at - timedelta(weeks=weeks)
    everybody = _everybody(session, at, weeks, source, rep)
    recent = _between(everybody, since, at)
    filtered = {way.person.lead_id for way in everybody} if source is not None or rep is not None else None
    kind, wanted = mark[0], mark[1:]
    ids: set[int]
    if kind == "step":
        ids = _reached(recent, str(wanted[0]))
    elif kind == "group":
        by, value, step = wanted
        ids = _reached(grouped(session, by, recent).get(value, []), step)
    elif kind == "day":
        ids = {lead for lead, day in _value_days(session, recent).items() if day == wanted[0]}
    elif kind == "speed":
        ids = {one.lead_id for one in waits(session, recent, at) if one.bucket == wanted[0]}
    elif kind == "band":
        closed = closed_by_band(session, outcomes(session, at), at, since, filtered)
        ids = {lead for lead, _ in closed.by_band.get(str(wanted[0]), [])}
    elif kind == "cohort":
        ids = _active_in(session, everybody, at, *wanted)
    else:
        ids = set(claims_of(session, since, at, filtered).get(str(wanted[0]), {}))
    return lead_rows(session, ids)


def _deals(found: Sequence[Way]) -> Rate:
    """Of those that qualified, the ones that a deal was opened for."""
    qualified = [way for way in found if "qualified" in way.reached]
    return rate(sum("opportunity" in way.reached for way in qualified), len(qualified))


def _everybody(session: Session, at: datetime, weeks: int, source: str | None, rep: str | None) -> list[Way]:
    days = max(14 * weeks, 7 * (COHORT_WEEKS + 1))
    return ways(session, Cohort(at, at - timedelta(days=days), source, rep))


def _reached(found: Iterable[Way], step: str) -> set[int]:
    return {way.person.lead_id for way in found if step in way.reached}


def _known(session: Session, column: str) -> tuple[str, ...]:
    rows = Driver(session).rows(
        f"SELECT DISTINCT {column} FROM lead WHERE is_listed = 1 AND {column} IS NOT NULL ORDER BY {column}"
    )
    return tuple(str(value) for (value,) in rows)


def _groups(session: Session, by: str, recent: Sequence[Way]) -> list[GroupRow]:
    """One row a value: how many signed up, and the share that reached each later step."""
    rows = []
    for value, found in grouped(session, by, recent).items():
        counts = [len(_reached(found, step)) for step in STEPS]
        rows.append(GroupRow(value, len(found), tuple(rate(count, len(found)) for count in counts)))
    return rows


def _between(found: Iterable[Way], since: datetime, until: datetime) -> list[Way]:
    first, last = micros(since), micros(until)
    return [way for way in found if first < way.person.signup <= last]


def _weekly(found: Iterable[Way], first: int, last: int, day_of: Callable[[int], int]) -> tuple[int, ...]:
    counts = Counter(monday(day_of(way.person.signup)) for way in found)
    return tuple(counts[week] for week in range(monday(first), last + 1, 7))


def _to_value(session: Session, found: Iterable[Way]) -> dict[int, int]:
    """Lead -> microseconds from signup to its first value, of those that had one."""
    milestones = live_model(session).milestones
    times: dict[int, int] = {}
    for way in found:
        pairs = zip(milestones, way.person.reached, strict=True)
        reached = [when for milestone, when in pairs if when is not None and shows_value(milestone)]
        if reached:
            times[way.person.lead_id] = max(0, min(reached) - way.person.signup)
    return times


def _value_days(session: Session, found: Iterable[Way]) -> dict[int, int]:
    """The same in whole days."""
    return {lead: time // DAY for lead, time in _to_value(session, found).items()}


def _median_to_value(session: Session, found: Sequence[Way], at: datetime) -> float | None:
    """In days; those that had none yet count as waiting."""
    times = _to_value(session, found)
    now = micros(at)
    return time_until(
        0.5,
        [
            (times.get(way.person.lead_id, now - way.person.signup) / DAY, way.person.lead_id in times)
            for way in found
        ],
    )


def _weeks(session: Session, found: Iterable[Way], at: datetime) -> dict[int, dict[int, int]]:
    """Monday of the signup week -> lead -> signup day, of the last COHORT_WEEKS weeks."""
    days = local_days(settings.zone(session))
    this_week = monday(days.day_of(micros(at)))
    weeks: dict[int, dict[int, int]] = defaultdict(dict)
    for way in found:
        day = days.day_of(way.person.signup)
        if this_week - monday(day) < 7 * COHORT_WEEKS:
            weeks[monday(day)][way.person.lead_id] = day
    return weeks


def _active_days(session: Session, since: int, until: int) -> dict[int, set[int]]:
    active: dict[int, set[int]] = defaultdict(set)
    for lead_id, day in Driver(session).rows(
        "SELECT DISTINCT i.lead_id, d.day FROM usage_day d JOIN identity i ON i.id = d.identity_id"
        " WHERE i.lead_id IS NOT NULL AND d.day >= ? AND d.day <= ?",
        (since, until),
    ):
        active[lead_id].add(day)
    return active


def _is_active(days: set[int], signup: int, week: int) -> bool:
    return any(signup + 7 * week <= day < signup + 7 * (week + 1) for day in days)


def _active_in(session: Session, found: Iterable[Way], at: datetime, week: datetime, after: int) -> set[int]:
    """The leads of one signup week that were active in one week after."""
    today = local_days(settings.zone(session)).day_of(micros(at))
    start = monday(micros(week) // DAY)
    leads = _weeks(session, found, at).get(start, {})
    active = _active_days(session, start, today)
    return {lead for lead, signup in leads.items() if _is_active(active[lead], signup, after)}


def _cohorts(session: Session, found: Iterable[Way], at: datetime) -> list[CohortRow]:
    """Signup weeks, the newest last, with the share of their leads active in each week after."""
    today = local_days(settings.zone(session)).day_of(micros(at))
    this_week = monday(today)
    weeks = _weeks(session, found, at)
    active = _active_days(session, this_week - 7 * COHORT_WEEKS, today)
    rows = []
    for week in sorted(weeks):
        leads = weeks[week]
        shares: list[float | None] = []
        for after in range((this_week - week) // 7 + 1):
            is_over = all(signup + 7 * (after + 1) <= today for signup in leads.values())
            came = sum(_is_active(active[lead], signup, after) for lead, signup in leads.items())
            shares.append(came / len(leads) if is_over else None)
        start = calendar_day(week)
        rows.append(
            CohortRow(datetime(start.year, start.month, start.day, tzinfo=UTC), len(leads), tuple(shares))
        )
    return rows
