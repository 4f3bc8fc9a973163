"""GitLab's forms: the customer portal's paths in all their generations, answered as the portal would.

A form is on disk before anything else is done with it, because its sender does not send it again; then it is answered.
What needs the portal's own answer (a trial that begins, an activation code, questions) is passed through to it.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pqldesk.models.people import Hop, Identity, Submission
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.calls.gitlab import APPLIES, BUTTON, EXTENDS, LEADS, email_of, is_apply, said_in
from pqldesk.services.crm import secrets
from pqldesk.services.crm.connections import Linked
from pqldesk.services.events.raw_pages import Page
from pqldesk.services.intake.answers import Refusal, not_connected
from pqldesk.services.intake.decoding import ITEM_LIMIT, document, inflated, raw_body
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.keys import Keys, same
from pqldesk.services.intake.limits import WRONG_RATE, Bucket
from pqldesk.services.remote.rest import http_client, httpx
from pqldesk.services.sources.form_relay import LIVE

SYSTEM: Final = "gitlab"
OPEN: Final = frozenset(
    {"/trials/self_managed/ultimates", "/leads/self_managed/welcome_contacts"}
)  # bring no token
QUESTIONS: Final = (
    "/api/v1/gitlab/namespaces/trials/eligibility",
    "/api/v1/gitlab/namespaces/trials/trial_types",
)
TRYING_S: Final = 1.0  # whoever has brought many wrong tokens waits as long for each answer
PATIENCE_S: Final = 15.0  # the sender gives up after 20
_PASSED_ON: Final = ("content-type", "cache-control")
_JSON: Final = re.compile(r"application/(.+\+)?json", re.IGNORECASE)


class Forms:
    """Answers the sender. *http* is what the portal is asked with; a client of its own unless a test brings one."""

    def __init__(self, desk: Desk, keys: Keys, http: httpx.AsyncClient | None = None) -> None:
        self._desk = desk
        self._keys = keys
        self._http = http
        self._wrong = Bucket(WRONG_RATE)

    def routes(self) -> Sequence[BaseRoute]:
        """Every path, with and without a slash at its end, also under ``/in/gitlab``."""
        posted = {path for path in (*LEADS, *APPLIES) if path != BUTTON}
        methods = dict.fromkeys(posted, "POST") | {EXTENDS: "PUT"} | dict.fromkeys(QUESTIONS, "GET")
        return [
            Route(f"{prefix}{path}{end}", self._answer, methods=[method])
            for path, method in methods.items()
            for prefix in ("", f"/in/{SYSTEM}")
            for end in ("", "/")
        ]

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(f"/in/{SYSTEM}").rstrip("/")
        try:
            await self._let_in(request, path)
            if path in QUESTIONS:
                return await self._through("GET", path, request.scope["query_string"].decode("latin-1"))
            raw = inflated(await raw_body(request), request.headers.get("content-encoding", ""))
            if len(raw) > ITEM_LIMIT:
                raise Refusal(413, "too_large", f"The form has more than {ITEM_LIMIT // 1024} KiB.")
            return await self._taken(request.method, path, document(raw))
        except Refusal as refusal:
            if refusal.code == "bad_json":
                refusal = _unusable(refusal.message, "blank")
            # the sender reads a text under "errors"; it does not send again whatever the status
            status = 500 if refusal.status == 503 else refusal.status
            return JSONResponse(refusal.body(), status)
        except ClientDisconnect:
            return Response(status_code=400)

    async def _let_in(self, request: Request, path: str) -> None:
        if not self._keys.is_connected(SYSTEM):
            raise not_connected("GitLab")
        if path in OPEN:
            if self._keys.chosen(SYSTEM).get("self_managed") not in ("on", "true", "yes", "1"):
                raise Refusal(
                    404,
                    "not_connected",
                    "Self-managed forms are off; connect gitlab with --set self_managed=on.",
                )
            return
        token = self._keys.secret(SYSTEM)
        given = request.headers.get("x-admin-token", "")
        if token is None or not same(given, token):
            if self._keys.may_lack_key and not given:
                return
            await self._slow_down(request)
            raise Refusal(403, "bad_token", "The admin token is not the one this PQLDesk knows.")

    async def _slow_down(self, request: Request) -> None:
        """Whoever tries many tokens waits for each answer. The right one is never kept waiting: behind a proxy all
        senders have one address, and a hand-raise that is refused does not come again."""
        try:
            self._wrong.take(request.client.host if request.client else "")
        except Refusal:
            await asyncio.sleep(TRYING_S)
            raise

    async def _taken(self, method: str, path: str, body: Any) -> Response:
        if not isinstance(body, dict):
            raise _unusable("The body is not a JSON object.", "blank")
        said = said_in(body)
        named = said.get("work_email") or said.get("email")
        begins = path == EXTENDS or is_apply(path, body)
        if named and email_of(said) is None:
            raise _unusable(f"{str(named)[:80]!r} is no e-mail address.", "invalid")
        if not named and not (said.get("uid") and said.get("namespace_id")):
            raise _unusable("The form names nobody: it has no e-mail.", "blank")
        item = {"path": path, "body": body}
        await self._desk.take(Page(SYSTEM, [item], clock.now()), urgent=True)
        if begins or path in LIVE:
            if self._keys.setup.portal is None and path not in LIVE:
                return JSONResponse({"success": True})  # kept; nobody here can make the trial begin
            answer = await self._through(method, path, "", body)
            await self._desk.write(note_passed, said.get("uid"), named, answer.status_code, clock.now())
            return answer
        return JSONResponse({"success": True})

    async def _through(self, method: str, path: str, query: str, body: Any = None) -> Response:
        """The portal's own answer, or 502 where there is none in time."""
        portal = self._keys.setup.portal
        if portal is None:
            return _no_answer("No customer portal is connected: pqldesk connect portal.")
        self._http = self._http or http_client()
        url = portal.url.rstrip("/") + path + (f"?{query}" if query else "")
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            headers = self._headers(portal)
            answer = await self._http.request(
                method, url, content=content, headers=headers, timeout=PATIENCE_S
            )
        except secrets.SecretMissing as problem:
            return _no_answer(f"{problem.what} {problem.remedy}".strip())
        except httpx.HTTPError:
            return _no_answer(f"The customer portal at {portal.url} did not answer.")
        kept = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        if _JSON.match(kept.get("content-type", "")) is None or answer.is_redirect:
            # a page of some proxy, or a redirect, would be read as success by the sender
            return _no_answer(f"The customer portal answered {answer.status_code} without JSON.")
        return Response(answer.content, answer.status_code, kept)

    def _headers(self, portal: Linked) -> dict[str, str]:
        place = self._keys.setup.place
        token = secrets.read(place, "portal", "token", portal.secrets["token"])
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Admin-Email": str(portal.settings.get("admin_email", "gl_com_api@gitlab.com")),
            "X-Admin-Token": token,
        }


