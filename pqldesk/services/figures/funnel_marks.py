"""The leads behind a mark of the Funnel page: each reads only what it is made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, local_days, monday
from pqldesk.services.figure_rows import LeadRows
from pqldesk.services.figures.first_touch import Wait, waits, way_of
from pqldesk.services.figures.funnel import STEPS
from pqldesk.services.figures.funnel_now import active_weeks, cohort_ids
from pqldesk.services.figures.funnel_ways import Asked, local_day, reached, ways_table
from pqldesk.services.figures.lead_rows import lead_rows
from pqldesk.services.figures.outcome_bands import closed_by_band
from pqldesk.services.figures.rep_rows import claims_of
from pqldesk.services.filters.sql import Condition
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.scoring.live import live_model

Mark = tuple[Any, ...]
"""What was clicked: ("step", key), ("band", key), ("cohort", Monday, week), ("day", n), ("speed", n), ("rep", e-mail),
("group", by, value, step)."""


def funnel_rows(session: Session, asked: Asked, mark: Mark) -> LeadRows:
    """The leads that a mark stands for, best score first; at most ROWS_SHOWN of them are listed."""
    kind, *wanted = mark
    if kind == "band":
        among = cohort_ids(session, asked) if asked.is_filtered else None
        closed = closed_by_band(session, outcomes(session, asked.at), asked.at, asked.since, among)
        ids = {lead for lead, _ in closed.by_band.get(str(wanted[0]), [])}
    elif kind == "rep":
        among = cohort_ids(session, asked) if asked.is_filtered else None
        ids = set(claims_of(session, asked.since, asked.at, among).get(str(wanted[0]), {}))
    elif kind == "speed":
        ids = {one.lead_id for one in _waits(session, asked) if one.bucket == wanted[0]}
    elif kind == "cohort":
        ids = _active_in(session, asked, *wanted)
    else:
        where = _where(session, asked, kind, wanted)
        ids = {row[0] for row in _of_period(session, asked, "id", where)}
    return lead_rows(session, ids)


def _where(session: Session, asked: Asked, kind: str, wanted: Sequence[Any]) -> Condition:
    """What holds of a lead of the mark: a step, a step of one part of the split, or a day of the first value."""
    if kind == "step":
        return Condition(_came(*wanted))
    if kind == "day":
        wait = "(CASE WHEN value > signup THEN value - signup ELSE 0 END)"
        return Condition(f"value IS NOT NULL AND {wait} / {DAY} = ?", tuple(wanted))
    by, value, step = wanted
    came = _came(step)
    column = {"rep": "owner"}.get(by, by)
    if by == "week":
        days, first = local_days(settings.zone(session)), micros(asked.since)
        day = local_day("signup", days, days.day_of(first), days.day_of(micros(asked.at)))
        start = micros(datetime.fromisoformat(f"{value}T00:00:00+00:00")) // DAY
        return Condition(f"{came} AND {day} BETWEEN {start} AND {start + 6}")
    if value is None:
        return Condition(f"{came} AND {column} IS NULL")
    return Condition(f"{came} AND {column} = ?", (value,))


def _came(step: str) -> str:
    return f"{reached(STEPS.index(step))} IS NOT NULL"


def _waits(session: Session, asked: Asked) -> list[Wait]:
    columns = f"id, owner, s{STEPS.index('qualified')}, s{STEPS.index('contacted')}"
    rows = _of_period(session, asked, columns, Condition(f"s{STEPS.index('qualified')} IS NOT NULL"))
    return waits(session, (way_of(asked.at, *row) for row in rows), asked.at)


def _active_in(session: Session, asked: Asked, week: datetime, later: int) -> set[int]:
    """The leads of one signup week that were active in one week after."""
    driver = Driver(session)
    table = ways_table(asked, (), is_sqlite=driver.is_sqlite)
    tables = active_weeks(asked, local_days(settings.zone(session)), monday(micros(week) // DAY))
    sql = f"{table.sql}, {tables} SELECT id FROM active WHERE later = ?"  # noqa: S608
    return {row[0] for row in driver.each(sql, (*table.values, int(later)))}


def _of_period(session: Session, asked: Asked, columns: str, where: Condition) -> list[tuple[Any, ...]]:
    driver, milestones = Driver(session), live_model(session).milestones
    table = ways_table(asked, milestones, is_sqlite=driver.is_sqlite, whole=False)
    sql = f"{table.sql} SELECT {columns} FROM w WHERE {where.sql}"  # noqa: S608
    return driver.rows(sql, (*table.values, *where.values))
