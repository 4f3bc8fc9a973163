"""Exports of analytics systems that need no column mapping, recognised by what they hold, and read item by item."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pqldesk.services.calls import segment, snowplow
from pqldesk.services.calls.readers import Reader
from pqldesk.services.calls.reading import Reading
from pqldesk.services.calls.shapes import Call, Ready
from pqldesk.services.files.bytesource import ByteSource, Format, byte_source
from pqldesk.services.files.formulas import unguarded
from pqldesk.services.files.json_table import JsonlTable, JsonTable, flattened, nested
from pqldesk.services.files.rejects import BESIDE
from pqldesk.services.files.table import Reject, RejectSink, SourceRow, SourceTable, shortened
from pqldesk.services.files.times import BadTime
from pqldesk.services.files.values import BadValue

_LOOKED_AT: Final = 20
_FIRST_LINE: Final = 1024**2
_SNOWPLOW: Final = frozenset({"event_id", "collector_tstamp", "event", "app_id"})
_POSTHOG: Final = frozenset({"event", "distinct_id", "properties", "timestamp"})


class EnrichedTable(SourceTable):
    """Snowplow's enriched events: 131 fields on each line, tabs between them, no header, no quotes."""

    format = Format.CSV

    def __init__(self, source: ByteSource) -> None:
        super().__init__(source.path)
        self._source = source
        self.columns = list(snowplow.FIELDS)
        self.encoding, self.delimiter = "utf-8", "\t"

    def rows(self, reject: RejectSink) -> Iterator[SourceRow]:
        self.blank = number = 0
        with self._source.open() as stream:
            for line, written in enumerate(stream, 1):
                if written.isspace():
                    self.blank += 1
                    continue
                number += 1
                try:
                    values = written.decode("utf-8").rstrip("\r\n").split("\t")
                except UnicodeDecodeError:
                    reject(Reject(line, number, "It holds bytes that are not UTF-8.", (written[:200].hex(),)))
                    continue
                if len(values) == len(snowplow.FIELDS):
                    yield line, number, values
                else:
                    what = f"It has {len(values)} fields, not {len(snowplow.FIELDS)}."
                    reject(Reject(line, number, what, shortened(values)))


def enriched_table(path: Path) -> EnrichedTable | None:
    """The table of a file whose first line is an enriched event; None for any other file."""
    source = byte_source(path)
    with source.open() as stream:
        first = stream.readline(_FIRST_LINE)
    is_one = first.count(b"\t") == len(snowplow.FIELDS) - 1 and not first.startswith(b"app_id\t")
    return EnrichedTable(source) if is_one else None


def recognised(table: SourceTable) -> str | None:
    """The system whose export this is: segment, posthog, mixpanel, amplitude, snowplow; None for any other table."""
    if isinstance(table, EnrichedTable):
        return "snowplow"
    if isinstance(table, JsonlTable | JsonTable):
        found = _first_items(table)
        return next((name for name, known in _SHAPES if found and all(map(known, found))), None)
    if _is_ours(table):  # rows that were no objects lie among the others
        found = _first_items(table)
        return next((name for name, known in _SHAPES if any(map(known, found))), None)
    if table.columns and set(table.columns) >= _SNOWPLOW:
        return "snowplow"
    if table.format is Format.PARQUET and set(table.columns) >= _POSTHOG:
        return "posthog"
    return None


def exported(
    table: SourceTable,
    read: Reader,
    reading: Reading,
    interpret: Callable[[Iterable[Call]], list[Ready]],
    reject: RejectSink,
    ignore: Callable[[], None],
) -> Iterator[list[Ready]]:
    """The items of an export as what each is to be stored as. What is none goes to *reject*; *ignore* hears of each
    that counts for nothing, such as a page ping: there is nothing in it to correct."""
    for line, row, found, cells in _items(table, reject):
        try:
            ready = interpret(_placed(call, line, row) for call in read(found, reading))
        except (BadValue, BadTime) as wrong:
            reject(Reject(line, row, str(wrong), shortened(_whole(found, table) if cells is None else cells)))
            continue
        if ready:
            yield ready
        else:
            ignore()


def _items(
    table: SourceTable, reject: RejectSink
) -> Iterator[tuple[int, int, Mapping[str, Any], Sequence[object] | None]]:
    """Each item with line and row number, and the cells it was read from; None where it was an object already."""
    if isinstance(table, JsonlTable | JsonTable):
        yield from ((*placed, None) for placed in table.objects(reject))
        return
    columns = table.columns
    is_ours = _is_ours(table)
    for line, row, values in table.rows(reject):
        named = zip(columns, values, strict=False)
        filled = ((name, value) for name, value in named if value is not None and value != "")
        yield line, row, _as_it_was(filled) if is_ours else dict(filled), values


def _first_items(table: SourceTable) -> list[Mapping[str, Any]]:
    blank = table.blank
    found = [item for _, _, item, _ in islice(_items(table, lambda _: None), _LOOKED_AT)]
    table.blank = blank
    return found


def _is_ours(table: SourceTable) -> bool:
    """Whether these are rows of an export that an import has rejected, to be imported once they are corrected."""
    return tuple(table.columns[: len(BESIDE)]) == BESIDE


def _as_it_was(filled: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The item a row of a rejects file was."""
    return nested(
        (unguarded(name), unguarded(value) if isinstance(value, str) else value)
        for name, value in filled
        if name not in BESIDE
    )


def _whole(found: Mapping[str, Any], table: SourceTable) -> list[object]:
    """An object as a row under the columns of its file."""
    flat = flattened(found)
    return [flat.get(column) for column in table.columns]


def _placed(call: Call, line: int, row: int) -> Call:
    """The call with the place it has in its file."""
    if isinstance(call, tuple):
        return call._replace(line=line, row=row)
    object.__setattr__(call, "line", line)
    object.__setattr__(call, "row", row)
    return call


def _is_segment(found: Mapping[str, Any]) -> bool:
    return segment.is_call(found) and "messageId" in found


def _is_posthog(found: Mapping[str, Any]) -> bool:
    return found.keys() >= _POSTHOG


def _is_mixpanel(found: Mapping[str, Any]) -> bool:
    inner = found.get("properties")
    return "event" in found and isinstance(inner, dict) and {"time", "distinct_id"} <= inner.keys()


def _is_amplitude(found: Mapping[str, Any]) -> bool:
    return (
        "event_type" in found
        and ("amplitude_id" in found or "device_id" in found)
        and "event_properties" in found
    )


def _is_snowplow(found: Mapping[str, Any]) -> bool:
    return found.keys() >= {"event_id", "collector_tstamp", "event"}


_SHAPES: Final = (
    ("segment", _is_segment),
    ("posthog", _is_posthog),
    ("mixpanel", _is_mixpanel),
    ("amplitude", _is_amplitude),
    ("snowplow", _is_snowplow),
)
