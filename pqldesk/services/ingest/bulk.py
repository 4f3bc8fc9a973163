"""Usage gathered by columns in memory, and stored at once, or person by person beside a window.

At once: sorted by hash the rows fill the unique index from left to right; the index by identity and time and both
roll-ups are built at the end, in the same transaction. Two million events take about 150 MB until they are stored.

Beside a window: in short transactions, but each person's events together, so that a person is scored once and not
with every page of the file they appear on.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.services import settings
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import DAY, local_days, moment
from pqldesk.services.files.event_columns import EventColumns, Numbered, Who
from pqldesk.services.ingest.events import AHEAD, EventStore, micros_of, received_times
from pqldesk.services.ingest.roll_ups import roll_up
from pqldesk.services.ingest.stored import Stored

MOST_US: Final = 20_000_000  # others wait 30 s for the lock before they give up
EVENT_US: Final = 6  # to store one where there are none yet, as measured
LATER_EVENT_US: Final = 15  # beside others
PERSON_US: Final = 80  # to score one
PERSON_ROWS: Final = 12  # in a short transaction a person's score takes as long as storing so many events
_INDEX: Final = "ix_usage_event_identity_at"
_SLAB: Final = 50_000  # rows made Python numbers at a time
_ALL_SUMS: Final = 1 << 62  # where a sum could leave 64 bits SQL adds up, and says so
_COLUMNS: Final = ("eid", "identity_id", "kind_id", "at", "day", "quantity", "received_at", "batch_id")

_PEOPLE: Final = 20_000  # people looked up or made at a time
_TABLES: Final = ("usage_event", "usage_day", "usage_total")
_FIRST: Final = """
SELECT i.lead_id, min(t.first_at) FROM usage_total t JOIN identity i ON i.id = t.identity_id
WHERE i.lead_id IS NOT NULL GROUP BY i.lead_id
"""

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


class BulkLoad:
    """Gathers pages of one import until they are stored together."""

    def __init__(self, store: EventStore, received_at: datetime, *, is_first: bool = True) -> None:
        self._store = store
        self._event_us = EVENT_US if is_first else LATER_EVENT_US
        self._at = received_at
        self._received = micros(received_at)
        self._people: Numbered[Who] = Numbered()
        self._names: Numbered[tuple[str, str | None]] = Numbered()
        self._pages: list[tuple[Ints, ...]] = []
        self._known: dict[
            int, int
        ] = {}  # somebody named by several ids -> when they were first seen together
        self.events = 0
        self._is_sorted = False
        self._next = 0  # of the sorted events

    @property
    def is_full(self) -> bool:
        """Whether storing it, with the scores that follow, would take longer than others wait for the lock."""
        return self.events * self._event_us + len(self._people) * PERSON_US >= MOST_US

    def add(self, page: EventColumns) -> EventColumns | None:
        """Take a page, but for events too far ahead, which are given back: to set them aside is for the store."""
        limit = self._received + micros_of(AHEAD)
        late = None
        if max(page.occurred_at) > limit:
            late = page.only([place for place, at in enumerate(page.occurred_at) if at > limit])
            page = page.only([place for place, at in enumerate(page.occurred_at) if at <= limit])
            if not page:
                return late
        who, kinds = self._shared(page)
        several = {
            place for place in set(who) if sum(part is not None for part in self._people[place][:3]) > 1
        }
        if several:
            for place, known in zip(who, page.known_at(), strict=True):
                if place in several:
                    self._known[place] = min(known, self._known.get(place, known))
        self._pages.append(
            tuple(
                np.array(values, dtype=np.int64)
                for values in (
                    self._store.hashes(page.event_ids),
                    who,
                    kinds,
                    page.occurred_at,
                    page.quantities,
                    received_times(page, self._received),
                )
            )
        )
        self.events += len(page)
        self._is_sorted = False
        return late

    def by_person(self) -> list[Who]:
        """Sort what was gathered by person, unless it is; who is new in it.

        Of several with one id all but the first go to the end: they name people, but do not count.
        """
        if self._is_sorted:
            return []
        columns = [np.concatenate(some)[self._next :] for some in zip(*self._pages, strict=True)]
        _, first = np.unique(columns[0], return_index=True)
        repeated = np.ones(len(columns[0]), dtype=np.bool_)
        repeated[first] = False
        order = np.lexsort((columns[1], repeated))
        self._pages = [tuple(column[order] for column in columns)]
        self._next, self.events, self._is_sorted = 0, len(order), True
        return [self._people[place] for place in np.unique(self._pages[0][1]).tolist()]

    def _shared(self, page: EventColumns) -> tuple[list[int], list[int]]:
        """The page's people and kinds by our own numbers."""
        if page.people is self._people:
            return page.who, page.kinds
        if not self._people:
            self._people, self._names = page.people, page.names
            return page.who, page.kinds
        people = {place: self._people.code(page.people[place]) for place in set(page.who)}
        names = {place: self._names.code(page.names[place]) for place in set(page.kinds)}
        return [people[place] for place in page.who], [names[place] for place in page.kinds]

    def store(self, session: Session, batch_id: int | None, most: int | None = None) -> Stored:
        """Store what was gathered as EventStore.store() would have; with *most* so much of it, sorted by person.

        *most* counts events, and each person as PERSON_ROWS more.
        """
        stored = Stored(changes=Changes.to(Topic.USAGE, Topic.LEADS, Topic.TRIALS))
        driver = Driver(session)
        gathered = self._all() if most is None else self._part(most, stored)
        eids, who, kinds, at, quantities, received = gathered
        if erased := self._store.erased(session, self._people, np.unique(who).tolist()):
            kept = ~np.isin(who, list(erased))
            stored.erased = int((~kept).sum())
            columns = (eids, who, kinds, at, quantities, received)
            eids, who, kinds, at, quantities, received = (column[kept] for column in columns)
            if not len(eids):
                return stored
        rows = [
            eids,
            self._identities(session, who, batch_id, stored)[who],
            self._kinds(session, kinds)[kinds],
            at,
            _days(settings.zone(session), at),
            quantities,
            received,
        ]
        if batch_id is not None:
            rows.append(np.full(len(eids), batch_id))
        order = np.argsort(eids, kind="stable")  # of two with one id the first stays
        rows = [column[order] for column in rows]
        first = _begins(rows[0])
        rows = [column[first] for column in rows]
        if most is None:
            driver.run("PRAGMA cache_size = -131072")
        stored.duplicates = len(eids)
        if most is not None or any(driver.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in _TABLES):  # noqa: S608 - our own names
            watermark = driver.rows("SELECT coalesce(max(seq), 0) FROM usage_event")[0][0]
            stored.created = _insert(driver, "usage_event", _COLUMNS, rows, or_ignore=True)
            roll_up(driver, watermark, stored)
        else:
            stored.created = len(rows[0])
            _fill(driver, rows, stored)
        if most is None:
            driver.run("PRAGMA cache_size = -32768")
        stored.duplicates -= stored.created
        return stored

    def _all(self) -> list[Ints]:
        gathered = [np.concatenate(some)[self._next :] for some in zip(*self._pages, strict=True)]
        self._pages, self._next, self.events, self._is_sorted = [], 0, 0, False
        return gathered

    def _part(self, most: int, stored: Stored) -> list[Ints]:
        self.by_person()
        # Every event costs one at least.
        columns = [column[self._next : self._next + most] for column in self._pages[0]]
        costs = np.cumsum(1 + PERSON_ROWS * _begins(columns[1]))
        size = max(int(np.searchsorted(costs, most, side="right")), 1)
        stored.work = int(costs[size - 1])
        self._next += size
        self.events -= size
        if not self.events:
            self._pages, self._next, self._is_sorted = [], 0, False
        return [column[:size] for column in columns]

    def _identities(self, session: Session, who: Ints, batch_id: int | None, stored: Stored) -> Ints:
        """The identity of each of our people; those on no row that counts have none."""
        found = np.zeros(len(self._people), dtype=np.int64)
        places = np.unique(who)
        known = {self._people[place]: min(moment(at), self._at) for place, at in self._known.items()}
        for start in range(0, len(places), _PEOPLE):
            some = places[start : start + _PEOPLE]
            people = [self._people[place] for place in some.tolist()]
            found[some] = self._store.meet(
                session,
                people,
                lambda new: {one: known[one] for one in new if one in known},
                self._at,
                batch_id,
                stored,
            )
        return found

    def _kinds(self, session: Session, kinds: Ints) -> Ints:
        found = np.zeros(len(self._names), dtype=np.int64)
        places = np.unique(kinds)
        found[places] = self._store.name_kinds(session, [self._names[place] for place in places.tolist()])
        return found


