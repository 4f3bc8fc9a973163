"""Whose a lead was, and in which state, at a past moment: read back from the history of actions and of imports."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from pqldesk.models.history import Action, ActionRow
from pqldesk.models.people import Lead
from pqldesk.models.settings import Batch, BatchRow
from pqldesk.services.undo import UNDONE

STANDING: Final = ("owner", "state")
Standing = dict[str, str | None]


def standing_then(session: Session, at: datetime) -> dict[int, Standing]:
    """Per lead, what of its owner and state was different at *at* from what it is now."""
    found: dict[int, Standing] = {}
    known: set[tuple[int, str]] = set()
    for _, lead_id, before in sorted(_changes(session, at), key=lambda change: change[0]):
        for name in STANDING:
            if name in before and (lead_id, name) not in known:
                known.add((lead_id, name))  # what the first change since found is what stood then
                found.setdefault(lead_id, {})[name] = before[name]
    return found


def _changes(session: Session, at: datetime) -> Iterator[tuple[datetime, int, dict[str, Any]]]:
    """(when, lead, what it held before) of each change after *at*, in the order in which they were made."""
    taken_back = func.coalesce(Action.undoes, Action.id)
    actions = (
        select(Action.at, Action.name, ActionRow.row_id, ActionRow.before, ActionRow.after)
        .join(ActionRow, ActionRow.action_id == taken_back)
        .where(
            Action.at > at,
            ActionRow.table == Lead.__tablename__,
            or_(_names_standing(ActionRow.before), _names_standing(ActionRow.after)),
        )
        .order_by(Action.at, Action.id, ActionRow.id)
    )
    for when, name, lead_id, before, after in session.execute(actions):
        image = after if name == UNDONE else before
        if image is not None:
            yield when, lead_id, image
    batches = (
        select(Batch.at, BatchRow.row_id, BatchRow.before)
        .join(Batch, Batch.id == BatchRow.batch_id)
        .where(Batch.at > at, BatchRow.table == Lead.__tablename__, _names_standing(BatchRow.before))
        .order_by(Batch.at, BatchRow.id)
    )
    for when, lead_id, before in session.execute(batches):
        if before is not None:
            yield when, lead_id, before


def _names_standing(image: InstrumentedAttribute[Any]) -> Any:
    """Whether the stored JSON has an owner or a state, without reading it."""
    stored = type_coerce(image, Text)
    return or_(*(stored.like(f'%"{name}"%') for name in STANDING))
