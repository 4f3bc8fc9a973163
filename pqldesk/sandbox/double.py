"""What every double has: request log, faults, latency, a state file and the admin routes; over Starlette's request
and response classes.

Admin routes (outside the doubled API, no token):

- ``GET /admin/log?method=&path=`` requests served so far, bodies included, tokens as names; ``DELETE`` empties it.
- ``POST /admin/faults`` ``{"faults":[{"kind","method","path",...}]}`` queues trouble (faults.py says which); ``DELETE``
  forgets it.
- ``POST /admin/state`` ``{"action":NAME,...}`` changes the outside world as its users would; unknown names list all.
- ``GET /admin/dump`` everything stored, in plain form. ``POST /admin/reset`` back to the seed, log and faults empty.
"""

import asyncio
import json
import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pqldesk.sandbox.clock import Clock
from pqldesk.sandbox.faults import BadFault, Fault, Faults

LOG_LENGTH = 50_000
PROXY_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center></body>\r\n</html>\r\n"
)


@dataclass(slots=True)
class Asked:
    """One request as the double sees it. *notes* go into the log."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    body: Any = None
    caller: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that it says beside its path."""
        return f"{'&'.join(self.query.values())} {self.raw.decode('utf-8', 'replace')}"


@dataclass(slots=True)
class Answer:
    """What goes back: a JSON-able *body*, *html*, *raw* bytes of the type in *headers*, or nothing."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: str | None = None
    raw: bytes | None = None


class BadOrder(ValueError):
    """An admin request that makes no sense; the message says what would."""


def carry_out(
    known: Mapping[str, Callable[[Mapping[str, Any]], object]], action: Any, order: Mapping[str, Any]
) -> object:
    """What the *known* action of that name answers. Raises BadOrder where there is none, or *order* lacks something."""
    if action not in known:
        raise BadOrder(f"action {action!r} is unknown; known: {', '.join(sorted(known))}")
    try:
        return known[action](order)
    except KeyError as missing:
        raise BadOrder(f"action {action} needs {missing}") from None


def set_switches(switches: Any, order: Mapping[str, Any]) -> None:
    """Set what *order* names of *switches*, a dataclass with slots. Raises BadOrder for a name it does not have."""
    for name, value in order.items():
        if name == "action":
            continue
        if name not in switches.__slots__:
            raise BadOrder(f"switch {name!r} is unknown; known: {', '.join(switches.__slots__)}")
        setattr(switches, name, value)


class Double:
    """An outside system on loopback. Subclasses answer requests and keep the state; handlers never await, so
    every request is all or nothing and requests never interleave."""

    def __init__(self, *, latency_s: float = 0.0, state_file: Path | None = None) -> None:
        self.clock = Clock()
        self.latency_s = latency_s
        self.connections: dict[tuple[str, int], asyncio.Transport] = {}
        self._state_file = state_file
        self.faults = Faults()  # what happens to the next requests; another course of events may be put here
        self._log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self._asked = 0
        self._saved = 0

    # What a double of its own brings ------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Answer:
        """Serve *asked*; refusals are answers too."""
        raise NotImplementedError

    def refusal(self, status: int) -> Answer:
        """The system's own way to say *status*, for injected faults."""
        raise NotImplementedError

    def revision(self) -> int:
        """Grows with every stored change."""
        raise NotImplementedError

    def snapshot(self) -> str:
        """The whole state as JSON text, for the state file."""
        raise NotImplementedError

    def dump(self) -> Any:
        """Everything stored, in plain form, for assertions and the demo."""
        raise NotImplementedError

    def change(self, order: Mapping[str, Any]) -> Any:
        """Do one admin action; BadOrder if it is unknown or incomplete."""
        raise NotImplementedError

    def reset(self) -> None:
        """Back to the seed."""
        raise NotImplementedError

    def injected(self, fault: Fault) -> bool:
        """True if *fault* was taken care of as state and need not be queued."""
        return False

    # Serving ------------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        asked = Asked(
            request.method, request.url.path, request.query_params, request.headers, await request.body()
        )
        if asked.path == "/admin" or asked.path.startswith("/admin/"):
            await self._response(self._admin(asked))(scope, receive, send)
            return
        answer = await self._served(asked)
        if answer is None:
            await self._drop(scope, receive)
            return
        await self._response(answer)(scope, receive, send)

    async def _served(self, asked: Asked) -> Answer | None:
        """The answer, or None where the connection has to be dropped instead."""
        began = time.perf_counter()
        entry = self._begin(asked)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        fault = self.faults.take(asked.method, asked.path, asked.text)
        kind = fault.kind if fault else ""
        if fault and kind == "delay" and fault.when == "before":
            await asyncio.sleep(fault.ms / 1000)
        answer: Answer | None = None
        if kind == "drop_before_commit":
            asked.notes.append(kind)
        elif fault and kind == "status":
            answer = self.refusal(fault.status)
        elif fault and kind == "html":
            phrase = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}
            answer = Answer(fault.status, html=PROXY_PAGE.format(phrase.get(fault.status, str(fault.status))))
        else:
            answer = self.answer(asked)
            self._save()
        entry.update(body=asked.body, token=asked.caller, notes=asked.notes, fault=kind or None)
        entry["status"] = answer.status if answer else None
        if answer and answer.status >= 400 and isinstance(answer.body, dict):
            entry["code"] = answer.body.get("code")
        if kind == "commit_then_drop":
            asked.notes.append(kind)
            answer = None
        if fault and kind == "delay" and fault.when == "after":
            await asyncio.sleep(fault.ms / 1000)
        entry["answered"] = answer is not None
        entry["ms"] = round((time.perf_counter() - began) * 1000, 3)
        return answer

    def _begin(self, asked: Asked) -> dict[str, Any]:
        self._asked += 1
        if asked.raw:
            try:
                asked.body = json.loads(asked.raw)
            except ValueError:
                asked.notes.append("body is not JSON")
        entry = {"n": self._asked, "at": self.clock.stamp(), "method": asked.method, "path": asked.path}
        self._log.append(entry | {"query": dict(asked.query), "answered": False})
        return self._log[-1]

    def _response(self, answer: Answer) -> Response:
        if answer.html is not None:
            response = Response(answer.html, answer.status, answer.headers, media_type="text/html")
        elif answer.raw is not None:
            response = Response(answer.raw, answer.status, answer.headers)
        elif answer.body is None:
            response = Response(b"", answer.status, answer.headers)
        else:
            text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
            response = Response(text.encode(), answer.status, answer.headers)
            response.headers["content-type"] = "application/json; charset=utf-8"
        response.headers["date"] = self.clock.http_date()
        return response

    async def _drop(self, scope: Scope, receive: Receive) -> None:
        """Tear the socket down; the peer gets neither status nor body."""
        transport = self.connections.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass

    def _save(self) -> None:
        """Write the state file if anything changed: whole or not at all, before the answer leaves."""
        if self._state_file is None or self.revision() == self._saved:
            return
        fresh = self._state_file.with_name(self._state_file.name + ".new")
        fresh.write_text(self.snapshot(), encoding="utf-8")
        os.replace(fresh, self._state_file)
        self._saved = self.revision()

    # Admin --------------------------------------------------------------------------------------------------

    def _admin(self, asked: Asked) -> Answer:
        try:
            asked.body = json.loads(asked.raw) if asked.raw else {}
            if not isinstance(asked.body, dict):
                raise BadOrder("the body is a JSON object")
            answer = self._ordered(asked)
            self._save()
        except (BadOrder, BadFault, ValueError) as why:
            return Answer(400, {"error": str(why)})
        return answer

    def _ordered(self, asked: Asked) -> Answer:
        match asked.method, asked.path:
            case "GET", "/admin/log":
                return Answer(200, self._requests(asked.query.get("method"), asked.query.get("path")))
            case "DELETE", "/admin/log":
                self._log.clear()
                return Answer(200, {})
            case "GET", "/admin/dump":
                return Answer(200, self.dump())
            case "POST", "/admin/faults":
                faults = [Fault.described(text) for text in asked.body.get("faults", [asked.body])]
                for fault in faults:
                    if not self.injected(fault):
                        self.faults.add(fault)
                return Answer(200, {"queued": len(faults)})
            case "DELETE", "/admin/faults":
                self.faults.clear()
                return Answer(200, {})
            case "POST", "/admin/state":
                return Answer(200, self.change(asked.body))
            case "POST", "/admin/reset":
                self.faults.clear()
                self._log.clear()
                self.clock.run()
                self.reset()
                return Answer(200, {})
        return Answer(404, {"error": f"no admin route {asked.method} {asked.path}"})

    def _requests(self, method: str | None, path: str | None) -> list[dict[str, Any]]:
        return [
            entry
            for entry in self._log
            if method in (None, entry["method"]) and (path is None or entry["path"].startswith(path))
        ]
