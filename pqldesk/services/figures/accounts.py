"""Accounts: companies with their people, usage, trial and a figure made of their scores by a declared rule."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import COMPANY, LEAD, public_id
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.moments import local_days
from pqldesk.services.figure_rows import AccountRow
from pqldesk.services.figures.account_score import SUM, Seat, aggregation
from pqldesk.services.queue.as_of import rows_as_of
from pqldesk.services.queue.rows import trial_shown
from pqldesk.services.trial_outcomes import facts_of
from pqldesk.services.trial_rules import TrialFacts
from pqldesk.services.trial_rules import trial_shown as latest

ACTIVE_DAYS = 14


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    name: str
    score: int
    owner: str | None
    last_active_at: datetime | None


def accounts(
    session: Session, at: datetime, known_at: datetime | None = None, *, past: bool = False
) -> list[AccountRow]:
    """Every company, the best first by the declared rule; with *past* scores are worked out for *at*.

    Worked out person by person, for whoever wants all of it or a past moment; the window has account_order.
    """
    zone = settings.zone(session)
    people: dict[int, list[_Person]] = defaultdict(list)
    company_of: dict[int, int] = {}
    wanted = select(Lead.id, Lead.company_id, Lead.name, Lead.score, Lead.owner, Lead.last_active_at).where(
        Lead.is_listed == 1, Lead.company_id.is_not(None)
    )
    companies = select(Company.id, Company.name, Company.domain, Company.plan)
    for lead_id, company_id, name, score, owner, seen in session.execute(wanted):
        if company_id is not None:
            company_of[lead_id] = company_id
            people[company_id].append(_Person(lead_id, name, score, owner, seen))
    if past:
        people.clear()
        for row, _ in rows_as_of(session, at, known_at, sorted(company_of)):
            then = _Person(row.id, row.name, round(row.score * HUNDRED), row.owner, row.last_active_at)
            people[company_of[row.id]].append(then)
    active = active_people(session, at)
    own, theirs = _trials(session, company_of)
    how = aggregation(session)
    rows = []
    for company_id, name, domain, plan in session.execute(companies):
        team = people.get(company_id, [])
        best = max(team, key=lambda one: (one.score, -one.id), default=None)
        shown = latest([*theirs.get(company_id, []), *own.get(company_id, [])], [], at)
        owners = sorted({one.owner for one in team if one.owner is not None})
        seats = [Seat(one.id, one.score, one.id in active) for one in team]
        rows.append(
            AccountRow(
                company_id=public_id(COMPANY, company_id),
                name=name,
                domain=domain,
                leads=len(team),
                active_users_14d=sum(seat.active for seat in seats),
                trial=None if shown is None else trial_shown(shown, at, zone),
                score=number(how.figure(seats), HUNDRED),
                owner=(best.owner if best else None) or (owners[0] if owners else None),
                best_lead_id=public_id(LEAD, best.id) if best else None,
                champion=best.name if best else None,
                best_score=number(best.score, HUNDRED) if best else 0,
                rule=how.rule,
                cap=number(how.cap, HUNDRED) if how.rule == SUM else None,
                plan=(shown.plan if shown is not None else None) or plan,
                last_active_at=max((p.last_active_at for p in team if p.last_active_at), default=None),
                owners=len(owners),
            )
        )
    return sorted(
        rows, key=lambda row: (-row.score, -row.active_users_14d, as_searched(row.name), row.company_id)
    )


def active_people(session: Session, at: datetime, among: Sequence[int] | None = None) -> set[int]:
    """Leads with a usage event in the last 14 times 24 hours: whole days from the roll-up, the edges from the log.

    *among* these leads, by default all.
    """
    zone = settings.zone(session)
    since, until = micros(at - timedelta(days=ACTIVE_DAYS)), micros(at)
    days = local_days(zone)
    first, last = days.day_of(since), days.day_of(until)
    driver = Driver(session)
    whole = (
        "SELECT DISTINCT i.lead_id FROM usage_day d JOIN identity i ON i.id = d.identity_id"
        " WHERE d.day > ? AND d.day < ? AND i.lead_id"
    )
    edges = (
        "SELECT DISTINCT i.lead_id FROM usage_day d JOIN identity i ON i.id = d.identity_id"
        " WHERE d.day IN (?, ?) AND EXISTS (SELECT 1 FROM usage_event e"
        " WHERE e.identity_id = d.identity_id AND e.at > ? AND e.at <= ?) AND i.lead_id"
    )
    found: set[int] = set()
    for sql, values in ((whole, (first, last)), (edges, (first, last, since, until))):
        rows = (
            driver.rows(f"{sql} IS NOT NULL", values)
            if among is None
            else driver.rows_among(sql, among, values)
        )
        found.update(row[0] for row in rows)
    return found


def _trials(
    session: Session, company_of: dict[int, int]
) -> tuple[dict[int, list[TrialFacts]], dict[int, list[TrialFacts]]]:
    """Trials of each company's people, and of the company itself."""
    own: dict[int, list[TrialFacts]] = defaultdict(list)
    theirs: dict[int, list[TrialFacts]] = defaultdict(list)
    for trial in session.scalars(select(Trial)):
        if trial.company_id is not None:
            theirs[trial.company_id].append(facts_of(trial))
        elif trial.lead_id in company_of:
            own[company_of[trial.lead_id]].append(facts_of(trial))
    return own, theirs
