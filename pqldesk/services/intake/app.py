"""The intake as a Starlette application: who may ask, where a path belongs, what is answered."""

import ipaddress
import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from pqldesk.services import clock
from pqldesk.services.connectors import INBOUND
from pqldesk.services.intake import segment
from pqldesk.services.intake.answers import Refusal, not_found
from pqldesk.services.intake.asked import Accepted, Asked
from pqldesk.services.intake.decoding import raw_body
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.keys import Keys
from pqldesk.services.raw_pages import Page

log = logging.getLogger(__name__)

Protocol = Callable[[Asked, Keys], Accepted]
_SETUP_S: Final = 2.0  # how old the setup may be
_PREFIX: Final = re.compile(r"/in/([a-z_]+)(?=/|$)")


class Intake:
    """Serves every path. *extra* routes (forms, the button) are asked first."""

    def __init__(self, desk: Desk, keys: Keys, extra: Sequence[BaseRoute] = ()) -> None:
        self.desk = desk
        self.keys = keys
        self._looked_at = 0.0
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
            self._check_host(request)
            if request.method == "OPTIONS":
                response: Response = PlainTextResponse("ok")
            else:
                await self._inner(scope, receive, self._with_cors(request, send))
                return
        except Refusal as refusal:
            response = refusal.response()
        await response(scope, receive, self._with_cors(request, send))

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _any(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._taken(Request(scope, receive))
        except Refusal as refusal:
            response = refusal.response()
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _taken(self, request: Request) -> Response:
        path = request.scope["path"].rstrip("/") or "/"
        system, path = _prefixed(path)
        protocol = _protocol_of(path, system, request.method)
        asked = Asked(
            request.method,
            path,
            dict(request.query_params),
            request.headers,
            await raw_body(request),
            system,
            request.client.host if request.client else "",
            clock.now(),
        )
        accepted = protocol(asked, self.keys)
        await self.desk.take(Page(accepted.source, accepted.items, asked.at, accepted.sent_at))
        return accepted.response()

    async def _refresh(self) -> None:
        """Look at the connections again now and then."""
        if time.monotonic() - self._looked_at > _SETUP_S:
            self._looked_at = time.monotonic()
            self.keys.use(await self.desk.setup())

    def _check_host(self, request: Request) -> None:
        """Names that only point here, as a page may have them made, are refused; addresses are what they are."""
        host = request.headers.get("host", "")
        name = (urlsplit(f"//{host}").hostname or "").lower()
        if not host or name == "localhost" or name in self.keys.setup.hosts:
            return
        try:
            ipaddress.ip_address(name)
        except ValueError:
            raise Refusal(
                403,
                "unknown_host",
                f"This PQLDesk does not go by the name {name[:80]}; add it to the setting intake_hosts.",
            ) from None

    def _with_cors(self, request: Request, send: Send) -> Send:
        return send


def _prefixed(path: str) -> tuple[str | None, str]:
    """The system that a path ``/in/SYSTEM/...`` names, and the path behind it."""
    found = _PREFIX.match(path)
    if found is None:
        return None, path
    if found[1] not in INBOUND:
        raise not_found()
    return found[1], path[found.end() :] or "/"


def _protocol_of(path: str, system: str | None, method: str) -> Protocol:
    if path in segment.PATHS and system in (None, *segment.SYSTEMS):
        return segment.accept
    raise not_found()
