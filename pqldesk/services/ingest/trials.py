"""Storing rows of trial files: one trial each, of a person or only of a company."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead, Trial
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.files.records import Record
from pqldesk.services.identity.companies import CompanyFacts, CompanyFinder
from pqldesk.services.ingest.identities import (
    IdentityBook,
    Key,
    anonymous_key,
    email_key,
    user_key,
)
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.tombstones import Tombstones


class TrialStore:
    """Stores the batches of one trial file."""

    def __init__(self, source: str) -> None:
        self._source = source

    def store(
        self,
        session: Session,
        rows: Sequence[Record],
        received_at: datetime,
        batch_id: int | None,
        told: Sequence[datetime | None] = (),
    ) -> Stored:
        """Store a batch. The same trial again changes its plan, end, state or conversion, or is a duplicate.

        *told*: when the source said each, where it says so; an older word never replaces a newer one.
        """
        stored = Stored(changes=Changes.to(Topic.TRIALS, Topic.LEADS))
        tombstones = Tombstones(session)
        if tombstones:
            kept = [row for row in rows if not tombstones.hold_any(key for key, _ in self._keys(row))]
            stored.erased, rows = len(rows) - len(kept), kept
        book = IdentityBook(session, received_at, batch_id)
        book.fetch((key, value) for row in rows for key, value in self._keys(row))
        companies = CompanyFinder(session, received_at, batch_id)
        for row, said in zip(rows, told or (None,) * len(rows), strict=True):
            self._store_row(session, row, book, companies, received_at, batch_id, stored, said)
        session.flush()
        stored.relinked |= set(book.store()) - stored.new_leads
        return stored

    def _store_row(
        self,
        session: Session,
        row: Record,
        book: IdentityBook,
        companies: CompanyFinder,
        at: datetime,
        batch_id: int | None,
        stored: Stored,
        said: datetime | None,
    ) -> None:
        email = row.text("email")
        company_id = row.text("company_id")
        company = companies.find(
            CompanyFacts(
                None if company_id is None else (self._source, company_id),
                row.text("domain") or "",
                email or "",
                row.text("company") or "",
            )
        )
        keys = [key for key, _ in self._keys(row)]
        lead_id = next((book[key].lead_id for key in keys if book[key].lead_id is not None), None)
        if lead_id is None and email is not None:
            lead = Lead(name=email, email=email, source=self._source, created_at=at, batch_id=batch_id)
            if company is not None:
                lead.company_id, lead.company_name, lead.domain = company.id, company.name, company.domain
            session.add(lead)
            session.flush()
            lead_id = lead.id
            stored.new_leads.add(lead_id)
        if lead_id is not None:
            for key in keys:
                if book[key].lead_id is None:
                    book.link(key, lead_id)
            stored.leads.add(lead_id)
        trial = session.scalars(
            select(Trial).where(Trial.source == self._source, Trial.key == self._trial_key(row))
        ).first()
        if trial is None:
            trial = Trial(
                source=self._source,
                key=self._trial_key(row),
                created_at=at,
                batch_id=batch_id,
                lead_id=lead_id,
            )
            trial.identity_id = book[keys[0]].id if keys else None
            trial.company_id = company.id if company else None
            self._fill(trial, row)
            trial.first_ends_at, trial.source_at = trial.ends_at, said
            session.add(trial)
            stored.created += 1
        elif said is not None and trial.source_at is not None and said < trial.source_at:
            stored.duplicates += 1
        elif self._fill(trial, row, said):
            stored.updated += 1
        else:
            stored.duplicates += 1

    def _fill(self, trial: Trial, row: Record, said: datetime | None = None) -> bool:
        """Take over what the row says; True when it says something new."""
        if said is not None:
            trial.source_at = said
        starts, ends, converted = row.time("starts_at"), row.time("ends_at"), row.time("converted_at")
        new: dict[str, object] = {}
        if row.text("plan") is not None:
            new["plan"] = row.text("plan")
        if row.text("state") is not None:
            new["source_state"] = row.text("state")
        if starts is not None:
            new["starts_at"] = starts.at
        if ends is not None:
            new["ends_at"], new["ends_date_only"] = ends.at, ends.date_only
        if converted is not None:
            new["converted_at"] = converted.at
        changed = {name: value for name, value in new.items() if getattr(trial, name) != value}
        for name, value in changed.items():
            setattr(trial, name, value)
        return bool(changed)

    def _trial_key(self, row: Record) -> str:
        """What makes it the same trial when it comes again: its id, else who and the day it began (never its end)."""
        if (number := row.text("trial_id")) is not None:
            return f"id:{number}"
        keys = self._keys(row)
        who = keys[0][0] if keys else ("company", row.text("company_id") or row.text("domain") or "")
        starts = row.time("starts_at")
        began = "" if starts is None else f"{starts.at:%Y-%m-%d}"
        return "|".join((*who, began, "" if began else (row.text("plan") or "")))

    def _keys(self, row: Record) -> list[tuple[Key, str]]:
        keys: list[tuple[Key, str]] = []
        if (email := row.text("email")) is not None:
            keys.append((email_key(email), email))
        if (user_id := row.text("user_id")) is not None:
            keys.append((user_key(self._source, user_id), user_id))
        if (anonymous_id := row.text("anonymous_id")) is not None:
            keys.append((anonymous_key(self._source, anonymous_id), anonymous_id))
        return keys
