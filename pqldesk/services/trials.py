"""Trials: state as of a moment, days left, and whether activation keeps pace; the most urgent first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, TRIAL, public_id
from pqldesk.models.people import HIDDEN_STATES, Company, Lead, Trial
from pqldesk.services import settings
from pqldesk.services.chunked import chunked
from pqldesk.services.exact import HUNDRED, number
from pqldesk.services.moments import DAY, micros
from pqldesk.services.queue_as_of import rows_as_of
from pqldesk.services.rows import TrialRow
from pqldesk.services.scoring.live import live_model
from pqldesk.services.statistics import median
from pqldesk.services.trial_rules import OPEN_STATES, TrialFacts, days_left, has_started, trial_state

ACTIVE_DAYS = 14
AHEAD, ON_PACE, SLOW, AT_RISK = "ahead", "on pace", "slow", "at risk"
_URGENCY = {"active": 0, "extended": 0, "expired": 1, "converted": 2, "lost": 3}


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    email: str | None
    score: int
    activation: int
    milestones: tuple[int | None, ...]
    active_at: datetime | None
    owner: str | None


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
    people = _people(session, [trial for trial, _, _ in found], at, known_at, past=past)
    facts = [(trial, company, domain, facts_of(trial)) for trial, company, domain in found]
    usual = _usual_activation(session, [one for *_, one in facts], at) if where is None else {}
    rows = []
    for trial, company, domain, one in facts:
        if not has_started(one, at):
            continue
        team = people.of(trial)
        own = people.by_id.get(trial.lead_id or 0)
        best = max(team, key=lambda person: (person.score, -person.id), default=None)
        state = trial_state(one, at, zone)
        activation = max((person.activation for person in team), default=0)
        rows.append(
            TrialRow(
                trial_id=public_id(TRIAL, trial.id),
                company=company if company is not None else people.company_of(trial),
                domain=domain if domain is not None else people.domain_of(trial),
                email=own.email if own else None,
                lead_id=public_id(LEAD, trial.lead_id) if trial.lead_id is not None else None,
                plan=trial.plan,
                starts_at=trial.starts_at,
                ends_at=trial.ends_at,
                state=str(state),
                days_left=days_left(one, at, zone) or 0,
                converted_at=trial.converted_at
                if trial.converted_at is not None and trial.converted_at <= at
                else None,
                activation=activation,
                milestones=_reached_together(team, at),
                active_users=sum(
                    person.active_at is not None and person.active_at > at - timedelta(days=ACTIVE_DAYS)
                    for person in team
                ),
                score=number(best.score, HUNDRED) if best else 0,
                band=people.band_of(best.score if best else 0),
                pace=_pace(activation, usual.get(_day_of(one, at))) if state in OPEN_STATES else "",
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


class _People:
    """The people behind trials: of the company, or the one who started it."""

    def __init__(self, session: Session) -> None:
        self._model = live_model(session).model
        self.by_id: dict[int, _Person] = {}
        self.by_company: dict[int, list[_Person]] = defaultdict(list)
        self.company: dict[int, tuple[str | None, str | None]] = {}

    def of(self, trial: Trial) -> list[_Person]:
        team = list(self.by_company.get(trial.company_id or 0, []))
        own = self.by_id.get(trial.lead_id or 0)
        return team if own is None or own in team else [*team, own]

    def band_of(self, score: int) -> str:
        return self._model.band_of(score).key

    def company_of(self, trial: Trial) -> str | None:
        return self.company.get(trial.lead_id or 0, (None, None))[0]

    def domain_of(self, trial: Trial) -> str | None:
        return self.company.get(trial.lead_id or 0, (None, None))[1]


def _people(
    session: Session, found: Sequence[Trial], at: datetime, known_at: datetime | None, *, past: bool
) -> _People:
    people = _People(session)
    keys = [milestone.key for milestone in live_model(session).milestones]
    columns = (
        Lead.id, Lead.email, Lead.score, Lead.activation, Lead.milestones, Lead.last_active_at, Lead.owner,
        Lead.company_id, Lead.company_name, Lead.domain,
    )  # fmt: skip
    rows: dict[int, Any] = {}
    for column, values in (
        (Lead.id, {trial.lead_id for trial in found} - {None}),
        (Lead.company_id, {trial.company_id for trial in found} - {None}),
    ):
        for some in chunked(sorted(values)):  # type: ignore[type-var]  # None was taken out
            for row in session.execute(
                select(*columns).where(column.in_(some), Lead.state.not_in(HIDDEN_STATES))
            ):
                rows[row[0]] = row
    then = {}
    if past and rows:
        then = {row.id: row for row, _ in rows_as_of(session, at, known_at, sorted(rows))}
    for (
        lead_id,
        email,
        score,
        activation,
        milestones,
        active_at,
        owner,
        company_id,
        company,
        domain,
    ) in rows.values():
        reached = milestones or {}
        person = _Person(
            lead_id, email, score, activation, tuple(reached.get(key) for key in keys), active_at, owner
        )
        if lead_id in then:
            past_row = then[lead_id]
            person = _Person(
                lead_id,
                email,
                round(past_row.score * HUNDRED),
                past_row.activation,
                tuple(None if when is None else micros(when) for when in past_row.milestones.values()),
                past_row.last_active_at,
                owner,
            )
        people.by_id[lead_id] = person
        people.company[lead_id] = (company, domain)
        if company_id is not None:
            people.by_company[company_id].append(person)
    return people


def _reached_together(team: Iterable[_Person], at: datetime) -> tuple[bool, ...]:
    """Which milestones anybody of the team has reached."""
    now = micros(at)
    columns = zip(*(person.milestones for person in team), strict=True)
    return tuple(any(when is not None and when <= now for when in column) for column in columns)


def _day_of(trial: TrialFacts, at: datetime) -> int:
    return 0 if trial.starts_at is None else (micros(at) - micros(trial.starts_at)) // DAY


def _usual_activation(session: Session, known: Sequence[TrialFacts], at: datetime) -> dict[int, float]:
    """Day of a trial -> the median activation (whole percent) that leads had so many days after signing up."""
    live = live_model(session)
    total = sum(milestone.weight for milestone in live.milestones) or 1
    weights = [(milestone.key, milestone.weight) for milestone in live.milestones]
    days = {_day_of(trial, at) for trial in known if trial_is_open(trial, at)}
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


def _by(reached: int | None, until: int) -> bool:
    return reached is not None and reached <= until


SAMPLE = 2_000  # newest leads from which the usual activation is taken


def trial_is_open(trial: TrialFacts, at: datetime) -> bool:
    """Whether the trial may still be worked on, but for its end: enough to choose the days to look at."""
    return trial.converted_at is None and trial.closed_at is None and has_started(trial, at)


def _pace(activation: int, usual: float | None) -> str:
    """How an activation stands against the usual one of that day of a trial."""
    if usual is None or usual <= 0:
        return ON_PACE
    ratio = activation / usual
    if ratio >= 1.2:
        return AHEAD
    if ratio >= 0.8:
        return ON_PACE
    return SLOW if ratio >= 0.5 else AT_RISK
