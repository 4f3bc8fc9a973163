"""Signing in to a system with a browser: the address to open, a listener on this computer for the answer, and the
refresh token that comes of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import System
from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.oauth import REFRESH, Asking, asking, code_in, missing_scopes
from pqldesk.services.remote.pace import UNBOUNDED, Budget
from pqldesk.services.remote.problems import Held, RemoteProblem
from pqldesk.services.remote.rest import Answer, httpx

PORTS = (17171, 17172, 17173)  # each has to be registered as a callback, port and all
CALLBACK = "/callback"
WAIT_S = 300.0
LONGEST_HEAD = 16_384


@dataclass(frozen=True, slots=True)
class Browser:
    """How a person gets to the page. *show* opens or prints the address; *paste*, where no browser can reach this
    computer, waits for the address that it ended on."""

    show: Callable[[str], Awaitable[None]]
    paste: Callable[[], Awaitable[str]] | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What came of it. *warning*: scopes that were not granted, as a sentence."""

    refresh_token: str
    warning: str | None


async def sign_in(
    http: httpx.AsyncClient, system: System, url: str, client: Mapping[str, str], browser: Browser
) -> SignedIn:
    """Ask for access in a browser and take the code for a refresh token. Raises a Problem where none is given."""
    way = system.sign_in
    if way is None:
        raise BadInput(
            _("{system} has no sign-in with a browser.").format(system=system.title),
            _("Connect it with --token-env or --secret-env."),
        )
    path = urlsplit(way.authorize).path
    authorize = url + path if way.authorize == path or url != system.url else way.authorize
    if browser.paste is not None:
        asked = asking(authorize, client["client_id"], way.scopes, _redirect(PORTS[0]))
        await browser.show(asked.address)
        code = code_in(system.title, asked, await browser.paste())
    else:
        async with _listener() as (port, arrived):
            asked = asking(authorize, client["client_id"], way.scopes, _redirect(port))
            await browser.show(asked.address)
            code = await _code(system.title, asked, arrived)
    body = await _exchanged(http, system, url, way.token, client, asked, code)
    if not body.get(REFRESH):
        raise Held(
            _("{system} gave access for a moment only, without a refresh token.").format(system=system.title),
            _("Allow the app the scope refresh_token (offline access) there, then sign in again."),
        )
    scopes = body.get("scopes")
    granted = str(body.get("scope") or (" ".join(map(str, scopes)) if isinstance(scopes, list) else ""))
    return SignedIn(str(body[REFRESH]), missing_scopes(system.title, granted, way.scopes))


async def _exchanged(
    http: httpx.AsyncClient,
    system: System,
    url: str,
    path: str,
    client: Mapping[str, str],
    asked: Asking,
    code: str,
) -> Mapping[str, object]:
    def explain(answer: Answer) -> RemoteProblem:
        body = answer.body if isinstance(answer.body, dict) else {}
        said = body.get("error_description") or body.get("message") or body.get("error") or answer.status
        return Held(
            _("{system} gave no access for the code: {said}.").format(system=system.title, said=said),
            _("Check the app's client id, then sign in again."),
        )

    door = Opening(http, url, {}, {}).rest(system.title, explain, Budget(UNBOUNDED, UNBOUNDED))
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked.redirect,
        "code_verifier": asked.verifier,
        **client,
    }
    body: dict[str, object] = await door.write("POST", path, form=form)
    return body


async def _code(title: str, asked: Asking, arrived: "asyncio.Queue[tuple[str, asyncio.Future[str]]]") -> str:
    """The code of the first address that belongs to this sign-in; others are told so and waited past."""
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                address, page = await arrived.get()
                belongs = f"state={asked.state}" in address
                try:
                    code = code_in(title, asked, address)
                except Held as problem:
                    page.set_result(str(problem))
                    if belongs:
                        raise
                    continue
                page.set_result(_("You can close this page and go back to PQLDesk."))
                return code
    except TimeoutError:
        raise Held(
            _("Nobody allowed the access to {title} within 5 minutes.").format(title=title), _("Start again.")
        ) from None


@asynccontextmanager
async def _listener() -> "AsyncIterator[tuple[int, asyncio.Queue[tuple[str, asyncio.Future[str]]]]]":
    """A port of this computer that the browser is sent back to, and what arrives there."""
    arrived: asyncio.Queue[tuple[str, asyncio.Future[str]]] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _rest = (*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", "")[:3]
                if method != "GET" or urlsplit(target).path != CALLBACK:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                else:
                    page: asyncio.Future[str] = asyncio.get_running_loop().create_future()
                    arrived.put_nowait((target, page))
                    html = f"<!doctype html><meta charset=utf-8><title>PQLDesk</title><p>{escape(await page)}</p>"
                    head_line = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                    body = html.encode()
                    more = (
                        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
                    )
                    writer.write((head_line + more).encode() + body)
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # not a browser: whatever it was gets no answer
        finally:
            writer.close()

    for port in PORTS:
        try:
            server = await asyncio.start_server(answer, "localhost", port, limit=LONGEST_HEAD)
        except OSError:
            continue
        async with server:
            yield port, arrived
            await asyncio.sleep(0)  # the last page goes out
        return
    raise Held(
        _("The ports {known} of this computer are all in use.").format(known=", ".join(map(str, PORTS))),
        _("Close what uses one of them, or sign in with --no-browser."),
    )


def _redirect(port: int) -> str:
    return f"http://localhost:{port}{CALLBACK}"
