"""What the record of one lead shows, and what a merge would make of two: frozen dataclasses, standard library only.

Times are aware UTC datetimes. Points, scores and quantities are plain numbers as people see them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pqldesk.services.first_rows import Number, QueueRow
from pqldesk.services.rows import OutboxRow, TaskRow


@dataclass(frozen=True, slots=True)
class MilestoneShown:
    key: str
    label: str
    reached_at: datetime | None
    days_since_signup: int | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a lead's timeline: usage, submission, note, task, action, delivery."""

    at: datetime
    kind: str  # usage, submission, note, task, action, crm, score
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Entries, the newest first; *more* says that older ones exist: ask with the last entry's time."""

    lead_id: str
    entries: tuple[TimelineEntry, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class ScoreMove:
    """A stored change of score; *parts* are (signal label, points gained or lost) and add up to the difference."""

    at: datetime
    old: Number
    new: Number
    cause: str
    parts: tuple[tuple[str, Number], ...]
    words: str = ""  # why, in one sentence: "logins left the 7-day window"


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Another person of the same company."""

    lead_id: str
    name: str
    score: Number
    last_active_at: datetime | None


@dataclass(frozen=True, slots=True)
class HopShown:
    """One step of a submission's way: received, portal, relay, marketing_automation, crm."""

    step: str
    status: str
    at: datetime
    remote_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: the system, or the file, and when PQLDesk received it."""

    source: str
    at: datetime | None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class IdShown:
    """An id that a lead is known by, where it came from, and what came under it: what parting it takes along."""

    namespace: str
    value: str
    origin: Origin
    events: int = 0
    forms: int = 0
    trials: int = 0

    @property
    def key(self) -> str:
        """As `lead part` takes it: ``namespace:value``."""
        return f"{self.namespace}:{self.value}"


@dataclass(frozen=True, slots=True)
class MergedLead:
    """A lead that was merged into the one shown, and may be taken apart again."""

    lead_id: str
    name: str
    email: str | None
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class MergeField:
    """One field of two leads, and what the merged lead will have."""

    key: str
    kept: Any  # of the lead that stays: text, a number, a moment or None
    other: Any
    merged: Any


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What accepting a suggestion would do, before it is done."""

    suggestion_id: str
    lead_id: str  # stays
    lead_name: str
    other_lead_id: str  # becomes part of it
    other_name: str
    reason: str
    fields: tuple[MergeField, ...]
    moves: tuple[tuple[str, int], ...]  # what goes over: ("usage events", 214)


@dataclass(frozen=True, slots=True)
class SubmissionShown:
    kind: str
    glm_source: str | None
    glm_content: str | None
    product_interaction: str | None
    comment: str | None
    received_at: datetime
    times: int
    source: str = ""
    hops: tuple[HopShown, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteRow:
    note_id: str
    at: datetime
    author: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SuggestionShown:
    """Two leads that may be one person, and why."""

    suggestion_id: str
    lead_id: str
    lead_name: str
    other_lead_id: str
    other_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeadDetail:
    """Everything the record panel shows of one lead."""

    row: QueueRow
    job_title: str | None
    phone: str | None
    region: str | None
    country: str | None
    plan: str | None
    signup_at: datetime | None
    model: str
    model_version: int
    cut: Number
    hints: tuple[str, ...]  # "38 more imported records would add 20 points."
    excluded: str | None
    daily_usage: tuple[int, ...]  # events a day, oldest first, the last entry is today
    milestones: tuple[MilestoneShown, ...]
    teammates: tuple[TeamMember, ...]
    active_teammates: int
    submissions: tuple[SubmissionShown, ...]
    score_moves: tuple[ScoreMove, ...]
    tasks: tuple[TaskRow, ...]
    notes: tuple[NoteRow, ...]
    outbox: tuple[OutboxRow, ...]
    timeline: tuple[TimelineEntry, ...]
    events_total: int
    claimed_at: datetime | None
    lease_until: datetime | None
    suggestions: tuple[SuggestionShown, ...]
    scored_at: datetime | None
    newest_usage_received_at: datetime | None
    sources: tuple[str, ...] = ()
    origin: Origin | None = None  # of the lead's own fields
    usage_origin: Origin | None = None  # of the newest usage event
    trial_origin: Origin | None = None
    merged: tuple[MergedLead, ...] = ()
    touched_at: datetime | None = None
    timeline_goes_on: bool = False
    company_number: int | None = None  # of its account in the list of accounts
    ids: tuple[IdShown, ...] = ()  # in the order in which they came
    known_qualified_at: datetime | None = None  # when it was first known here that it qualifies
