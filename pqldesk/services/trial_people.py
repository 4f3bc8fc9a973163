"""The people behind trials: everybody of the company, or the one who started it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import HIDDEN_STATES, Lead, Trial
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.exact import HUNDRED
from pqldesk.services.basics.moments import micros
from pqldesk.services.queue.as_of import rows_as_of
from pqldesk.services.scoring.live import live_model

ACTIVE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Person:
    """One lead. Score in hundredths; milestones in the order of their definitions, in microseconds."""

    id: int
    email: str | None
    score: int
    activation: int
    milestones: tuple[int | None, ...]
    active_at: datetime | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Team:
    """The people of one trial, together."""

    people: tuple[Person, ...]

    @property
    def best(self) -> Person | None:
        """Who scores highest; of equals the older lead."""
        return max(self.people, key=lambda person: (person.score, -person.id), default=None)

    @property
    def activation(self) -> int:
        """The furthest that one of them came, in whole percent."""
        return max((person.activation for person in self.people), default=0)

    def active(self, at: datetime) -> int:
        """How many used the product in the last 14 days."""
        since = at - timedelta(days=ACTIVE_DAYS)
        return sum(person.active_at is not None and person.active_at > since for person in self.people)

    def reached(self, at: datetime) -> tuple[bool, ...]:
        """Which milestones the one has reached whose activation the trial shows; of equals the older lead."""
        now = micros(at)
        furthest = max(self.people, key=lambda person: (person.activation, -person.id), default=None)
        milestones = () if furthest is None else furthest.milestones
        return tuple(when is not None and when <= now for when in milestones)


class People:
    """Everybody behind a list of trials."""

    def __init__(self) -> None:
        self.by_id: dict[int, Person] = {}
        self.by_company: dict[int, list[Person]] = defaultdict(list)
        self.company: dict[int, tuple[str | None, str | None]] = {}  # lead -> its company's name and domain

    def team(self, trial: Trial) -> Team:
        found = list(self.by_company.get(trial.company_id or 0, []))
        own = self.by_id.get(trial.lead_id or 0)
        return Team(tuple(found if own is None or own in found else [*found, own]))


def people_of(
    session: Session, found: Sequence[Trial], at: datetime, known_at: datetime | None, *, past: bool
) -> People:
    """The people of *found*; with *past* their scores and milestones are worked out for *at*."""
    people = People()
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
        person = Person(
            lead_id, email, score, activation, tuple(reached.get(key) for key in keys), active_at, owner
        )
        if lead_id in then:
            past_row = then[lead_id]
            person = Person(
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
