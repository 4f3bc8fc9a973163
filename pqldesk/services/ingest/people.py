"""Storing rows of lead files: one person each, found by e-mail or id, made, completed or merged."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead, Submission
from pqldesk.models.settings import BatchRow
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.files.records import Record
from pqldesk.services.files.times import Moment
from pqldesk.services.history import stored_rows
from pqldesk.services.identity.companies import CompanyFacts, CompanyFinder
from pqldesk.services.identity.merges import join_leads
from pqldesk.services.identity.suggestions import kept_apart, suggest
from pqldesk.services.ingest.forms import keep_form
from pqldesk.services.ingest.identities import (
    EMAIL,
    SINCE_EVER,
    IdentityBook,
    Key,
    email_key,
)
from pqldesk.services.ingest.lead_rows import keys_of, name_of, unproven
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.team.leases import lease_end
from pqldesk.services.tombstones import Tombstones

HAND_RAISE: Final = "hand_raise"
# What a later row replaces when it says something else; what it says nothing about stays.
_REPLACED: Final = {
    name: name for name in ("first_name", "last_name", "job_title", "phone", "country", "plan", "outcome")
} | {"region": "state"}
_FILLED: Final = (
    *_REPLACED, "name", "email", "signup_at", "outcome_at", "deal_value", "owner",
    "company_id", "company_name", "domain", "state", "placement", "hand_raised_at",
)  # fmt: skip
_TWO_EMAILS: Final = _("Two different e-mail addresses share the id {key}.")
_NAMED_BY_ANOTHER: Final = _("{source} names the id {id} of {other} for {key}.")


class LeadStore:
    """Stores the batches of one lead file."""

    def __init__(self, source: str, actor: str) -> None:
        self._source = source
        self._actor = actor

    def store(
        self, session: Session, rows: Sequence[Record], received_at: datetime, batch_id: int | None
    ) -> Stored:
        """Store a batch, each row after the other, so that later rows see what earlier ones brought."""
        return _Batch(session, self._source, self._actor, received_at, batch_id).store(rows)


class _Batch:
    def __init__(
        self, session: Session, source: str, actor: str, received_at: datetime, batch_id: int | None
    ) -> None:
        self._session = session
        self._source = source
        self._actor = actor
        self._received_at = received_at
        self._batch_id = batch_id
        self._book = IdentityBook(session, received_at, batch_id)
        self._companies = CompanyFinder(session, received_at, batch_id)
        self._leads: dict[int, Lead] = {}
        self._before: dict[
            int, dict[str, Any]
        ] = {}  # leads that were there before, as the database held them
        self._stored = Stored(changes=Changes.to(Topic.LEADS, Topic.TRIALS))
        self._new: set[int] = set()
        self._merges = 0
        self._made_here: set[int] = set()  # made for the row at hand because its id belongs to somebody else

    def store(self, rows: Sequence[Record]) -> Stored:
        rows = self._without_erased(rows)
        self._book.fetch(((key, value) for row in rows for key, value in self._keys(row)), unproven(rows))
        self._load(
            {k.lead_id for row in rows for key, _ in self._keys(row) if (k := self._book[key]).lead_id}
        )
        self._companies.prepare(self._company_facts(row) for row in rows)
        for row in rows:
            self._store_row(row)
        self._session.flush()
        self._stored.relinked |= set(self._book.store()) - self._new
        self._keep_images()
        self._stored.new_leads = self._new
        return self._stored

    def _without_erased(self, rows: Sequence[Record]) -> Sequence[Record]:
        tombstones = Tombstones(self._session)
        if not tombstones:
            return rows
        kept = [row for row in rows if not tombstones.hold_any(key for key, _ in self._keys(row))]
        self._stored.erased = len(rows) - len(kept)
        return kept

    def _store_row(self, row: Record) -> None:
        keys = [key for key, _ in self._keys(row)]
        merges = self._merges
        lead = self._lead_of(row, keys)
        created = lead is None
        if lead is None:
            lead = self._create(row)
        elif lead.id in self._made_here:
            created = True
            self._made_here.clear()
        changed = self._merges > merges
        changed |= self._link(lead, row, keys)
        changed |= self._complete(lead, row)
        changed |= self._submit(lead, row, keys[0])
        if created:
            self._stored.created += 1
        elif changed:
            self._stored.updated += 1
        else:
            self._stored.duplicates += 1
        if created or changed:
            self._stored.leads.add(lead.id)

    def _lead_of(self, row: Record, keys: Sequence[Key]) -> Lead | None:
        """The lead this row is about, merging where its keys prove two leads to be one person."""
        found: Lead | None = None
        email = row.text("email")
        for key in keys:
            number = self._book[key].lead_id
            if number is None:
                continue
            other = self._leads[number]
            if found is None:
                if (
                    email is not None
                    and key[0] != EMAIL
                    and key != row.same_person
                    and self._has_another_email(other, email)
                ):
                    # The id belongs to somebody with another verified address: the row goes by its own.
                    found = self._create(row)
                    self._made_here.add(found.id)
                    self._suggest(found, other, key, row)
                else:
                    found = other
            elif other.id != found.id:
                found = self._join(found, other, key, row)
        return found

    def _join(self, found: Lead, other: Lead, key: Key, row: Record) -> Lead:
        if kept_apart(self._session, found.id, other.id):
            return found if row.same_person is None else other  # what the row itself is known by decides then
        if self._emails(found) and self._emails(other) and self._emails(found) != self._emails(other):
            self._suggest(found, other, key, row)
            return found
        self._session.flush()
        self._stored.relinked |= set(self._book.store())
        survivor, loser = (found, other) if found.email or found.id < other.id else (other, found)
        reason = self._reason(_("The id {key} belongs to both."), key, row)
        join_leads(self._session, survivor, loser, self._actor, reason, self._received_at)
        self._book.moved(loser.id, survivor.id)
        self._stored.relinked.add(survivor.id)
        self._merges += 1
        self._session.refresh(survivor)
        return survivor

    def _create(self, row: Record) -> Lead:
        lead = Lead(
            name=name_of(row),
            email=row.text("email"),
            created_at=self._received_at,
            batch_id=self._batch_id,
            source=row.text("source") or self._source,
        )
        self._session.add(lead)
        self._session.flush()
        self._leads[lead.id] = lead
        self._new.add(lead.id)
        return lead

    def _link(self, lead: Lead, row: Record, keys: Sequence[Key]) -> bool:
        changed = False
        email = row.text("email")
        if email is not None and row.same_person is not None and self._has_another_email(lead, email):
            keys = [key for key in keys if key != email_key(email)]  # of whoever pays: it need not be theirs
            email = None
        theirs = row.same_person
        if theirs is not None and self._book.keys_of(lead.id, theirs[0]).keys() - {theirs[1]}:
            keys = [key for key in keys if key != theirs]
        for key in keys:
            if self._book[key].lead_id is None:
                self._book.link(key, lead.id, self._linked_since(lead, row))
                changed = True
        if email is not None and row.same_person is None:
            self._book.proven(email_key(email))
        if email is not None and self._shows_nobodys(lead, email, row):
            changed |= lead.email != email
            lead.email = email
        return changed

    def _shows_nobodys(self, lead: Lead, email: str, row: Record) -> bool:
        """Whether *email* has to be shown instead of what is: nothing, or what somebody else said of the lead."""
        if lead.email is None:
            return True
        shown = email_key(lead.email)[1]
        if row.same_person is not None or shown == email_key(email)[1]:
            return False  # which most rows are: they need not ask the database
        return shown not in self._emails(lead)

    def _complete(self, lead: Lead, row: Record) -> bool:
        """Take over what the row says; True when it says something new."""
        new: dict[str, Any] = {
            column: value for column, name in _REPLACED.items() if (value := row.text(name)) is not None
        }
        if row.text("name") or row.text("first_name") or row.text("last_name"):
            new["name"] = name_of(row)
        if lead.owner is None and row.text("owner") is not None:
            new["owner"] = row.text("owner")
        signup = row.time("signup_at")
        if signup is not None and (lead.signup_at is None or signup.at < lead.signup_at):
            new["signup_at"] = signup.at
        closed = row.time("outcome_at")
        if closed is not None:
            new["outcome_at"] = closed.at
        deal = row.money("deal_value")
        if deal is not None:
            new["deal_value"] = deal.amount
        if row.text("outcome") in ("won", "lost") and lead.state not in ("won", "lost", "erased"):
            new["state"] = row.text("outcome")
        if lead.id in self._new:
            new |= self._standing(row)
        new |= self._company(lead, row)
        if row.same_person is not None and lead.id not in self._new:  # what another says of them only fills
            new = {column: value for column, value in new.items() if getattr(lead, column) is None}
        differing = {column: value for column, value in new.items() if getattr(lead, column) != value}
        for column, value in differing.items():
            setattr(lead, column, value)
        return bool(differing)

    def _standing(self, row: Record) -> dict[str, Any]:
        """Where a lead stood that our own export brings to another workspace; its lease begins anew."""
        state = row.text("lead_state")
        if state in ("handed_off", "disqualified"):
            return {"state": state}
        if state in ("claimed", "working") and row.text("owner") is not None:
            lease_until = lease_end(self._session, self._received_at)
            return {"state": state, "claimed_at": self._received_at, "lease_until": lease_until}
        return {}

    def _company(self, lead: Lead, row: Record) -> dict[str, Any]:
        company_id, domain, name = row.text("company_id"), row.text("domain"), row.text("company")
        if lead.company_id is not None and not (company_id or domain or name):
            return {}
        company = self._companies.find(self._company_facts(row, lead.email))
        if company is not None and (lead.company_id is None or company_id or domain):
            return {"company_id": company.id, "company_name": company.name, "domain": company.domain}
        return {"company_name": name} if name and lead.company_id is None else {}

    def _company_facts(self, row: Record, email: str | None = None) -> CompanyFacts:
        company_id = row.text("company_id")
        return CompanyFacts(
            None if company_id is None else (self._source, company_id),
            row.text("domain") or "",
            row.text("email") or email or "",
            row.text("company") or "",
            elsewhere=row.same_company,
        )

    def _submit(self, lead: Lead, row: Record, key: Key) -> bool:
        """A row that names a form, a placement or a request is an arrival of that form."""
        if not row.is_submission:
            return False
        if row.raw is not None:
            return self._submit_form(lead, row, key, row.raw)
        kind = row.text("kind") or "import"
        raw = {
            name: value.at.isoformat() if isinstance(value, Moment) else str(value)
            for name, value in row.fields.items()
        }
        written = json.dumps([self._source, key, kind, raw], sort_keys=True, ensure_ascii=False)
        fingerprint = hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
        if (
            self._session.scalar(select(Submission.id).where(Submission.fingerprint == fingerprint))
            is not None
        ):
            return False
        times = (row.time(name) for name in ("received_at", "submitted_at", "signup_at"))
        received_at = next((found.at for found in times if found is not None), self._received_at)
        submitted = row.time("submitted_at")
        placement = row.text("glm_content")
        self._session.add(
            Submission(
                lead_id=lead.id,
                identity_id=self._book[key].id,
                kind=kind,
                source=row.text("source") or self._source,
                glm_source=row.text("glm_source"),
                glm_content=placement,
                product_interaction=row.text("product_interaction"),
                comment=row.text("comment"),
                raw=raw,
                fingerprint=fingerprint,
                submitted_at=submitted.at if submitted else None,
                received_at=received_at,
                batch_id=self._batch_id,
            )
        )
        self._came_by(lead, kind, placement, received_at)
        return True

    def _submit_form(self, lead: Lead, row: Record, key: Key, raw: Mapping[str, Any]) -> bool:
        received = row.time("received_at")
        received_at = received.at if received else self._received_at
        identity = self._book[key].id
        form = keep_form(self._session, lead.id, identity, self._source, row, raw, received_at)
        if form is None:
            return False
        self._stored.forms.append(form)
        self._came_by(lead, form.kind, row.text("glm_content"), received_at)
        return True

    def _came_by(self, lead: Lead, kind: str, placement: str | None, received_at: datetime) -> None:
        if placement:
            lead.placement = placement
        if kind == HAND_RAISE and (lead.hand_raised_at is None or received_at < lead.hand_raised_at):
            lead.hand_raised_at = received_at

    def _keys(self, row: Record) -> list[tuple[Key, str]]:
        return keys_of(row, self._source)

    def _emails(self, lead: Lead) -> set[str]:
        """Those proven to be the lead's own."""
        known = self._book.keys_of(lead.id, EMAIL)
        if lead.email:
            known.setdefault(email_key(lead.email)[1], True)
        return {folded for folded, is_proven in known.items() if is_proven}

    def _has_another_email(self, lead: Lead, email: str) -> bool:
        own = self._emails(lead)
        return bool(own) and email_key(email)[1] not in own

    def _suggest(self, lead: Lead, other: Lead, key: Key, row: Record) -> None:
        suggest(
            self._session,
            lead.id,
            other.id,
            self._reason(_TWO_EMAILS, key, row),
            self._received_at,
            self._batch_id,
        )

    def _reason(self, usual: str, key: Key, row: Record) -> str:
        if row.same_person is None:
            return usual.format(key=key[1])
        other, number = row.same_person
        return _NAMED_BY_ANOTHER.format(
            source=title_of(self._source), id=number, other=title_of(other), key=key[1]
        )

    def _linked_since(self, lead: Lead, row: Record) -> datetime | None:
        """When it became known that the row's ids are this lead's; None leaves it to what is known of the id.

        A file's row that makes its lead says what always held, whether usage of its ids came before it or after.
        """
        received = row.time("received_at")
        if lead.id in self._new:
            return SINCE_EVER if received is None and self._batch_id is not None else None
        return self._received_at if received is None else received.at

    def _load(self, numbers: set[int | None]) -> None:
        wanted = sorted(number for number in numbers if number is not None)
        for start in range(0, len(wanted), 500):
            found = self._session.scalars(select(Lead).where(Lead.id.in_(wanted[start : start + 500])))
            self._leads.update({lead.id: lead for lead in found})
        if self._batch_id is not None:
            self._before = stored_rows(self._session, Lead.__tablename__, wanted)

    def _keep_images(self) -> None:
        """Remember what known leads held before, so that the import can be taken back."""
        after = stored_rows(self._session, Lead.__tablename__, self._before)
        rows = []
        for number, before in self._before.items():
            changed = [column for column in _FILLED if before[column] != after[number][column]]
            if changed:
                rows.append(
                    {
                        "batch_id": self._batch_id,
                        "table": Lead.__tablename__,
                        "row_id": number,
                        "before": {column: before[column] for column in changed},
                        "after": {column: after[number][column] for column in changed},
                    }
                )
        if rows:
            self._session.execute(insert(BatchRow), rows)
