"""Usage events out of a file, in pages, at the speed of bulk imports."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from pqldesk.services.exact import MILLION
from pqldesk.services.files.events import NO_EVENTS, folded_name, key_in, kind_named, quantity_in
from pqldesk.services.files.fields import FIELDS, Kind
from pqldesk.services.files.json_table import JsonlTable, flattened, parsed
from pqldesk.services.files.mapping import ColumnMapping, map_columns
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import CELL_LIMIT, Reject, RejectSink, SourceTable, flaw_of, shortened
from pqldesk.services.files.times import BadTime
from pqldesk.services.files.values import BadValue, domain, email, person_id, quantity, text

PAGE: Final = 20_000
_CACHED: Final = 200_000
_FIELDS: Final = tuple(FIELDS[Kind.EVENTS])  # the order of EventReader.row's arguments
_INNER: Final = "properties."
_OWN_ID: Final = "row:"
_new: Final = tuple.__new__  # half the time of EventRow(...), which is called once a row


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


def event_pages(
    table: SourceTable,
    mapping: ColumnMapping,
    options: ValueOptions,
    reject: RejectSink,
    page: int = PAGE,
    reader: "EventReader | None" = None,
) -> Iterator[list[EventRow]]:
    """The events of *table* in lists of about *page*; rows that are none go to *reject* with a sentence."""
    empty = options.empty_texts(table.format)
    reader = reader or EventReader(options, empty)
    straight = not mapping.constants and all(column == name for column, name in mapping.columns.items())
    if (
        isinstance(table, JsonlTable)
        and straight
        and set(table.columns) <= set(_FIELDS)
        and not options.null_texts
    ):
        found = _Lines(table, reader, reject).rows()
    else:
        found = _mapped_rows(table, mapping, reader, reject)
    gathered: list[EventRow] = []
    for rows in found:
        gathered += rows
        while len(gathered) >= page:
            yield gathered[:page]
            del gathered[:page]
    if gathered:
        yield gathered


class EventReader:
    """Checks the values of events one by one; it remembers names, addresses and ids, which repeat."""

    def __init__(self, options: ValueOptions, empty: frozenset[str] = frozenset()) -> None:
        self.times = options.times()
        self._empty: dict[object, str | None] = dict.fromkeys((None, "", *empty))
        self._style = options.style
        self._event_map = options.event_map
        self._kinds: dict[str, str] = {}
        self._texts = dict(self._empty)
        self._ids = dict(self._empty)
        self._emails = dict(self._empty)
        self._amounts: dict[str, int] = dict.fromkeys(("", *empty), MILLION)
        self._seen: set[int] = set()
        self._repeats: dict[int, int] = {}

    def row(
        self,
        line: int,
        number: int,
        event_id: object,
        address: object,
        user_id: object,
        anonymous_id: object,
        company_domain: object,
        company_id: object,
        name: object,
        key: object,
        amount: object,
        occurred_at: object,
        received_at: object,
        properties: object = None,
    ) -> EventRow:
        """The checked event; BadValue with a sentence otherwise."""
        # Lookups first: in bulk nearly every value but the id has been seen before.
        empty = self._empty
        try:
            kind = self._kinds[name]  # type: ignore[index]  # an unhashable name is a TypeError, caught below
            mail = self._emails[address]
            user = self._ids[user_id]
            used = self._texts[key]
        except (KeyError, TypeError):
            kind, mail = self._kind(name), self._email(address)
            user, used = self._id(user_id), self._text(key)
        anonymous = self._id(anonymous_id) if anonymous_id is not None else None
        company = self._text(company_id) if company_id is not None else None
        site = domain(company_domain, "company_domain") if company_domain not in empty else None
        if mail is None and user is None and anonymous is None and company is None and site is None:
            raise BadValue("event", "it names nobody", "give email, user_id, anonymous_id or a company")
        try:
            at = self.times.micros(occurred_at)
            received = self.times.micros(received_at) if received_at not in empty else None
        except BadTime as wrong:
            raise BadValue("time", str(wrong)) from None
        if properties not in empty:
            inner = _properties(properties)
            used = key_in(kind, inner) if used is None else used
            millionths = (
                quantity_in(kind, inner) if amount in empty else quantity(amount, "quantity", self._style)
            )
        elif amount is None:
            millionths = MILLION
        elif type(amount) is str:
            known = self._amounts.get(amount)
            millionths = self._amount(amount) if known is None else known
        else:
            millionths = quantity(amount, "quantity", self._style)
        own = text(event_id) if event_id not in empty else None
        if own is None:
            own = self._made_id((mail, user, anonymous, site, company, text(name), used, millionths, at))
        return _new(
            EventRow,
            (line, number, own, mail, user, anonymous, site, company, kind, used, millionths, at, received),
        )

    def _amount(self, written: str) -> int:
        found = quantity(written, "quantity", self._style)
        if len(self._amounts) < _CACHED:
            self._amounts[written] = found
        return found

    def _kind(self, name: object) -> str:
        found = text(name)
        if found is None:
            raise BadValue("event", "it has no name")
        if folded_name(found) in NO_EVENTS:
            raise BadValue("event", f"{found!r} is sent by trackers and is no usage event")
        kind = kind_named(found, self._event_map)
        if isinstance(name, str) and len(self._kinds) < _CACHED:
            self._kinds[name] = kind
        return kind

    def _email(self, value: object) -> str | None:
        return self._remembered(self._emails, value, email)

    def _id(self, value: object) -> str | None:
        return self._remembered(self._ids, value, person_id)

    def _text(self, value: object) -> str | None:
        return self._remembered(self._texts, value, text)

    def _remembered(
        self, cache: dict[object, str | None], value: object, check: Callable[[object], str | None]
    ) -> str | None:
        if type(value) is not str:  # as dictionary keys 1, 1.0 and True would be the same
            return check(value)
        if value in cache:
            return cache[value]
        found = check(value) if value.strip() not in self._empty else None
        if len(cache) >= _CACHED:
            cache.clear()
            cache.update(self._empty)
        cache[value] = found
        return found

    def _made_id(self, values: tuple[object, ...]) -> str:
        """An id out of the values, and for equal rows of a file out of their ordinal too."""
        written = "\x1f".join("" if value is None else str(value) for value in values)
        digest = hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        short = int.from_bytes(digest[:8], "big")
        if short not in self._seen:
            self._seen.add(short)
            return _OWN_ID + digest.hex()
        self._repeats[short] = ordinal = self._repeats.get(short, 1) + 1
        return f"{_OWN_ID}{digest.hex()}:{ordinal}"


def _mapped_rows(
    table: SourceTable, mapping: ColumnMapping, reader: EventReader, reject: RejectSink
) -> Iterator[list[EventRow]]:
    pick = _picker(table.columns, mapping)
    tail = [None, *mapping.constants.values()]
    build = reader.row
    # JSON objects come with dotted columns; what lies in properties is looked at by kind, unless the user mapped it.
    inner = [
        (place, column.removeprefix(_INNER))
        for place, column in enumerate(table.columns)
        if column.startswith(_INNER) and column not in mapping.columns
    ]
    rows: list[EventRow] = []
    for line, number, values in table.rows(reject):
        try:
            picked = pick([*values, *tail])
            if inner and picked[-1] is None:
                picked = (*picked[:-1], _Properties({name: values[place] for place, name in inner}))
            rows.append(build(line, number, *picked))
        except BadValue as wrong:
            reject(Reject(line, number, str(wrong), shortened(values)))
        if len(rows) >= 2000:
            yield rows
            rows = []
    yield rows


def _picker(columns: Sequence[str], mapping: ColumnMapping) -> Callable[[list[Any]], tuple[Any, ...]]:
    """Takes a row followed by None and the constants apart into the values of all event fields."""
    places = mapping.places(columns)
    width = len(columns)
    constants = {name: width + 1 + place for place, name in enumerate(mapping.constants)}
    return itemgetter(*(places.get(name, constants.get(name, width)) for name in _FIELDS))


class _Properties(dict[str, Any]):
    """Properties of one event, already taken apart; hashable by identity so that it can be asked for like a text."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def _properties(written: object) -> Mapping[str, Any]:
    """The properties of an event from an object or its JSON text."""
    if isinstance(written, _Properties):
        return written
    found = parsed(str(written).encode("utf-8", "surrogatepass"))
    if not isinstance(found, dict):
        raise BadValue("properties", "it is not a JSON object")
    return found


