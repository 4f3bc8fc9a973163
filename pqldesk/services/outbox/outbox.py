"""The outbox as people steer it: retry, hold, cancel; and the sentence that says what is left undone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import ITEM, public_id, row_number
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import NotAllowed, NotFound
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.history import recording
from pqldesk.services.outbox_rows import UNDONE, outbox_counts

RETRIABLE = ("failed", "held", "unknown", "pending")
STOPPABLE = ("pending", "held", "failed", "unknown")


def retry_items(session: Session, item_ids: Sequence[str], now: datetime) -> Changes:
    """Make items due now; none named: all that is failed, held, unknown or waiting.

    A held handoff is released as a whole: what held it is looked at again.
    """
    wanted = select(OutboxItem).where(OutboxItem.state.in_(RETRIABLE))
    if item_ids:
        for item in named_items(session, item_ids):
            if item.state not in RETRIABLE:
                raise NotAllowed(
                    _("Item {item} is {state}.").format(item=public_id(ITEM, item.id), state=item.state),
                    _("Only {known} can be retried.").format(known=", ".join(RETRIABLE)),
                )
        groups = {item.handoff_id for item in named_items(session, item_ids)}
        wanted = wanted.where(OutboxItem.handoff_id.in_(groups))
    released = set()
    for item in session.scalars(wanted):
        item.state = "unknown" if item.sent_at is not None else "pending"  # an earlier try may have arrived
        item.next_attempt_at, item.error = now, None
        released.add(item.handoff_id)
    for handoff in session.scalars(
        select(Handoff).where(Handoff.id.in_(released), Handoff.held.is_not(None))
    ):
        handoff.held = None
    return Changes.to(Topic.OUTBOX)


def hold_item(session: Session, item_id: str, rep: str, now: datetime) -> Changes:
    """Keep an item, and with it what comes after it in its handoff, from going out until somebody retries it."""
    (item,) = named_items(session, [item_id])
    if item.state not in STOPPABLE:
        raise NotAllowed(
            _("Item {item_id} is {state}.").format(item_id=item_id, state=item.state),
            _("Only what has not gone out can be held."),
        )
    with recording(
        session, rep, "outbox_held", at=now, detail=f"{item.kind} {item_id}", lead_id=item.lead_id
    ):
        item.state, item.error, item.next_attempt_at = (
            "held",
            f"Held by {rep}. Retry it to let it go out.",
            None,
        )
    return Changes.to(Topic.OUTBOX)


def cancel_item(session: Session, item_id: str, rep: str, now: datetime) -> Changes:
    """Give an item up for good; the rest of its handoff goes out without it."""
    (item,) = named_items(session, [item_id])
    if item.state not in STOPPABLE:
        raise NotAllowed(
            _("Item {item_id} is {state}.").format(item_id=item_id, state=item.state),
            _("Only what has not gone out can be cancelled."),
        )
    with recording(
        session, rep, "outbox_cancelled", at=now, detail=f"{item.kind} {item_id}", lead_id=item.lead_id
    ):
        item.state, item.error, item.next_attempt_at = "cancelled", None, None
        followers = select(OutboxItem).where(
            OutboxItem.handoff_id == item.handoff_id,
            OutboxItem.state == "pending",
            OutboxItem.next_attempt_at.is_(None),
        )
        for follower in session.scalars(followers):
            follower.next_attempt_at, follower.error = now, None
    return Changes.to(Topic.OUTBOX)


def left_undone(session: Session) -> str | None:
    """One sentence about what has not been written and why; None when nothing is left."""
    counts = {state: n for state, n in outbox_counts(session).items() if state in UNDONE}
    if not counts:
        return None
    parts = [f"{n} {state}" for state, n in sorted(counts.items())]
    total = sum(counts.values())
    first = session.scalars(
        select(OutboxItem)
        .where(OutboxItem.state.in_(UNDONE), OutboxItem.error.is_not(None))
        .order_by(OutboxItem.state.not_in(["held", "failed"]), OutboxItem.handoff_id, OutboxItem.position)
        .limit(1)
    ).first()
    said = n_("{n} item is left", "{n} items are left", total) + f" ({', '.join(parts)})"
    if first is None:
        return f"{said}; run it again to deliver them."
    due = (
        f" Next try {first.next_attempt_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
        if first.next_attempt_at
        else ""
    )
    return f"{said}, first the {first.kind} for {title_of(first.system)}: {first.error}{due}"


def named_items(session: Session, item_ids: Sequence[str]) -> list[OutboxItem]:
    """The items with those ids. NotFound names the first that does not exist."""
    found = []
    for item_id in item_ids:
        row_id = row_number(ITEM, item_id)
        item = None if row_id is None else session.get(OutboxItem, row_id)
        if item is None:
            raise NotFound(
                _("There is no outbox item {item_id}.").format(item_id=item_id),
                _("List them: pqldesk outbox list."),
            )
        found.append(item)
    return found
