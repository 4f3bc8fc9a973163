"""The body of a request, whatever its headers say of it.

Clients send gzip with and without saying so, JSON under any content type, and JSON or base64 in a form field. Sizes are
counted while inflating, so that a small bomb never becomes a large one.
"""

import base64
import binascii
import zlib
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from pqldesk.services.intake.answers import Refusal

WIRE_LIMIT: Final = 20 * 1024**2  # PostHog's limit of a batch, the largest of all
INFLATED_LIMIT: Final = 5 * WIRE_LIMIT
ITEM_LIMIT: Final = 1024**2
DEPTH_LIMIT: Final = 64
_GZIP: Final = b"\x1f\x8b"
_json = msgspec.json.Decoder().decode


async def raw_body(request: Request) -> bytes:
    """The bytes of the body, chunked or not. 413 when there are too many."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > WIRE_LIMIT:
        raise too_large()
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > WIRE_LIMIT:
            raise too_large()
        parts.append(part)
    return b"".join(parts)


def inflated(body: bytes, encoding: str) -> bytes:
    """The body without its compression. 415 for one that is not known, 400 when it is damaged."""
    named = [part.strip().lower() for part in encoding.split(",") if part.strip()]
    for one in reversed(named):
        match one:
            case "identity":
                continue
            case "gzip" | "x-gzip":
                body = _inflated(body, 31)
            case "deflate":
                body = _inflated(body, 15 if (body[:1] or b"\0")[0] & 0x0F == 8 else -15)
            case _:
                raise Refusal(
                    415, "unsupported_encoding", f"The content encoding {one[:40]} is not known; send gzip."
                )
    if body[:2] == _GZIP:  # not said: PostHog's browser library
        body = _inflated(body, 31)
    return body


def document(body: bytes) -> Any:
    """What the body says: JSON, or JSON (also in base64) in the field ``data`` of a form. 400 when it is none."""
    start = body.lstrip()[:1]
    if start not in (b"{", b"["):
        form = fields(body)
        if "data" in form:
            body = _from_form(form["data"])
    try:
        found = _json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "bad_json", "The body is not JSON.") from None
    if is_deeper(found, DEPTH_LIMIT):
        raise Refusal(400, "bad_json", "The body is nested too deeply.")
    return found


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form."""
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100))
    except (UnicodeDecodeError, ValueError):
        return {}


def too_large() -> Refusal:
    """More than anybody sends."""
    return Refusal(413, "too_large", f"The body has more than {WIRE_LIMIT // 1024**2} MiB.")


def is_deeper(found: Any, depth: int) -> bool:
    """Whether objects and lists are nested deeper than *depth*."""
    level: list[Any] = [found]
    for _ in range(depth):
        below: list[Any] = []
        for one in level:
            if type(one) is dict:
                below += one.values()
            elif type(one) is list:
                below += one
        if not below:
            return False
        level = below
    return True


def _inflated(body: bytes, window: int) -> bytes:
    parts: list[bytes] = []
    left = INFLATED_LIMIT
    while body:
        machine = zlib.decompressobj(window)
        try:
            part = machine.decompress(body, left + 1)
        except zlib.error:
            raise Refusal(400, "bad_encoding", "The body cannot be decompressed.") from None
        left -= len(part)
        if left < 0 or machine.unconsumed_tail:
            raise Refusal(
                413, "too_large", f"The body inflates to more than {INFLATED_LIMIT // 1024**2} MiB."
            )
        if not machine.eof:
            raise Refusal(400, "bad_encoding", "The compressed body is cut off.")
        parts.append(part)
        body = machine.unused_data if window == 31 else b""
        if body[:2] != _GZIP:
            break
    return b"".join(parts)


def _from_form(text: str) -> bytes:
    written = text.strip()
    if written[:1] in ("{", "["):
        return written.encode()
    try:
        found = base64.b64decode(written.replace(" ", "+").replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError):
        raise Refusal(400, "bad_json", "The field data holds neither JSON nor base64 of JSON.") from None
    return _inflated(found, 31) if found[:2] == _GZIP else found
