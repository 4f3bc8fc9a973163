"""What any CRM must offer: who we are there, what it holds, six kinds of writes (or whole deliveries, for a relay),
and looking back for each.

A connector turns a step into its own calls. It never decides about retries: that is the outbox's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from pqldesk.services.basics.texts import _
from pqldesk.services.remote.catalogue import Catalogue, Mapped
from pqldesk.services.remote.feeds import Feeds
from pqldesk.services.remote.problems import Held
from pqldesk.services.remote.seen import FieldValue as FieldValue
from pqldesk.services.remote.seen import Seen as Seen


@dataclass(frozen=True, slots=True)
class Account:
    """Whose workspace a credential opens, and what it may do there."""

    name: str
    scopes: frozenset[str]
    problem: str | None = None  # a right that is missing, as a sentence


@dataclass(frozen=True, slots=True)
class Ref:
    """A record of the CRM."""

    remote_id: str
    url: str | None = None
    said: str | None = None  # what a person should know about it, though it is done


@dataclass(frozen=True, slots=True)
class CompanyStep:
    """Find the company by domain, or make it. *name* is written only where the company is new."""

    domain: str
    name: str
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    known_id: str | None = None  # where it stood when it was last written


@dataclass(frozen=True, slots=True)
class PersonStep:
    """Find the person by e-mail, or make them; *values* by our own field names."""

    email: str
    first_name: str
    last_name: str
    full_name: str
    company_id: str | None
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    company: str = ""  # its name, for systems that demand one
    known_id: str | None = None  # the record that a person chose
    linked_id: str | None = None  # where they stood when they were last written
    # As they stood when they were compared, just now; None: not asked, or not there
    there: Seen | None = None


@dataclass(frozen=True, slots=True)
class ListStep:
    """Put the person on a list, once; *claimed_by* is refused where somebody else has the claim."""

    list_key: str  # ours: trials, pql
    person_id: str
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    claimed_by: str | None = None  # e-mail
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DealStep:
    """The company's one open deal. *advance*: name, value and stage are written even where it exists already."""

    key: str
    name: str
    stage: str
    value: Decimal | None
    owner: str  # e-mail
    person_id: str
    company_id: str | None
    advance: bool
    known_id: str | None = None
    first_stage: str | None = None  # where our own earlier playbook put it
    sent_before: bool = False
    since: datetime | None = None  # when we may first have sent it
    currency: str | None = None  # ISO 4217
    kept: frozenset[str] = frozenset()  # name, value, stage: stays as it is there
    there: Seen | None = None  # as it stood when it was compared, just now; None: not asked, or not there


@dataclass(frozen=True, slots=True)
class FieldStep:
    """Write some fields of a record that is there: what a person decided. *kind*: person, company or deal."""

    kind: str
    remote_id: str
    values: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class TaskStep:
    """A follow-up linked to deal and person; *content* ends with the marker."""

    marker: str
    content: str
    due_at: datetime | None
    assignee: str  # e-mail
    person_id: str
    deal_id: str | None
    since: datetime | None = None  # when we may first have sent it
    known_id: str | None = None  # what a person chose


@dataclass(frozen=True, slots=True)
class NoteStep:
    """A note on the deal, else on the person; *text* ends with the marker."""

    marker: str
    title: str
    text: str
    person_id: str
    deal_id: str | None
    since: datetime | None = None  # when we may first have sent it


@dataclass(frozen=True, slots=True)
class RelayStep:
    """Everything about a lead in one delivery, to a relay that writes to a CRM itself. *extra*: deal, task, note ..."""

    event_id: str
    playbook: str
    occurred_at: datetime
    lead_id: str
    email: str
    first_name: str
    last_name: str
    company: str
    domain: str
    owner: str
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    extra: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormStep:
    """A form that came in, to be passed on as it was: to the customer portal behind us, or to a relay.

    *again*: a person wants it sent once more although it may have arrived.
    """

    event_id: str
    kind: str  # hand_raise, trial, signup, ...
    method: str
    path: str
    body: Mapping[str, Any]
    email: str
    received_at: datetime
    again: bool = False


Step = CompanyStep | PersonStep | ListStep | DealStep | FieldStep | TaskStep | NoteStep | RelayStep | FormStep


def cannot(title: str, step: Step) -> Held:
    """What a connector says to a step it does not know."""
    return Held(
        _("{title} does not take a {name}.").format(title=title, name=type(step).__name__), _("Cancel it.")
    )


class Crm(Protocol):
    """One connected CRM."""

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    @property
    def feeds(self) -> Feeds | None:
        """What it can be read by; None where it cannot be pulled."""
        ...

    @property
    def at_once(self) -> int:
        """How many groups may be under way at a time: one for each connection, or one for each row of a call."""
        ...

    async def account(self) -> Account:
        """Who we are there; raises Held when the credential is not accepted."""
        ...

    async def catalogue(self) -> Catalogue:
        """Fields, stages, lists and members as they are now."""
        ...

    async def create_fields(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Make those of our suggested fields that are *missing* (as ``person.pql_score``); those made."""
        ...

    def use(self, mapped: Mapped, catalogue: Catalogue) -> None:
        """Write only what is mapped, as it is called in *catalogue*."""
        ...

    async def send(self, step: Step) -> Ref:
        """Carry a step out; raises a RemoteProblem."""
        ...

    async def present(self, step: Step) -> Seen | None:
        """The record that *step* would change, as it stands now; None where there is none, or none to compare."""
        ...

    async def find(self, step: Step) -> Ref | None:
        """What an earlier try of this step left behind: the look before writing again."""
        ...

    def writes_once(self, step: Step) -> bool:
        """Whether sending *step* again by itself cannot make a second record."""
        ...


Json = dict[str, Any]
