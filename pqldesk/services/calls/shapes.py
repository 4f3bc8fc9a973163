"""The shapes every reader gives: what somebody did, what is said of a person or company, a trial, a form.

Times are microseconds since 1970 UTC. Ids by name: email, user_id, anonymous_id, company_id, company_domain, and
previous_id for another id of the same person, whichever of the two came first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from pqldesk.services.files.event_columns import EventRow

NOTHING: Final[Mapping[str, Any]] = {}
Key: TypeAlias = tuple[str, str]


class Usage(NamedTuple):
    """Something that happened, under the name its source gives it; the event rules say what it means.

    *flaw*: why it is to be set aside, where its time cannot be believed. *key* and *quantity* where the source says
    them beside the properties.
    """

    event_id: str
    name: str
    properties: Mapping[str, Any]
    email: str | None
    user_id: str | None
    anonymous_id: str | None
    company_domain: str | None
    company_id: str | None
    occurred_at: int
    received_at: int | None
    flaw: str | None = None
    line: int = 0
    row: int = 0
    key: str | None = None
    quantity: object = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What an identify call says of a person (*call* identify), a group call of a company (group), or that several
    ids are one person (alias). A trait that is None was taken back by the source.

    *beside*: it was said together with something else that is counted already. *same_person*, *same_company*: what
    another source knows them by, (source, its id).
    """

    call: str
    ids: Mapping[str, str]
    traits: Mapping[str, Any] = field(default_factory=dict)
    occurred_at: int | None = None
    line: int = 0
    row: int = 0
    beside: bool = False
    same_person: Key | None = None
    same_company: Key | None = None


@dataclass(frozen=True, slots=True)
class TrialSeen:
    """A trial as a source has it. *fields*: those of a trial file, trial_id among them where the source has ids.

    *seen_at* None takes it as it comes; else an older word never replaces a newer one.
    """

    ids: Mapping[str, str]
    fields: Mapping[str, Any]
    seen_at: int | None = None
    line: int = 0
    row: int = 0
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One arrival of a form. *fields*: those of a lead file (kind, glm_content, comment ...); *raw*: all of it."""

    ids: Mapping[str, str]
    fields: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A usage event whose time cannot be believed: it waits, with the reason, until somebody releases it."""

    event: EventRow
    reason: str


Call: TypeAlias = Usage | Traits | TrialSeen | Form
"""What a reader gives."""
Ready: TypeAlias = EventRow | AsideRow | Traits | TrialSeen | Form
"""The same after the event rules: what can be stored."""
