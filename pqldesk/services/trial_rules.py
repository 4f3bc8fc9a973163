"""The state of a trial as of a moment, its days left, and which trial a lead shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pqldesk.services.basics.moments import local_days, micros, moment


class TrialState(StrEnum):
    ACTIVE = "active"
    EXTENDED = "extended"
    CONVERTED = "converted"
    EXPIRED = "expired"
    LOST = "lost"


OPEN_STATES = frozenset({TrialState.ACTIVE, TrialState.EXTENDED})

LOST_WORDS = frozenset({"lost", "cancelled", "canceled", "paused"})


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """What is stored of a trial. A date-only end may be any moment of that day in the workspace zone."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ends_date_only: bool = False
    first_ends_at: datetime | None = None  # as first stored: a later end means extended
    source_state: str | None = None
    converted_at: datetime | None = None
    closed_at: datetime | None = None  # a person closed it as lost
    plan: str | None = None
    trial_id: str = ""


def ends_before(trial: TrialFacts, zone: ZoneInfo) -> int | None:
    """The moment after the trial's last instant, in microseconds; None for a trial without end."""
    if trial.ends_at is None:
        return None
    at = micros(trial.ends_at)
    if not trial.ends_date_only:
        return at
    days = local_days(zone)
    return days.midnight(days.day_of(at) + 1)


def trial_end(trial: TrialFacts, zone: ZoneInfo) -> datetime | None:
    """The moment at which a trial is over; None for one without end."""
    end = ends_before(trial, zone)
    return None if end is None else moment(end)


def trial_state(trial: TrialFacts, at: datetime, zone: ZoneInfo) -> TrialState:
    """The state as of *at*: converted, lost, expired, extended, active, the first that applies."""
    word = (trial.source_state or "").strip().casefold()
    if word == "converted" or (trial.converted_at is not None and trial.converted_at <= at):
        return TrialState.CONVERTED
    if word in LOST_WORDS or trial.closed_at is not None:
        return TrialState.LOST
    end = ends_before(trial, zone)
    if (end is not None and micros(at) >= end) or (end is None and word == "expired"):
        return TrialState.EXPIRED
    if word == "extended" or _was_moved_later(trial):
        return TrialState.EXTENDED
    return TrialState.ACTIVE


def days_left(trial: TrialFacts, at: datetime, zone: ZoneInfo) -> int | None:
    """Workspace days from *at* to the day of the trial's last instant; 0 on that day and once closed.

    None for an open trial without end.
    """
    if trial_state(trial, at, zone) not in OPEN_STATES:
        return 0
    end = ends_before(trial, zone)
    if end is None:
        return None
    days = local_days(zone)
    return days.day_of(end - 1) - days.day_of(micros(at))


def has_started(trial: TrialFacts, at: datetime) -> bool:
    """A trial that starts after *at* is not shown; one without a start is."""
    return trial.starts_at is None or trial.starts_at <= at


def trial_shown(own: Iterable[TrialFacts], company: Iterable[TrialFacts], at: datetime) -> TrialFacts | None:
    """The lead's own trial, else its company's; of several the one that started last."""
    for trials in (own, company):
        started = [trial for trial in trials if has_started(trial, at)]
        if started:
            return max(started, key=_start)
    return None


def _start(trial: TrialFacts) -> tuple[bool, float, str]:
    begun = trial.starts_at
    return begun is not None, 0.0 if begun is None else begun.timestamp(), trial.trial_id


def _was_moved_later(trial: TrialFacts) -> bool:
    return (
        trial.first_ends_at is not None and trial.ends_at is not None and trial.ends_at > trial.first_ends_at
    )
