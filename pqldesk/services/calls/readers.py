"""The reader of each system, and the exports of analytics systems that are recognised by what they hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias

from pqldesk.services.calls import amplitude, generic, gitlab, mixpanel, posthog, segment, snowplow, stripe
from pqldesk.services.calls.reading import Item, Reading
from pqldesk.services.calls.shapes import Call, Ready
from pqldesk.services.files.bytesource import Format
from pqldesk.services.files.json_table import JsonlTable, JsonTable
from pqldesk.services.files.table import Reject, RejectSink, SourceTable, shortened
from pqldesk.services.files.times import BadTime
from pqldesk.services.files.values import BadValue

Reader: TypeAlias = Callable[[Item, Reading], Iterable[Call]]
"""Reads one item of a system: the calls in it, none where it says nothing of interest, BadValue where it is wrong."""

READERS: Final[Mapping[str, Reader]] = {
    "segment": segment.read,
    "rudderstack": segment.read,
    "posthog": posthog.read,
    "snowplow": snowplow.read,
    "mixpanel": mixpanel.read,
    "amplitude": amplitude.read,
    "stripe": stripe.read,
    "generic": generic.read,
    "gitlab": gitlab.read,
    "button": gitlab.read,
}
_LOOKED_AT: Final = 20
_SNOWPLOW_FIELDS: Final = 131


def recognised(table: SourceTable) -> str | None:
    """The system whose export this is: segment, posthog, mixpanel, amplitude, snowplow; None for any other table."""
    if isinstance(table, JsonlTable | JsonTable):
        found = [entry for _, _, entry in islice(table.objects(lambda _: None), _LOOKED_AT)]
        return next((name for name, known in _SHAPES if found and all(map(known, found))), None)
    if table.format is Format.CSV and table.delimiter == "\t" and len(table.columns) == _SNOWPLOW_FIELDS:
        return "snowplow"
    return None


def exported(
    table: JsonlTable | JsonTable,
    read: Reader,
    reading: Reading,
    interpret: Callable[[Iterable[Call]], list[Ready]],
    reject: RejectSink,
) -> Iterator[list[Ready]]:
    """The items of an export as what each is to be stored as; what is none goes to *reject*."""
    for line, row, found in table.objects(reject):
        try:
            ready = interpret(_placed(call, line, row) for call in read(found, reading))
            if not ready:
                raise BadValue("event", "it is of a kind that counts for nothing")
        except (BadValue, BadTime) as wrong:
            shown = tuple(value for value in found.values() if not isinstance(value, dict | list))[:6]
            reject(Reject(line, row, str(wrong), shortened(shown)))
            continue
        yield ready


def _placed(call: Call, line: int, row: int) -> Call:
    """The call with the place it has in its file."""
    if isinstance(call, tuple):
        return call._replace(line=line, row=row)
    object.__setattr__(call, "line", line)
    object.__setattr__(call, "row", row)
    return call


def _is_segment(found: Mapping[str, Any]) -> bool:
    return found.get("type") in segment.CALLS and "messageId" in found


def _is_posthog(found: Mapping[str, Any]) -> bool:
    return {"event", "distinct_id", "properties", "timestamp"} <= found.keys()


def _is_mixpanel(found: Mapping[str, Any]) -> bool:
    inner = found.get("properties")
    return "event" in found and isinstance(inner, dict) and {"time", "distinct_id"} <= inner.keys()


def _is_amplitude(found: Mapping[str, Any]) -> bool:
    return (
        "event_type" in found
        and ("amplitude_id" in found or "device_id" in found)
        and "event_properties" in found
    )


_SHAPES: Final = (
    ("segment", _is_segment),
    ("posthog", _is_posthog),
    ("mixpanel", _is_mixpanel),
    ("amplitude", _is_amplitude),
)
