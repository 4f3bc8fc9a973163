"""Usage events out of files: one as a row, many by columns, with what repeats in them kept once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")

_new: Final = tuple.__new__  # half the time of EventRow(...), which is called once a row

Who = tuple[str | None, str | None, str | None, str | None, str | None]  # EventRow's e-mail to company_id
NOBODY_NAMED: Final[Who] = (None, None, None, None, None)


class EventRow(NamedTuple):
    """One checked usage event. Times are microseconds since 1970, *quantity* is in millionths.

    *email* is as typed; compare by values.email_key. *event_id* begins with ``row:`` where the file gave none.
    """

    line: int
    row: int
    event_id: str
    email: str | None
    user_id: str | None
    anonymous_id: str | None
    company_domain: str | None
    company_id: str | None
    kind: str
    key: str | None
    quantity: int
    occurred_at: int
    received_at: int | None


class Numbered(list[T]):
    """Different things in the order they were met; code() says where one stands. Columns hold these numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[T, int] = {}

    def code(self, thing: T) -> int:
        """The number of *thing*, a new one when it is new."""
        if (known := self._places.get(thing)) is not None:
            return known
        self.append(thing)
        return self._places.setdefault(thing, len(self) - 1)

    def codes(self, things: Callable[[], Iterable[T]]) -> list[int]:
        """The numbers of all of *things*, which may be asked for twice."""
        try:
            return list(map(self._places.__getitem__, things()))
        except KeyError:
            for thing in [thing for thing in things() if thing not in self._places]:
                self.code(thing)
            return list(map(self._places.__getitem__, things()))


@dataclass(slots=True)
class EventColumns:
    """Checked usage events by columns: what EventRow says of one, each of these says of all.

    *who* and *kinds* are places in *people* and *names*, which the columns of one file share.
    """

    people: Numbered[Who]
    names: Numbered[tuple[str, str | None]]
    lines: Sequence[int]
    numbers: Sequence[int]
    event_ids: list[str]
    who: list[int]
    kinds: list[int]
    quantities: list[int]
    occurred_at: list[int]
    received_at: list[int | None] | None = None  # None: no row says

    def __len__(self) -> int:
        return len(self.event_ids)

    def part(self, start: int, end: int | None) -> "EventColumns":
        """Those from *start* up to *end*."""
        return self._by(lambda values: values[start:end])

    def only(self, places: Sequence[int]) -> "EventColumns":
        """Those that stand at *places*."""
        return self._by(lambda values: [values[place] for place in places])

    def _by(self, pick: Callable[[Sequence[Any]], Any]) -> "EventColumns":
        return EventColumns(
            self.people,
            self.names,
            pick(self.lines),
            pick(self.numbers),
            pick(self.event_ids),
            pick(self.who),
            pick(self.kinds),
            pick(self.quantities),
            pick(self.occurred_at),
            None if self.received_at is None else pick(self.received_at),
        )

    def with_more(self, more: "EventColumns") -> "EventColumns":
        """These and then *more* of the same file."""
        received: list[int | None] | None = None
        if self.received_at is not None or more.received_at is not None:
            received = [
                *(self.received_at or repeat(None, len(self))),
                *(more.received_at or repeat(None, len(more))),
            ]
        return EventColumns(
            self.people,
            self.names,
            [*self.lines, *more.lines],
            [*self.numbers, *more.numbers],
            self.event_ids + more.event_ids,
            self.who + more.who,
            self.kinds + more.kinds,
            self.quantities + more.quantities,
            self.occurred_at + more.occurred_at,
            received,
        )

    def known_at(self) -> list[int]:
        """When each was received; what says nothing of it came as it occurred."""
        if self.received_at is None:
            return self.occurred_at
        both = zip(self.occurred_at, self.received_at, strict=True)
        return [at if known is None else known for at, known in both]

    def rows(self) -> list[EventRow]:
        """The same one by one."""
        people, names = self.people, self.names
        return [
            _new(EventRow, (line, number, own, *people[who], *names[kind], amount, at, known))
            for line, number, own, who, kind, amount, at, known in zip(
                self.lines,
                self.numbers,
                self.event_ids,
                self.who,
                self.kinds,
                self.quantities,
                self.occurred_at,
                self.received_at or repeat(None, len(self)),
                strict=True,
            )
        ]

    @classmethod
    def of(cls, rows: Sequence[EventRow]) -> "EventColumns":
        """Rows by columns."""
        people: Numbered[Who] = Numbered()
        names: Numbered[tuple[str, str | None]] = Numbered()
        received = [row.received_at for row in rows]
        return cls(
            people,
            names,
            [row.line for row in rows],
            [row.row for row in rows],
            [row.event_id for row in rows],
            [people.code(row[3:8]) for row in rows],
            [names.code(row[8:10]) for row in rows],
            [row.quantity for row in rows],
            [row.occurred_at for row in rows],
            None if received.count(None) == len(received) else received,
        )
