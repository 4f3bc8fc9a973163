"""The whole arithmetic of one lead's score, as of now or of any past moment."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.ids import LEAD, public_id
from pqldesk.services import settings
from pqldesk.services.moments import local_days
from pqldesk.services.scoring.as_of import scored_as_of
from pqldesk.services.scoring.explain import Breakdown, breakdown, breakdown_json, hint_text, hints
from pqldesk.services.scoring.live import LiveModel, live_model


def explain_lead(
    session: Session,
    lead_id: int,
    at: datetime,
    known_at: datetime | None = None,
    live: LiveModel | None = None,
) -> Breakdown:
    """Every signal with value, window, threshold and points; worked out from the events, not read from the row."""
    live = live or live_model(session)
    result = next(scored_as_of(session, at, known_at, [lead_id], live)).result
    return breakdown(live.model, result, micros(at), local_days(settings.zone(session)))


def hints_for(session: Session, lead_id: int, at: datetime) -> tuple[str, ...]:
    """What would add points, the most first: ``38 more imported records would add 20 points.``"""
    live = live_model(session)
    result = next(scored_as_of(session, at, None, [lead_id], live)).result
    return tuple(hint_text(hint) for hint in hints(live.model, result))


def explanation_json(lead_id: int, shown: Breakdown) -> dict[str, Any]:
    """The JSON of ``score --explain``."""
    return {"lead_id": public_id(LEAD, lead_id), **breakdown_json(shown)}
