"""The funnel: how far the leads of a signup cohort came, how fast, and whether the score told them apart."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.db import Driver
from pqldesk.models.history import ScoreEvent
from pqldesk.models.people import Lead
from pqldesk.models.work import Claim
from pqldesk.services import settings
from pqldesk.services.activation import Person, cohort
from pqldesk.services.figure_rows import BandRate, CohortRow, FunnelFigures, FunnelStep, RepRow, SpeedToLead
from pqldesk.services.moments import DAY, HOUR, calendar_day, local_days, monday
from pqldesk.services.queue_as_of import rows_as_of
from pqldesk.services.scoring.live import live_model
from pqldesk.services.scoring.milestones import SIGNUP_KIND
from pqldesk.services.statistics import median, share, wilson

STEPS = ("signed_up", "activated", "qualified", "claimed", "contacted", "handed_off", "opportunity", "won")
SPLITS = ("week", "source", "placement", "rep")
COHORT_WEEKS = 8
VALUE_DAYS = 30


class Way(NamedTuple):
    """How far one lead came: step -> when, in microseconds."""

    person: Person
    reached: Mapping[str, int]
    source: str | None
    placement: str | None
    owner: str | None


def funnel(
    session: Session,
    at: datetime,
    days: int | None = None,
    known_at: datetime | None = None,
    *,
    past: bool = False,
) -> list[FunnelStep]:
    """The steps of the leads that signed up by *at* (in the last *days*); each counts who ever reached it."""
    return steps_of(ways(session, at, days, known_at, past=past))


def funnel_by(
    session: Session,
    by: str,
    at: datetime,
    days: int | None = None,
    known_at: datetime | None = None,
    *,
    past: bool = False,
) -> list[tuple[str | None, FunnelStep]]:
    """The same, split by signup week (its Monday), source, placement or rep."""
    groups: dict[str | None, list[Way]] = defaultdict(list)
    day_of = local_days(settings.zone(session)).day_of
    for way in ways(session, at, days, known_at, past=past):
        if by == "week":
            key: str | None = calendar_day(monday(day_of(way.person.signup))).isoformat()
        else:
            key = {"source": way.source, "placement": way.placement, "rep": way.owner}[by]
        groups[key].append(way)
    order = sorted(groups, key=lambda key: (key is None, key or ""))
    return [(key, step) for key in order for step in steps_of(groups[key])]


def steps_of(found: Sequence[Way]) -> list[FunnelStep]:
    """Each step as a share of all, with its 95 % interval and the median hours since signing up."""
    steps = []
    for step in STEPS:
        came = [way for way in found if step in way.reached]
        interval = wilson(len(came), len(found))
        hours = median(max(0, way.reached[step] - way.person.signup) / HOUR for way in came)
        steps.append(
            FunnelStep(
                step,
                len(came),
                len(found),
                share(len(came), len(found)),
                interval.low if interval else None,
                interval.high if interval else None,
                None if hours is None else round(hours, 2),
            )
        )
    return steps


def ways(
    session: Session,
    at: datetime,
    days: int | None = None,
    known_at: datetime | None = None,
    *,
    past: bool = False,
) -> list[Way]:
    """The way of each lead of the cohort, up to *at*."""
    milestones = live_model(session).milestones
    people = cohort(session, at, milestones, days, known_at, past=past)
    ids = {person.lead_id for person in people}
    driver = Driver(session)
    qualified: dict[int, int | None] = {}
    if past:
        for row, _ in rows_as_of(session, at, known_at, sorted(ids)):
            qualified[row.id] = None if row.qualified_at is None else micros(row.qualified_at)
    facts = {
        row[0]: row[1:]
        for row in driver.run(
            "SELECT id, qualified_at, first_touch_at, outcome, outcome_at, source, placement, owner FROM lead"
            " WHERE is_listed = 1 AND excluded IS NULL AND signed_up_at IS NOT NULL"
        )
        if row[0] in ids
    }
    claimed = _firsts(driver, "claim", "taken_at")
    handed = _firsts(driver, "handoff", "created_at", "playbook = 'handoff'")
    # A deal of its own, or its company's that it had a part in.
    deals = _firsts(driver, "outbox_item", "done_at", "kind = 'deal' AND state = 'done'")
    converted = _firsts(driver, "trial", "converted_at", "lead_id IS NOT NULL AND converted_at IS NOT NULL")
    now = micros(at)
    found = []
    for person in people:
        lead_id = person.lead_id
        crossed, touch, outcome, outcome_at, source, placement, owner = facts[lead_id]
        won = (outcome_at or now) if outcome == "won" else None
        bought = converted.get(lead_id)
        moments = (
            ("signed_up", person.signup),
            ("activated", None if None in person.reached else max(person.reached, key=_number)),
            ("qualified", qualified.get(lead_id) if past else crossed),
            ("claimed", claimed.get(lead_id)),
            ("contacted", touch),
            ("handed_off", handed.get(lead_id)),
            ("opportunity", deals.get(lead_id)),
            ("won", won if bought is None or (won is not None and won < bought) else bought),
        )
        way = {step: when for step, when in moments if when is not None and when <= now}
        found.append(Way(person, way, source, placement, owner))
    return found


def _number(when: int | None) -> int:
    return when or 0


def funnel_figures(
    session: Session, at: datetime, *, weeks: int = 13, source: str | None = None, rep: str | None = None
) -> FunnelFigures:
    """The Funnel page: the steps of the last *weeks* and of the weeks before them, bands, cohorts and reps."""
    until, since = at, at - timedelta(weeks=weeks)
    everybody = [
        way
        for way in ways(session, until, max(14 * weeks, 7 * (COHORT_WEEKS + 1)))
        if (source is None or way.source == source) and (rep is None or way.owner == rep)
    ]
    recent = _between(everybody, since, until)
    day_of = local_days(settings.zone(session)).day_of
    to_value = _days_to_value(session, recent)
    earlier = _between(everybody, since - timedelta(weeks=weeks), since)
    return FunnelFigures(
        since=since,
        until=until,
        steps=tuple(steps_of(recent)),
        previous=tuple(steps_of(earlier)),
        weekly_signups=_weekly(recent, day_of(micros(since)), day_of(micros(until)), day_of),
        bands=tuple(band_rates(session, until)),
        cohorts=tuple(_cohorts(session, everybody, until)),
        days_to_first_value=tuple(to_value[day] for day in range(VALUE_DAYS + 1)),
        median_days_to_value=median(to_value.elements()),
        speed=_speed(recent),
        speed_before=_speed(earlier),
        reps=tuple(reps(session, since, until)),
    )


def _speed(found: Sequence[Way]) -> SpeedToLead:
    """From the crossing of the cut to the first touch; one that came before the crossing waited for nothing."""
    waits = [
        max(0, way.reached["contacted"] - way.reached["qualified"]) / HOUR
        for way in found
        if "contacted" in way.reached and "qualified" in way.reached
    ]
    return SpeedToLead(len(waits), median(waits))


def band_rates(session: Session, at: datetime) -> list[BandRate]:
    """Won of closed leads by the band that was stored when the outcome came."""
    model = live_model(session).model
    closed: dict[str, list[bool]] = {band.key: [] for band in model.bands}
    rows = session.execute(
        select(Lead.id, Lead.score, Lead.outcome, Lead.outcome_at).where(
            Lead.outcome.in_(("won", "lost")), Lead.is_listed == 1, Lead.excluded.is_(None)
        )
    ).all()
    then = _scores_then(session, {row[0]: row[3] for row in rows if row[3] is not None})
    for lead_id, score, outcome, _ in rows:
        closed[model.band_of(then.get(lead_id, score)).key].append(outcome == "won")
    rates = []
    for band, outcomes in closed.items():
        interval = wilson(sum(outcomes), len(outcomes))
        rates.append(
            BandRate(
                band,
                len(outcomes),
                sum(outcomes),
                share(sum(outcomes), len(outcomes)),
                interval.low if interval else None,
                interval.high if interval else None,
            )
        )
    return rates


def _scores_then(session: Session, moments: Mapping[int, datetime]) -> dict[int, int]:
    """The stored score of each lead at its moment: what the last move before it made, or the first after it undid."""
    found: dict[int, int] = {}
    for lead_id, at, old, new in session.execute(
        select(ScoreEvent.lead_id, ScoreEvent.at, ScoreEvent.old, ScoreEvent.new).order_by(ScoreEvent.id)
    ):
        when = moments.get(lead_id)
        if when is None:
            continue
        if at <= when:
            found[lead_id] = new
        else:
            found.setdefault(lead_id, old)
    return found


def reps(session: Session, since: datetime, until: datetime) -> list[RepRow]:
    """What each rep claimed since, how fast the first touch came, and what became of it."""
    rows = session.execute(
        select(Claim.rep, Claim.taken_at, Lead.id, Lead.first_touch_at, Lead.outcome)
        .join(Lead, Lead.id == Claim.lead_id)
        .where(Claim.taken_at > since, Claim.taken_at <= until)
    ).all()
    handed = _firsts(Driver(session), "handoff", "created_at", "playbook = 'handoff'")
    by_rep: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_rep[row[0]].append(row)
    found = []
    for rep, claims in by_rep.items():
        leads = {row[2]: row for row in claims}
        waits = [
            (row[3] - row[1]).total_seconds() / 3600
            for row in leads.values()
            if row[3] is not None and row[3] >= row[1]
        ]
        found.append(
            RepRow(
                rep,
                len(leads),
                median(waits),
                sum(lead in handed for lead in leads),
                sum(row[4] == "won" for row in leads.values()),
            )
        )
    return sorted(found, key=lambda row: (-row.claimed, row.rep))


def _firsts(driver: Driver, table: str, when: str, where: str = "1 = 1") -> dict[int, int]:
    """Lead -> the first such moment."""
    return dict(driver.rows(f"SELECT lead_id, min({when}) FROM {table} WHERE {where} GROUP BY lead_id"))  # noqa: S608


def _between(found: Iterable[Way], since: datetime, until: datetime) -> list[Way]:
    first, last = micros(since), micros(until)
    return [way for way in found if first < way.person.signup <= last]


def _weekly(found: Iterable[Way], first: int, last: int, day_of: Any) -> tuple[int, ...]:
    counts = Counter(monday(day_of(way.person.signup)) for way in found)
    return tuple(counts[week] for week in range(monday(first), last + 1, 7))


def _days_to_value(session: Session, found: Iterable[Way]) -> "Counter[int]":
    """Day after signup -> how many leads had their first value then."""
    milestones = live_model(session).milestones
    counts: Counter[int] = Counter()
    for way in found:
        pairs = zip(milestones, way.person.reached, strict=True)
        times = [when for m, when in pairs if when is not None and m.kind not in (SIGNUP_KIND, "login")]
        if times:
            counts[max(0, min(times) - way.person.signup) // DAY] += 1
    return counts


def _cohorts(session: Session, found: Iterable[Way], at: datetime) -> list[CohortRow]:
    """Signup weeks, the newest last, with the share of their leads active in each week after."""
    days = local_days(settings.zone(session))
    today = days.day_of(micros(at))
    this_week = monday(today)
    weeks: dict[int, dict[int, int]] = defaultdict(dict)  # week -> lead -> signup day
    for way in found:
        day = days.day_of(way.person.signup)
        week = monday(day)
        if this_week - week < 7 * COHORT_WEEKS:
            weeks[week][way.person.lead_id] = day
    active: dict[int, set[int]] = defaultdict(set)
    for lead_id, day in Driver(session).rows(
        "SELECT DISTINCT i.lead_id, d.day FROM usage_day d JOIN identity i ON i.id = d.identity_id"
        " WHERE i.lead_id IS NOT NULL AND d.day >= ? AND d.day <= ?",
        (this_week - 7 * COHORT_WEEKS, today),
    ):
        active[lead_id].add(day)
    rows = []
    for week in sorted(weeks):
        leads = weeks[week]
        shares: list[float | None] = []
        for number in range((this_week - week) // 7 + 1):
            is_over = all(signup + 7 * (number + 1) <= today for signup in leads.values())
            came = sum(
                any(signup + 7 * number <= day < signup + 7 * (number + 1) for day in active[lead])
                for lead, signup in leads.items()
            )
            shares.append(came / len(leads) if is_over else None)
        start = calendar_day(week)
        rows.append(
            CohortRow(datetime(start.year, start.month, start.day, tzinfo=UTC), len(leads), tuple(shares))
        )
    return rows
