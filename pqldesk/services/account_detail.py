"""Everything the panel shows of one account: who gives what to its figure, usage, trials, what was written."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.ids import COMPANY, LEAD, public_id, row_number
from pqldesk.models.people import CompanyKey, Lead, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.services import settings
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.basics.moments import local_days
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import AccountDetail, AccountPerson
from pqldesk.services.figures.account_order import account_rows
from pqldesk.services.figures.account_score import Seat, aggregation
from pqldesk.services.figures.accounts import active_people
from pqldesk.services.identity.companies import NAME, company_of
from pqldesk.services.outbox_rows import outbox_rows
from pqldesk.services.trials.trials import trial_rows

DAYS = 14
WRITES = 20


def account_detail(session: Session, company: str, at: datetime) -> AccountDetail:
    """All about the company with that id, domain or name. Raises NotFound."""
    company_id = row_number(COMPANY, company) or company_of(session, company).id
    rows = account_rows(session, at, [company_id])
    if not rows:
        raise NotFound(
            _("There is no company {company!r}.").format(company=company),
            _("Give its id, its domain or its exact name."),
        )
    leads = list(
        session.execute(
            select(
                Lead.id, Lead.name, Lead.job_title, Lead.score, Lead.last_active_at, Lead.owner, Lead.state
            )
            .where(Lead.company_id == company_id, Lead.is_listed == 1)
            .order_by((Lead.score + 0).desc(), Lead.id)  # see leads/detail.py
        )
    )
    ids = [row.id for row in leads]
    active = active_people(session, at, ids)
    gives = aggregation(session).contributions([Seat(row.id, row.score, row.id in active) for row in leads])
    return AccountDetail(
        rows[0],
        tuple(
            AccountPerson(
                public_id(LEAD, row.id),
                row.name,
                row.job_title,
                number(row.score, HUNDRED),
                number(given, HUNDRED),
                row.id in active,
                row.last_active_at,
                row.owner,
                row.state,
            )
            for row, given in zip(leads, gives, strict=True)
        ),
        _daily_usage(session, company_id, at),
        tuple(trial_rows(session, at, (Trial.company_id == company_id) | Trial.lead_id.in_(ids))),
        tuple(outbox_rows(session, OutboxItem.lead_id.in_(ids), newest_first=True, limit=WRITES)),
        tuple(
            (namespace, value)
            for namespace, value in session.execute(
                select(CompanyKey.namespace, CompanyKey.value)
                .where(CompanyKey.company_id == company_id, CompanyKey.namespace != NAME)
                .order_by(CompanyKey.id)
            )
        ),
    )


def _daily_usage(session: Session, company_id: int, at: datetime) -> tuple[int, ...]:
    """Events a day of all its people and of the company itself."""
    today = local_days(settings.zone(session)).day_of(micros(at))
    counts = dict.fromkeys(range(today - DAYS + 1, today + 1), 0)
    for day, n in Driver(session).rows(
        "SELECT day, sum(n) FROM usage_day WHERE identity_id IN (SELECT id FROM identity WHERE company_id = ?"
        " UNION SELECT i.id FROM lead l JOIN identity i ON i.lead_id = l.id WHERE l.company_id = ?)"
        " AND day > ? AND day <= ? GROUP BY day",
        (company_id, company_id, today - DAYS, today),
    ):
        counts[day] = int(n)
    return tuple(counts.values())
