"""Trials: state as of a moment, days left, and whether activation keeps pace; the most urgent first."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, TRIAL, public_id
from pqldesk.models.people import Company, Trial
from pqldesk.services import settings
from pqldesk.services.exact import HUNDRED, number
from pqldesk.services.figure_rows import TrialRow
from pqldesk.services.scoring.live import live_model
from pqldesk.services.trial_pace import day_of_trial, pace, usual_activation
from pqldesk.services.trial_people import people_of
from pqldesk.services.trial_rules import OPEN_STATES, TrialFacts, days_left, trial_state

_URGENCY = {"active": 0, "extended": 0, "expired": 1, "converted": 2, "lost": 3}


def trials(
    session: Session, at: datetime, known_at: datetime | None = None, *, past: bool = False
) -> list[TrialRow]:
    """All trials begun by *at*: open ones by their end, then expired, converted and lost, the latest first."""
    return trial_rows(session, at, None, known_at=known_at, past=past)


def trial_rows(
    session: Session,
    at: datetime,
    where: ColumnElement[bool] | None = None,
    *,
    known_at: datetime | None = None,
    past: bool = False,
) -> list[TrialRow]:
    """The trials that *where* lets through (all by default); with *past* scores are worked out for *at*."""
    zone = settings.zone(session)
    wanted = (
        select(Trial, Company.name, Company.domain)
        .outerjoin(Company, Company.id == Trial.company_id)
        .where(or_(Trial.starts_at.is_(None), Trial.starts_at <= at))
        .order_by(Trial.id)
    )
    found = session.execute(wanted if where is None else wanted.where(where)).all()
    people = people_of(session, [trial for trial, _, _ in found], at, known_at, past=past)
    facts = [(trial, company, domain, facts_of(trial)) for trial, company, domain in found]
    days = {day_of_trial(one, at) for *_, one in facts if trial_state(one, at, zone) in OPEN_STATES}
    usual = usual_activation(session, days, at)
    model = live_model(session).model
    rows = []
    for trial, company, domain, one in facts:
        team, own = people.team(trial), people.by_id.get(trial.lead_id or 0)
        best = team.best
        state = trial_state(one, at, zone)
        name, its_domain = people.company.get(trial.lead_id or 0, (None, None))
        is_open = state in OPEN_STATES
        rows.append(
            TrialRow(
                trial_id=one.trial_id,
                company=company if company is not None else name,
                domain=domain if domain is not None else its_domain,
                email=own.email if own else None,
                lead_id=public_id(LEAD, trial.lead_id) if trial.lead_id is not None else None,
                plan=trial.plan,
                starts_at=trial.starts_at,
                ends_at=trial.ends_at,
                state=str(state),
                days_left=days_left(one, at, zone) or 0,
                converted_at=_until(trial.converted_at, at),
                activation=team.activation,
                milestones=team.reached(at),
                active_users=team.active(at),
                score=number(best.score, HUNDRED) if best else 0,
                band=model.band_of(best.score if best else 0).key,
                pace=pace(team.activation, usual.get(day_of_trial(one, at))) if is_open else "",
                owner=best.owner if best else None,
            )
        )
    return sorted(rows, key=_urgency)


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


def _urgency(row: TrialRow) -> tuple[int, float, str]:
    end = row.ends_at.timestamp() if row.ends_at is not None else float("inf")
    is_open = row.state in OPEN_STATES
    return _URGENCY[row.state], end if is_open else -end, row.trial_id


def _until(moment: datetime | None, at: datetime) -> datetime | None:
    """The moment where it is not later than *at*."""
    return moment if moment is not None and moment <= at else None
