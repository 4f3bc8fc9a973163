"""Storing pages of Segment or RudderStack calls: what people did, and what identify, group and alias say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from pqldesk.services.files.event_rows import EventRow
from pqldesk.services.files.fields import FIELDS, Kind
from pqldesk.services.files.mapping import ColumnMapping
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.records import FieldValue, Record, RecordReader
from pqldesk.services.files.shapes import Traits
from pqldesk.services.files.values import BadValue
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.ingest.identities import IdentityBook, Key, anonymous_key, email_key, user_key
from pqldesk.services.ingest.people import LeadStore
from pqldesk.services.ingest.stored import Stored

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

Call = EventRow | Traits


class CallStore:
    """Stores the pages of one export of calls."""

    def __init__(self, source: str, actor: str, options: ValueOptions) -> None:
        self._source = source
        self._events = EventStore(source)
        self._leads = LeadStore(source, actor)
        self._reader = RecordReader(ColumnMapping(Kind.LEADS, {}), options)

    def store(
        self, session: Session, rows: Sequence[Call], received_at: datetime, batch_id: int | None
    ) -> Stored:
        """Store a page: who people are first, so that their events find them."""
        calls = [row for row in rows if isinstance(row, Traits)]
        events = [row for row in rows if isinstance(row, EventRow)]
        who = self._who(session, calls, received_at, batch_id)
        stored = self._events.store(session, events, received_at, batch_id)
        stored.created += who.created
        stored.updated += who.updated
        stored.duplicates += who.duplicates
        stored.leads |= who.leads
        stored.new_leads |= who.new_leads
        stored.relinked |= who.relinked
        stored.changes = replace(stored.changes, topics=stored.changes.topics | who.changes.topics)
        return stored

    def _who(self, session: Session, calls: Sequence[Traits], at: datetime, batch_id: int | None) -> Stored:
        """Identify calls of people with an e-mail, or who are known, are lead rows; the others only join ids."""
        if not calls:
            return Stored()
        book = IdentityBook(session, at, batch_id)
        keys = {id(call): self._keys(call) for call in calls}
        book.fetch((key, key[1]) for some in keys.values() for key in some)
        rows: list[Record] = []
        named = {key for call in calls if "email" in call.ids for key in keys[id(call)]}
        calls = sorted(calls, key=lambda call: "email" not in call.ids)  # who somebody is, then the rest
        joined = 0
        for call in calls:
            mine = keys[id(call)]
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
        checked: dict[str, FieldValue] = {}
        for name, value in given.items():  # one trait that cannot be read does not cost the others
            try:
                checked |= self._reader.fields({name: value, **call.ids})
            except BadValue:
                continue
        return Record(call.line, call.row, checked)

    def _keys(self, call: Traits) -> list[Key]:
        ids, keys = call.ids, []
        if "email" in ids:
            keys.append(email_key(ids["email"]))
        keys += [user_key(self._source, ids[name]) for name in ("user_id", "previous_id") if name in ids]
        if "anonymous_id" in ids:
            keys.append(anonymous_key(self._source, ids["anonymous_id"]))
        return keys
