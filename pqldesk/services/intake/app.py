"""The intake as a Starlette application: who may ask, where a path belongs, what is answered."""

import asyncio
import ipaddress
import logging
import re
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import Problem
from pqldesk.services.connectors import INBOUND
from pqldesk.services.events.raw_pages import Page
from pqldesk.services.intake import others, posthog, segment, snowplow
from pqldesk.services.intake.answers import Refusal, not_found
from pqldesk.services.intake.asked import Accepted, Asked
from pqldesk.services.intake.decoding import raw_body
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.keys import Keys
from pqldesk.services.intake.limits import RATE, WRONG_RATE, Bucket, fitting

log = logging.getLogger(__name__)

Protocol = Callable[[Asked, Keys], Accepted]
_SETUP_S: Final = 2.0  # how old the setup may be
_NEVER: Final = float("-inf")
_PREFIX: Final = re.compile(r"/in/([a-z_]+)(?=/|$)")


class Intake:
    """Serves every path. *extra* routes (forms, the button) are asked first."""

    def __init__(self, desk: Desk, keys: Keys, extra: Sequence[BaseRoute] = ()) -> None:
        self.desk = desk
        self.keys = keys
        self._looked_at = _NEVER
        self._first_look = asyncio.Lock()
        self._rate = Bucket(RATE)
        self._wrong = Bucket(WRONG_RATE)
        health = Route("/health", self._health, methods=["GET", "HEAD"])
        self._inner = Starlette(routes=[health, *extra, Mount("/", self._any)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        path = "/" + scope["path"].lstrip("/")  # senders join addresses and paths with two slashes
        scope = {**scope, "path": path, "raw_path": path.encode("utf-8", "surrogateescape")}
        request = Request(scope, receive)
        try:
            await self._refresh()
            send = self._with_cors(request, path, send)
            self._check_host(request)
            if request.method == "OPTIONS" and not path.startswith("/embed/"):
                response: Response = PlainTextResponse("ok")
            elif _takes_events(path):  # not by the routes: they cost a third of a request
                await self._answer(request, send)
                return
            else:
                await self._inner(scope, receive, send)
                return
        except Refusal as refusal:
            response = refusal.response()
        await response(scope, receive, send)

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _any(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(Request(scope, receive), send)

    async def _answer(self, request: Request, send: Send) -> None:
        try:
            response = await self._taken(request)
        except Refusal as refusal:
            response = refusal.response()
        except ClientDisconnect:
            return
        await response(request.scope, request.receive, send)

    async def _taken(self, request: Request) -> Response:
        try:
            return await self._accepted(request)
        except Refusal as refusal:
            if request.scope["path"].startswith("/in/mixpanel/"):  # its library reads the status in the body
                refusal.more = {"status": 0, "error": refusal.message}
            raise

    async def _accepted(self, request: Request) -> Response:
        peer = request.client.host if request.client else ""
        self._rate.take(peer)
        if self._wrong.is_empty(peer):
            raise Refusal(429, "too_many", "Too many requests with wrong keys.", retry_after_s=5)
        path = request.scope["path"]
        system, path = _prefixed(path.rstrip("/") or "/")
        protocol = self._protocol_of(path, system, request.method)
        self._check_origin(request, path, system)
        try:
            raw = await raw_body(request)
            asked = Asked(
                request.method,
                path,
                dict(request.query_params),
                request.headers,
                raw,
                system,
                peer,
                clock.now(),
            )
            accepted = protocol(asked, self.keys)
            items = fitting(accepted.items, len(raw))
        except Refusal as refusal:
            if refusal.status == 401:
                self._wrong.take(peer)
            if protocol is snowplow.accept:
                refusal.status = snowplow.GIVES_UP.get(refusal.status, refusal.status)
            raise
        await self.desk.take(Page(accepted.source, items, asked.at, accepted.sent_at))
        return accepted.response()

    async def _refresh(self) -> None:
        """Look at the connections again now and then; until they were seen once, every request waits for that."""
        if time.monotonic() - self._looked_at <= _SETUP_S:
            return
        if self._looked_at == _NEVER:
            async with self._first_look:
                if self._looked_at == _NEVER:
                    await self._look()
                    self._looked_at = time.monotonic()
            return
        self._looked_at = time.monotonic()  # others go on meanwhile with what is known
        await self._look()

    async def _look(self) -> None:
        try:
            self.keys.use(await self.desk.setup())
        except Problem as problem:
            raise Refusal(503, "not_ready", str(problem), retry_after_s=5) from None

    def _check_host(self, request: Request) -> None:
        """Names that only point here, as a page may have them made, are refused; addresses are what they are."""
        name, is_address = _named(request.headers.get("host", ""))
        if not name or is_address or name == "localhost" or name in self.keys.setup.hosts:
            return
        raise Refusal(
            403,
            "unknown_host",
            f"This PQLDesk does not go by the name {name[:80]}; add it to the setting intake_hosts.",
        )

    def _check_origin(self, request: Request, path: str, system: str | None) -> None:
        origin = request.headers.get("origin", "")
        if origin and not self._may_send(origin, self._is_keyed(path, system)):
            raise Refusal(
                403,
                "unknown_origin",
                f"Pages of {origin[:200]} may not send here; add it to the setting intake_origins.",
            )

    def _may_send(self, origin: str, is_keyed: bool) -> bool:
        """Whether pages of *origin* may: those chosen; while none is, this computer's own, and all that need a key."""
        allowed = self.keys.setup.origins
        if origin.lower() in allowed or "*" in allowed:
            return True
        if allowed:
            return False
        try:
            name = urlsplit(origin).hostname or ""
        except ValueError:
            return False
        return is_keyed or name in ("localhost", "127.0.0.1", "::1")

    def _is_keyed(self, path: str, system: str | None) -> bool:
        """Whether requests to the path must bring a key; Snowplow's need none where it has no secret."""
        is_snowplow = system == snowplow.SYSTEM or (system is None and path not in _AT_ROOT)
        return not is_snowplow or self.keys.secret(snowplow.SYSTEM) is not None

    def _with_cors(self, request: Request, path: str, send: Send) -> Send:
        """Let pages of allowed origins read the answer, and send the headers they ask for."""
        origin = request.headers.get("origin")
        if origin is None or path.startswith(
            "/embed/"
        ):  # which says so itself: browsers refuse it said twice
            return send
        found = _PREFIX.match(path)
        inner = path[found.end() :] if found else path
        if not self._may_send(origin, self._is_keyed(inner.rstrip("/") or "/", found[1] if found else None)):
            return send
        headers = [
            (b"access-control-allow-origin", origin.encode("latin-1", "replace")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
        if request.method == "OPTIONS":
            wanted = request.headers.get("access-control-request-headers") or "Content-Type, SP-Anonymous"
            headers += [
                (b"access-control-allow-headers", wanted.encode("latin-1", "replace")),
                (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
                (b"access-control-max-age", b"3600"),
            ]
            if request.headers.get("access-control-request-private-network") == "true":
                headers.append((b"access-control-allow-private-network", b"true"))

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        return sent

    def _protocol_of(self, path: str, system: str | None, method: str) -> Protocol:
        """Whose path it is. 404 for nobody's, 405 where it is only ever posted to."""
        table = _BELOW.get(system, {}) if system is not None else _AT_ROOT
        found = table.get(path)
        if found is None and system == "stripe":
            found = others.stripe
        if found is None and system in (None, snowplow.SYSTEM):
            is_known = snowplow.ANY_VENDOR.fullmatch(path) or path == self.keys.chosen(snowplow.SYSTEM).get(
                "path"
            )
            if system is not None or path in snowplow.PIXELS or is_known:
                found = snowplow.accept
        if found is None:
            raise not_found()
        if method not in ("POST", "GET", "HEAD"):
            raise Refusal(405, "method_not_allowed", f"{method} is not asked here.")
        return found


@lru_cache(maxsize=64)
def _named(host: str) -> tuple[str, bool]:
    """The name in a Host header, and whether it is an address."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        name = host
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name or host, False
    return name, True


def _takes_events(path: str) -> bool:
    """Whether only events come there, so that no other route can be meant."""
    path = path.rstrip("/")
    if path in _AT_ROOT:
        return True
    found = _PREFIX.match(path)
    return found is not None and (path[found.end() :] or "/") in _BELOW.get(found[1], ())


def _prefixed(path: str) -> tuple[str | None, str]:
    """The system that a path ``/in/SYSTEM/...`` names, and the path behind it."""
    found = _PREFIX.match(path)
    if found is None:
        return None, path
    if found[1] not in INBOUND:
        raise not_found()
    return found[1], path[found.end() :] or "/"


_AT_ROOT: Final[dict[str, Protocol]] = {
    **dict.fromkeys(segment.PATHS, segment.accept),
    **dict.fromkeys(posthog.PATHS, posthog.accept),
    **dict.fromkeys(others.AMPLITUDE, others.amplitude),
    others.STRIPE: others.stripe,
    "/generic": others.generic,
}
_BELOW: Final[dict[str | None, dict[str, Protocol]]] = {
    "segment": dict.fromkeys(segment.PATHS, segment.accept),
    "rudderstack": dict.fromkeys(segment.PATHS, segment.accept),
    "posthog": dict.fromkeys(posthog.PATHS, posthog.accept),
    "mixpanel": dict.fromkeys(others.MIXPANEL, others.mixpanel),
    "amplitude": dict.fromkeys(others.AMPLITUDE_BELOW, others.amplitude),
    "stripe": {others.STRIPE: others.stripe},
    "generic": dict.fromkeys(("/", "/events"), others.generic),
}
