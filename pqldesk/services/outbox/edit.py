"""Changing what a write will say before it leaves: a deal, a task, a note."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import ITEM, public_id
from pqldesk.models.people import Lead
from pqldesk.models.remote import OutboxItem
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.basics.texts import _
from pqldesk.services.crm.connections import linked_or_none
from pqldesk.services.handoffs.note import marked, markers_in
from pqldesk.services.handoffs.shown import EditField, ItemEdit
from pqldesk.services.history import recording
from pqldesk.services.outbox.outbox import named_items, retry_items
from pqldesk.services.outbox_rows import EDITABLE, EDITABLE_STATES

_TEXTS = frozenset({"content", "text"})  # what ends with the item's marker
_NEEDED = frozenset({"name", "stage", "content", "text"})
_PEOPLE = frozenset({"owner", "assignee"})


def item_edit(session: Session, item_id: str) -> ItemEdit:
    """What of the item may be changed, as it stands, with the CRM's stages and members to choose from.

    Raises NotAllowed where it may have gone out already, and BadInput for a kind that holds nothing to edit.
    """
    (item,) = named_items(session, [item_id])
    keys = _editable(item)
    if not keys:
        raise BadInput(
            _("A {kind} has nothing to edit.").format(kind=item.kind),
            _("It follows the lead; cancel it, or change the lead."),
        )
    lead = session.get(Lead, item.lead_id)
    return ItemEdit(
        public_id(ITEM, item.id),
        item.kind,
        item.state,
        item.system,
        lead.name if lead is not None else "",
        tuple(
            EditField(key, _shown(item, key), _choices(session, item, key), long=key == "text")
            for key in keys
        ),
    )


def edit_item(session: Session, item_id: str, changes: Mapping[str, Any], rep: str, now: datetime) -> Changes:
    """Change what an item will write: a deal's name, stage, value, currency, owner; a task's content, assignee;
    a note's text. The marker stays where it was: it is how the writing is found again.
    """
    (item,) = named_items(session, [item_id])
    allowed = _editable(item)
    unknown = [key for key in changes if key not in allowed]
    if unknown:
        raise BadInput(
            _("A {kind} has no {unknown} to edit.").format(kind=item.kind, unknown=unknown[0]),
            _("Known: {known}.").format(known=", ".join(allowed) or "nothing"),
        )
    fresh = {**item.payload, **{key: _checked(item.kind, key, value) for key, value in changes.items()}}
    for key in _TEXTS & changes.keys():
        fresh[key] = _remarked(str(fresh[key]), item.idempotency_key, "\n" if key == "text" else " ")
    if fresh.get("stage") != item.payload.get("stage"):
        fresh.pop("step", None)  # chosen by a person: it follows no mapping
    if fresh == item.payload:
        return Changes()
    with recording(
        session, rep, "outbox_edited", at=now, detail=f"{item.kind} {item_id}", lead_id=item.lead_id
    ):
        item.payload = fresh
    return Changes.to(Topic.OUTBOX)


def assignees(session: Session, item_id: str) -> tuple[tuple[str, str], ...]:
    """Who can have what the item's handoff leads to: e-mail and name of the members of its CRM."""
    (item,) = named_items(session, [item_id])
    return _choices(session, item, "assignee")


def assign_writes(session: Session, item_id: str, to: str, rep: str, now: datetime) -> Changes:
    """Give the deal and the task of the item's handoff to a member of the CRM, as one action.

    What was held or refused is due again. NotAllowed where nothing of it that names somebody can still be changed.
    """
    (named,) = named_items(session, [item_id])
    to = str(_checked(named.kind, "assignee", to) or "")
    siblings = select(OutboxItem).where(
        OutboxItem.handoff_id == named.handoff_id, OutboxItem.state.in_(EDITABLE_STATES)
    )
    with_people = [(one, _PEOPLE & set(EDITABLE.get(one.kind, ()))) for one in session.scalars(siblings)]
    with_people = [(one, keys) for one, keys in with_people if keys]
    if not to or not with_people:
        raise NotAllowed(
            _("Nothing of this handoff waits that belongs to somebody."), _("Change the owner in the CRM.")
        )
    stuck = [public_id(ITEM, one.id) for one, _keys in with_people if one.state in ("held", "failed")]
    with recording(session, rep, "outbox_assigned", at=now, detail=f"to {to}", lead_id=named.lead_id):
        for item, keys in with_people:
            edit_item(session, public_id(ITEM, item.id), dict.fromkeys(keys, to), rep, now)
        if stuck:
            retry_items(session, stuck, now)
    return Changes.to(Topic.OUTBOX)


def _editable(item: OutboxItem) -> tuple[str, ...]:
    if item.state not in EDITABLE_STATES:
        raise NotAllowed(
            _("Item {item} is {state}.").format(item=public_id(ITEM, item.id), state=item.state),
            _("Only what has certainly not gone out can be edited."),
        )
    return EDITABLE.get(item.kind, ())


def _checked(kind: str, key: str, value: Any) -> Any:
    """The value as the payload holds it. BadInput says what would be right."""
    text = "" if value is None else str(value).strip()
    if not text:
        if key in _NEEDED:
            raise BadInput(
                _("The {kind} needs a {key}.").format(kind=kind, key=key),
                _("Write the {key}.").format(key=key),
            )
        return None
    if key == "value":
        try:
            amount = Decimal(text.replace(",", ""))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            raise BadInput(
                _("{text!r} is no amount.").format(text=text),
                _("Write it like 75000 or 10.50, or leave it empty."),
            )
        return str(amount)
    if key == "currency":
        if not re.fullmatch(r"[A-Za-z]{3}", text):
            raise BadInput(
                _("{text!r} is no currency.").format(text=text),
                _("Write an ISO 4217 code such as USD or EUR."),
            )
        return text.upper()
    if key in _PEOPLE and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise BadInput(
            _("{text!r} is no e-mail address.").format(text=text), _("Name a member of the CRM by e-mail.")
        )
    return text


def _shown(item: OutboxItem, key: str) -> str:
    value = item.payload.get(key)
    text = "" if value is None else str(value)
    if key == "content":  # a note keeps its last line in sight: it says which model it was made with
        text = text.removesuffix(marked(item.idempotency_key)).rstrip()
    return text


def _choices(session: Session, item: OutboxItem, key: str) -> tuple[tuple[str, str], ...]:
    link = linked_or_none(session, item.system)
    catalogue = link.catalogue if link is not None else None
    if catalogue is None:
        return ()
    if key == "stage":
        return tuple((stage, stage) for stage in catalogue.stages)
    if key in _PEOPLE:
        return tuple((m.email, m.name or m.email) for m in catalogue.members if m.active)
    return ()


def _remarked(text: str, code: str, space: str) -> str:
    return text if code in markers_in(text) else f"{text.rstrip()}{space}{marked(code)}"
