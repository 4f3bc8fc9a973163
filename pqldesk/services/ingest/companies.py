"""Storing rows of company files: an organisation id, a domain, a name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.people import CompanyKey
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.files.records import Record
from pqldesk.services.identity.companies import CompanyFacts, CompanyFinder, FoundCompany
from pqldesk.services.ingest.stored import Stored


class CompanyStore:
    """Stores the batches of one company file."""

    def __init__(self, source: str) -> None:
        self._source = source

    def store(
        self, session: Session, rows: Sequence[Record], received_at: datetime, batch_id: int | None
    ) -> Stored:
        """Store a batch. A known company learns ids, a domain or a name it lacked, or the row is a duplicate."""
        stored = Stored(changes=Changes.to(Topic.LEADS, Topic.TRIALS))
        finder = CompanyFinder(session, received_at, batch_id)
        facts = [self._facts(row) for row in rows]
        finder.prepare(facts)
        for one in facts:
            before = self._image(session, finder.peek(one))
            found = finder.find(one)
            if before is None:
                stored.created += 1
            elif before == self._image(session, found):
                stored.duplicates += 1
            else:
                stored.updated += 1
        return stored

    def _image(self, session: Session, company: FoundCompany | None) -> tuple[FoundCompany, int] | None:
        """What a row may change: name and domain, and the number of keys the company is known by."""
        if company is None:
            return None
        keys = session.scalar(
            select(func.count()).select_from(CompanyKey).where(CompanyKey.company_id == company.id)
        )
        return company, keys or 0

    def _facts(self, row: Record) -> CompanyFacts:
        company_id = row.text("company_id")
        return CompanyFacts(
            None if company_id is None else (self._source, company_id),
            row.text("domain") or "",
            name=row.text("name") or "",
        )
