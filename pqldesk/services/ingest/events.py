"""Storing usage events: each once, with its roll-ups, in the transaction of its batch.

Imports bring millions of events, so everything that repeats (who, what kind) is looked up once per import, and the
rest is left to SQL; benchmarks/ingest.py measures it against bare inserts of the same rows.
"""

import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import repeat
from operator import itemgetter

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity, Lead
from pqldesk.models.usage import EventKind, EventSetAside
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import local_days, moment
from pqldesk.services.calls.shapes import AsideRow
from pqldesk.services.files.event_columns import EventColumns, EventRow, Who
from pqldesk.services.identity.companies import CompanyFacts, CompanyFinder
from pqldesk.services.ingest.identities import (
    IdentityBook,
    Key,
    anonymous_key,
    company_key,
    email_key,
    known_identities,
    user_key,
)
from pqldesk.services.ingest.roll_ups import roll_up
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.tombstones import Tombstones

AHEAD = timedelta(hours=24)
TOO_FAR_AHEAD = "Its time is more than 24 hours in the future."
_SEEN_TOGETHER = "{first} and {other} were seen on one usage event."
_NOBODY = (None, None, None)
_REMEMBERED = 300_000  # people and kinds kept between batches of one import

EVENT_COLUMNS = ("eid", "identity_id", "kind_id", "at", "day", "quantity", "received_at", "batch_id")


