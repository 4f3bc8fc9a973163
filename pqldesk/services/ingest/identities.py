"""The identities of a batch: looked up together, made together, linked together.

Usage hangs on identities, so an identity without a lead still collects usage; it counts as soon as a lead gets it.
Identities seen on one row before any of them has a lead *follow* each other, and get the lead together.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity
from pqldesk.services.tombstones import Tombstones

EMAIL = "email"
SINCE_EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")  # links that were never otherwise
_TOGETHER = 400  # keys in one statement

Key = tuple[str, str]  # namespace, folded value


@dataclass(slots=True)
class Known:
    """An identity as stored, with the lead it belongs to."""

    id: int
    lead_id: int | None
    verified: bool
    follows: int | None
    fresh: bool = False  # made by this batch


def email_key(email: str) -> Key:
    """E-mails are compared trimmed and case-folded, never otherwise altered."""
    return EMAIL, email.strip().casefold()


def user_key(source: str, user_id: str) -> Key:
    return source, user_id


def anonymous_key(source: str, anonymous_id: str) -> Key:
    return f"{source}.anon", anonymous_id


def company_key(source: str, name: str) -> Key:
    """What a company is called in usage that names no person."""
    return f"{source}.company", name


def known_identities(session: Session, keys: Iterable[Key]) -> dict[Key, int]:
    """{key: identity} of those that have a lead already."""
    book = IdentityBook(session, datetime.now(UTC), None)
    return {key: known.id for key, known in book.look_up(list(keys)).items() if known.lead_id is not None}


class IdentityBook:
    """All identities a batch touches. fetch() first; what is missing is made with one statement."""

    def __init__(self, session: Session, at: datetime, batch_id: int | None) -> None:
        self._session = session
        self._at = at
        self._batch_id = batch_id
        self._known: dict[Key, Known] = {}
        self._linked: list[tuple[Known, int, datetime]] = []

    def __getitem__(self, key: Key) -> Known:
        return self._known[key]

    def moved(self, loser_id: int, survivor_id: int) -> None:
        """Follow a merge: what the loser had is the survivor's."""
        for known in self._known.values():
            if known.lead_id == loser_id:
                known.lead_id = survivor_id

    def fetch(self, wanted: Iterable[tuple[Key, str]], unproven: Container[Key] = ()) -> None:
        """Load or make the identities of (key, value as it came). An e-mail is somebody's own unless it is one of
        *unproven*."""
        missing = {key: value for key, value in wanted if key not in self._known}
        self.look_up(list(missing))
        new = [(key, value) for key, value in missing.items() if key not in self._known]
        if not new:
            return
        Tombstones(self._session).refuse(key for key, _ in new)
        at = micros(self._at)
        Driver(self._session).run_many(
            "INSERT INTO identity (namespace, folded, value, verified, created_at, batch_id) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (*key, value, key[0] == EMAIL and key not in unproven, at, self._batch_id)
                for key, value in new
            ],
        )
        self.look_up([key for key, _ in new])
        for key, _ in new:
            self._known[key].fresh = True

    def leads_with_email(self, leads: Iterable[Iterable[int]]) -> set[int]:
        """Those of *leads* that are known by a verified e-mail."""
        wanted = sorted(set(chain.from_iterable(leads)))
        found: set[int] = set()
        for start in range(0, len(wanted), _TOGETHER):
            some = wanted[start : start + _TOGETHER]
            known = select(Identity.lead_id).where(
                Identity.lead_id.in_(some), Identity.namespace == EMAIL, Identity.verified
            )
            found.update(lead for lead in self._session.scalars(known) if lead is not None)
        return found

    def keys_of(self, lead_id: int, namespace: str) -> dict[str, bool]:
        """What a lead is known by in *namespace*, folded, and whether that is proven."""
        self._session.flush()
        known = select(Identity.folded, Identity.verified).where(
            Identity.lead_id == lead_id, Identity.namespace == namespace
        )
        found = {row.folded: row.verified for row in self._session.execute(known)}
        return found | {
            folded: one.verified
            for (of_it, folded), one in self._known.items()
            if of_it == namespace and one.lead_id == lead_id
        }

    def proven(self, key: Key) -> None:
        """An e-mail that was not known to be somebody's own is said by themselves."""
        known = self._known[key]
        if not known.verified:
            known.verified = True
            self._session.execute(update(Identity).where(Identity.id == known.id).values(verified=True))

    def link(self, key: Key, lead_id: int, since: datetime | None = None) -> None:
        """Give the identity, and those that follow it, to a lead. *since*: when that became known."""
        known = self._known[key]
        self._linked.append((known, lead_id, since or (SINCE_EVER if known.fresh else self._at)))
        known.lead_id = lead_id

    def together(self, keys: Iterable[Key]) -> None:
        """Note that identities without a lead belong to one person."""
        first, *others = (self._known[key] for key in keys)
        root = first.follows or first.id
        for other in others:
            if other.id != root and other.follows != root:
                old = other.follows or other.id
                self._session.execute(
                    update(Identity)
                    .where((Identity.follows == old) | (Identity.id == old))
                    .values(follows=root)
                )
                for known in self._known.values():
                    if known.id == old or known.follows == old:
                        known.follows = root

    def store(self) -> list[int]:
        """Write the links. Returns the leads that got identities which already had usage."""
        if not self._linked:
            return []
        leading = {known.follows for known in self._known.values()}
        followed = {
            k.follows or k.id: (lead, since)
            for k, lead, since in self._linked
            if not k.fresh or k.follows or k.id in leading
        }
        late: list[int] = [lead for known, lead, _ in self._linked if not known.fresh]
        if followed:
            linked = {known.id for known, _, _ in self._linked}
            for number, root in self._session.execute(
                select(Identity.id, Identity.follows).where(
                    Identity.lead_id.is_(None), Identity.follows.in_(followed) | Identity.id.in_(followed)
                )
            ):
                if number not in linked:
                    lead, since = followed[root or number]
                    self._linked.append((Known(number, lead, False, root), lead, since))
                    late.append(lead)
        driver = Driver(self._session)
        driver.run_many(
            "UPDATE identity SET lead_id = ? WHERE id = ?",
            [(lead, known.id) for known, lead, _ in self._linked],
        )
        driver.run_many(
            "INSERT INTO identity_link (identity_id, lead_id, linked_at) VALUES (?, ?, ?)",
            [(known.id, lead, micros(since)) for known, lead, since in self._linked],
        )
        self._linked.clear()
        return late

    def look_up(self, keys: list[Key]) -> dict[Key, Known]:
        """All that is known, after those of *keys* that exist were loaded."""
        if not keys:
            return self._known
        self._session.flush()
        driver = Driver(self._session)
        of_namespace: dict[str, list[str]] = {}
        for namespace, folded in keys:
            of_namespace.setdefault(namespace, []).append(folded)
        # One namespace at a time: SQLite walks the whole table for pairs of columns in a list.
        for namespace, some in of_namespace.items():
            for number, folded, lead_id, verified, follows in driver.rows_among(
                "SELECT id, folded, lead_id, verified, follows FROM identity WHERE namespace = ? AND folded",
                some,
                (namespace,),
            ):
                self._known[namespace, folded] = Known(number, lead_id, bool(verified), follows)
        return self._known
