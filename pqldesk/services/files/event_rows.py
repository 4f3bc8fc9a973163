"""Usage events out of a file, in pages, at the speed of bulk imports."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec

from pqldesk.services.basics.texts import _
from pqldesk.services.files.event_columns import EventColumns, EventRow
from pqldesk.services.files.event_reader import EventReader, Properties
from pqldesk.services.files.fields import FIELDS, Kind
from pqldesk.services.files.json_table import JsonlTable, flattened, parsed
from pqldesk.services.files.mapping import ColumnMapping, map_columns
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import (
    CELL_LIMIT,
    Reject,
    RejectSink,
    SourceRow,
    SourceTable,
    flaw_of,
    shortened,
)
from pqldesk.services.files.values import BadValue

__all__ = [
    "PAGE",
    "EventColumns",
    "EventReader",
    "EventRow",
    "Piece",
    "event_mapping",
    "event_pages",
    "event_pieces",
    "in_pages",
    "kinds_of",
]

PAGE: Final = 20_000
_FIELDS: Final = tuple(FIELDS[Kind.EVENTS])  # the order of EventReader.row's arguments
_INNER: Final = "properties."
_COLUMN: Final[dict[str, Callable[[list[Any]], list[Any]]]] = {  # written out: four times as fast as getattr
    "event_id": lambda events: [event.event_id for event in events],
    "email": lambda events: [event.email for event in events],
    "user_id": lambda events: [event.user_id for event in events],
    "anonymous_id": lambda events: [event.anonymous_id for event in events],
    "company_domain": lambda events: [event.company_domain for event in events],
    "company_id": lambda events: [event.company_id for event in events],
    "event": lambda events: [event.event for event in events],
    "key": lambda events: [event.key for event in events],
    "quantity": lambda events: [event.quantity for event in events],
    "occurred_at": lambda events: [event.occurred_at for event in events],
    "received_at": lambda events: [event.received_at for event in events],
    "properties": lambda events: [event.properties for event in events],
}
_BLOCK: Final = 2_000  # rows of other files looked at together

Piece = list[EventRow] | EventColumns
"""Some events of a file: by columns where nothing about them is unusual, else one by one."""


def event_mapping(
    table: SourceTable,
    chosen: Sequence[str] = (),
    constants: Sequence[str] = (),
    remembered: ColumnMapping | None = None,
) -> ColumnMapping:
    """map_columns for events. A JSONL file that begins with canonical keys is not read twice for its columns:
    others that turn up later are added to ``table.columns``, ``mapping.extended(table.columns)`` reports them."""
    if isinstance(table, JsonlTable) and not chosen and not constants and remembered is None:
        first = table.first_columns()
        if first and set(first) <= set(_FIELDS):
            table.columns = first
            return map_columns(Kind.EVENTS, first)
    return map_columns(Kind.EVENTS, table.columns, chosen, constants, remembered)


def event_pieces(
    table: SourceTable,
    mapping: ColumnMapping,
    options: ValueOptions,
    reject: RejectSink,
    reader: EventReader | None = None,
) -> Iterator[Piece]:
    """The events of *table* as they are read, some thousand at a time; rows that are none go to *reject* with a
    sentence."""
    empty = options.empty_texts(table.format)
    reader = reader or EventReader(options, empty)
    straight = not mapping.constants and all(column == name for column, name in mapping.columns.items())
    if (
        isinstance(table, JsonlTable)
        and straight
        and set(table.columns) <= set(_FIELDS)
        and not options.null_texts
    ):
        return _Lines(table, reader, reject).pieces()
    return _mapped_rows(table, mapping, reader, reject)


def kinds_of(page: Piece) -> list[str]:
    """The kind of each event of a page."""
    if isinstance(page, EventColumns):
        return [page.names[place][0] for place in page.kinds]
    return [event.kind for event in page]


def in_pages(pieces: Iterable[Piece], size: Callable[[], int]) -> Iterator[Piece]:
    """The same events in pages of *size* rows, which is asked anew before each page."""
    gathered: Piece = []
    wanted = size()
    for piece in pieces:
        gathered = _joined(gathered, piece)
        start = 0
        while len(gathered) - start >= wanted:
            yield _part(gathered, start, start + wanted)
            start += wanted
            wanted = size()
        if start:
            gathered = _part(gathered, start, None)
    if gathered:
        yield gathered


def event_pages(
    table: SourceTable,
    mapping: ColumnMapping,
    options: ValueOptions,
    reject: RejectSink,
    page: int = PAGE,
    reader: EventReader | None = None,
) -> Iterator[list[EventRow]]:
    """The events of *table* one by one, in lists of *page*."""
    for some in in_pages(event_pieces(table, mapping, options, reject, reader), lambda: page):
        yield some.rows() if isinstance(some, EventColumns) else some


def _joined(one: Piece, more: Piece) -> Piece:
    if not one or not more:
        return one or more
    if isinstance(one, EventColumns):
        return one.with_more(more) if isinstance(more, EventColumns) else one.rows() + more
    return one + (more.rows() if isinstance(more, EventColumns) else more)


def _part(some: Piece, start: int, end: int | None) -> Piece:
    return some.part(start, end) if isinstance(some, EventColumns) else some[start:end]


def _mapped_rows(
    table: SourceTable, mapping: ColumnMapping, reader: EventReader, reject: RejectSink
) -> Iterator[Piece]:
    # JSON objects come with dotted columns; what lies in properties is looked at by kind, unless the user mapped it.
    inner = [
        (place, column.removeprefix(_INNER))
        for place, column in enumerate(table.columns)
        if column.startswith(_INNER) and column not in mapping.columns
    ]
    pick = _picker(table.columns, mapping)
    tail = [None, *mapping.constants.values()]
    places = mapping.places(table.columns)
    rejected: list[Reject] = []

    def read(block: list[SourceRow]) -> Piece:
        if not inner and not mapping.constants and block:
            lines, numbers, cells = zip(*block, strict=True)
            across = list(zip(*cells, strict=True))
            found = reader.columns(lines, numbers, {name: across[place] for name, place in places.items()})
            if found is not None:
                return found
        rows: list[EventRow] = []
        for line, number, values in block:
            try:
                picked = pick([*values, *tail])
                if inner and picked[-1] is None:
                    picked = (*picked[:-1], Properties({name: values[place] for place, name in inner}))
                rows.append(reader.row(line, number, *picked))
            except BadValue as wrong:
                rejected.append(Reject(line, number, str(wrong), shortened(values)))
        return rows

    block: list[SourceRow] = []
    for row in table.rows(rejected.append):
        block.append(row)
        if len(block) >= _BLOCK:
            found = read(block)
            _hand_on(rejected, reject)
            yield found
            block = []
    found = read(block)
    _hand_on(rejected, reject)
    yield found


def _hand_on(rejected: list[Reject], reject: RejectSink) -> None:
    """In the order of the file: a block's rows are looked at after those that were none."""
    for one in sorted(rejected, key=lambda one: one.row):
        reject(one)
    rejected.clear()


