"""A Snowplow collector: events by POST, by pixel and by webhook.

Trackers give up only on 400, 401, 403, 410 and 422, and send again for ever on anything else; so nothing here is
refused with 413 or 415.
"""

import base64
import ipaddress
import re
from typing import Any, Final

from starlette.responses import PlainTextResponse, Response

from pqldesk.services.intake.answers import Refusal, not_connected, not_found
from pqldesk.services.intake.asked import Accepted, Asked
from pqldesk.services.intake.keys import Keys, same

SYSTEM: Final = "snowplow"
PIXELS: Final = frozenset({"/i", "/ice.png"})
ANY_VENDOR: Final = re.compile(r"/[A-Za-z0-9_-]+\.[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")  # com.vendor/version
IGLU: Final = "/com.snowplowanalytics.iglu/v1"
_PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_GET: Final = frozenset({"GET", "HEAD"})
_UNSTRUCT: Final = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
GIVES_UP: Final = {413: 400, 415: 400}


def accept(asked: Asked, keys: Keys) -> Accepted:
    """The events of one request, or of the query of a pixel."""
    if not keys.is_connected(SYSTEM):
        raise not_connected("Snowplow")
    source, path = _let_in(asked, keys)
    items = _items(asked, path, keys.chosen(source).get("path"))
    if asked.method in _GET:
        headers = {"Cache-Control": "no-cache, no-store, must-revalidate"}
        return Accepted(source, items, Response(_PIXEL, 200, headers, "image/gif"))
    return Accepted(source, items, PlainTextResponse("ok"))


def _let_in(asked: Asked, keys: Keys) -> tuple[str, str]:
    """Whose the request is, and the path behind the secret. Without a secret only this computer is served.

    Of several senders each has its secret; the first without one is that of this computer.
    """
    given, _, rest = asked.path[1:].partition("/") if asked.system == SYSTEM else ("", "", asked.path[1:])
    senders = keys.connected(SYSTEM)
    known = [name for name in senders if (secret := keys.secret(name)) is not None and same(given, secret)]
    if known:
        return known[0], f"/{rest}"
    if open_ones := [name for name in senders if keys.secret(name) is None]:
        if keys.may_lack_key or _is_here(asked.peer):
            return open_ones[0], asked.path
        raise Refusal(403, "not_local", "Without a secret only trackers on this computer are served.")
    if keys.may_lack_key and not given:
        return senders[0], asked.path
    raise Refusal(401, "bad_key", "The path does not hold the secret: /in/snowplow/SECRET/.")


def _is_here(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _items(asked: Asked, path: str, own_path: Any) -> list[Any]:
    if asked.method in _GET:
        if path not in PIXELS and not ANY_VENDOR.fullmatch(path):
            raise not_found()
        if path == IGLU:
            return [_hook(dict(asked.query), asked.query.get("schema"))]
        if "e" not in asked.query:
            raise Refusal(400, "bad_payload", "The query holds no event.")
        return [dict(asked.query)]
    if not ANY_VENDOR.fullmatch(path) and path != own_path:
        raise not_found()
    found = asked.document()
    if not isinstance(found, dict):
        raise Refusal(400, "bad_payload", "The body is not a JSON object.")
    if path == IGLU or "payload_data" not in str(found.get("schema") or ""):
        if path == IGLU:
            return [_hook(found, asked.query.get("schema"))]
        if not isinstance(found.get("data"), list):
            vendor, _, version = path[1:].partition("/")
            return [{"e": "webhook", "vendor": vendor, "version": version, "body": found}]
    events = found.get("data")
    if not isinstance(events, list) or not events:
        raise Refusal(400, "bad_payload", "data is not a list of events.")
    over = {name: value for name, value in asked.query.items() if name}
    return [{**one, **over} if isinstance(one, dict) else one for one in events]


def _hook(found: dict[str, Any], schema: str | None) -> dict[str, Any]:
    """What Iglu's webhook brings: a self-describing body, or data whose schema the query names."""
    if schema is not None:
        data: Any = {name: value for name, value in found.items() if name != "schema"}
        inside = {"schema": schema, "data": data}
    elif "schema" in found and isinstance(found.get("data"), dict):
        inside = {"schema": found["schema"], "data": found["data"]}
    else:
        raise Refusal(400, "bad_payload", "The webhook names no schema.")
    user = inside["data"].get("user_id") or inside["data"].get("uid")
    event = {"e": "ue", "p": "srv", "ue_pr": {"schema": _UNSTRUCT, "data": inside}}
    return event if user is None else {**event, "uid": str(user)}
