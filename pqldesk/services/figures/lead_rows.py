"""Leads behind a mark of a page, as rows."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.people import Lead
from pqldesk.services.basics.chunked import chunked
from pqldesk.services.basics.exact import HUNDRED, number
from pqldesk.services.figure_rows import LeadRow, LeadRows

ROWS_SHOWN = 1_000


def lead_rows(session: Session, ids: Iterable[int]) -> LeadRows:
    """Leads as rows, best score first; at most ROWS_SHOWN are listed, all are counted."""
    scores = Driver(session).rows_among("SELECT id, score FROM lead WHERE id", sorted(set(ids)))
    best = [lead for lead, _score in sorted(scores, key=lambda row: (-row[1], row[0]))[:ROWS_SHOWN]]
    found: dict[int, LeadRow] = {}
    for some in chunked(best):
        wanted = select(
            Lead.id, Lead.name, Lead.company_name, Lead.score, Lead.state, Lead.owner, Lead.signed_up_at
        ).where(Lead.id.in_(some))
        for lead, name, company, score, state, owner, signup in session.execute(wanted):
            said = number(score, HUNDRED)
            found[lead] = LeadRow(public_id(LEAD, lead), name, company, said, state, owner, signup)
    return LeadRows(len(scores), tuple(found[lead] for lead in best))
