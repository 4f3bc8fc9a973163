"""What pages and lists show: frozen dataclasses, standard library only, so that they load in no time.

Times are aware UTC datetimes. Points, scores and quantities are plain numbers as people see them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pqldesk.services.first_rows import NavCounts as NavCounts
from pqldesk.services.first_rows import Number as Number
from pqldesk.services.first_rows import QueueRow as QueueRow
from pqldesk.services.first_rows import SignalValue as SignalValue
from pqldesk.services.first_rows import TrialShown as TrialShown
from pqldesk.services.view_spec import USUAL_VIEW, ViewSpec


@dataclass(frozen=True, slots=True)
class QueueView:
    """A saved view: a tab over the queue."""

    key: str
    label: str
    count: int | None = None
    built_in: bool = True
    spec: ViewSpec = USUAL_VIEW
    owner: str | None = None  # whose own view it is; None is everybody's
    pinned: bool = True  # a tab; otherwise only in the menu of the others


@dataclass(frozen=True, slots=True)
class TaskRow:
    task_id: str
    lead_id: str
    lead_name: str
    title: str
    due_at: datetime | None
    assignee: str | None
    done_at: datetime | None
    company: str | None = None  # of the lead


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One intended write to another system."""

    item_id: str
    handoff_id: str | None
    lead_id: str | None
    lead_name: str
    system: str
    kind: str
    state: str  # pending, sending, unknown, done, failed, held, cancelled
    attempts: int
    next_attempt_at: datetime | None
    remote_id: str | None
    remote_url: str | None
    error: str | None
    created_at: datetime
    summary: str = ""
    position: int = 0  # from 1, in the order in which the handoff's items go out
    of: int = 0  # items of the handoff
    playbook: str = ""  # signup, qualification, milestone, handoff
    queued_by: str = ""
    done_at: datetime | None = None
    edits: tuple[str, ...] = ()  # which of its fields may still be changed


@dataclass(frozen=True, slots=True)
class WriteStep:
    """One thing a handoff will write: 'Person', 'Update jane@example.com · PQL score: 80'."""

    kind: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class HandoffDraft:
    """What the handoff dialog starts from; everything in it may be edited before sending."""

    lead_id: str
    lead_name: str
    company: str | None
    score: Number
    system: str | None  # None while no CRM is connected
    deal_name: str
    deal_value: Number | None
    currency: str
    stage: str
    stages: tuple[str, ...]
    assignee: str | None
    members: tuple[tuple[str, str], ...]  # (e-mail, name)
    note: str
    task: str
    task_due_at: datetime
    steps: tuple[WriteStep, ...]
    problem: str | None = None  # why it would be held, if it would
    saved_at: datetime | None = None  # of a draft that was kept before


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    system: str
    name: str
    url: str
    state: str  # ok, problem, unchecked
    checked_at: datetime | None
    detail: str
    mapped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()  # mapped to what is no longer there, with the reason
    has_mapping: bool = False


@dataclass(frozen=True, slots=True)
class ConnectWay:
    """One way to connect a system: sign_in, key, receive or pull. *secrets* and *settings* have to be given, those too
    may be. *address*: where it is, as far as it is known; None where none is asked for."""

    key: str
    secrets: tuple[str, ...] = ()
    secrets_too: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    settings_too: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Connectable:
    """A system that can be connected: a crm is written to, from a source leads and usage come. *own_address*: what its
    address looks like where each customer has one of their own."""

    system: str
    title: str
    kind: str
    own_address: str
    ways: tuple[ConnectWay, ...]


@dataclass(frozen=True, slots=True)
class ConnectWanted:
    """What the window was given to connect with. *typed*: secrets by field."""

    system: str
    url: str
    typed: Mapping[str, str]
    sign_in: bool
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignable:
    """Somebody who can be given leads, with how many open ones they hold."""

    email: str
    holds: int
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One file that was imported."""

    batch_id: str
    at: datetime
    kind: str
    file: str
    rows: int
    created: int
    updated: int
    duplicates: int
    rejected: int
    rejects_file: str | None


@dataclass(frozen=True, slots=True)
class SettingRow:
    key: str
    label: str
    help: str
    value: str
    kind: str  # text, zone, email, choice, number, flag, size, week, days, span, clock
    choices: tuple[str, ...] = ()
    section: str = "you"


@dataclass(frozen=True, slots=True)
class ActionRow:
    at: datetime
    actor: str
    action: str
    detail: str
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class LeadDraft:
    """A lead entered by hand."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    domain: str = ""
    job_title: str = ""
    phone: str = ""
    country: str = ""
    plan: str = ""
    kind: str = "manual"  # or hand_raise, trial, signup, contact
    glm_content: str = ""
    comment: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownAlready:
    """What is here already of somebody being entered: a lead with that address (*is_same*) or that name, a company."""

    lead_id: str = ""
    lead_name: str = ""
    lead_company: str = ""
    is_same: bool = False
    company: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class CompanyHit:
    """A company as the palette finds it."""

    company_id: str
    name: str
    domain: str
