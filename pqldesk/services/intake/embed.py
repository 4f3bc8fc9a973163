"""The hand-raise button as pages get it: its modules, a sample page, and the two addresses it sends to.

Nothing secret can stand in a page, so these need no key: what is sent is taken from pages whose origin the setting
``intake_origins`` names and from our own sample page, thirty times a minute from one address.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pqldesk.services.basics import clock
from pqldesk.services.basics.resources import resource
from pqldesk.services.calls.gitlab import BUTTON, email_of
from pqldesk.services.events.raw_pages import Page
from pqldesk.services.files.values import BadValue
from pqldesk.services.intake.answers import Refusal, not_connected, not_found
from pqldesk.services.intake.decoding import document, raw_body
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.keys import Keys
from pqldesk.services.sources.placement_reports import note_report

SYSTEM: Final = "button"
REPORTS: Final = "/embed/placement_reports"
SAMPLE: Final = "sample.html"
PER_MINUTE: Final = 30  # forms and reports from one address
LONGEST: Final = 64 * 1024  # bytes of a form
_ADDRESSES: Final = 10_000  # remembered for the limit
_KINDS: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


class Embed:
    """Serves what is below ``/embed``."""

    def __init__(self, desk: Desk, keys: Keys) -> None:
        self._desk = desk
        self._keys = keys
        self._sent: dict[str, deque[float]] = {}

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route(BUTTON, self._posted, methods=["POST", "OPTIONS"]),
            Route(REPORTS, self._posted, methods=["POST", "OPTIONS"]),
            Route("/embed", self._sample, methods=["GET"]),
            Route("/embed/", self._sample, methods=["GET"]),
            Route("/embed/{name}", self._file, methods=["GET", "HEAD"]),
        ]

    async def _sample(self, _request: Request) -> Response:
        return RedirectResponse(f"/embed/{SAMPLE}")

    async def _file(self, request: Request) -> Response:
        """A file of resources/embed, for any page: modules are fetched with CORS."""
        name = request.path_params["name"]
        shipped = {path.name: path for path in resource("embed").iterdir()}
        if not self._keys.is_connected(SYSTEM):
            return not_connected("The hand-raise button").response()
        if name not in shipped:
            return not_found().response()
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=300"}
        return FileResponse(shipped[name], headers=headers, media_type=_KINDS[shipped[name].suffix])

    async def _posted(self, request: Request) -> Response:
        try:
            headers = self._cors(request)
            if request.method == "OPTIONS":
                return PlainTextResponse("ok", headers=headers)
        except Refusal as refusal:
            return refusal.response()
        try:
            self._count(request)
            body = await raw_body(request)
            if len(body) > LONGEST:
                raise Refusal(413, "too_large", f"The form has more than {LONGEST // 1024} KiB.")
            answer = await self._taken(request.scope["path"], document(body))
        except Refusal as refusal:
            answer = refusal.response()
        except ClientDisconnect:
            return Response(status_code=400)
        answer.headers.update(headers)
        return answer

    def _cors(self, request: Request) -> dict[str, str]:
        """The headers that let the page read the answer. 403 for a page that may not send."""
        if not self._keys.is_connected(SYSTEM):
            raise not_connected("The hand-raise button")
        origin = request.headers.get("origin")
        if origin is None:
            return {}
        own = request.headers.get("host", "").lower()
        if urlsplit(origin).netloc.lower() != own and origin.lower() not in self._keys.setup.origins:
            raise Refusal(
                403,
                "unknown_origin",
                f"Pages of {origin[:200]} may not send; add it to the setting intake_origins.",
            )
        headers = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Accept, Content-Type",
            "Access-Control-Max-Age": "600",
            "Vary": "Origin",
        }
        if request.headers.get("access-control-request-private-network") == "true":
            headers["Access-Control-Allow-Private-Network"] = "true"
        return headers

    def _count(self, request: Request) -> None:
        peer, now = request.client.host if request.client else "", time.monotonic()
        sent = self._sent.pop(peer, deque())
        while sent and sent[0] < now - 60:
            sent.popleft()
        self._sent[peer] = sent  # at the end: the first are those that have not sent for longest
        if len(sent) >= PER_MINUTE:
            raise Refusal(429, "too_many", "Too many forms came from this address.", retry_after_s=60)
        sent.append(now)
        if len(self._sent) > _ADDRESSES:
            del self._sent[next(iter(self._sent))]

    async def _taken(self, path: str, body: Any) -> Response:
        if not isinstance(body, dict):
            raise Refusal(422, "unusable", "The body is not a JSON object.")
        if path == REPORTS:
            try:
                await self._desk.write(note_report, body, clock.now())
            except BadValue as wrong:
                raise Refusal(422, "unusable", str(wrong)) from None
            return JSONResponse({"success": True})
        if email_of(body) is None:
            why = "invalid" if body.get("work_email") else "blank"
            fault = Refusal(422, "unusable", "The form has no e-mail that can be used.")
            return JSONResponse({**fault.body(), "error_attribute_map": {"work_email": [why]}}, 422)
        await self._desk.take(Page(SYSTEM, [{"path": path, "body": body}], clock.now()), urgent=True)
        return JSONResponse({"success": True})
