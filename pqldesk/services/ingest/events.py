"""Storing usage events: each once, with its roll-ups, in the transaction of its batch.

Imports bring millions of events, so everything that repeats (who, what kind) is looked up once per import, and the
rest is left to SQL; benchmarks/ingest.py measures it against bare inserts of the same rows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.db import Driver
from pqldesk.models.people import Identity, Lead
from pqldesk.models.usage import EventKind, EventSetAside
from pqldesk.services import settings
from pqldesk.services.changes import Changes, Topic
from pqldesk.services.companies import CompanyFacts, CompanyFinder
from pqldesk.services.files.event_rows import EventRow
from pqldesk.services.identity.suggestions import suggest
from pqldesk.services.ingest.identities import (
    IdentityBook,
    Key,
    anonymous_key,
    company_key,
    email_key,
    user_key,
)
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.moments import local_days, moment

AHEAD = timedelta(hours=24)
TOO_FAR_AHEAD = "Its time is more than 24 hours in the future."
_SEEN_TOGETHER = "{first} and {other} were seen on one usage event."
_REMEMBERED = 300_000  # people and kinds kept between batches of one import

Who = tuple[str | None, str | None, str | None, str | None, str | None]  # as named on a row

_EVENT_COLUMNS = ("eid", "identity_id", "kind_id", "at", "day", "quantity", "received_at", "batch_id")
_TOTALS = """
INSERT INTO usage_total (identity_id, kind_id, n, quantity, first_at, last_at)
SELECT identity_id, kind_id, count(*), sum(quantity), min(at), max(at) FROM usage_event WHERE seq > ?
GROUP BY identity_id, kind_id
ON CONFLICT (identity_id, kind_id) DO UPDATE SET
  n = usage_total.n + excluded.n,
  quantity = usage_total.quantity + excluded.quantity,
  first_at = CASE WHEN excluded.first_at < usage_total.first_at THEN excluded.first_at ELSE usage_total.first_at END,
  last_at = CASE WHEN excluded.last_at > usage_total.last_at THEN excluded.last_at ELSE usage_total.last_at END
"""
_DAYS = """
INSERT INTO usage_day (identity_id, day, kind_id, n, quantity)
SELECT identity_id, day, kind_id, count(*), sum(quantity) FROM usage_event WHERE seq > ?
GROUP BY identity_id, day, kind_id
ON CONFLICT (identity_id, day, kind_id) DO UPDATE SET
  n = usage_day.n + excluded.n, quantity = usage_day.quantity + excluded.quantity
