"""Trials: state as of a moment, days left, and whether activation keeps pace; the most urgent first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Company, Trial
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.figure_rows import TrialRow
from pqldesk.services.scoring.live import live_model
from pqldesk.services.trial_outcomes import facts_of
from pqldesk.services.trial_people import people_of
from pqldesk.services.trial_rules import OPEN_STATES, TrialFacts, TrialState, days_left, trial_state
from pqldesk.services.trials.pace import ENOUGH, day_of_trial, pace, usual_activation
from pqldesk.services.trials.work import MOST_DAYS, MOST_EXTENSIONS, extensions_given

QUIET_DAYS = 3  # without anything done by anybody of a running trial
URGENCY = {"active": 0, "extended": 0, "expired": 1, "converted": 2, "lost": 3}


def trials(
    session: Session, at: datetime, known_at: datetime | None = None, *, past: bool = False
) -> list[TrialRow]:
    """All trials begun by *at*: open ones by urgency, then expired, converted and lost, the latest first."""
    return trial_rows(session, at, None, known_at=known_at, past=past)


def trials_of_ids(session: Session, at: datetime, ids: Sequence[int]) -> list[TrialRow]:
    """These trials as of now, without those that are gone."""
    return trial_rows(session, at, Trial.id.in_(ids))


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
    given = extensions_given(session, [trial.id for trial, *_ in facts])
    model = live_model(session).model
    rows = []
    for trial, company, domain, one in facts:
        team, own = people.team(trial), people.by_id.get(trial.lead_id or 0)
        best = team.best
        state = trial_state(one, at, zone)
        name, its_domain = people.company.get(trial.lead_id or 0, (None, None))
        is_open = state in OPEN_STATES
        day = day_of_trial(one, at)
        used = usual.get(day) if is_open else None
        active = max((p.active_at for p in team.people if p.active_at is not None), default=None)
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
                pace=pace(team.activation, used) if is_open else "",
                owner=best.owner if best else None,
                day=day,
                usual=round(used.activation) if used is not None and used.n >= ENOUGH else None,
                usual_of=used.n if used is not None else 0,
                last_active_at=active,
                quiet_days=_quiet(trial.starts_at, active, at) if is_open else 0,
                extensions=given.get(trial.id, 0),
                extendable_until=_extendable(one, state, given.get(trial.id, 0)),
                outcome_at=trial.outcome_at if not is_open else None,
            )
        )
    return sorted(rows, key=_urgency)


def _quiet(starts_at: datetime | None, active_at: datetime | None, at: datetime) -> int:
    """Whole days for which nobody has done anything, once that is long enough to be told."""
    since = max((moment for moment in (starts_at, active_at) if moment is not None), default=None)
    days = 0 if since is None else (at - since).days
    return days if days >= QUIET_DAYS else 0


def _extendable(trial: TrialFacts, state: TrialState, used: int) -> datetime | None:
    """Until when people may extend it; None where they may not."""
    first = trial.first_ends_at or trial.ends_at
    if first is None or used >= MOST_EXTENSIONS or state in (TrialState.CONVERTED, TrialState.LOST):
        return None
    return first + timedelta(days=MOST_DAYS)


def _urgency(row: TrialRow) -> tuple[int, float, float, float, str]:
    """Open ones by days left, what is missing to activation, and score; then the others, the latest first."""
    if row.state in OPEN_STATES:
        days = row.days_left if row.ends_at is not None else float("inf")
        return 0, days, row.activation - 100, -row.score, row.trial_id
    end = row.outcome_at or row.ends_at
    return URGENCY[row.state], -(end.timestamp() if end is not None else 0.0), 0, -row.score, row.trial_id


def _until(moment: datetime | None, at: datetime) -> datetime | None:
    """The moment where it is not later than *at*."""
    return moment if moment is not None and moment <= at else None
