"""Rows about event rules and the events they meet, for window and command line alike."""

from dataclasses import dataclass
from datetime import datetime

from pqldesk.services.event_rules import EventRule


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the order they are asked. *rule_id* None: a preset of its source."""

    rule_id: str | None
    rule: EventRule
    events: int  # received under a name that it fits, its conditions aside


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name that a source sends: how often, and what it counts as now. *is_known* False: no rule knows it."""

    source: str
    name: str
    n: int
    last_at: datetime
    kind: str
    is_known: bool
    sample: str  # properties of the last of them, as JSON


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A received event that a rule would change: before and after as ``kind``, key and quantity."""

    source: str
    name: str
    at: datetime
    before: tuple[str, str | None, str]
    after: tuple[str, str | None, str]
    properties: str


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would do to the events received last. *looked_at* of all its sources, *fit*: met by it."""

    looked_at: int
    fit: int
    changed: int
    rows: tuple[PreviewRow, ...]
