"""Rows about event rules and the events they meet, for window and command line alike."""

from dataclasses import dataclass
from datetime import datetime

from pqldesk.services.events.rules import EventRule


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the order they are asked. *rule_id* None: a preset of its source."""

    rule_id: str | None
    rule: EventRule
    events: int  # received under a name that it fits, its conditions aside


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as a person writes it. *when*: conditions such as ``plan=pro; seats>=5``; *trial*: ``ends_at=until``.

    *rule_id*: the rule whose place it takes. *first*: it is asked before all others.
    """

    pattern: str
    kind: str
    source: str = "*"
    when: str = ""
    key_from: str = ""
    quantity_from: str = ""
    plan_from: str = ""
    trial: str = ""
    rule_id: str | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule for the window: as a person would write it, what it does as a line, and how many events it is for."""

    draft: RuleDraft
    takes: str
    events: int

    @property
    def is_preset(self) -> bool:
        return self.draft.rule_id is None


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
