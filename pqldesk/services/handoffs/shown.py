"""What the Handoffs page shows besides the outbox: drafts, what of a write may be changed, playbooks and dry runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pqldesk.services.rows import Number, OutboxRow, WriteStep


@dataclass(frozen=True, slots=True)
class EditField:
    """One field of a write that may be changed before it leaves. *choices* are (value, words)."""

    key: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False


@dataclass(frozen=True, slots=True)
class ItemEdit:
    """What of an intended write may be changed."""

    item_id: str
    kind: str
    state: str
    system: str
    lead_name: str
    fields: tuple[EditField, ...]


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A handoff that was prepared and not sent."""

    lead_id: str
    lead_name: str
    company: str | None
    deal_name: str
    deal_value: Number | None
    currency: str
    stage: str
    rep: str
    saved_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class HandoffGroup:
    """All writes of one handoff by their row numbers, in the order in which they go out."""

    handoff_id: str
    rows: Mapping[int, OutboxRow]


@dataclass(frozen=True, slots=True)
class PlaybookShown:
    """A rule that writes by itself, and who let it."""

    name: str
    system: str
    rule: str
    approved_at: datetime | None
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class DryRunLead:
    """One lead that a playbook would write about, and the writes in words."""

    lead_id: str
    name: str
    email: str | None
    steps: tuple[WriteStep, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a playbook would write about the leads there are now; *first* are some of them."""

    name: str
    system: str
    leads: int
    items: int
    first: tuple[DryRunLead, ...]
    approved: bool
