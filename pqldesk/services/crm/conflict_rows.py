"""Conflicts and field masters as lists show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pqldesk.services.basics.changes import Changes
from pqldesk.services.remote.ownership import Plain


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A field that both sides changed, or that a rule or a person decided. *decision* is empty while it is open."""

    conflict_id: str
    system: str
    kind: str
    field: str  # person.job_title
    lead_id: str | None
    lead_name: str
    company: str
    base: Plain
    mine: Plain
    theirs: Plain
    found_at: datetime
    found_by: str
    url: str | None = None
    decision: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class MasterRow:
    """Who is master of a field in each phase; *chosen*: the phases in which the workspace says so itself."""

    system: str
    title: str
    field: str
    masters: Mapping[str, str]
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a step of a bulk did. It took the first *taken* of the conflicts it was offered."""

    taken: int
    done: int
    refused: tuple[str, ...]
    changes: Changes


def shown(value: Plain) -> str:
    """A plain value as text; empty for nothing."""
    return ", ".join(value) if isinstance(value, list) else value or ""