class _Lines:
    """Canonical JSONL by whole blocks of lines; a block with anything unusual is read line by line."""

    def __init__(self, table: JsonlTable, reader: EventReader, reject: RejectSink) -> None:
        self._table = table
        self._reader = reader
        self._reject = reject
        self._decoder: msgspec.json.Decoder[Any] | None = None
        self._learn(table.columns)

    def rows(self) -> Iterator[list[EventRow]]:
        line = number = 0
        self._table.blank = 0
        for block in self._table.blocks():
            events = self._whole(block)
            if events is not None:
                rows = self._checked(events, block, line, number)
                number += len(block)
            else:
                rows, number = self._one_by_one(block, line, number)
            line += len(block)
            yield rows

    def _learn(self, columns: Sequence[str]) -> None:
        """A decoder for exactly these keys: a key that has not been seen yet makes it fail, so none is lost."""
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
                reason = found if isinstance(found, str) else "It is not a JSON object."
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
                flat = {**flat, "properties": _Properties(inner)}
            try:
                rows.append(self._reader.row(line, number, *(flat.get(name) for name in _FIELDS)))
            except BadValue as wrong:
                self._refuse(line, number, str(wrong), flat)
        return rows, number

    def _refuse(self, line: int, number: int, reason: str, found: Mapping[str, Any]) -> None:
        values = tuple(found.get(column) for column in self._table.columns)
        self._reject(Reject(line, number, reason, shortened(values)))
