"""Whether a trial's activation keeps pace with the usual one of that day."""

from collections.abc import Collection, Sequence
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
    now = micros(at)
    usual: dict[int, Usual] = {}
    for day in days:
        shares = [
            max((_share(reached, weights, start + (day + 1) * DAY) / total for reached in team), default=0.0)
            * 100
            for start, team in lives
            if start + (day + 1) * DAY <= now
        ]
        middle = median(shares)
        if middle is not None:
            usual[day] = Usual(middle, len(shares))
    return usual


def _share(reached: Sequence[int | None], weights: Sequence[int | float], until: int) -> float:
    return float(
        sum(w for when, w in zip(reached, weights, strict=True) if when is not None and when <= until)
    )


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
