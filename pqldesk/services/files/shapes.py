"""Exports of analytics systems that need no column mapping, recognised by what their first records hold.

Segment and RudderStack calls are read here; the others are named, and read by the part that also knows their intake.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from pqldesk.services.files.bytesource import Format
from pqldesk.services.files.event_rows import EventReader, EventRow
from pqldesk.services.files.events import key_in, kind_named, quantity_in
from pqldesk.services.files.json_table import JsonlTable, JsonTable
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import Reject, RejectSink, SourceTable, shortened
from pqldesk.services.files.times import BadTime
from pqldesk.services.files.values import BadValue, email, text

_LOOKED_AT: Final = 20
_CALLS: Final = frozenset({"identify", "track", "page", "screen", "group", "alias"})
_SNOWPLOW_FIELDS: Final = 131


@dataclass(frozen=True, slots=True)
class Traits:
    """What an identify call says of a person, or a group call of a company, and the ids it links.

    *ids*: email, user_id, anonymous_id, company_id, previous_id. *occurred_at* in microseconds since 1970.
    """

    line: int
    row: int
    call: str
    ids: Mapping[str, str]
    traits: Mapping[str, Any]
    occurred_at: int | None


Call: TypeAlias = EventRow | Traits


def recognised(table: SourceTable) -> str | None:
    """The system whose export this is: segment, posthog, mixpanel, amplitude, snowplow; None for any other table."""
    if isinstance(table, JsonlTable | JsonTable):
        found = [entry for _, _, entry in islice(table.objects(lambda _: None), _LOOKED_AT)]
        return next((name for name, known in _SHAPES if found and all(map(known, found))), None)
    if table.format is Format.CSV and table.delimiter == "\t" and len(table.columns) == _SNOWPLOW_FIELDS:
        return "snowplow"
    return None


def segment_calls(
    table: JsonlTable | JsonTable, options: ValueOptions, reject: RejectSink
) -> Iterator[tuple[list[EventRow], list[Traits]]]:
    """Segment or RudderStack calls in pages: track, page and screen as events, identify, group and alias as Traits."""
    reader = EventReader(options)
    events: list[EventRow] = []
    traits: list[Traits] = []
    for line, row, found in table.objects(reject):
        try:
            call = _call(found, line, row, reader, options)
        except (BadValue, BadTime) as wrong:
            shown = tuple(
                found.get(column) for column in ("type", "messageId", "userId", "event", "timestamp")
            )
            reject(Reject(line, row, str(wrong), shortened(shown)))
            continue
        if isinstance(call, EventRow):
            events.append(call)
        else:
            traits.append(call)
        if len(events) + len(traits) >= 20_000:
            yield events, traits
            events, traits = [], []
    if events or traits:
        yield events, traits


def _call(found: Mapping[str, Any], line: int, row: int, reader: EventReader, options: ValueOptions) -> Call:
    kind = found.get("type")
    context = _inner(found, "context")
    traits = {**_inner(context, "traits"), **_inner(found, "traits")}
    properties = _inner(found, "properties")
    occurred = found.get("originalTimestamp") or found.get("timestamp") or found.get("sentAt")
    if kind in ("identify", "group", "alias"):
        ids = {
            "email": email(traits.get("email")) if kind == "identify" else None,
            "user_id": text(found.get("userId")),
            "anonymous_id": text(found.get("anonymousId")),
            "company_id": text(found.get("groupId") or context.get("groupId")),
            "previous_id": text(found.get("previousId")),
        }
        named = {name: value for name, value in ids.items() if value is not None}
        if not named:
            raise BadValue("call", "it names nobody")
        at = reader.times.micros(occurred) if occurred else None
        return Traits(line, row, str(kind), named, traits, at)
    if kind == "track":
        name = found.get("event")
        if text(name) is None:
            raise BadValue("event", "a track call has no name")
    elif kind in ("page", "screen"):
        name = f"{kind}_view"
        properties = {"key": found.get("name"), **properties}
    else:
        raise BadValue("type", f"{kind!r} is no call", f"known are {', '.join(sorted(_CALLS))}")
    meaning = kind_named(str(name), options.event_map)
    millionths = quantity_in(meaning, properties)
    return reader.row(
        line,
        row,
        event_id=found.get("messageId"),
        address=traits.get("email"),
        user_id=found.get("userId"),
        anonymous_id=found.get("anonymousId"),
        company_domain=None,
        company_id=context.get("groupId"),
        name=name,
        key=key_in(meaning, properties),
        amount=None,
        occurred_at=occurred,
        received_at=found.get("receivedAt"),
    )._replace(quantity=millionths)


def _inner(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _is_segment(found: Mapping[str, Any]) -> bool:
    return found.get("type") in _CALLS and "messageId" in found


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
