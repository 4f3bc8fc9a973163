"""Activation: how many leads reached each milestone, how fast, and who stalled."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import DAY, calendar_day, local_days, monday
from pqldesk.services.basics.rates import rate
from pqldesk.services.basics.statistics import median, newcombe, reached_by_day, time_until
from pqldesk.services.figure_rows import ActivationFigures, ActivationStep, ActivationWeek, StalledLead
from pqldesk.services.modelling.replay import Outcome, outcomes
from pqldesk.services.queue.as_of import rows_as_of
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.milestones import SIGNUP_KIND, Milestone, milestones_to_json

CURVE_DAYS = 31
STALLED_AFTER = 7  # days without a new milestone
STALLED_AT_MOST = 50
WEEKS = 8
OVER = ("won", "lost", "disqualified")  # states in which nobody stalls


class Person(NamedTuple):
    """One lead of the cohort; times in microseconds, *reached* in the order of the milestones."""

    lead_id: int
    score: int
    state: str
    signup: int
    reached: tuple[int | None, ...]


def activation_figures(
    session: Session,
    at: datetime,
    days: int | None = None,
    known_at: datetime | None = None,
    *,
    past: bool = False,
) -> ActivationFigures:
    """Milestones of the leads that signed up by *at* (in the last *days*), as of *at*."""
    milestones = live_model(session).milestones
    after = None if days is None else at - timedelta(days=days)
    people = signed_up(session, at, milestones, after, known_at, past=past)
    now = micros(at)
    steps = tuple(_step(milestone, place, people, now) for place, milestone in enumerate(milestones))
    value_at = [
        (min((when for when in _after_signup(person, milestones) if when is not None), default=None), person)
        for person in people
    ]
    waits = [
        ((first - person.signup) / DAY, True) if first is not None else ((now - person.signup) / DAY, False)
        for first, person in value_at
    ]
    done = [(max(0.0, days_waited), happened) for days_waited, happened in waits]
    stalled, in_all = _stalled(session, people, milestones, now)
    return ActivationFigures(
        steps=told_apart(steps, milestones, people, outcomes(session, at), now),
        cohort_size=len(people),
        activated=sum(all(when is not None for when in person.reached) for person in people),
        median_days_to_value=time_until(0.5, done),
        p90_days_to_value=time_until(0.9, done),
        stalled=stalled,
        stalled_in_all=in_all,
        weeks=_weeks(session, people, now),
        kinds=tuple(
            name for (name,) in Driver(session).rows("SELECT DISTINCT name FROM event_kind ORDER BY name")
        ),
    )


def signed_up(
    session: Session,
    at: datetime,
    milestones: Sequence[Milestone],
    after: datetime | None = None,
    known_at: datetime | None = None,
    *,
    past: bool = False,
) -> list[Person]:
    """The leads that signed up by *at*, less those that are excluded; milestones not reached by then are None.

    Read through the driver: a million leads take seconds this way, a minute with a type for each column.
    """
    now = micros(at)
    since = -1 if after is None else micros(after)
    then = {row.id: row for row, _ in rows_as_of(session, at, known_at)} if past else {}
    keys = [milestone.key for milestone in milestones]
    rows = Driver(session).run(
        "SELECT id, score, state, signed_up_at, milestones FROM lead"
        " WHERE is_listed = 1 AND excluded IS NULL AND signed_up_at <= ? AND signed_up_at > ? ORDER BY id",
        (now, since),
    )
    people = []
    for lead_id, score, state, signup, stored in rows:
        times = json.loads(stored) if stored else {}
        if lead_id in then:
            reached_then = then[lead_id].milestones.items()
            times = {key: None if when is None else micros(when) for key, when in reached_then}
            score = round(then[lead_id].score * HUNDRED)
        reached = tuple(
            [when if (when := times.get(key)) is not None and when <= now else None for key in keys]
        )
        people.append(Person(lead_id, score, state, signup, reached))
    return people


def _step(milestone: Milestone, place: int, people: Sequence[Person], now: int) -> ActivationStep:
    waits = sorted(
        max(0, when - person.signup) for person in people if (when := person.reached[place]) is not None
    )
    whole_days = [wait // DAY for wait in waits]
    cells = Counter(
        (
            None if (when := person.reached[place]) is None else max(0, when - person.signup) // DAY,
            (now - person.signup) // DAY,
        )
        for person in people
    )
    return ActivationStep(
        milestone.key,
        milestone.label,
        len(waits),
        len(people),
        median(whole_days),
        reached_by_day(((day, watched, many) for (day, watched), many in cells.items()), CURVE_DAYS),
    )


def shows_value(milestone: Milestone) -> bool:
    """All but signing up and logging in."""
    return milestone.kind not in (SIGNUP_KIND, "login")


def _after_signup(person: Person, milestones: Sequence[Milestone]) -> list[int | None]:
    """When each milestone that shows value was reached."""
    return [when for when, one in zip(person.reached, milestones, strict=True) if shows_value(one)]


def _stalled(
    session: Session, people: Sequence[Person], milestones: Sequence[Milestone], now: int
) -> tuple[tuple[StalledLead, ...], int]:
    """Open leads that began and stopped half-way, those nearest to qualifying first, and how many there are."""
    found = []
    for person in people:
        reached = [when for when in person.reached if when is not None]
        if not reached or len(reached) == len(milestones) or person.state in OVER:
            continue
        idle = (now - max(reached)) // DAY
        if idle >= STALLED_AFTER:
            found.append((person, idle))
    found.sort(key=lambda one: (-one[0].score, one[1], one[0].lead_id))
    return stalled_rows(session, found[:STALLED_AT_MOST], milestones), len(found)


def stalled_rows(
    session: Session, shown: Sequence[tuple[Person, int]], milestones: Sequence[Milestone]
) -> tuple[StalledLead, ...]:
    """The rows of people and the days since their last milestone."""
    wanted = select(Lead.id, Lead.name, Lead.company_name).where(
        Lead.id.in_([one.lead_id for one, _ in shown])
    )
    named = {lead_id: (name, company) for lead_id, name, company in session.execute(wanted)}
    rows = []
    for person, idle in shown:
        times = zip(person.reached, milestones, strict=True)
        _last, label = max((when, one.label) for when, one in times if when is not None)
        rows.append(
            StalledLead(
                public_id(LEAD, person.lead_id),
                *named[person.lead_id],
                label,
                idle,
                number(person.score, HUNDRED),
            )
        )
    return tuple(rows)


def told_apart(
    steps: Sequence[ActivationStep],
    milestones: Sequence[Milestone],
    people: Sequence[Person],
    came: Mapping[int, Outcome],
    now: int,
) -> tuple[ActivationStep, ...]:
    """Each step with the win rate of the decided leads that had reached it before their outcome, and of the others."""
    told = []
    rules = milestones_to_json(milestones)
    for place, step in enumerate(steps):
        counts = {True: [0, 0], False: [0, 0]}
        for person in people:
            outcome = came.get(person.lead_id)
            if outcome is None:
                continue
            decided = now if outcome.at is None else micros(outcome.at)
            when = person.reached[place]
            cell = counts[when is not None and when <= decided]
            cell[0] += outcome.won
            cell[1] += 1
        (won1, of1), (won2, of2) = counts[True], counts[False]
        interval = newcombe(won1, of1, won2, of2)
        apart = None if interval is None else (won1 / of1 - won2 / of2, interval.low, interval.high)
        told.append(
            replace(
                step,
                won_with=rate(won1, of1),
                won_without=rate(won2, of2),
                difference=apart,
                rule=rules[place],
            )
        )
    return tuple(told)


def _weeks(session: Session, people: Sequence[Person], now: int) -> tuple[ActivationWeek, ...]:
    """The last WEEKS signup weeks, the newest last."""
    days = local_days(settings.zone(session))
    this_week = monday(days.day_of(now))
    weeks: dict[int, list[Person]] = {}
    for person in people:
        week = monday(days.day_of(person.signup))
        if this_week - week < 7 * WEEKS:
            weeks.setdefault(week, []).append(person)
    rows = []
    for week, found in sorted(weeks.items()):
        start = calendar_day(week)
        reached = tuple(
            sum(person.reached[place] is not None for person in found)
            for place in range(len(found[0].reached))
        )
        rows.append(
            ActivationWeek(datetime(start.year, start.month, start.day, tzinfo=UTC), len(found), reached)
        )
    return tuple(rows)
