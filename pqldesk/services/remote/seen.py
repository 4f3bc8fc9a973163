"""A record as it stands in another system, in words that all of them share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

FieldValue = str | int | float | Decimal | date | datetime | tuple[str, ...]
PERSON, COMPANY, DEAL = "person", "company", "deal"


@dataclass(frozen=True, slots=True)
class Seen:
    """A person, company or deal. *values* by our own names; what is empty there is None, what is not read is missing.

    *keys*: a person's e-mails, a company's domains, the id that PQLDesk gave a deal. *people* and *company* are
    remote ids. *outcome* of a deal: won or lost, None while it is open.
    """

    kind: str
    remote_id: str
    values: Mapping[str, FieldValue | None] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    company: str | None = None
    outcome: str | None = None
    closed_at: datetime | None = None
    changed_at: datetime | None = None
    created_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that a rep did with a person there: a task finished, a call, a mail."""

    person_id: str
    rep: str  # e-mail
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A record that is no longer there under its id: merged into *into*, or deleted where that is None."""

    kind: str
    remote_id: str
    into: str | None = None