def _picker(columns: Sequence[str], mapping: ColumnMapping) -> Callable[[list[Any]], tuple[Any, ...]]:
    """Takes a row followed by None and the constants apart into the values of all event fields."""
    places = mapping.places(columns)
    width = len(columns)
    constants = {name: width + 1 + place for place, name in enumerate(mapping.constants)}
    return itemgetter(*(places.get(name, constants.get(name, width)) for name in _FIELDS))


class _Lines:
    """Canonical JSONL by whole blocks of lines; a block with anything unusual is read line by line."""

    def __init__(self, table: JsonlTable, reader: EventReader, reject: RejectSink) -> None:
        self._table = table
        self._reader = reader
        self._reject = reject
        self._decoder: msgspec.json.Decoder[Any] | None = None
        self._learn(table.columns)

    def pieces(self) -> Iterator[Piece]:
        line = number = 0
        self._table.blank = 0
        for block in self._table.blocks():
            events = self._whole(block)
            piece: Piece
            if events is not None:
                count = len(block)
                given = {name: _COLUMN[name](events) for name in self._names}
                piece = self._reader.columns(
                    range(line + 1, line + count + 1), range(number + 1, number + count + 1), given
                ) or self._checked(events, block, line, number)
                number += count
            else:
                piece, number = self._one_by_one(block, line, number)
            line += len(block)
            yield piece

    def _learn(self, columns: Sequence[str]) -> None:
        """A decoder for exactly these keys: a key that has not been seen yet makes it fail, so none is lost."""
        self._names = [name for name in _FIELDS if name in columns]
        scalar = str | int | float | None
        unseen = {name: f"\ue000{name}" for name in _FIELDS if name not in columns}
        extra = [(f"extra{place}", Any, None) for place, name in enumerate(columns) if name not in _FIELDS]
        unseen |= {f"extra{place}": name for place, name in enumerate(columns) if name not in _FIELDS}
        try:
            shape = msgspec.defstruct(
                "Event",
                [*((name, scalar, None) for name in _FIELDS), *extra],
                rename=unseen,
                forbid_unknown_fields=True,
                gc=False,
            )
        except ValueError:  # a key with a quote or backslash cannot be a field's name
            self._decoder = None
        else:
            self._decoder = msgspec.json.Decoder(shape)

    def _whole(self, block: list[bytes]) -> list[Any] | None:
        joined = b"".join(block)
        if self._decoder is None or b"\\u0000" in joined or max(map(len, block)) > CELL_LIMIT:
            return None
        try:
            found = self._decoder.decode_lines(joined)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return found if len(found) == len(block) else None

    def _checked(self, events: list[Any], block: list[bytes], line: int, number: int) -> list[EventRow]:
        rows: list[EventRow] = []
        add, build = rows.append, self._reader.row
        for place, event in enumerate(events, 1):
            try:
                add(
                    build(
                        line + place,
                        number + place,
                        event.event_id,
                        event.email,
                        event.user_id,
                        event.anonymous_id,
                        event.company_domain,
                        event.company_id,
                        event.event,
                        event.key,
                        event.quantity,
                        event.occurred_at,
                        event.received_at,
                        event.properties,
                    )
                )
            except BadValue as wrong:
                found = flattened(parsed(block[place - 1]))
                self._refuse(line + place, number + place, str(wrong), found)
        return rows

    def _one_by_one(self, block: list[bytes], line: int, number: int) -> tuple[list[EventRow], int]:
        rows: list[EventRow] = []
        for written in block:
            line += 1
            if written.isspace():
                self._table.blank += 1
                continue
            number += 1
            found = parsed(written)
            if not isinstance(found, dict):
                reason = found if isinstance(found, str) else _("It is not a JSON object.")
                self._reject(
                    Reject(line, number, reason, shortened((written.decode("utf-8", "replace").strip(),)))
                )
                continue
            flat = flattened(found)
            if not flat.keys() <= set(self._table.columns):
                self._table.columns = [
                    *self._table.columns,
                    *(k for k in flat if k not in self._table.columns),
                ]
                self._learn(self._table.columns)
            texts = [value for value in flat.values() if isinstance(value, str)]
            if (fault := flaw_of(texts, "".join(texts), False)) is not None:
                self._refuse(line, number, fault, flat)
                continue
            inner = {
                name.removeprefix(_INNER): value for name, value in flat.items() if name.startswith(_INNER)
            }
            if inner:
                flat = {**flat, "properties": Properties(inner)}
            try:
                rows.append(self._reader.row(line, number, *(flat.get(name) for name in _FIELDS)))
            except BadValue as wrong:
                self._refuse(line, number, str(wrong), flat)
        return rows, number

    def _refuse(self, line: int, number: int, reason: str, found: Mapping[str, Any]) -> None:
        values = tuple(found.get(column) for column in self._table.columns)
        self._reject(Reject(line, number, reason, shortened(values)))
