"""Which trials run at a moment, as one condition, and noting what became of those that do no longer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros, moment
from pqldesk.models.ids import TRIAL, public_id
from pqldesk.models.people import Trial
from pqldesk.services import settings
from pqldesk.services.basics.moments import local_days
from pqldesk.services.trial_rules import (
    LOST_WORDS,
    OPEN_STATES,
    TrialFacts,
    TrialState,
    trial_end,
    trial_state,
)

MOST = 500  # noted in one go: a first import may bring many, and nobody waits for them


def runs_at(session: Session, at: datetime) -> ColumnElement[bool]:
    """Trials that have begun and are active or extended at that moment: what trial_state() says, for the database."""
    return running(at, day_of(session, at))


def day_of(session: Session, at: datetime) -> datetime:
    """When the workspace's day of *at* began: a date-only end runs to the end of its day."""
    days = local_days(settings.zone(session))
    return moment(days.midnight(days.day_of(micros(at))))


def running(at: Any, today: Any) -> ColumnElement[bool]:
    """runs_at() for moments or parameters."""
    word = func.lower(func.trim(func.coalesce(Trial.source_state, "")))
    return and_(
        or_(Trial.starts_at.is_(None), Trial.starts_at <= at),
        word.not_in(("converted", *sorted(LOST_WORDS))),
        or_(Trial.converted_at.is_(None), Trial.converted_at > at),
        Trial.closed_at.is_(None),
        or_(
            and_(Trial.ends_at.is_(None), word != "expired"),
            and_(Trial.ends_date_only.is_(False), Trial.ends_at > at),
            and_(Trial.ends_date_only.is_(True), Trial.ends_at >= today),
        ),
    )


def state_at(session: Session, at: datetime) -> ColumnElement[str]:
    """What trial_state() says of a trial that has begun, for the database; active stands for extended too."""
    word = func.lower(func.trim(func.coalesce(Trial.source_state, "")))
    converted = or_(word == "converted", Trial.converted_at <= at)
    lost = or_(word.in_(sorted(LOST_WORDS)), Trial.closed_at.is_not(None))
    return case(
        (runs_at(session, at), TrialState.ACTIVE.value),
        (converted, TrialState.CONVERTED.value),
        (lost, TrialState.LOST.value),
        else_=TrialState.EXPIRED.value,
    )


def over_at(session: Session, at: datetime) -> ColumnElement[str | None]:
    """What trial_state() says of a trial that is over as of that moment, begun or not; NULL of one that runs."""
    word = func.lower(func.trim(func.coalesce(Trial.source_state, "")))
    ended = or_(
        and_(Trial.ends_at.is_(None), word == "expired"),
        and_(Trial.ends_date_only.is_(False), Trial.ends_at <= at),
        and_(Trial.ends_date_only.is_(True), Trial.ends_at < day_of(session, at)),
    )
    return case(
        (or_(word == "converted", Trial.converted_at <= at), TrialState.CONVERTED.value),
        (or_(word.in_(sorted(LOST_WORDS)), Trial.closed_at.is_not(None)), TrialState.LOST.value),
        (ended, TrialState.EXPIRED.value),
    )


def settle_trials(session: Session, at: datetime) -> int:
    """Note the outcome of trials that have ended by *at*, and take it off those that run again; how many changed."""
    running = runs_at(session, at)
    begun = or_(Trial.starts_at.is_(None), Trial.starts_at <= at)
    again = select(Trial).where(Trial.ends_at > at, Trial.outcome.is_not(None), running).limit(MOST)
    changed = 0
    for trial in session.scalars(again):
        trial.outcome = trial.outcome_at = None
        changed += 1
    zone = settings.zone(session)
    for trial in session.scalars(select(Trial).where(Trial.outcome.is_(None), begun, ~running).limit(MOST)):
        facts = facts_of(trial)
        state = trial_state(facts, at, zone)
        if state in OPEN_STATES:
            continue
        ended = {
            TrialState.CONVERTED: trial.converted_at,
            TrialState.LOST: trial.closed_at,
            TrialState.EXPIRED: trial_end(facts, zone),
        }[state]
        trial.outcome, trial.outcome_at = str(state), ended or at
        changed += 1
    if changed:
        session.flush()
    return changed


def trials_are_due(session: Session, at: datetime) -> bool:
    """Whether settle_trials() would note anything; reads one short index."""
    begun = or_(Trial.starts_at.is_(None), Trial.starts_at <= at)
    ended = select(Trial.id).where(Trial.outcome.is_(None), begun, ~runs_at(session, at)).limit(1)
    return session.scalar(ended) is not None


def facts_of(trial: Trial) -> TrialFacts:
    """The stored facts of a trial, for its rules."""
    return TrialFacts(
        starts_at=trial.starts_at,
        ends_at=trial.ends_at,
        ends_date_only=trial.ends_date_only,
        first_ends_at=trial.first_ends_at,
        source_state=trial.source_state,
        converted_at=trial.converted_at,
        closed_at=trial.closed_at,
        plan=trial.plan,
        trial_id=public_id(TRIAL, trial.id),
    )
