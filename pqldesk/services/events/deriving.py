"""Deriving usage, people, trials and forms from the raw pages that wait: read, interpreted, stored, scored."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import insert
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.usage import RefusedCall
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.moments import moment
from pqldesk.services.calls.readers import READERS
from pqldesk.services.calls.reading import Reading
from pqldesk.services.calls.shapes import Ready, Usage
from pqldesk.services.connectors import kind_of
from pqldesk.services.events.after_storing import follow
from pqldesk.services.events.raw_pages import WaitingPage, is_waiting, waiting_pages
from pqldesk.services.events.rule_store import rules_for
from pqldesk.services.events.rules import EventRules
from pqldesk.services.events.source_reading import reading_of
from pqldesk.services.files.event_columns import EventRow
from pqldesk.services.files.values import BadValue
from pqldesk.services.ingest.calls import CallStore
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.workspaces.commits import newest_change

ACTOR: Final = "intake"
# Items in one transaction beside a window: what each costs by itself is that of 200 items
FEWEST: Final = 200
_PEOPLE: Final = 50_000  # remembered between transactions: some 20 MB
_SHOWN: Final = 300  # characters of a refused item that are listed; its page holds all
_COUNT: Final = """
INSERT INTO event_name (source, name, n, first_at, last_at, sample) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (source, name) DO UPDATE SET
  n = event_name.n + excluded.n, last_at = excluded.last_at, sample = excluded.sample
"""
_UNFIT: Final = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Derived:
    """What became of waiting items. *items*: how many were looked at; *is_more*: whether others wait."""

    items: int = 0
    refused: int = 0
    is_more: bool = False
    seconds: float = 0.0  # how long its transaction held the write lock, without the commit
    stored: Stored = field(default_factory=Stored)
    changes: Changes = field(default_factory=Changes)


class Met:
    """Whom deriving met in the transactions before, as long as nobody else's commit came between.

    Other processes, and other commands of this one, merge, undo and erase: after any of them everybody is looked up
    again. After a transaction that failed a new one is needed, since what that made is not there.
    """

    def __init__(self) -> None:
        self._events: dict[str, EventStore] = {}
        self._newest = self._expected = 0

    def begin(self, session: Session) -> None:
        """Forget everything if somebody else has changed something."""
        self._newest = newest_change(session)
        if self._newest != self._expected:
            self._events.clear()

    def end(self, changes: Changes) -> None:
        """The transaction will leave these changes, and with them a note of its own."""
        self._expected = self._newest + bool(changes.topics)

    def events(self, session: Session, source: str, ready: Iterable[Ready]) -> EventStore:
        """The store of a source's events, which still knows those of *ready* it has met."""
        store = self._events.setdefault(source, EventStore(source, _PEOPLE))
        store.forget_gone(session, [one[3:8] for one in ready if isinstance(one, EventRow)])
        return store


def derive_waiting(session: Session, at: datetime, most: int, met: Met | None = None) -> Derived:
    """Derive up to *most* waiting items, the oldest first, with everything that follows: scores, playbooks.

    *at* is the moment to score at. A page that was received while the caller waited for its turn moves it on: a
    hand-raise later than the moment of scoring would not count before the next one.
    """
    derived = Derived()
    session.connection()
    began = time.perf_counter()
    met = met or Met()
    met.begin(session)
    pages = waiting_pages(session, most)
    at = max([at, *(moment(page.received_at) for some in pages.values() for page in some)])
    for source, some in pages.items():
        stored = _derive(session, source, some, at, derived, met)
        derived.stored.created += stored.created
        derived.stored.updated += stored.updated
        derived.stored.duplicates += stored.duplicates
        derived.stored.set_aside += stored.set_aside
        derived.stored.new_leads |= stored.new_leads
        derived.changes = Changes(derived.changes.topics | stored.changes.topics)
    derived.is_more = is_waiting(session)
    if derived.items:
        derived.changes = Changes(derived.changes.topics | {Topic.SOURCES})
    met.end(derived.changes)
    derived.seconds = time.perf_counter() - began
    return derived


def derive_all(session: Session, at: datetime, most: int = 5_000) -> Changes:
    """Derive what waits, up to some thousand items: what a process that ended has left."""
    return derive_waiting(session, at, most).changes


def _derive(
    session: Session, source: str, pages: Sequence[WaitingPage], at: datetime, derived: Derived, met: Met
) -> Stored:
    reading, rules = reading_of(session, source), rules_for(session, source)
    names: Counter[str] = Counter()
    samples: dict[str, Mapping[str, Any]] = {}
    ready: list[Ready] = []
    refused: list[dict[str, Any]] = []
    for page in pages:
        reading.delivered(page.received_at, page.sent_at)
        for place, item in enumerate(page.items, page.first):
            if item is None:  # somebody was erased
                continue
            try:
                ready += _read(item, source, reading, rules, names, samples)
            except BadValue as wrong:
                refused.append(
                    {"page_id": page.page_id, "item": place, "source": source, "reason": str(wrong),
                     "shown": _encode(item)[:_SHOWN].decode("utf-8", "replace"), "at": at}
                )  # fmt: skip
        derived.items += len(page.items)
    if refused:
        derived.refused += len(refused)
        session.execute(insert(RefusedCall), refused)
    if names:
        now = micros(at)
        Driver(session).run_many(
            _COUNT,
            [
                (source, name, n, now, now, _encode(samples[name]).decode())
                for name, n in sorted(names.items())
            ],
        )
    store = CallStore(source, ACTOR, reading.options, met.events(session, source, ready))
    stored = follow(session, store.store(session, ready, at, None), at)
    Driver(session).run_many(
        "UPDATE raw_page SET done = ? WHERE id = ?",
        [(page.first + len(page.items), page.page_id) for page in pages],
    )
    return stored


def _read(
    item: Any,
    source: str,
    reading: Reading,
    rules: EventRules,
    names: Counter[str],
    samples: dict[str, Mapping[str, Any]],
) -> list[Ready]:
    if not isinstance(item, dict):
        raise BadValue("item", "it is no JSON object")
    if "too_large" in item:
        raise BadValue("item", "it was too large to be kept")
    try:
        calls = list(READERS[kind_of(source)](item, reading))
        ready = rules.ready_of(calls)
    except (
        _UNFIT
    ) as wrong:  # a list where a text belongs: the item is odd, those after it must not wait for it
        if isinstance(wrong, BadValue):
            raise
        raise BadValue("item", "a value in it is of an unexpected kind") from wrong
    for call in calls:
        if isinstance(call, Usage):
            names[call.name] += 1
            samples[call.name] = call.properties
    return ready
