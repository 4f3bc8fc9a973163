"""The leads behind a mark of the Activation page: counted by the database, the best of them read."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, local_days
from pqldesk.services.figure_rows import LeadRows
from pqldesk.services.figures.activation_now import COHORT, time_of
from pqldesk.services.figures.lead_rows import ROWS_SHOWN, lead_rows
from pqldesk.services.scoring.live import live_model

Mark = tuple[Any, ...]
"""What was clicked: ("milestone", key) or ("week", the Monday as a datetime, key)."""


def activation_rows(session: Session, at: datetime, mark: Mark) -> LeadRows:
    """The leads that had reached a milestone by *at*: of everybody, or of one signup week; best score first."""
    kind, *wanted = mark
    key = str(wanted[-1])
    if key not in {one.key for one in live_model(session).milestones}:
        return LeadRows(0, ())
    driver, now = Driver(session), micros(at)
    reached = time_of(key, is_sqlite=driver.is_sqlite)
    which = f"FROM lead WHERE {COHORT} AND {reached.sql} <= ?"
    values: list[object] = [now, -1, *reached.values, now]
    if kind == "week":
        days = local_days(settings.zone(session))
        monday = micros(wanted[0]) // DAY  # a Monday's midnight in UTC stands for the day
        which += " AND signed_up_at >= ? AND signed_up_at < ?"
        values += [days.midnight(monday), days.midnight(monday + 7)]
    ((total,),) = driver.rows(f"SELECT count(*) {which}", values)
    best = driver.rows(f"SELECT id {which} ORDER BY score DESC, id LIMIT {ROWS_SHOWN}", values)
    return LeadRows(int(total), lead_rows(session, [lead for (lead,) in best]).rows)
