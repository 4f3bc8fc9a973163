"""Requests over real connections: what each failure is called, and that nothing is ever sent twice."""

import asyncio
import socket
import ssl

import httpx
import pytest
from far import OK, Far, Line, answers, ask, played

from pqldesk.services.remote.line import HEAD_BYTES
from pqldesk.services.remote.wire import Wire


def test_a_port_that_nobody_listens_at_is_told_as_never_sent() -> None:
    async def go() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        async with Wire(ssl.create_default_context(), 10) as wire:
            with pytest.raises(httpx.ConnectError):
                await ask(wire, f"http://127.0.0.1:{port}/", "POST", b"x")

    asyncio.run(go())


def test_a_name_that_is_none_is_told_as_never_sent() -> None:
    async def go() -> None:
        async with Wire(ssl.create_default_context(), 10) as wire:
            with pytest.raises(httpx.ConnectError):
                await ask(wire, f"http://{'a' * 64}.example/")

    asyncio.run(go())


def test_a_certificate_that_is_not_trusted_is_told_as_never_sent() -> None:
    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await ask(wire, far.url, "POST", b"secret")

    assert played(answers(OK), work, tls=True).requests == []


def test_a_certificate_of_another_name_is_told_as_never_sent() -> None:
    async def work(wire: Wire, far: Far) -> None:
        assert (await ask(wire, far.url)).text == "ok"
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await ask(wire, f"https://127.1:{far.port}", "POST", b"secret")  # the same place by another name

    assert len(played(answers(OK), work, tls=True, trusted=True).requests) == 1


def test_a_handshake_that_does_not_come_to_its_end_is_told_as_never_sent() -> None:
    async def silent(far: Far, line: Line) -> None:
        await line.reader.read()

    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.ConnectTimeout):
            await ask(wire, f"https://127.0.0.1:{far.port}", "POST", b"x", waits={"connect": 0.2})

    assert played(silent, work).requests == []


@pytest.mark.parametrize("value", [b"a\r\nX-Other: b", b"a\nb", b"a\0b"])
def test_a_header_that_would_end_early_is_not_sent(value: bytes) -> None:
    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            await ask(wire, far.url, headers=[(b"Authorization", value)])

    assert played(answers(OK), work).requests == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_what_was_closed_before_its_answer_ended_may_have_arrived(method: str, said: bytes) -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(said)
        await line.close()

    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(wire, far.url, method, None if method in ("GET", "DELETE") else b"x")

    far = played(play, work)
    assert (len(far.requests), len(far.lines)) == (1, 1)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_what_was_reset_may_have_arrived(said: bytes) -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(said)
        await line.reset()

    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await ask(wire, far.url, "PUT", b"x" * 1000)

    assert len(played(play, work).requests) == 1


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_what_nobody_answers_to_the_end_may_have_arrived(said: bytes) -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(said)
        await line.reader.read()  # until the other side gives up

    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await ask(wire, far.url, "POST", b"x", waits={"read": 0.2})

    assert len(played(play, work).requests) == 1


def test_a_body_that_is_not_taken_may_have_arrived() -> None:
    async def play(far: Far, line: Line) -> None:
        await asyncio.Event().wait()

    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.WriteTimeout):
            await ask(wire, far.url, "POST", b"x" * (32 << 20), waits={"write": 0.2})

    assert len(played(play, work).lines) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * (HEAD_BYTES * 2),
    ],
)
def test_an_answer_that_is_none_may_be_one_to_what_arrived(said: bytes) -> None:
    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(wire, far.url, "POST", b"x")

    assert len(played(answers(said), work).requests) == 1