def note_passed(session: Session, uid: object, email: object, status: int, at: datetime) -> Changes:
    """What the portal said to a request that went through to it, as a hop of the person's newest form."""
    keys = [("gitlab", str(uid))] if uid is not None else []
    keys += [("email", str(email).strip().casefold())] if email else []
    for namespace, folded in keys:
        newest = session.scalar(
            select(Submission.id)
            .join(Identity, Identity.lead_id == Submission.lead_id)
            .where(Identity.namespace == namespace, Identity.folded == folded)
            .order_by(Submission.received_at.desc(), Submission.id.desc())
            .limit(1)
        )
        if newest is None:
            continue
        hop = session.scalars(select(Hop).where(Hop.submission_id == newest, Hop.step == "portal")).first()
        if hop is None:
            hop = Hop(submission_id=newest, step="portal", status="", at=at)
            session.add(hop)
        if hop.status not in ("pending", "sending", "unknown"):
            hop.status, hop.at = ("delivered", at) if status < 400 else ("failed", at)
            hop.error = None if status < 400 else f"The customer portal answered {status}."
        return Changes.to(Topic.LEADS)
    return Changes()


def _unusable(message: str, why: str) -> Refusal:
    return _Unusable(message, why)


class _Unusable(Refusal):
    """422 with the field, as the sender reads it."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(422, "unusable", message)
        self._why = why

    def body(self) -> dict[str, Any]:
        return {**super().body(), "error_attribute_map": {"work_email": [self._why]}}


def _no_answer(message: str) -> JSONResponse:
    return JSONResponse({"success": False, "errors": message}, 502)
