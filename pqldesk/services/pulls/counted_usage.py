"""Storing usage that a warehouse counted: so many of a kind by a person on a day, in place of what was counted before.

The log gets one event for each that a signal or milestone may ask for, spread between the first and the last moment
that were counted, so that scores, windows and past moments work as with any other usage. Sums and counts of a day are
exact, moments inside it only for the first and the last.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.people import Identity
from pqldesk.models.usage import CountedDay
from pqldesk.services.files.event_columns import EventRow
from pqldesk.services.files.values import BadValue
from pqldesk.services.files.values import email as email_of
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.ingest.identities import Key, email_key, user_key
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.pulls.puller import Keep
from pqldesk.services.tombstones import Tombstones

ACTIVITY: Final = "activity"  # the kind of everything that no signal or milestone asks for
MOST: Final = 500  # events of one kind and key on one day that are told apart; no threshold is near it
_SECOND: Final = 1_000_000
_EPOCH: Final = date(1970, 1, 1)
_TOGETHER: Final = 400


class Cell(NamedTuple):
    """How often something was done on a day, how much of it in millionths, and its first and last second."""

    kind: str
    key: str
    n: int
    quantity: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PersonDay:
    """All that was counted of one person on one day of the workspace's zone."""

    email: str | None
    user_id: str | None
    day: date
    cells: tuple[Cell, ...]

    @property
    def who(self) -> str:
        """What the person is known by here."""
        return f"{self.email or ''}|{self.user_id or ''}"

    @property
    def number(self) -> int:
        """The day, in days since 1970."""
        return (self.day - _EPOCH).days


def keeping(source: str, days: Sequence[PersonDay]) -> Keep:
    """A page's command that stores *days* in place of what was counted before."""

    def keep(session: Session, at: datetime, batch_id: int | None) -> Stored:
        return replace_days(session, source, days, at, batch_id)

    return keep


def replace_days(
    session: Session, source: str, days: Sequence[PersonDay], at: datetime, batch_id: int | None
) -> Stored:
    """Store what changed. A day that is as it was counts as a duplicate, one that changed as updated."""
    every, tombstones = len(days), Tombstones(session)
    if tombstones:
        days = [day for day in days if not tombstones.hold_any(_keys(source, day))]
    known = _known(session, source, days)
    fresh = [day for day in days if (day.who, day.number) not in known]
    changed = [day for day in days if known.get((day.who, day.number), day.cells) != day.cells]
    store = EventStore(source)
    gone = [
        event_id
        for day in changed
        for event_id in _event_ids(day.who, day.number, known[day.who, day.number])
    ]
    leads = _take_out(session, store.hashes(gone)) if gone else set()
    rows, refused = [], []
    for day in (*fresh, *changed):
        try:
            rows += list(_events(day))
        except BadValue as wrong:
            refused.append((0, 0, str(wrong)))
    stored = store.store(session, rows, at, batch_id) if rows else Stored()
    stored.relinked |= leads - stored.new_leads
    stored.erased = every - len(days)
    stored.refused += refused
    stored.created, stored.updated = len(fresh) - len(refused), len(changed)
    stored.duplicates = len(days) - len(fresh) - len(changed)
    _remember(session, source, [*fresh, *changed])
    return stored


def _keys(source: str, day: PersonDay) -> list[Key]:
    keys = [] if day.email is None else [email_key(day.email)]
    return keys if day.user_id is None else [*keys, user_key(source, day.user_id)]


def _known(
    session: Session, source: str, days: Sequence[PersonDay]
) -> Mapping[tuple[str, int], tuple[Cell, ...]]:
    people, numbers = sorted({day.who for day in days}), [day.number for day in days]
    found: dict[tuple[str, int], tuple[Cell, ...]] = {}
    for start in range(0, len(people), _TOGETHER):
        rows = session.execute(
            select(CountedDay.who, CountedDay.day, CountedDay.cells).where(
                CountedDay.source == source,
                CountedDay.who.in_(people[start : start + _TOGETHER]),
                CountedDay.day.between(min(numbers), max(numbers)),
            )
        )
        found |= {(who, day): tuple(Cell(*cell) for cell in cells) for who, day, cells in rows}
    return found


def _remember(session: Session, source: str, days: Iterable[PersonDay]) -> None:
    Driver(session).run_many(
        "INSERT INTO counted_day (source, who, day, cells) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (source, who, day) DO UPDATE SET cells = excluded.cells",
        [(source, day.who, day.number, json.dumps(day.cells, separators=(",", ":"))) for day in days],
    )


def _event_ids(who: str, day: int, cells: Iterable[Cell]) -> list[str]:
    return [
        f"{who}|{day}|{cell.kind}|{cell.key}|{number}"
        for cell in cells
        for number in range(min(cell.n, MOST))
    ]


def _events(day: PersonDay) -> Iterable[EventRow]:
    """An event for each that was counted. BadValue for an address that is none and no other id."""
    email = email_of(day.email)
    for cell in day.cells:
        n = 1 if cell.kind == ACTIVITY else min(cell.n, MOST)
        each, left = divmod(cell.quantity, n)
        for number in range(n):
            at = cell.first if n == 1 else cell.first + (cell.last - cell.first) * number // (n - 1)
            yield EventRow(
                0, 0, f"{day.who}|{day.number}|{cell.kind}|{cell.key}|{number}", email, day.user_id, None, None, None,
                cell.kind, cell.key or None, each + (left if number == n - 1 else 0), at * _SECOND, None,
            )  # fmt: skip


def _take_out(session: Session, hashes: Sequence[int]) -> set[int]:
    """Remove those events from log and roll-ups; returns the leads whose they were."""
    driver = Driver(session)
    days: defaultdict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    for start in range(0, len(hashes), _TOGETHER):
        some = hashes[start : start + _TOGETHER]
        marks = ", ".join("?" * len(some))
        for identity, day, kind, quantity in driver.rows(
            f"SELECT identity_id, day, kind_id, quantity FROM usage_event WHERE eid IN ({marks})",  # noqa: S608
            some,
        ):
            days[identity, day, kind][0] += 1
            days[identity, day, kind][1] += quantity
        driver.run(f"DELETE FROM usage_event WHERE eid IN ({marks})", some)  # noqa: S608
    driver.run_many(
        "UPDATE usage_day SET n = n - ?, quantity = quantity - ? WHERE identity_id = ? AND day = ? AND kind_id = ?",
        [(n, quantity, *cell) for cell, (n, quantity) in days.items()],
    )
    driver.run_many(
        "DELETE FROM usage_day WHERE identity_id = ? AND day = ? AND kind_id = ? AND n = 0", list(days)
    )
    _total_again(driver, {(identity, kind) for identity, _, kind in days})
    owners = select(Identity.lead_id).where(
        Identity.id.in_({identity for identity, _, _ in days}), Identity.lead_id.is_not(None)
    )
    return {int(lead) for lead in session.scalars(owners) if lead is not None}


def _total_again(driver: Driver, pairs: Collection[tuple[int, int]]) -> None:
    for identity, kind in pairs:
        driver.run("DELETE FROM usage_total WHERE identity_id = ? AND kind_id = ?", (identity, kind))
        driver.run(
            "INSERT INTO usage_total (identity_id, kind_id, n, quantity, first_at, last_at)"
            " SELECT identity_id, kind_id, count(*), sum(quantity), min(at), max(at) FROM usage_event"
            " WHERE identity_id = ? AND kind_id = ? GROUP BY identity_id, kind_id",
            (identity, kind),
        )
