"""The funnel: how far the leads of a signup cohort came, how fast, and whether the score told them apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.moments import HOUR, calendar_day, local_days, monday
from pqldesk.services.basics.rates import rate
from pqldesk.services.basics.statistics import median, share, wilson
from pqldesk.services.figure_rows import FunnelStep
from pqldesk.services.figures.activation import Person, signed_up
from pqldesk.services.queue.as_of import rows_as_of
from pqldesk.services.scoring.live import live_model

STEPS = ("signed_up", "activated", "qualified", "claimed", "contacted", "handed_off", "opportunity", "won")
SPLITS = ("week", "source", "placement", "plan", "owner", "rep")


class Way(NamedTuple):
    """How far one lead came: step -> when, in microseconds."""

    person: Person
    reached: Mapping[str, int | None]  # None: at no known moment
    source: str | None
    placement: str | None
    owner: str | None
    plan: str | None

    def between(self, step: str | None, later: str) -> int | None:
        """Microseconds from one step to another, below 0 where they came the other way round; None if unknown."""
        start, end = self.reached.get(step or ""), self.reached.get(later)
        return None if start is None or end is None else end - start


@dataclass(frozen=True, slots=True)
class Cohort:
    """Which leads a funnel is of: those that signed up in (*since*, *until*], of one source or rep where named.

    *past* answers as of *until*, from what had occurred by then (and, with *known_at*, been received).
    """

    until: datetime
    since: datetime | None = None
    source: str | None = None
    rep: str | None = None
    known_at: datetime | None = None
    past: bool = False


def funnel(session: Session, cohort: Cohort) -> list[FunnelStep]:
    """The steps of a cohort; each counts who ever reached it."""
    return steps_of(ways(session, cohort))


def funnel_by(session: Session, by: str, cohort: Cohort) -> list[tuple[str | None, FunnelStep]]:
    """The same, split by signup week (its Monday), source, placement, plan, or owner (rep means the same)."""
    groups = grouped(session, by, ways(session, cohort))
    return [(key, step) for key, found in groups.items() for step in steps_of(found)]


def grouped(session: Session, by: str, found: Iterable[Way]) -> dict[str | None, list[Way]]:
    """The ways by one of SPLITS, in order, those without a value last."""
    groups: dict[str | None, list[Way]] = defaultdict(list)
    day_of = local_days(settings.zone(session)).day_of
    for way in found:
        if by == "week":
            key: str | None = calendar_day(monday(day_of(way.person.signup))).isoformat()
        else:
            key = {
                "source": way.source, "placement": way.placement, "plan": way.plan, "owner": way.owner,
                "rep": way.owner,
            }[by]  # fmt: skip
        groups[key].append(way)
    return {key: groups[key] for key in sorted(groups, key=lambda key: (key is None, key or ""))}


def steps_of(found: Sequence[Way]) -> list[FunnelStep]:
    """Each step as a share of all, and of those who reached the step before, with 95 % intervals and median times.

    Steps are not forced to nest: who came without the step before counts in the first share, not in the second, and
    who came to this step first says nothing of the time from one to the other.
    """
    steps: list[FunnelStep] = []
    before: str | None = None
    for step in STEPS:
        came = [way for way in found if step in way.reached]
        passed = [way for way in came if before is None or before in way.reached]
        since_signup = (
            max(0, when - way.person.signup) / HOUR for way in came if (when := way.reached[step]) is not None
        )
        since_before = (
            wait / HOUR for way in passed if (wait := way.between(before, step)) is not None and wait >= 0
        )
        of_before = (len(passed), steps[-1].n) if steps else None
        steps.append(
            step_of(step, len(came), len(found), of_before, median(since_signup), median(since_before))
        )
        before = step
    return steps


def step_of(
    step: str,
    n: int,
    of: int,
    of_before: tuple[int, int] | None,
    since_signup: float | None,
    since_before: float | None,
) -> FunnelStep:
    """One step: *n* of *of* came to it, *of_before* of those of the step before; the medians in hours."""
    interval = wilson(n, of)
    return FunnelStep(
        step,
        n,
        of,
        share(n, of),
        interval.low if interval else None,
        interval.high if interval else None,
        None if since_signup is None else round(since_signup, 2),
        None if of_before is None else rate(*of_before),
        since_before,
    )


def ways(session: Session, cohort: Cohort) -> list[Way]:
    """The way of each lead of the cohort, up to its end."""
    at, known_at, past = cohort.until, cohort.known_at, cohort.past
    milestones = live_model(session).milestones
    people = signed_up(session, at, milestones, cohort.since, known_at, past=past)
    ids = {person.lead_id for person in people}
    driver = Driver(session)
    qualified: dict[int, int | None] = {}
    if past:
        for row, _ in rows_as_of(session, at, known_at, sorted(ids)):
            qualified[row.id] = None if row.qualified_at is None else micros(row.qualified_at)
    facts = {
        row[0]: row[1:]
        for row in driver.run(
            "SELECT id, qualified_at, first_touch_at, outcome, outcome_at, source, placement, owner, plan FROM lead"
            " WHERE is_listed = 1 AND excluded IS NULL AND signed_up_at IS NOT NULL"
        )
        if row[0] in ids
    }
    claimed = firsts(driver, "claim", "taken_at")
    handed = firsts(driver, "handoff", "created_at", "playbook = 'handoff'")
    # A deal of its own, or its company's that it had a part in.
    deals = firsts(driver, "outbox_item", "done_at", "kind = 'deal' AND state = 'done'")
    converted = firsts(driver, "trial", "converted_at", "lead_id IS NOT NULL AND converted_at IS NOT NULL")
    now = micros(at)
    found = []
    for person in people:
        lead_id = person.lead_id
        crossed, touch, outcome, outcome_at, source, placement, owner, plan = facts[lead_id]
        if cohort.source not in (None, source) or cohort.rep not in (None, owner):
            continue
        bought = converted.get(lead_id)
        is_won = outcome == "won" and (outcome_at is None or outcome_at <= now)
        dated = [when for when in (outcome_at if is_won else None, bought) if when is not None]
        moments = (
            ("signed_up", person.signup),
            ("activated", None if None in person.reached else max(person.reached, key=_number)),
            ("qualified", qualified.get(lead_id) if past else crossed),
            ("claimed", claimed.get(lead_id)),
            ("contacted", touch),
            ("handed_off", handed.get(lead_id)),
            ("opportunity", deals.get(lead_id)),
            ("won", min(dated, default=None)),
        )
        way: dict[str, int | None] = {
            step: when for step, when in moments if when is not None and when <= now
        }
        if is_won:
            way.setdefault("won", None)
        found.append(Way(person, way, source, placement, owner, plan))
    return found


def _number(when: int | None) -> int:
    return when or 0


def firsts(driver: Driver, table: str, when: str, where: str = "1 = 1") -> dict[int, int]:
    """Lead -> the first such moment."""
    return dict(driver.rows(f"SELECT lead_id, min({when}) FROM {table} WHERE {where} GROUP BY lead_id"))  # noqa: S608
