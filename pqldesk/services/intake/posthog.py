"""PostHog's capture paths: a batch, a bare list or one event; and the newer path that answers for each event."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus

from starlette.responses import JSONResponse

from pqldesk.services.calls.reading import inner
from pqldesk.services.intake.answers import Refusal, not_found
from pqldesk.services.intake.asked import Accepted, Asked, moment_of, text_of
from pqldesk.services.intake.decoding import document
from pqldesk.services.intake.keys import Keys

SYSTEM: Final = "posthog"
CAPTURE: Final = frozenset({"/batch", "/i/v0/e", "/e", "/capture", "/track", "/engage"})
ANSWERING: Final = "/i/v1/analytics/events"
FLAGS: Final = frozenset({"/flags", "/decide"})
PATHS: Final = CAPTURE | FLAGS | {ANSWERING}
_KEY_NAMES: Final = ("token", "$token", "api_key")


def accept(asked: Asked, keys: Keys) -> Accepted:
    """The events of one request."""
    if asked.path in FLAGS:
        return _flags(keys)
    found = _document(asked)
    is_batch = isinstance(found, dict) and "batch" in found
    events = found["batch"] if is_batch else found if isinstance(found, list) else [found]
    if not isinstance(events, list) or not isinstance(found, dict | list):
        raise Refusal(400, "bad_payload", "The body is neither an event, a list of events nor a batch.")
    given = [asked.bearer()] if asked.bearer() else _keys(found, events)
    source = keys.source_of((SYSTEM,), given)
    items = [_without_key(one) if isinstance(one, dict) else one for one in events]
    answer: dict[str, Any] = {"status": 1}
    if asked.path == ANSWERING:
        named = [str(one["uuid"]) for one in items if isinstance(one, dict) and one.get("uuid")]
        answer = {"results": {uuid: {"result": "ok"} for uuid in named}}
    return Accepted(source, items, JSONResponse(answer), _sent_at(found, asked))


def _flags(keys: Keys) -> Accepted:
    """No flag is ever on; without this answer libraries log an error each time."""
    if not keys.is_connected(SYSTEM):
        raise not_found()
    nothing: dict[str, Any] = {
        "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False, "flags": {},
    }  # fmt: skip
    return Accepted(SYSTEM, [], JSONResponse(nothing))


def _document(asked: Asked) -> Any:
    if asked.method != "GET":
        return asked.document()
    data = asked.query.get("data", "")
    if not data:
        raise Refusal(400, "bad_payload", "The query has no data.")
    return document(b"data=" + quote_plus(data).encode())


def _keys(found: Any, events: list[Any]) -> list[str]:
    """The key of the request; of a bare list that of each event."""
    if isinstance(found, dict) and (key := text_of(found.get("api_key")) or text_of(found.get("token"))):
        return [key]
    keys = []
    for event in events:
        if isinstance(event, dict):
            properties = inner(event, "properties")
            found_here = (text_of(place.get(name)) for place in (event, properties) for name in _KEY_NAMES)
            keys.append(next(filter(None, found_here), ""))
    return keys


def _without_key(event: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in event.items() if name not in _KEY_NAMES}
    properties = event.get("properties")
    if isinstance(properties, dict) and "token" in properties:
        kept["properties"] = {name: value for name, value in properties.items() if name != "token"}
    return kept


def _sent_at(found: Any, asked: Asked) -> datetime | None:
    if (
        isinstance(found, dict)
        and (sent := moment_of(found.get("sent_at") or found.get("created_at"))) is not None
    ):
        return sent
    stamp = asked.query.get("_", "")
    if len(stamp) == 13 and stamp.isascii() and stamp.isdigit():
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(stamp))
    return None
