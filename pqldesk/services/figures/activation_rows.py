"""The leads behind a mark of the Activation page."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.services import settings
from pqldesk.services.basics.moments import calendar_day, local_days, monday
from pqldesk.services.figure_rows import LeadRows
from pqldesk.services.figures.activation import signed_up
from pqldesk.services.figures.funnel_figures import lead_rows
from pqldesk.services.scoring.live import live_model

Mark = tuple[Any, ...]
"""What was clicked: ("milestone", key) or ("week", the Monday as a datetime, key)."""


def activation_rows(session: Session, at: datetime, mark: Mark) -> LeadRows:
    """The leads that had reached a milestone by *at*: of everybody, or of one signup week; best score first."""
    milestones = live_model(session).milestones
    kind, *wanted = mark
    key = str(wanted[-1])
    place = next((n for n, one in enumerate(milestones) if one.key == key), None)
    if place is None:
        return LeadRows(0, ())
    people = [one for one in signed_up(session, at, milestones) if one.reached[place] is not None]
    if kind == "week":
        week: date = wanted[0].date()
        day_of = local_days(settings.zone(session)).day_of
        people = [one for one in people if calendar_day(monday(day_of(one.signup))) == week]
    return lead_rows(session, [one.lead_id for one in people])
