"""The tracking API of Segment and RudderStack: one path for each call, one for batches, short ones for browsers."""

from typing import Any, Final

from pqldesk.services.calls.reading import Item, inner
from pqldesk.services.intake.answers import Refusal
from pqldesk.services.intake.asked import Accepted, Asked, moment_of, text_of
from pqldesk.services.intake.keys import Keys

SYSTEMS: Final = ("segment", "rudderstack")
_CALLS: Final = ("identify", "track", "group", "page", "screen", "alias")
_SHORT: Final = {name[0]: name for name in _CALLS} | {"b": "batch"}
PATHS: Final = frozenset(
    f"/v1/{name}" for name in (*_CALLS, "batch", "import", "merge", *_SHORT)
) | {"/pixel/v1/track", "/pixel/v1/page"}  # fmt: skip


def accept(asked: Asked, keys: Keys) -> Accepted:
    """The messages of one request, each with what the batch says of all."""
    systems = SYSTEMS if asked.system is None else (asked.system,)
    call = asked.path.rpartition("/")[2]
    call = _SHORT.get(call, call)
    if asked.method == "GET":
        if not asked.path.startswith("/pixel/"):
            raise Refusal(405, "method_not_allowed", "Calls are sent with POST.")
        found: Any = {name: value for name, value in asked.query.items() if name != "writeKey"}
        given = [asked.query.get("writeKey", "")]
    else:
        given = [asked.basic_user()]
        if given[0]:
            keys.source_of(systems, given)  # before the body is looked at
        found = asked.document()
    if not isinstance(found, dict):
        raise Refusal(400, "bad_payload", "The body is not a JSON object.")
    messages = found.get("batch") if call in ("batch", "import") else [found]
    if not isinstance(messages, list):
        raise Refusal(400, "bad_payload", "The batch is not a list.")
    if not given[0]:
        given = [text_of(one.get("writeKey")) for one in (found, *messages) if isinstance(one, dict)]
    source = keys.source_of(systems, given)
    kind = None if call in ("batch", "import") else "alias" if call == "merge" else call
    items = [_message(one, found, kind) for one in messages]
    return Accepted(source, items, sent_at=moment_of(found.get("sentAt")))


def _message(one: Any, batch: Item, kind: str | None) -> Any:
    if not isinstance(one, dict):
        return {"type": None, "value": one}
    message = {name: value for name, value in one.items() if name != "writeKey"}
    if kind is not None:
        message["type"] = kind
    elif one is not batch and isinstance(batch.get("context"), dict):
        message["context"] = {**inner(batch, "context"), **inner(one, "context")}
    return message
