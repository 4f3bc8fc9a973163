"""Whether a trial's activation keeps pace with the usual one of that day."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services.moments import DAY, micros
from pqldesk.services.scoring.live import live_model
from pqldesk.services.statistics import median
from pqldesk.services.trial_rules import TrialFacts

AHEAD, ON_PACE, SLOW, AT_RISK = "ahead", "on pace", "slow", "at risk"
SAMPLE = 2_000  # newest leads from which the usual activation is taken


def day_of_trial(trial: TrialFacts, at: datetime) -> int:
    """Whole days since the trial began."""
    return 0 if trial.starts_at is None else (micros(at) - micros(trial.starts_at)) // DAY


def usual_activation(session: Session, days: Collection[int], at: datetime) -> dict[int, float]:
    """Day of a trial -> the median activation (whole percent) that leads had so many days after signing up."""
    live = live_model(session)
    total = sum(milestone.weight for milestone in live.milestones) or 1
    weights = [(milestone.key, milestone.weight) for milestone in live.milestones]
    if not days:
        return {}
    rows = session.execute(
        select(Lead.signed_up_at, Lead.milestones)
        .where(Lead.signed_up_at.is_not(None), Lead.is_listed == 1, Lead.excluded.is_(None))
        .order_by(Lead.id.desc())
        .limit(SAMPLE)
    ).all()
    now = micros(at)
    lives = [(micros(signup), milestones or {}) for signup, milestones in rows if signup is not None]
    usual: dict[int, float] = {}
    for day in days:
        shares = [
            100
            * sum(
                w
                for key, w in weights
                if (r := reached.get(key)) is not None and r <= start + (day + 1) * DAY
            )
            / total
            for start, reached in lives
            if start + (day + 1) * DAY <= now
        ]
        middle = median(shares)
        if middle is not None:
            usual[day] = middle
    return usual


def pace(activation: int, usual: float | None) -> str:
    """How an activation stands against the usual one of that day of a trial."""
    if usual is None or usual <= 0:
        return ON_PACE
    ratio = activation / usual
    if ratio >= 1.2:
        return AHEAD
    if ratio >= 0.8:
        return ON_PACE
    return SLOW if ratio >= 0.5 else AT_RISK


def _by(reached: int | None, until: int) -> bool:
    return reached is not None and reached <= until