"""
_TOUCHED = """
SELECT i.lead_id, min(e.at) FROM usage_event e JOIN identity i ON i.id = e.identity_id
WHERE e.seq > ? AND i.lead_id IS NOT NULL GROUP BY i.lead_id
"""


class EventStore:
    """Stores the batches of one import or source, and remembers between them who and what it met."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._salt = source.encode() + b"\0"
        self._people: dict[Who, int] = {}
        self._kinds: dict[tuple[str, str | None], int] = {}

    def store(
        self, session: Session, rows: Sequence[EventRow], received_at: datetime, batch_id: int | None
    ) -> Stored:
        """Store a batch: duplicates change nothing, events too far ahead are set aside, new people become leads."""
        stored = Stored(changes=Changes.to(Topic.USAGE, Topic.LEADS, Topic.TRIALS))
        self._meet(session, rows, received_at, batch_id, stored)
        self._name_kinds(session, rows)
        driver = Driver(session)
        day_of = local_days(settings.zone(session)).day_of
        received = micros(received_at)
        limit = received + micros_of(AHEAD)
        salt, people, kinds = self._salt, self._people, self._kinds
        values: list[tuple[object, ...]] = []
        ahead: list[EventRow] = []
        for row in rows:
            at = row.occurred_at
            if at > limit:
                ahead.append(row)
                continue
            known = row.received_at
            values.append(
                (
                    event_hash(salt, row.event_id),
                    people[row[3:8]],
                    kinds[row.kind, row.key],
                    at,
                    day_of(at),
                    row.quantity,
                    (at if at < received else received) if known is None else known,
                    batch_id,
                )
            )
        watermark = driver.rows("SELECT coalesce(max(seq), 0) FROM usage_event")[0][0]
        values.sort()  # by hash, so that neighbours in the batch are neighbours in the unique index
        stored.created = driver.add_new("usage_event", _EVENT_COLUMNS, values)
        stored.duplicates = len(values) - stored.created
        if stored.created:
            driver.run(_TOTALS, (watermark,))
            driver.run(_DAYS, (watermark,))
            stored.earliest = dict(driver.rows(_TOUCHED, (watermark,)))
            stored.leads |= stored.earliest.keys()
        if ahead:
            self._set_aside(session, ahead, received, batch_id, stored)
        return stored

    def _meet(
        self, session: Session, rows: Sequence[EventRow], at: datetime, batch_id: int | None, stored: Stored
    ) -> None:
        """Find or make the identity of everyone in the batch who was not met before."""
        if len(self._people) > _REMEMBERED:
            self._people.clear()
        new = {row[3:8]: row for row in rows if row[3:8] not in self._people}
        if not new:
            return
        book = IdentityBook(session, at, batch_id)
        book.fetch((key, value) for who in new for key, value in self._keys(who))
        companies = CompanyFinder(session, at, batch_id)
        companies.prepare(self._company(who) for who in new)
        fresh: dict[Key, Lead] = {}
        for who in new:
            if who[0] is not None and book[email_key(who[0])].lead_id is None:
                key = email_key(who[0])
                if key not in fresh and not any(book[k].lead_id for k, _ in self._keys(who)):
                    fresh[key] = self._lead(who, companies, at, batch_id)
        if fresh:
            session.add_all(fresh.values())
            session.flush()
            for key, lead in fresh.items():
                book.link(key, lead.id)
                stored.new_leads.add(lead.id)
        since = _named_together(rows, new.keys(), at)
        for who in new:
            self._people[who] = self._identity_of(
                session, book, who, at, since.get(who, at), batch_id, companies, stored
            )
        stored.relinked |= set(book.store())
        stored.leads |= stored.new_leads | stored.relinked

    def _identity_of(
        self,
        session: Session,
        book: IdentityBook,
        who: Who,
        at: datetime,
        named_at: datetime,
        batch_id: int | None,
        companies: CompanyFinder,
        stored: Stored,
    ) -> int:
        """The identity an event of *who* hangs on; the other keys on the row are attached or suggested."""
        keys = [key for key, _ in self._keys(who)]
        chosen = book[keys[0]]
        if keys[0][0] == f"{self._source}.company":
            if chosen.fresh and (company := companies.find(self._company(who))) is not None:
                session.execute(
                    update(Identity).where(Identity.id == chosen.id).values(company_id=company.id)
                )
            return chosen.id
        if len(keys) == 1:
            return chosen.id
        owners = [(key, book[key].lead_id) for key in keys]
        lead_id = next((lead for _, lead in owners if lead is not None), None)
        if lead_id is None:
            book.together(keys)
            return chosen.id
        for key, owner in owners:
            if owner is None:
                book.link(key, lead_id, named_at)
            elif owner != lead_id:
                names = {"first": keys[0][1], "other": key[1]}
                suggest(session, lead_id, owner, _SEEN_TOGETHER.format(**names), at, batch_id)
        return chosen.id

    def _lead(self, who: Who, companies: CompanyFinder, at: datetime, batch_id: int | None) -> Lead:
        email = who[0] or ""
        company = companies.find(self._company(who))
        return Lead(
            name=email,
            email=email,
            source=self._source,
            created_at=at,
            batch_id=batch_id,
            company_id=company and company.id,
            company_name=company and company.name,
            domain=company and company.domain,
        )

    def _company(self, who: Who) -> CompanyFacts:
        email, _, _, domain, company_id = who
        organisation = None if company_id is None else (self._source, company_id)
        return CompanyFacts(organisation, domain or "", email or "")

    def _keys(self, who: Who) -> list[tuple[Key, str]]:
        """The keys of a row, the one its events hang on first."""
        email, user_id, anonymous_id, domain, company_id = who
        keys: list[tuple[Key, str]] = []
        if email is not None:
            keys.append((email_key(email), email))
        if user_id is not None:
            keys.append((user_key(self._source, user_id), user_id))
        if anonymous_id is not None:
            keys.append((anonymous_key(self._source, anonymous_id), anonymous_id))
        if not keys:
            name = company_id or domain or ""
            keys.append((company_key(self._source, name), name))
        return keys

    def _name_kinds(self, session: Session, rows: Sequence[EventRow]) -> None:
        missing = {(row.kind, row.key) for row in rows} - self._kinds.keys()
        for name in {name for name, _ in missing}:
            for number, key in session.execute(
                select(EventKind.id, EventKind.key).where(EventKind.name == name)
            ):
                self._kinds[name, key or None] = number
        new = sorted((missing - self._kinds.keys()), key=lambda kind: (kind[0], kind[1] or ""))
        if new:
            made = session.scalars(
                insert(EventKind).returning(EventKind.id, sort_by_parameter_order=True),
                [{"name": name, "key": key or ""} for name, key in new],
            ).all()
            self._kinds.update(zip(new, made, strict=True))

    def _set_aside(
        self, session: Session, rows: Sequence[EventRow], received: int, batch_id: int | None, stored: Stored
    ) -> None:
        hashes = {event_hash(self._salt, row.event_id): row for row in rows}
        known = set(session.scalars(select(EventSetAside.eid).where(EventSetAside.eid.in_(hashes))))
        session.add_all(
            EventSetAside(
                eid=eid,
                identity_id=self._people[row[3:8]],
                kind_id=self._kinds[row.kind, row.key],
                at=row.occurred_at,
                quantity=row.quantity,
                received_at=received if row.received_at is None else row.received_at,
                reason=TOO_FAR_AHEAD,
                raw={"event_id": row.event_id, "source": self._source},
                batch_id=batch_id,
            )
            for eid, row in hashes.items()
            if eid not in known
        )
        stored.set_aside = len(hashes.keys() - known)
        stored.duplicates += len(rows) - stored.set_aside


def _named_together(rows: Sequence[EventRow], wanted: Collection[Who], at: datetime) -> dict[Who, datetime]:
    """When the ids that rows name together were first received so; what says nothing of it came as it occurred."""
    several = {who for who in wanted if sum(part is not None for part in who[:3]) > 1}
    first: dict[Who, int] = {}
    for row in rows if several else ():
        if (who := row[3:8]) in several:
            known = row.occurred_at if row.received_at is None else row.received_at
            first[who] = min(known, first.get(who, known))
    return {who: min(moment(known), at) for who, known in first.items()}


def micros_of(span: timedelta) -> int:
    """A span in microseconds."""
    return span // timedelta(microseconds=1)


def event_hash(salt: bytes, event_id: str) -> int:
    """What a source's event is known by; *salt* is the source's name and a zero byte."""
    digest = blake2b(salt + event_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