class EventStore:
    """Stores the batches of one import or source, and remembers between them who and what it met."""

    def __init__(self, source: str, remembered: int = _REMEMBERED) -> None:
        """*remembered*: how many people it keeps in mind."""
        self._source = source
        self._remembered = remembered
        self._salt = source.encode() + b"\0"
        self._people: dict[Who, int] = {}
        self._kinds: dict[tuple[str, str | None], int] = {}

    def store(
        self,
        session: Session,
        page: Sequence[EventRow] | EventColumns,
        received_at: datetime,
        batch_id: int | None,
        aside: Sequence[AsideRow] = (),
    ) -> Stored:
        """Store a batch: duplicates change nothing, events too far ahead are set aside, new people become leads.

        Those in *aside* wait too, each with its reason.
        """
        stored = Stored(changes=Changes.to(Topic.USAGE, Topic.LEADS, Topic.TRIALS))
        tombstones = Tombstones(session)
        if tombstones:
            kept_aside = [row for row in aside if not self._is_erased(row.event[3:8], tombstones)]
            stored.erased, aside = len(aside) - len(kept_aside), kept_aside
        reasons: dict[str, list[EventRow]] = {}
        for row in aside:
            reasons.setdefault(row.reason, []).append(row.event)
        for reason, rows in reasons.items():
            self._wait(session, EventColumns.of(rows), reason, received_at, batch_id, stored)
        events = page if isinstance(page, EventColumns) else EventColumns.of(page)
        if erased := self.erased(session, events.people, set(events.who)):
            kept = [place for place, who in enumerate(events.who) if who not in erased]
            stored.erased += len(events) - len(kept)
            events = events.only(kept)
        received = micros(received_at)
        limit = received + micros_of(AHEAD)
        late, named = None, sorted(set(events.kinds))
        if events.occurred_at and max(events.occurred_at) > limit:
            late = events.only([place for place, at in enumerate(events.occurred_at) if at > limit])
            events = events.only([place for place, at in enumerate(events.occurred_at) if at <= limit])
        people: dict[int, int] = {}
        for some in (
            (events, late) if late is not None else (events,)
        ):  # whose an id is, what counts says first
            met = sorted(set(some.who) - people.keys())
            identities = self.meet(
                session,
                [some.people[place] for place in met],
                partial(_named_together, some, at=received_at),
                received_at,
                batch_id,
                stored,
            )
            people |= zip(met, identities, strict=True)
        numbers = self.name_kinds(session, [events.names[place] for place in named])
        kinds = dict(zip(named, numbers, strict=True))
        if late is not None:
            self._set_aside(session, late, people, kinds, TOO_FAR_AHEAD, received, batch_id, stored)
        driver = Driver(session)
        watermark = driver.rows("SELECT coalesce(max(seq), 0) FROM usage_event")[0][0]
        values = sorted(  # so that neighbours in the batch are neighbours in the unique index
            zip(
                event_hashes(self._salt, events.event_ids),
                [people[who] for who in events.who],
                [kinds[kind] for kind in events.kinds],
                events.occurred_at,
                map(local_days(settings.zone(session)).day_of, events.occurred_at),
                events.quantities,
                received_times(events, received),
                repeat(batch_id),
                strict=False,
            ),
            key=itemgetter(0),  # and of two with one id the first stays
        )
        stored.created = driver.add_new("usage_event", EVENT_COLUMNS, values)
        stored.duplicates += len(values) - stored.created
        if stored.created:
            roll_up(driver, watermark, stored)
        return stored

    def erased(self, session: Session, people: Sequence[Who], places: Iterable[int]) -> set[int]:
        """Those of *places* in *people* that stand for somebody who was erased: nothing of them is stored."""
        tombstones = Tombstones(session)
        if not tombstones:
            return set()
        return {place for place in places if self._is_erased(people[place], tombstones)}

    def _is_erased(self, who: Who, tombstones: Tombstones) -> bool:
        return who[:3] != _NOBODY and tombstones.hold_any(key for key, _ in self._keys(who))

    def _wait(
        self,
        session: Session,
        events: EventColumns,
        reason: str,
        at: datetime,
        batch_id: int | None,
        stored: Stored,
    ) -> None:
        """Set events aside whose people and kinds have not been looked up yet."""
        found = self.meet(session, events.people, lambda _: {}, at, batch_id, stored)
        people = dict(enumerate(found))
        kinds = dict(enumerate(self.name_kinds(session, events.names)))
        self._set_aside(session, events, people, kinds, reason, micros(at), batch_id, stored)

    def hashes(self, event_ids: Iterable[str]) -> list[int]:
        """What events of these ids are known by."""
        return event_hashes(self._salt, event_ids)

    def meet(
        self,
        session: Session,
        people: Sequence[Who],
        since: Callable[[Collection[Who]], dict[Who, datetime]],
        at: datetime,
        batch_id: int | None,
        stored: Stored,
    ) -> list[int]:
        """The identity of each of *people*; those met for the first time become leads, *since* when they are known
        by several ids."""
        if len(self._people) > self._remembered:
            self._people.clear()
        new = dict.fromkeys(who for who in people if who not in self._people)
        if new:
            self._meet(session, new, since(new), at, batch_id, stored)
        return [self._people[who] for who in people]

    def recall(self, session: Session, people: Iterable[Who]) -> None:
        """Look up those of *people* who are known by one key already, before the write lock is taken."""
        if len(self._people) > self._remembered:
            self._people.clear()
        wanted: dict[Key, list[Who]] = {}
        for who in people:
            if who not in self._people and len(keys := self._keys(who)) == 1:
                wanted.setdefault(keys[0][0], []).append(who)
        for key, number in known_identities(session, wanted).items():
            self._people.update(dict.fromkeys(wanted[key], number))

    def forget_gone(self, session: Session, people: Iterable[Who]) -> None:
        """Forget everybody if one of *people*, met in an earlier transaction, does not have that identity any more.

        A number that became free may be another's by now, so the keys are compared.
        """
        known = {self._people[who]: self._keys(who)[0][0] for who in people if who in self._people}
        found = Driver(session).rows_among("SELECT id, namespace, folded FROM identity WHERE id", [*known])
        if {number: (namespace, folded) for number, namespace, folded in found} != known:
            self._people.clear()

    def name_kinds(self, session: Session, names: Sequence[tuple[str, str | None]]) -> list[int]:
        """The number of each kind of event, made when it is new."""
        missing = set(names) - self._kinds.keys()
        keys: dict[str, list[str]] = {}
        for name, key in missing:
            keys.setdefault(name, []).append(key or "")
        driver = Driver(session)
        for name, some in keys.items():  # a kind may have as many keys as a site has pages
            for number, key in driver.rows_among(
                "SELECT id, key FROM event_kind WHERE name = ? AND key", some, (name,)
            ):
                self._kinds[name, key or None] = number
        new = sorted((missing - self._kinds.keys()), key=lambda kind: (kind[0], kind[1] or ""))
        if new:
            made = session.scalars(
                insert(EventKind).returning(EventKind.id, sort_by_parameter_order=True),
                [{"name": name, "key": key or ""} for name, key in new],
            ).all()
            self._kinds.update(zip(new, made, strict=True))
        return [self._kinds[name] for name in names]

    def _meet(
        self,
        session: Session,
        new: Collection[Who],
        since: dict[Who, datetime],
        at: datetime,
        batch_id: int | None,
        stored: Stored,
    ) -> None:
        """Find or make the identity of everyone who was not met before."""
        book = IdentityBook(session, at, batch_id)
        book.fetch((key, value) for who in new for key, value in self._keys(who))
        companies = CompanyFinder(session, at, batch_id)
        leads: dict[Key, Who] = {}
        unowned = [who for who in new if who[0] is not None and book[email_key(who[0])].lead_id is None]
        # Under a shared id another's e-mail is no reason to join: it gets a lead of its own, and a suggestion.
        taken = book.leads_with_email(self._owners(book, who) for who in unowned)
        for who in unowned:
            if self._owners(book, who) <= taken:
                leads.setdefault(email_key(who[0] or ""), who)
        # Only what is made has its company looked for.
        companies.prepare(self._company(who) for who in new if who[:3] == _NOBODY)
        companies.prepare(self._company(who) for who in leads.values())
        fresh = {key: self._lead(who, companies, at, batch_id) for key, who in leads.items()}
        if fresh:
            session.add_all(fresh.values())
            session.flush()
            for key, lead in fresh.items():
                book.link(key, lead.id)
                stored.new_leads.add(lead.id)
        for who in new:
            self._people[who] = self._identity_of(
                session, book, who, at, since.get(who, at), batch_id, companies, stored
            )
        stored.relinked |= set(book.store())
        stored.leads |= stored.new_leads | stored.relinked

    def _owners(self, book: IdentityBook, who: Who) -> set[int]:
        return {lead for key, _ in self._keys(who) if (lead := book[key].lead_id) is not None}

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
                from pqldesk.services.identity.suggestions import (
                    suggest,
                )  # merges, too: 50 ms, and rarely needed

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

    def _set_aside(
        self,
        session: Session,
        events: EventColumns,
        people: dict[int, int],
        kinds: dict[int, int],
        reason: str,
        received: int,
        batch_id: int | None,
        stored: Stored,
    ) -> None:
        places = {eid: place for place, eid in enumerate(self.hashes(events.event_ids))}
        known = set(session.scalars(select(EventSetAside.eid).where(EventSetAside.eid.in_(places))))
        said = events.received_at or [None] * len(events)
        session.add_all(
            EventSetAside(
                eid=eid,
                identity_id=people[events.who[place]],
                kind_id=kinds[events.kinds[place]],
                at=events.occurred_at[place],
                quantity=events.quantities[place],
                received_at=received if said[place] is None else said[place],
                reason=reason,
                raw={"event_id": events.event_ids[place], "source": self._source},
                batch_id=batch_id,
            )
            for eid, place in places.items()
            if eid not in known
        )
        stored.set_aside += len(places.keys() - known)
        stored.duplicates += len(events) - stored.set_aside


