"""Mixpanel, Amplitude, Stripe's webhook, and JSON of anybody who can sign it."""

import hashlib
import hmac
from typing import Any, Final
from urllib.parse import quote_plus

from starlette.responses import JSONResponse, PlainTextResponse

from pqldesk.services.calls.reading import inner
from pqldesk.services.intake.answers import Refusal, not_connected
from pqldesk.services.intake.asked import Accepted, Asked, text_of
from pqldesk.services.intake.decoding import document, fields
from pqldesk.services.intake.keys import Keys, same

MIXPANEL: Final = frozenset({"/track", "/engage", "/groups", "/import"})  # only below /in/mixpanel
AMPLITUDE: Final = frozenset({"/2/httpapi"})
AMPLITUDE_BELOW: Final = AMPLITUDE | {"/batch", "/httpapi"}
STRIPE: Final = "/stripe/webhook"
SIGNATURE: Final = "x-pqldesk-signature"
TOLERANCE_S: Final = 300


def mixpanel(asked: Asked, keys: Keys) -> Accepted:
    """Events, profiles and groups as Mixpanel's libraries send them."""
    if asked.method == "GET":
        form, body = dict(asked.query), asked.query.get("data", "").encode()
        found = document(body if body[:1] in (b"{", b"[") else b"data=" + quote_plus(body).encode())
    else:
        body = asked.body()
        form = {} if body.lstrip()[:1] in (b"{", b"[") else fields(body)
        found = document(body)
    messages = found if isinstance(found, list) else [found]
    # Imports bring a secret beside the token; the token tells whose they are.
    given = [token for one in messages if (token := _token(one))] or [asked.basic_user()]
    source = keys.source_of(("mixpanel",), given)
    items = [_without_token(one) for one in messages]
    if asked.path == "/import" or form.get("verbose") == "1" or asked.query.get("verbose") == "1":
        answer: dict[str, Any] = {"status": 1, "error": None}
        if asked.path == "/import":
            answer |= {"code": 200, "num_records_imported": len(items)}
        return Accepted(source, items, JSONResponse(answer))
    return Accepted(source, items, PlainTextResponse("1"))


def _token(one: Any) -> str:
    if not isinstance(one, dict):
        return ""
    return text_of(one.get("$token")) or text_of(inner(one, "properties").get("token"))


def _without_token(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    kept = {name: value for name, value in one.items() if name != "$token"}
    properties = kept.get("properties")
    if isinstance(properties, dict):
        kept["properties"] = {name: value for name, value in properties.items() if name != "token"}
    return kept


def amplitude(asked: Asked, keys: Keys) -> Accepted:
    """Events as Amplitude's libraries send them. They read the code in the body, not the status alone."""
    body = asked.body()
    if body.lstrip()[:1] in (b"{", b"["):
        found = document(body)
    else:
        form = fields(body)
        found = {"api_key": form.get("api_key"), "events": document(form.get("event", "").encode())}
    if not isinstance(found, dict):
        raise Refusal(400, "bad_payload", "The body is not a JSON object.")
    events = found.get("events")
    events = [events] if isinstance(events, dict) else events
    if not isinstance(events, list):
        raise Refusal(400, "bad_payload", "events is not a list.")
    source = keys.source_of(("amplitude",), [text_of(found.get("api_key"))])
    answer = {
        "code": 200,
        "events_ingested": len(events),
        "payload_size_bytes": len(asked.raw),
        "server_upload_time": int(asked.at.timestamp() * 1000),
    }
    return Accepted(source, events, JSONResponse(answer))


def stripe(asked: Asked, keys: Keys) -> Accepted:
    """One event of Stripe's webhook, its signature checked over the bytes as they came."""
    if not keys.is_connected("stripe"):
        raise not_connected("Stripe")
    signature, now = asked.headers.get("stripe-signature", ""), int(asked.at.timestamp())
    accounts = {
        name: keys.secret(name, "webhook_secret") or keys.secret(name) or ""
        for name in keys.connected("stripe")
    }
    signed = [name for name, secret in accounts.items() if signed_at_times(signature, asked.raw, secret, now)]
    if not signed:
        raise Refusal(
            400, "bad_signature", "The signature does not fit the body, or is older than five minutes."
        )
    found = document(asked.raw)
    if not isinstance(found, dict):
        raise Refusal(400, "bad_payload", "The body is not a JSON object.")
    return Accepted(signed[0], [found], JSONResponse({"received": True}))


def signed_at_times(header: str, body: bytes, secret: str, now: int) -> bool:
    """Whether one of the ``v1`` in ``t=UNIX,v1=HEX[,v1=HEX]`` signs ``UNIX.BODY``, not longer ago than 300 s.

    As Stripe's own library has it: several v1 while a secret is changed, other schemes ignored, no limit ahead.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    made_by = [value for name, _, value in parts if name == "v1"]
    if not stamps or not made_by or not secret or not (stamps[0].isascii() and stamps[0].isdigit()):
        return False
    made = hmac.new(secret.encode(), stamps[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    fits = [same(made, one) for one in made_by]  # all of them: the time must not tell which
    return any(fits) and now - int(stamps[0]) <= TOLERANCE_S


def generic(asked: Asked, keys: Keys) -> Accepted:
    """Objects under our own names: one, a list, or ``{"events": [...]}``; signed with the key of the connection."""
    if not keys.is_connected("generic"):
        raise not_connected("Generic JSON")
    given = asked.headers.get(SIGNATURE, "") or asked.headers.get("x-hub-signature-256", "")
    senders = keys.connected("generic")
    signed = [name for name in senders if _signs(keys.secret(name) or "", given, asked)]
    if not signed and (given or not keys.may_lack_key):
        raise Refusal(401, "bad_signature", "The signature in X-PQLDesk-Signature does not fit the body.")
    found = asked.document()
    if isinstance(found, dict):
        found = next(
            (found[name] for name in ("events", "items", "batch") if isinstance(found.get(name), list)),
            [found],
        )
    if not isinstance(found, list):
        raise Refusal(400, "bad_payload", "The body is neither an object nor a list.")
    return Accepted(signed[0] if signed else senders[0], found)


def _signs(secret: str, given: str, asked: Asked) -> bool:
    """Whether *given* is a signature of the body with *secret*, without a time or with one."""
    made = "sha256=" + hmac.new(secret.encode(), asked.raw, hashlib.sha256).hexdigest()
    return bool(secret) and (
        same(given, made) or signed_at_times(given, asked.raw, secret, int(asked.at.timestamp()))
    )
