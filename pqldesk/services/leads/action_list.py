"""The trail of what people did, oldest first, as lists show it."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.history import Action
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services.history import family_of
from pqldesk.services.rows import ActionRow


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One action of a person."""

    at: datetime
    actor: str
    action: str
    lead_id: str | None
    detail: str


def action_list(
    session: Session, *, lead_id: int | None = None, limit: int | None = None
) -> list[ActionLine]:
    """The last *limit* actions (of one lead, or all), oldest first."""
    wanted = select(Action.at, Action.actor, Action.name, Action.lead_id, Action.detail)
    if lead_id is not None:
        wanted = wanted.where(Action.lead_id.in_(family_of(session, lead_id)))
    rows = session.execute(wanted.order_by(Action.id.desc()).limit(limit)).all()
    return [
        ActionLine(at, actor, name, None if lead is None else public_id(LEAD, lead), detail)
        for at, actor, name, lead, detail in reversed(rows)
    ]


def recent_actions(session: Session, limit: int = 200, rep: str | None = None) -> list[ActionRow]:
    """The newest actions first, for the History list; *rep*'s own last one can be undone.

    Those that were stored last are listed by when they were done: what came in later may have been done before.
    """
    rows = session.execute(
        select(
            Action.at, Action.actor, Action.name, Action.detail, Action.undone_at, Action.undoes, Lead.name
        )
        .outerjoin(Lead, Lead.id == Action.lead_id)
        .order_by(Action.id.desc())
        .limit(limit)
    )
    found = []
    open_for_undo = rep is not None
    for at, actor, name, detail, undone_at, undoes, lead in rows:
        can = open_for_undo and actor == rep and undone_at is None and undoes is None
        open_for_undo = open_for_undo and not can
        found.append(ActionRow(at, actor, name, " · ".join(filter(None, (lead, detail))), can))
    return sorted(found, key=attrgetter("at"), reverse=True)