def received_times(events: EventColumns, received: int) -> list[int]:
    """When each was received: as its row says, else when it occurred, but not after *received*."""
    if events.received_at is None:
        return [at if at < received else received for at in events.occurred_at]
    both = zip(events.occurred_at, events.received_at, strict=True)
    return [(at if at < received else received) if known is None else known for at, known in both]


def _named_together(events: EventColumns, wanted: Collection[Who], at: datetime) -> dict[Who, datetime]:
    """When the ids that rows name together were first received so."""
    several = {who for who in wanted if who[:3].count(None) < 2}
    first: dict[Who, int] = {}
    if several:
        for place, known in zip(events.who, events.known_at(), strict=True):
            if (who := events.people[place]) in several:
                first[who] = min(known, first.get(who, known))
    return {who: min(moment(known), at) for who, known in first.items()}


def micros_of(span: timedelta) -> int:
    """A span in microseconds."""
    return span // timedelta(microseconds=1)


def event_hashes(salt: bytes, event_ids: Iterable[str]) -> list[int]:
    """What a source's events are known by; *salt* is the source's name and a zero byte."""
    joined = b"".join(
        [
            blake2b(salt + event_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            for event_id in event_ids
        ]
    )
    return list(struct.unpack(f">{len(joined) // 8}q", joined))
