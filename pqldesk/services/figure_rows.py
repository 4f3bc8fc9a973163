"""What the pages of figures show: frozen dataclasses, standard library only, so that they load in no time."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pqldesk.services.basics.rates import Rate
from pqldesk.services.rows import Number, OutboxRow, TrialShown


@dataclass(frozen=True, slots=True)
class ListOrder:
    """A long list: the row numbers that a tab shows, in order, how many each tab has, and words about all of it."""

    ids: "array[int]"
    counts: Mapping[str, int]
    about: str = ""
    state: int | None = None  # of the workspace: rows of another order of the same state are the same
    is_old: bool = False  # something has changed since its figures were worked out
    rows: Mapping[int, Any] = field(default_factory=dict)  # those in sight, where they were asked for too


@dataclass(frozen=True, slots=True)
class AccountRow:
    company_id: str
    name: str
    domain: str | None
    leads: int
    active_users_14d: int
    trial: TrialShown | None
    score: Number
    owner: str | None = None  # of the champion, else whoever owns one of its people
    best_lead_id: str | None = None  # the champion: who scores highest
    champion: str | None = None
    best_score: Number = 0
    rule: str = "best"  # what *score* is: best, sum, active (percent)
    cap: Number | None = None  # of a sum
    plan: str | None = None
    last_active_at: datetime | None = None
    owners: int = 0


@dataclass(frozen=True, slots=True)
class AccountPerson:
    """One of an account's people, and what they give to its figure; the gifts add up to it."""

    lead_id: str
    name: str
    job_title: str | None
    score: Number
    gives: Number
    active: bool
    last_active_at: datetime | None
    owner: str | None
    state: str


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """Everything the panel shows of one account."""

    row: AccountRow
    people: tuple[AccountPerson, ...]
    daily_usage: tuple[int, ...]  # events a day of all its people, oldest first, the last entry is today
    trials: "tuple[TrialRow, ...]"
    writes: tuple[OutboxRow, ...]  # the latest first
    keys: tuple[tuple[str, str], ...]  # what it is known by: (namespace, value)


@dataclass(frozen=True, slots=True)
class TrialRow:
    trial_id: str
    company: str | None
    domain: str | None
    email: str | None
    lead_id: str | None
    plan: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    state: str
    days_left: int
    converted_at: datetime | None
    activation: int = 0
    milestones: tuple[bool, ...] = ()
    active_users: int = 0
    score: Number = 0
    band: str = "cold"
    pace: str = ""  # ahead, on pace, slow, at risk, not enough yet; "" once closed
    owner: str | None = None
    day: int = 0  # of the trial, from 0
    usual: Number | None = None  # activation in percent that converted trials had by that day
    usual_of: int = 0  # how many of them that is the median of
    last_active_at: datetime | None = None
    quiet_days: int = 0  # since anybody of a running trial did anything; 0 below QUIET_DAYS
    extensions: int = 0  # by people
    extendable_until: datetime | None = None  # None where no extension is left
    outcome_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of the funnel; *rate*, *low*, *high* are shares of the signup cohort (0..1), Wilson 95 %.

    *from_before* is the share of those who reached the step before, *hours_from_before* their median time.
    """

    step: str
    n: int
    of: int
    rate: float | None
    low: float | None
    high: float | None
    median_hours: float | None
    from_before: Rate | None = None
    hours_from_before: float | None = None


@dataclass(frozen=True, slots=True)
class BandRate:
    """Outcomes by score band: *won* of *n* closed."""

    band: str
    n: int
    won: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RepRow:
    rep: str
    claimed: int
    median_first_touch_hours: float | None
    handed_off: int
    won: int
    won_of_closed: Rate | None = None
    given_back: int = 0  # released by the rep or by the lease that lapsed
    in_time: Rate | None = None  # of those that owed an answer: touched by their response target


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One part of a split funnel: its value (None: none), how many signed up, the share that reached each step."""

    value: str | None
    n: int
    steps: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One lead behind a mark."""

    lead_id: str
    name: str
    company: str | None
    score: Number
    state: str
    owner: str | None
    signed_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeadRows:
    """The leads behind a mark: how many, and the best of them."""

    total: int
    rows: tuple[LeadRow, ...]


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One signup week: share (0..1) of its leads active in week 0, 1, 2 ... after signup; None while not over."""

    week: datetime
    n: int
    active: tuple[float | None, ...]


