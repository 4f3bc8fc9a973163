"""Leads behind a mark of a page, as rows."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.figure_rows import LeadRow, LeadRows

ROWS_SHOWN = 1_000


def lead_rows(session: Session, ids: Iterable[int]) -> LeadRows:
    """Leads as rows, best score first; at most ROWS_SHOWN are listed, all are counted."""
    found: list[Any] = []
    known = sorted(set(ids))
    for some in chunked(known):
        found += session.execute(
            select(Lead.id, Lead.name, Lead.company_name, Lead.score, Lead.state, Lead.owner, Lead.signed_up_at)
            .where(Lead.id.in_(some))
        ).all()  # fmt: skip
    found.sort(key=lambda row: (-row[3], row[0]))
    rows = tuple(
        LeadRow(public_id(LEAD, lead), name, company, number(score, HUNDRED), state, owner, signup)
        for lead, name, company, score, state, owner, signup in found[:ROWS_SHOWN]
    )
    return LeadRows(len(found), rows)
