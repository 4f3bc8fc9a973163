"""Whether a trial's activation keeps pace with the usual one of that day."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Trial
from pqldesk.services.basics.moments import DAY, micros
from pqldesk.services.basics.statistics import median
from pqldesk.services.scoring.live import live_model
from pqldesk.services.trial_people import people_of
from pqldesk.services.trial_rules import TrialFacts

AHEAD, ON_PACE, SLOW, AT_RISK = "ahead", "on pace", "slow", "at risk"
UNKNOWN = "not enough yet"
ENOUGH = 30  # converted trials below which a usual activation would say more about chance
SAMPLE = 2_000  # newest converted trials from which the usual activation is taken


@dataclass(frozen=True, slots=True)
class Usual:
    """The median activation in whole percent, over *n* converted trials."""

    activation: float
    n: int


def day_of_trial(trial: TrialFacts, at: datetime) -> int:
    """Whole days since the trial began."""
    return 0 if trial.starts_at is None else (micros(at) - micros(trial.starts_at)) // DAY


def usual_activation(session: Session, days: Collection[int], at: datetime) -> dict[int, Usual]:
    """Day of a trial -> what the trials that converted had reached by then: the furthest of each one's people."""
    live = live_model(session)
    total = sum(milestone.weight for milestone in live.milestones) or 1
    weights = [milestone.weight for milestone in live.milestones]  # in the order in which people keep theirs
    if not days:
        return {}
    converted = session.scalars(
        select(Trial)
        .where(Trial.converted_at <= at, Trial.starts_at.is_not(None))
        .order_by(Trial.converted_at.desc(), Trial.id.desc())
        .limit(SAMPLE)
    ).all()
    people = people_of(session, converted, at, None, past=False)
    lives = [
        (micros(trial.starts_at), [person.milestones for person in people.team(trial).people])
        for trial in converted
        if trial.starts_at is not None
    ]
    now, ascending = micros(at), sorted(set(days))
    shares: dict[int, list[float]] = {day: [] for day in ascending}
    for start, team in lives:
        over = [day for day in ascending if start + (day + 1) * DAY <= now]
        best = [0.0] * len(over)
        for reached in team:
            for place, share in enumerate(
                _shares(reached, weights, [start + (day + 1) * DAY for day in over])
            ):
                best[place] = max(best[place], share)
        for day, share in zip(over, best, strict=True):
            shares[day].append(share / total * 100)
    return {
        day: Usual(middle, len(some)) for day, some in shares.items() if (middle := median(some)) is not None
    }


def _shares(
    reached: Sequence[int | None], weights: Sequence[int | float], untils: Sequence[int]
) -> Iterator[float]:
    """What one had reached by each of *untils*, which ascend: added up anew only where that has changed."""
    times = sorted(when for when in reached if when is not None)
    passed, share = 0, 0.0
    for until in untils:
        some = bisect_right(times, until, passed)
        if some != passed:
            passed = some
            share = float(
                sum(w for when, w in zip(reached, weights, strict=True) if when is not None and when <= until)
            )
        yield share


def pace(activation: int, usual: Usual | None) -> str:
    """How an activation stands against the usual one of that day of a trial; below 30 trials nothing is claimed."""
    if usual is None or usual.n < ENOUGH:
        return UNKNOWN
    ratio = activation / usual.activation if usual.activation > 0 else 1.0
    if ratio >= 1.2:
        return AHEAD
    if ratio >= 0.8:
        return ON_PACE
    return SLOW if ratio >= 0.5 else AT_RISK