WAITING = -1  # in a mark: the bucket of the leads that nobody has touched


@dataclass(frozen=True, slots=True)
class SpeedBucket:
    """How many leads were touched within *up_to* hours, and not within the bucket before; None is no limit."""

    up_to: float | None
    n: int
    late: int = 0  # of them, after their own clock had run out


@dataclass(frozen=True, slots=True)
class SpeedToLead:
    """Hours from qualification to the first touch: *n* leads were touched, *waiting* were not.

    The median counts those that wait as waiting. *in_time* is of those touched or overdue, each by its own clock.
    """

    n: int
    median_hours: float | None
    buckets: tuple[SpeedBucket, ...] = ()
    target_hours: float = 24
    in_time: Rate | None = None
    hot_target_hours: float = 0  # working hours of the owner; 0: none
    waiting: int = 0
    overdue: int = 0  # of those that wait
    from_history: int = (
        0  # counted from when their crossing came to be known, which lies in history brought in
    )


@dataclass(frozen=True, slots=True)
class FunnelFigures:
    """The Funnel page in one answer."""

    since: datetime
    until: datetime
    steps: tuple[FunnelStep, ...]
    previous: tuple[FunnelStep, ...]
    weekly_signups: tuple[int, ...]
    bands: tuple[BandRate, ...]
    cohorts: tuple[CohortRow, ...]
    days_to_first_value: tuple[int, ...]  # number of leads whose first value came on day 0, 1, 2 ...
    median_days_to_value: float | None  # those without one counted as waiting
    speed: SpeedToLead
    speed_before: SpeedToLead
    reps: tuple[RepRow, ...]
    by: str = "source"
    groups: tuple[GroupRow, ...] = ()
    sources: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    deals: Rate | None = None  # of the qualified leads, those that a deal was opened for
    deals_before: Rate | None = None
    # Leads decided before they came here, whose score of then is worked out from usage
    bands_worked_out: int = 0
    bands_undated: int = 0  # decided at no known moment: by today's score
    bands_left_out: int = 0  # too many to work out


@dataclass(frozen=True, slots=True)
class ActivationStep:
    milestone: str
    label: str
    reached: int
    of: int
    median_days: float | None
    # share (0..1) that had it by the end of day 0, 1, 2 ... 30 after signup; who signed up less long ago is censored,
    # and it ends with the last day that anybody has been watched through
    by_day: tuple[float, ...] = ()
    won_with: Rate | None = None  # won, of the decided leads that had reached it before
    won_without: Rate | None = None  # won, of the decided that had not
    difference: tuple[float, float, float] | None = None  # with minus without, and its 95 % interval
    rule: Mapping[str, Any] = field(default_factory=dict)  # the milestone's definition as JSON


@dataclass(frozen=True, slots=True)
class ActivationWeek:
    """One signup week: how many signed up, and how many of them reached each milestone so far."""

    week: datetime
    n: int
    reached: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StalledLead:
    lead_id: str
    name: str
    company: str | None
    last_milestone: str
    days_stalled: int
    score: Number


@dataclass(frozen=True, slots=True)
class ActivationFigures:
    steps: tuple[ActivationStep, ...]
    cohort_size: int
    activated: int
    median_days_to_value: float | None
    p90_days_to_value: float | None
    stalled: tuple[StalledLead, ...]  # the first of them
    stalled_in_all: int = 0
    weeks: tuple[ActivationWeek, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelSignalRow:
    key: str
    label: str
    kind: str | None
    measure: str
    window_days: int | None
    threshold: Number
    weight: Number
    proportional: bool
    reached_by: float | None  # share (0..1) of scored leads that meet it


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a scoring model; *differs* says what it changed from the version before."""

    name: str
    version: int
    live: bool
    published_at: datetime | None
    published_by: str | None
    note: str
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelShown:
    name: str
    version: int
    cut: Number
    total_weight: Number
    bands: tuple[tuple[str, str, Number], ...]  # key, label, at least
    signals: tuple[ModelSignalRow, ...]
    published_at: datetime | None
    leads_scored: int
    qualified: int
    document: Mapping[str, Any] = field(default_factory=dict)  # the live model as JSON
    draft: Mapping[str, Any] | None = None  # the draft as JSON, None without one
    draft_differs: tuple[str, ...] = ()  # what the draft changes
    versions: tuple[VersionRow, ...] = ()
    kinds: tuple[str, ...] = ()  # event kinds that were ever received
