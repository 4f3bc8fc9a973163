"""Storing pages of calls: what people did, what is said of them and of companies, trials, and forms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services.basics.moments import moment
from pqldesk.services.calls.shapes import AsideRow, Form, Ready, Traits, TrialSeen
from pqldesk.services.files.event_columns import EventRow
from pqldesk.services.files.fields import FIELDS, Kind
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.records import FieldValue, Record, RecordReader
from pqldesk.services.files.values import BadValue
from pqldesk.services.identity.companies import CompanyFacts, CompanyFinder
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.ingest.identities import IdentityBook, Key, anonymous_key, email_key, user_key
from pqldesk.services.ingest.people import LeadStore
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.ingest.trials import TrialStore
from pqldesk.services.tombstones import Tombstones

# Where the traits of an identify call say what our lead fields say.
_TRAITS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_name": ("firstName", "first_name"),
    "last_name": ("lastName", "last_name"),
    "name": ("name",),
    "job_title": ("title", "job_title"),
    "phone": ("phone",),
    "plan": ("plan",),
    "signup_at": ("createdAt", "created_at"),
    "country": ("country",),
    "state": ("state", "region"),
}
# A trait that is null takes back what it said before. The name stays: every lead is called something.
_TAKEN_BACK: Final[Mapping[str, str]] = {
    "first_name": "first_name", "last_name": "last_name", "job_title": "job_title", "phone": "phone",
    "plan": "plan", "country": "country", "state": "region",
}  # fmt: skip


class CallStore:
    """Stores the pages of one source's calls."""

    def __init__(
        self, source: str, actor: str, options: ValueOptions, events: EventStore | None = None
    ) -> None:
        """*events* remembers whom it met in earlier transactions."""
        self._source = source
        self._events = events or EventStore(source)
        self._leads = LeadStore(source, actor)
        self._trials = TrialStore(source)
        self._reader = RecordReader(ColumnMapping(Kind.LEADS, {}), options)
        self._trial_reader = RecordReader(ColumnMapping(Kind.TRIALS, {}), options)

    def store(
        self, session: Session, rows: Sequence[Ready], received_at: datetime, batch_id: int | None
    ) -> Stored:
        """Store a page: who people are first, so that their events and trials find them."""
        many, tombstones = len(rows), Tombstones(session)
        if tombstones:
            rows = [row for row in rows if not self._is_erased(row, tombstones)]
        calls = [row for row in rows if isinstance(row, Traits)]
        forms = [row for row in rows if isinstance(row, Form)]
        trials = [row for row in rows if isinstance(row, TrialSeen)]
        events = [row for row in rows if isinstance(row, EventRow)]
        aside = [row for row in rows if isinstance(row, AsideRow)]
        parts = []
        for is_named in (True, False):  # who somebody is, then the rest that is said of them
            for beside in (False, True):
                some = [c for c in calls if c.beside is beside and ("email" in c.ids) is is_named]
                parts.append((self._who(session, some, received_at, batch_id), not beside))
        if forms:
            records = [Record(f.line, f.row, self._checked({**f.fields, **f.ids}), f.raw) for f in forms]
            parts.append((self._leads.store(session, records, received_at, batch_id), True))
        stored = self._events.store(session, events, received_at, batch_id, aside)
        stored.erased += many - len(rows)
        for beside in (False, True):
            seen = [trial for trial in trials if trial.beside is beside]
            if seen:
                parts.append((self._seen(session, seen, received_at, batch_id), not beside))
        for part, counts in parts:
            if counts:
                stored.created += part.created
                stored.updated += part.updated
                stored.duplicates += part.duplicates
            stored.leads |= part.leads
            stored.new_leads |= part.new_leads
            stored.relinked |= part.relinked
            stored.forms += part.forms
            stored.changes = replace(stored.changes, topics=stored.changes.topics | part.changes.topics)
        return stored

    def _is_erased(self, row: Ready, tombstones: Tombstones) -> bool:
        """Whether it is of somebody who was erased; the store of events looks at its own."""
        return not isinstance(row, EventRow | AsideRow) and tombstones.hold_any(self._keys(row))

    def _seen(
        self, session: Session, trials: Sequence[TrialSeen], at: datetime, batch_id: int | None
    ) -> Stored:
        """Trials as rows of a trial file; one that says nothing usable changes nothing."""
        records: list[Record] = []
        told: list[datetime | None] = []
        unusable = 0
        for trial in trials:
            try:
                fields = self._trial_reader.fields({**trial.fields, **trial.ids})
            except BadValue:
                unusable += 1
                continue
            records.append(Record(trial.line, trial.row, fields))
            told.append(None if trial.seen_at is None else moment(trial.seen_at))
        stored = self._trials.store(session, records, at, batch_id, told)
        stored.duplicates += unusable
        return stored

    def _who(self, session: Session, calls: Sequence[Traits], at: datetime, batch_id: int | None) -> Stored:
        """Identify calls of people with an e-mail, or who are known, are lead rows; the others only join ids."""
        if not calls:
            return Stored()
        book = IdentityBook(session, at, batch_id)
        keys = {id(call): self._keys(call) for call in calls}
        unproven = {
            email_key(call.ids["email"])
            for call in calls
            if call.same_person is not None and "email" in call.ids
        }
        book.fetch(((key, key[1]) for some in keys.values() for key in some), unproven)
        rows: list[Record] = []
        named = {key for call in calls if "email" in call.ids for key in keys[id(call)]}
        joined = 0
        for call in calls:
            mine = keys[id(call)]
            if not mine:  # a company's own words
                self._name_company(session, call, at, batch_id)
                joined += 1
                continue
            known = [lead for key in mine if (lead := book[key].lead_id) is not None]
            if known or not named.isdisjoint(mine):
                rows.append(self._record(call))
                if "previous_id" in call.ids and known:
                    for key in mine:
                        if book[key].lead_id is None:
                            book.link(key, known[0], at)
            else:
                joined += 1
                if len(mine) > 1:
                    book.together(mine)
        relinked = set(book.store())
        stored = self._leads.store(session, rows, at, batch_id) if rows else Stored()
        self._take_back(session, calls, book, batch_id)
        stored.duplicates += joined
        stored.relinked |= relinked
        return stored

    def _record(self, call: Traits) -> Record:
        traits: dict[str, Any] = dict(call.traits)
        address = traits.get("address")
        if isinstance(address, dict):
            traits = {**address, **traits}
        company = traits.get("company")
        given: dict[str, object] = {
            name: value
            for name, keys in _TRAITS.items()
            if (value := next((traits[key] for key in keys if traits.get(key) not in (None, "")), None))
            is not None
        }
        if call.call == "group":
            given = {"company": traits.get("name"), "domain": traits.get("domain") or traits.get("website")}
        elif isinstance(company, dict):
            given["company"] = company.get("name")
            given["company_id"] = company.get("id")
        elif isinstance(company, str):
            given["company"] = company
        given |= {name: value for name, value in call.ids.items() if name in FIELDS[Kind.LEADS]}
        if ";" not in (previous := call.ids.get("previous_id", ";")):
            given["user_ids"] = previous
        return Record(
            call.line,
            call.row,
            self._checked(given),
            same_person=call.same_person,
            same_company=call.same_company,
        )

    def _checked(self, given: Mapping[str, object]) -> dict[str, FieldValue]:
        """The fields that can be read: one that cannot does not cost the others."""
        ids = {name: given[name] for name in ("email", "user_id", "anonymous_id") if name in given}
        checked: dict[str, FieldValue] = {}
        for name, value in given.items():
            try:
                checked |= self._reader.fields({name: value, **ids})
            except BadValue:
                continue
        return checked

    def _take_back(
        self, session: Session, calls: Sequence[Traits], book: IdentityBook, batch_id: int | None
    ) -> None:
        """Traits that are null clear what the lead had; a trait that is missing changes nothing."""
        for call in calls:
            names = {
                column
                for field, column in _TAKEN_BACK.items()
                for key in _TRAITS[field]
                if call.call == "identify" and key in call.traits and call.traits[key] is None
            }
            if names and batch_id is None:
                leads = {lead for key in self._keys(call) if (lead := book[key].lead_id) is not None}
                cleared: dict[str, None] = dict.fromkeys(sorted(names))
                session.execute(update(Lead).where(Lead.id.in_(leads)).values(**cleared))

    def _name_company(self, session: Session, call: Traits, at: datetime, batch_id: int | None) -> None:
        """A group call without a person: the company is made or learns its name and domain."""
        company = call.ids.get("company_id")
        if company is None:
            return
        domain = call.traits.get("domain") or call.traits.get("website")
        facts = CompanyFacts(
            (self._source, company), str(domain or ""), name=str(call.traits.get("name") or "")
        )
        finder = CompanyFinder(session, at, batch_id)
        finder.prepare([facts])
        finder.find(facts)

    def _keys(self, call: Traits | Form | TrialSeen) -> list[Key]:
        ids, keys = call.ids, []
        if "email" in ids:
            keys.append(email_key(ids["email"]))
        keys += [user_key(self._source, ids[name]) for name in ("user_id", "previous_id") if name in ids]
        if "anonymous_id" in ids:
            keys.append(anonymous_key(self._source, ids["anonymous_id"]))
        if isinstance(call, Traits) and call.same_person is not None:
            keys.append(call.same_person)
        return keys
