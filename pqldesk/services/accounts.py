"""Accounts: companies with their people, usage, trial and best score."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.db import Driver
from pqldesk.models.ids import COMPANY, LEAD, public_id
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.services import settings
from pqldesk.services.exact import HUNDRED, number
from pqldesk.services.figure_rows import AccountRow
from pqldesk.services.moments import local_days
from pqldesk.services.queue_as_of import rows_as_of
from pqldesk.services.queue_rows import trial_shown
from pqldesk.services.trial_outcomes import facts_of
from pqldesk.services.trial_rules import TrialFacts
from pqldesk.services.trial_rules import trial_shown as latest

ACTIVE_DAYS = 14


def accounts(
    session: Session, at: datetime, known_at: datetime | None = None, *, past: bool = False
) -> list[AccountRow]:
    """Every company, the best score first; with *past* scores are worked out for *at*."""
    zone = settings.zone(session)
    people: dict[int, list[tuple[int, int, str | None]]] = defaultdict(list)  # (score, lead, owner)
    company_of: dict[int, int] = {}
    for lead_id, company_id, score, owner in session.execute(
        select(Lead.id, Lead.company_id, Lead.score, Lead.owner).where(
            Lead.is_listed == 1, Lead.company_id.is_not(None)
        )
    ):
        if company_id is not None:
            company_of[lead_id] = company_id
            people[company_id].append((score, lead_id, owner))
    if past:
        people.clear()
        for row, _ in rows_as_of(session, at, known_at, sorted(company_of)):
            people[company_of[row.id]].append((round(row.score * HUNDRED), row.id, row.owner))
    active = _active_people(session, at)
    own, theirs = _trials(session, company_of)
    rows = []
    for company_id, name, domain in session.execute(select(Company.id, Company.name, Company.domain)):
        team = people.get(company_id, [])
        best = max(team, key=lambda one: (one[0], -one[1]), default=None)
        shown = latest([*theirs.get(company_id, []), *own.get(company_id, [])], [], at)
        rows.append(
            AccountRow(
                company_id=public_id(COMPANY, company_id),
                name=name,
                domain=domain,
                leads=len(team),
                active_users_14d=sum(lead_id in active for _, lead_id, _ in team),
                trial=None if shown is None else trial_shown(shown, at, zone),
                score=number(best[0], HUNDRED) if best else 0,
                owner=best[2] if best else None,
                best_lead_id=public_id(LEAD, best[1]) if best else None,
            )
        )
    return sorted(
        rows, key=lambda row: (-row.score, -row.active_users_14d, row.name.casefold(), row.company_id)
    )


def _active_people(session: Session, at: datetime) -> set[int]:
    """Leads with a usage event in the last 14 times 24 hours: whole days from the roll-up, the edges from the log."""
    zone = settings.zone(session)
    since, until = micros(at - timedelta(days=ACTIVE_DAYS)), micros(at)
    days = local_days(zone)
    first, last = days.day_of(since), days.day_of(until)
    driver = Driver(session)
    found = driver.rows(
        "SELECT DISTINCT i.lead_id FROM usage_day d JOIN identity i ON i.id = d.identity_id"
        " WHERE d.day > ? AND d.day < ? AND i.lead_id IS NOT NULL",
        (first, last),
    )
    edges = driver.rows(
        "SELECT DISTINCT i.lead_id FROM usage_day d JOIN identity i ON i.id = d.identity_id"
        " WHERE d.day IN (?, ?) AND i.lead_id IS NOT NULL AND EXISTS (SELECT 1 FROM usage_event e"
        " WHERE e.identity_id = d.identity_id AND e.at > ? AND e.at <= ?)",
        (first, last, since, until),
    )
    return {row[0] for row in (*found, *edges)}


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
