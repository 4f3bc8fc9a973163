"""JSON over HTTP to one outside system: client, timeouts, budget, and answers turned into problems.

The one module that imports httpx; everybody else takes ``httpx`` from here.
"""

import asyncio
import math
import os
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.request import getproxies

import httpx as httpx

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.remote.pace import Budget, Pace
from pqldesk.services.remote.problems import (
    Ambiguous,
    Held,
    RateLimited,
    RemoteProblem,
    TryLater,
    Unreachable,
)
from pqldesk.services.remote.tokens import Grant, Tokens

CONNECTIONS = 10  # one httpx client collapses above 20
READ_TIMEOUT_S = 10.0
LEAST_WAIT_S, MOST_WAIT_S = 1.0, 60.0
READ_TRIES = 3  # of a request that changes nothing, when the answer was lost


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: *body* is the JSON, or None when there was none; *told* is said instead of the status."""

    status: int
    body: Any
    headers: Mapping[str, str]
    method: str
    path: str
    told: str = ""


Explain = Callable[[Answer], RemoteProblem]


def never(answer: Answer) -> bool:
    """No answer says that the token has run out."""
    return False


def timeout_s(usual: float = READ_TIMEOUT_S) -> float:
    """How long an answer may take: PQLDESK_HTTP_TIMEOUT seconds, else *usual*."""
    text = os.environ.get("PQLDESK_HTTP_TIMEOUT")
    if not text:
        return usual
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise BadInput(
            _("PQLDESK_HTTP_TIMEOUT is {text!r}.").format(text=text),
            _("Give a number of seconds, such as 10."),
        )
    return seconds


@lru_cache(maxsize=256)
def _url(text: str) -> httpx.URL:
    return httpx.URL(text)  # reading it takes as long as sending


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # loading the certificates takes 20 ms: once for all clients


class Client(httpx.AsyncClient):
    """httpx's client, with a shorter way for what a Rest asks."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None, **more: Any) -> None:
        super().__init__(transport=transport, **more)
        self._sender = transport  # None: httpx chooses by the proxies that are set

    async def exchange(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. No cookie is kept and no redirect followed, which would be half of what a request costs."""
        if self._sender is None:
            return await self.send(request)
        response = await self._sender.handle_async_request(request)
        response.request = request
        await response.aread()
        return response


def http_client(transport: httpx.AsyncBaseTransport | None = None) -> Client:
    """A client of at most ten connections to a system; *transport* stands in for the network in tests."""
    if transport is None and not getproxies():  # a client with a transport of its own heeds no proxy
        from pqldesk.services.remote.wire import Wire  # only who asks somebody needs its parser

        transport = Wire(_tls(), CONNECTIONS)
    return Client(
        transport,
        verify=_tls(),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        timeout=_timeout(timeout_s()),
        follow_redirects=False,
        trust_env=True,
    )


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, 5.0), pool=None)


def retry_after_s(headers: Mapping[str, str], *, default: float = LEAST_WAIT_S) -> float:
    """Seconds to stay away, from 1 to 60: an HTTP-date is read against the server's own clock."""
    text = (headers.get("retry-after") or "").strip()
    wait = default
    if text.isdigit():
        wait = float(text)
    elif text:
        until, then = _http_date(text), _http_date(headers.get("date") or "")
        if until is not None:
            wait = (until - (then or datetime.now(UTC))).total_seconds()
    return min(max(wait, LEAST_WAIT_S), MOST_WAIT_S)


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request."""

    method: str
    path: str
    body: Any
    params: Mapping[str, Any] | None
    form: Mapping[str, str] | None
    headers: Mapping[str, str] | None
    raw: bytes | None = None


class Rest:
    """One system's API. Every failure is a RemoteProblem; what a 4xx means is the connector's *explain*."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        title: str,
        base_url: str,
        headers: Mapping[str, str],
        explain: Explain,
        budget: Budget,
        *,
        patience_s: float = MOST_WAIT_S,
        tokens: Tokens | None = None,
        ran_out: Callable[[Answer], bool] = never,
        stay_away_s: Callable[[Answer], float] | None = None,
        seen: Callable[[Answer], None] | None = None,
        unveil: Callable[[Answer], Answer] | None = None,
        slow_s: float = READ_TIMEOUT_S,
    ) -> None:
        """*patience_s* is how long a request goes on trying while the system says 429.

        *tokens* bring the bearer token and, where they name one, the address; an answer of which *ran_out* is true
        is tried once more with a fresh one. *stay_away_s* reads a 429, *seen* is told of every answer. *unveil* gives
        an answer of 200 that is a refusal the status it should have. *slow_s*: how long an answer may take there.
        """
        self.title = title
        self.budget = budget
        self.patience_s = patience_s
        self._tokens = tokens
        self._ran_out = ran_out
        self._stay_away_s = stay_away_s or (lambda answer: retry_after_s(answer.headers))
        self._seen = seen
        self._unveil = unveil
        self._timeout_s = timeout_s(slow_s)
        self._extensions = {"timeout": _timeout(self._timeout_s).as_dict()}
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._headers = http.headers.copy()
        for name, value in headers.items():
            self._headers[name] = value
        self._explain = explain

    async def read(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        pace: Pace | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON of a request that changes nothing; tried again by itself when the answer is lost."""
        for tries_left in range(READ_TRIES - 1, -1, -1):
            try:
                asked = _Asked(method, path, body, params, form, headers)
                return await self._paced(pace or self.budget.reads, asked)
            except Ambiguous as problem:
                if not tries_left or isinstance(problem.__cause__, httpx.TimeoutException):
                    raise
                await asyncio.sleep(0.25 + random.random() / 4)  # noqa: S311 - jitter
        raise AssertionError("the loop returns or raises")

    async def write(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Any:
        """The JSON of a request that changes something. What did nothing, a 429 or an old token, is tried again.

        *raw* is sent as it is, for bodies that are signed.
        """
        return await self._paced(self.budget.writes, _Asked(method, path, body, params, form, headers, raw))

    async def _paced(self, pace: Pace, asked: "_Asked") -> Any:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.patience_s
        fresh = False
        while True:
            await pace.turn()
            reason = self.budget.circuit.reason
            if reason is not None:
                raise Unreachable(
                    _(
                        "{title} has not answered for a while, so it is left alone for a moment: {reason}"
                    ).format(title=self.title, reason=reason),
                    _("PQLDesk tries again by itself; nothing is lost."),
                )
            grant = await self._tokens.grant() if self._tokens else None
            try:
                answer = await self._send(asked, grant)
            except (Unreachable, Ambiguous) as problem:
                self.budget.circuit.lost(problem.what)
                raise
            if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
                self.budget.circuit.lost(
                    _("{title} answered {status}.").format(title=self.title, status=answer.status)
                )
            else:
                self.budget.circuit.answered()
            if self._unveil is not None:
                answer = self._unveil(answer)
            if self._seen is not None:
                self._seen(answer)
            if grant is not None and self._tokens is not None and self._ran_out(answer):
                self._tokens.refused(grant)
                if not fresh:
                    fresh = True
                    continue
            if answer.status != httpx.codes.TOO_MANY_REQUESTS:
                pace.passed()
                if answer.status < httpx.codes.MULTIPLE_CHOICES:
                    return answer.body
                raise self._problem(answer)
            wait = self._stay_away_s(answer)
            pace.refused(wait * (1 + random.random() / 50))  # noqa: S311 - jitter
            if loop.time() + wait > give_up_at:
                raise RateLimited(
                    _("{title} has had too many requests.").format(title=self.title),
                    _("PQLDesk goes on in {wait} s; nothing is lost.").format(wait=math.ceil(wait)),
                    retry_after_s=wait,
                )

    async def _send(self, asked: "_Asked", grant: Grant | None) -> Answer:
        base = grant.base_url.rstrip("/") if grant is not None and grant.base_url else self._base_url
        try:
            request = self._request(asked, base, grant)
            if isinstance(self._http, Client):
                response = await self._http.exchange(request)
            else:
                response = await self._http.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as cause:
            raise Unreachable(
                _("{title} cannot be reached at {base}.").format(title=self.title, base=base),
                _("Check the network; PQLDesk tries again by itself."),
            ) from cause
        except httpx.TimeoutException as cause:
            raise Ambiguous(
                _("{title} did not answer within {timeout_s:g} s.").format(
                    title=self.title, timeout_s=self._timeout_s
                ),
                _("PQLDesk looks whether it arrived before it tries again."),
            ) from cause
        except (httpx.TransportError, httpx.DecodingError) as cause:
            raise Ambiguous(
                _("{title} closed the connection before it answered.").format(title=self.title),
                _("PQLDesk looks whether it arrived before it tries again."),
            ) from cause
        except httpx.InvalidURL as cause:
            raise BadInput(
                _("{base_url!r} is no URL.").format(base_url=self._base_url), _("Connect again with --url.")
            ) from cause
        return Answer(response.status_code, _json(response), response.headers, asked.method, asked.path)

    def _request(self, asked: "_Asked", base: str, grant: Grant | None) -> httpx.Request:
        headers = self._headers.copy() if asked.headers or grant else self._headers
        for name, value in (asked.headers or {}).items():
            headers[name] = value
        if grant is not None:
            headers["Authorization"] = f"Bearer {grant.token}"
        return httpx.Request(
            asked.method,
            _url(base + asked.path),
            json=asked.body,
            data=asked.form,
            content=asked.raw,
            params={key: value for key, value in (asked.params or {}).items() if value is not None} or None,
            headers=headers,
            extensions=self._extensions,
        )

    def _problem(self, answer: Answer) -> RemoteProblem:
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Ambiguous(
                _("{title} answered {told}.").format(title=self.title, told=answer.told or answer.status),
                _("PQLDesk looks whether it arrived before it tries again."),
            )
        if answer.status == httpx.codes.REQUEST_TIMEOUT:
            return Ambiguous(
                _("{title} gave up waiting (408).").format(title=self.title),
                _("PQLDesk tries again by itself."),
            )
        if answer.status == httpx.codes.TOO_EARLY:
            return TryLater(
                _("{title} is not ready (425).").format(title=self.title), _("PQLDesk tries again by itself.")
            )
        if httpx.codes.is_redirect(answer.status) and "location" in answer.headers:
            place = str(answer.headers["location"]).partition("?")[0][:200]
            return Held(
                _("{title} sends requests on to {place}, where no key of yours is sent.").format(
                    title=self.title, place=place
                ),
                _("If that is its new address, connect again with it."),
            )
        return self._explain(answer)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
