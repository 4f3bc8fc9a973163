"""What the window's first frame shows, apart from the rows of other pages: making a dataclass takes a millisecond."""

from dataclasses import dataclass
from datetime import datetime

Number = int | float


@dataclass(frozen=True, slots=True)
class SignalValue:
    """One signal of the live model for one lead: what was measured and what it earns."""

    key: str
    label: str
    value: Number
    threshold: Number
    points: Number
    weight: Number

    @property
    def met(self) -> bool:
        return self.value >= self.threshold


@dataclass(frozen=True, slots=True)
class TrialShown:
    plan: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    state: str  # active, extended, converted, expired, lost
    days_left: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One lead in the queue."""

    id: int  # row number in the database, what the order vector holds
    lead_id: str  # the public id, text
    name: str
    email: str | None
    company: str | None
    domain: str | None
    score: Number
    band: str  # hot, qualified, warming, cold
    qualified: bool
    qualified_at: datetime | None
    signals: tuple[SignalValue, ...]
    activation: int  # whole percent
    milestones: dict[str, datetime | None]
    trial: TrialShown | None
    owner: str | None
    state: str
    last_active_at: datetime | None
    source: str | None
    placement: str | None
    respond_by: datetime | None = None
    fit: Number | None = None
    score_change: Number = 0  # points gained or lost in the last 7 days
    hand_raised_at: datetime | None = None
    sample: bool = False
    plan: str | None = None
    job_title: str | None = None
    country: str | None = None
    region: str | None = None
    signed_up_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NavCounts:
    """The small numbers in the navigation."""

    queue: int = 0
    trials: int = 0
    tasks: int = 0
    handoffs: int = 0
    suggestions: int = 0
    outbox_waiting: int = 0
    outbox_stuck: int = 0
    newest_data_at: datetime | None = None
    sample: bool = False
