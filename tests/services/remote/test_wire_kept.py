"""Connections that are kept: which request goes over which, and what ends one."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable

import httpx
import pytest
from far import CLOSING, OK, Far, Line, answers, ask, played

from pqldesk.services.remote.wire import Wire


def test_requests_one_after_the_other_share_a_connection() -> None:
    async def work(wire: Wire, far: Far) -> None:
        for number in range(5):
            assert (await ask(wire, f"{far.url}/{number}?a=b", "POST", b"hello")).text == "ok"

    far = played(answers(*[OK] * 5), work)
    assert len(far.lines) == 1
    assert far.requests[3].startswith(b"POST /3?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert far.requests[3].endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_was_closed_meanwhile_is_not_written_to(method: str, tls: bool) -> None:
    closed = asyncio.Event()

    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.close()
        closed.set()

    async def work(wire: Wire, far: Far) -> None:
        assert (await ask(wire, far.url, method)).text == "ok"
        await closed.wait()
        assert (await ask(wire, far.url, method)).text == "ok"

    far = played(play, work, tls=tls, trusted=True)
    assert (len(far.requests), len(far.lines)) == (2, 2)


def test_an_end_that_nobody_has_heard_of_yet_is_looked_for_before_a_connection_is_written_to() -> None:
    may_close, closed = threading.Event(), threading.Event()
    seen: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        for number in range(2):
            try:
                line, _ = listener.accept()
            except TimeoutError:
                return
            with line:
                seen.append(line.recv(65_536))
                line.sendall(OK)
                if number == 0:
                    may_close.wait(60)
            closed.set()

    async def go(url: str, closing: Callable[[], None]) -> None:
        async with Wire(ssl.create_default_context(), 10) as wire:
            assert (await ask(wire, url, "POST")).text == "ok"
            closing()  # while the loop stands still
            assert (await ask(wire, url, "POST")).text == "ok"

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)  # so that it ends whatever is not asked
        server = threading.Thread(target=serve, args=(listener,))
        server.start()

        def closing() -> None:
            may_close.set()
            closed.wait(60)

        try:
            asyncio.run(go(f"http://127.0.0.1:{listener.getsockname()[1]}", closing))
        finally:
            may_close.set()
            server.join()
    assert len(seen) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_a_kept_connection_that_ends_once_it_was_written_to_is_not_made_up_for(method: str) -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.request()
        await line.close()

    async def work(wire: Wire, far: Far) -> None:
        assert (await ask(wire, far.url)).text == "ok"
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(wire, far.url, method)

    far = played(play, work)
    assert (len(far.requests), len(far.lines)) == (2, 1)


@pytest.mark.parametrize("extra", [OK, b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", b"?"])
def test_what_comes_unasked_is_nobodys_answer(extra: bytes) -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(OK + (extra if len(far.lines) == 1 else b""))
        await line.request()
        await line.say(OK)

    async def work(wire: Wire, far: Far) -> None:
        for _ in range(3):
            response = await ask(wire, far.url)
            assert (response.status_code, response.text) == (200, "ok")

    assert len(played(play, work).lines) == 2


def test_a_system_that_says_close_is_asked_over_a_new_connection() -> None:
    async def work(wire: Wire, far: Far) -> None:
        for _ in range(2):
            assert (await ask(wire, far.url)).text == "ok"

    assert len(played(answers(CLOSING, CLOSING), work).lines) == 2


def test_no_more_than_the_connections_are_open_and_the_others_wait() -> None:
    go_on = asyncio.Event()

    async def play(far: Far, line: Line) -> None:
        while True:
            await line.request()
            if len(far.requests) == 2:
                asyncio.get_running_loop().call_soon(go_on.set)
            await go_on.wait()
            await line.say(OK)

    async def work(wire: Wire, far: Far) -> None:
        found = await asyncio.gather(*(ask(wire, far.url) for _ in range(9)))
        assert [response.text for response in found] == ["ok"] * 9

    far = played(play, work, connections=2)
    assert (len(far.requests), len(far.lines)) == (9, 2)


def test_after_a_failure_or_a_request_given_up_the_others_go_on() -> None:
    arrived = asyncio.Event()

    async def play(far: Far, line: Line) -> None:
        await line.request()
        arrived.set()
        if len(far.requests) == 1:
            await line.reader.read()
        elif len(far.requests) == 2:
            await line.reset()
        else:
            await line.say(OK)

    async def work(wire: Wire, far: Far) -> None:
        given_up = asyncio.create_task(ask(wire, far.url, "POST", b"x"))
        await arrived.wait()
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        with pytest.raises(httpx.TransportError):
            await ask(wire, far.url)
        assert (await ask(wire, far.url)).text == "ok"

    assert len(played(play, work, connections=1).lines) == 3
