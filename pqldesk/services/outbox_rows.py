"""The outbox as lists show it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from pqldesk.models.ids import HANDOFF, ITEM, LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.models.ready_made import gap
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff
from pqldesk.services.basics.retelling import retold
from pqldesk.services.remote.catalogue import LIST_TITLES
from pqldesk.services.rows import OutboxRow

UNDONE = ("pending", "sending", "unknown", "failed", "held")
EDITABLE_STATES = ("pending", "held", "failed")  # what has certainly not gone out
EDITABLE = {
    "deal": ("name", "stage", "value", "currency", "owner"),
    "task": ("content", "assignee"),
    "note": ("text",),
}
_SIBLING = aliased(OutboxItem)
_GROUP_SIZE = (
    select(func.count())
    .where(_SIBLING.handoff_id == OutboxItem.handoff_id)
    .correlate(OutboxItem)
    .scalar_subquery()
)
_ITEMS = (
    select(OutboxItem, Lead.name, Handoff.playbook, Handoff.created_by, _GROUP_SIZE)
    .join(Handoff, Handoff.id == OutboxItem.handoff_id)
    .outerjoin(Lead, Lead.id == OutboxItem.lead_id)
)
_OF_LEAD = _ITEMS.where(OutboxItem.lead_id == gap("lead")).order_by(
    OutboxItem.handoff_id, OutboxItem.position
)


def outbox_rows(
    session: Session, *where: ColumnElement[bool], newest_first: bool = False, limit: int | None = None
) -> list[OutboxRow]:
    """Items in the order in which they go out, or the newest first."""
    order = OutboxItem.handoff_id.desc() if newest_first else OutboxItem.handoff_id
    found = session.execute(_ITEMS.where(*where).order_by(order, OutboxItem.position).limit(limit))
    return [_row(*row) for row in found]


def outbox_list(session: Session, *, state: str | None = None, limit: int | None = None) -> list[OutboxRow]:
    """The whole outbox, newest handoff first; *state* alone, where one is named."""
    where = [OutboxItem.state == state] if state else []
    return outbox_rows(session, *where, newest_first=True, limit=limit)


def outbox_of_lead(session: Session, lead_row_id: int) -> list[OutboxRow]:
    """What was or will be written about one lead."""
    return [_row(*row) for row in session.execute(_OF_LEAD, {"lead": lead_row_id})]


def outbox_counts(session: Session) -> dict[str, int]:
    """How many items are in each state."""
    rows = session.execute(select(OutboxItem.state, func.count()).group_by(OutboxItem.state))
    return {state: int(n) for state, n in rows}


def _row(item: OutboxItem, lead_name: str | None, playbook: str, queued_by: str, of: int) -> OutboxRow:
    return OutboxRow(
        item_id=public_id(ITEM, item.id),
        handoff_id=public_id(HANDOFF, item.handoff_id),
        lead_id=public_id(LEAD, item.lead_id),
        lead_name=lead_name or "",
        system=item.system,
        kind=item.kind,
        state=item.state,
        attempts=item.attempts,
        next_attempt_at=item.next_attempt_at,
        remote_id=item.remote_id,
        remote_url=item.remote_url,
        error=retold(item.error) if item.error else item.error,
        created_at=item.created_at,
        summary=summary_of(item.kind, item.payload or {}),
        position=item.position + 1,
        of=of,
        playbook=playbook,
        queued_by=queued_by,
        done_at=item.done_at,
        edits=EDITABLE.get(item.kind, ()) if item.state in EDITABLE_STATES else (),
    )


def summary_of(kind: str, payload: Mapping[str, Any]) -> str:
    """What a write says, in a few words."""
    match kind:
        case "company":
            return str(payload.get("name", ""))
        case "person" | "relay":
            return str(payload.get("email", ""))
        case "field":
            value = payload.get("value")
            name = str(payload.get("field", "")).replace("_", " ")
            return f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        case "list_entry":
            return LIST_TITLES.get(str(payload.get("list", "")), str(payload.get("list", "")))
        case "deal":
            return f"{payload.get('name', '')} · {payload.get('stage', '')}"
        case "task":
            return str(payload.get("content", "")).partition(" [pqd:")[0]
        case _:
            return str(payload.get("title", ""))