def _fill(driver: Driver, rows: list[Ints], stored: Stored) -> None:
    """Write the log and both roll-ups of a workspace that has no usage yet."""
    ((index,),) = driver.rows("SELECT sql FROM sqlite_master WHERE name = ?", (_INDEX,))
    driver.run(f"DROP INDEX {_INDEX}")
    _insert(driver, "usage_event", _COLUMNS, rows)
    driver.run(index)
    _, identities, kinds, at, days, quantities, *_ = rows
    if int(np.abs(quantities).max()) * len(quantities) >= _ALL_SUMS:
        roll_up(driver, 0, stored)
        return
    order = np.lexsort((kinds, days, identities))
    keys = [column[order] for column in (identities, days, kinds)]
    begins = np.flatnonzero(_begins(*keys))
    summed = [np.diff(begins, append=len(order)), np.add.reduceat(quantities[order], begins)]
    _insert(
        driver,
        "usage_day",
        ("identity_id", "day", "kind_id", "n", "quantity"),
        [*(key[begins] for key in keys), *summed],
    )
    order = np.lexsort((kinds, identities))
    keys = [column[order] for column in (identities, kinds)]
    begins = np.flatnonzero(_begins(*keys))
    summed = [
        np.diff(begins, append=len(order)),
        np.add.reduceat(quantities[order], begins),
        np.minimum.reduceat(at[order], begins),
        np.maximum.reduceat(at[order], begins),
    ]
    _insert(
        driver,
        "usage_total",
        ("identity_id", "kind_id", "n", "quantity", "first_at", "last_at"),
        [*(key[begins] for key in keys), *summed],
    )
    stored.earliest = dict(driver.rows(_FIRST))
    stored.leads |= stored.earliest.keys()


def _insert(
    driver: Driver, table: str, names: tuple[str, ...], columns: list[Ints], *, or_ignore: bool = False
) -> int:
    """Insert rows given by columns; returns how many were new."""
    added = 0
    for start in range(0, len(columns[0]), _SLAB):
        flat = np.column_stack([column[start : start + _SLAB] for column in columns]).ravel().tolist()
        added += driver.add_flat(table, names[: len(columns)], flat, or_ignore=or_ignore)
    return added


def _begins(*keys: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where in sorted columns another key begins."""
    differs = np.ones(len(keys[0]), dtype=np.bool_)
    differs[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return differs


def _days(zone: ZoneInfo, at: Ints) -> Ints:
    """The local day of each moment, as LocalDays.day_of() has it."""
    days = local_days(zone)
    first, last = int(at.min()) // DAY - 2, int(at.max()) // DAY + 3
    midnights = np.array([days.midnight(day) for day in range(first, last)], dtype=np.int64)
    return np.searchsorted(midnights, at, side="right") - 1 + first
