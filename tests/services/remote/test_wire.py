"""Requests over real connections: what each failure is called, and that nothing is ever sent twice."""

import asyncio
import gzip
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from pqldesk.services.remote.line import GATHERED_BYTES, HEAD_BYTES
from pqldesk.services.remote.wire import Wire

CERTIFICATE = Path(__file__).parent / "localhost.pem"  # for tests alone: its key lies beside it
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
WAITS = {"connect": 5.0, "read": 20.0, "write": 20.0, "pool": None}


class Far:
    """A system on this machine; *play* is what it does on each connection."""

    def __init__(self, play: "Callable[[Far, Line], Awaitable[None]]", *, tls: bool = False) -> None:
        self._play = play
        self._tls = tls
        self.requests: list[bytes] = []  # head and body of all that came
        self.lines: list[Line] = []
        self.over: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Far":
        context = None
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0, ssl=context, limit=1 << 16)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_about: object) -> None:
        self._server.close()
        for line in self.lines:
            line.writer.close()
            with suppress(OSError):
                await line.writer.wait_closed()
        for task in self.over:
            task.cancel()
        await asyncio.gather(*self.over, return_exceptions=True)
        await self._server.wait_closed()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer, self)
        self.lines.append(line)
        task = asyncio.current_task()
        assert task is not None
        self.over.append(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._play(self, line)


class Line:
    """One connection as the system sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: Far) -> None:
        self.reader, self.writer, self._far = reader, writer, far

    async def request(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        lengths = [row for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")]
        body = await self.reader.readexactly(int(lengths[0].split(b":")[1])) if lengths else b""
        self._far.requests.append(head + body)
        return head + body

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def reset(self) -> None:
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()


def played(
    play: Callable[[Far, Line], Awaitable[None]],
    work: Callable[[Wire, Far], Coroutine[Any, Any, None]],
    *,
    tls: bool = False,
    trusted: bool = False,
    connections: int = 10,
) -> Far:
    async def go() -> Far:
        context = ssl.create_default_context(cafile=str(CERTIFICATE) if trusted else None)
        async with Far(play, tls=tls) as far, Wire(context, connections) as wire:
            await work(wire, far)
        return far

    return asyncio.run(go())


async def ask(
    wire: Wire, url: str, method: str = "GET", body: bytes | None = None, **more: Any
) -> httpx.Response:
    waits = {**WAITS, **more.pop("waits", {})}
    request = httpx.Request(method, url, content=body, extensions={"timeout": waits}, **more)
    response = await wire.handle_async_request(request)
    response.request = request
    await response.aread()
    return response


def answers(*said: bytes) -> Callable[[Far, Line], Awaitable[None]]:
    """One answer after the other, whatever connection they are asked over."""
    left = list(said)

    async def play(far: Far, line: Line) -> None:
        while True:
            await line.request()
            await line.say(left.pop(0))

    return play


# Certainly not sent


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


# May have arrived


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


# Kept connections


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


# Answers of every kind


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nX: y\r\n\r\n", "ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK, "ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
    ],
)
def test_every_kind_of_answer_is_read_and_its_connection_kept(said: bytes, text: str) -> None:
    async def work(wire: Wire, far: Far) -> None:
        for _ in range(2):
            response = await ask(wire, far.url)
            assert response.text == text
            assert "link" not in response.headers

    assert len(played(answers(said, said), work).lines) == 1


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.0 200 OK\r\n\r\nhel")
        await line.say(b"lo")
        await line.close()

    async def work(wire: Wire, far: Far) -> None:
        assert (await ask(wire, far.url)).text == "hello"

    played(play, work)


def test_an_answer_to_head_has_no_body() -> None:
    async def work(wire: Wire, far: Far) -> None:
        response = await ask(wire, far.url, "HEAD")
        assert (response.headers["content-length"], response.content) == ("99", b"")
        assert (await ask(wire, far.url)).text == "ok"

    played(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", OK), work)


def test_a_packed_answer_is_unpacked_once() -> None:
    packed = gzip.compress(b'{"a": 1}')
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (
        len(packed),
        packed,
    )

    async def work(wire: Wire, far: Far) -> None:
        assert (await ask(wire, far.url)).json() == {"a": 1}

    played(answers(said), work)


def test_a_body_given_in_parts_is_sent_whole() -> None:
    async def parts() -> Any:
        yield b"one "
        yield b"two"

    async def play(far: Far, line: Line) -> None:
        await line.request()
        assert await line.reader.readexactly(17) == b"7\r\none two\r\n0\r\n\r\n"
        await line.say(OK)

    async def work(wire: Wire, far: Far) -> None:
        request = httpx.Request("POST", far.url, content=parts(), extensions={"timeout": WAITS})
        assert (await wire.handle_async_request(request)).status_code == 200

    played(play, work)


def test_a_refusal_in_mid_request_is_heard() -> None:
    async def play(far: Far, line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        await line.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await asyncio.Event().wait()

    async def work(wire: Wire, far: Far) -> None:
        response = await ask(wire, far.url, "POST", b"x" * (32 << 20))
        assert (response.status_code, response.text) == (413, "no")

    played(play, work)


# Long answers

LONG = b"x" * (GATHERED_BYTES * 40)
LONG_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LONG)


@pytest.mark.parametrize("tls", [False, True])
def test_a_long_answer_is_handed_over_as_it_comes_and_its_connection_kept(tls: bool) -> None:
    async def work(wire: Wire, far: Far) -> None:
        for _ in range(2):
            request = httpx.Request("GET", far.url, extensions={"timeout": WAITS})
            response = await wire.handle_async_request(request)
            sizes = [len(part) async for part in response.aiter_raw()]
            assert sum(sizes) == len(LONG)
            assert max(sizes) < len(LONG)

    far = played(answers(LONG_HEAD + LONG, LONG_HEAD + LONG), work, tls=tls, trusted=True, connections=1)
    assert len(far.lines) == 1


def test_a_long_answer_that_breaks_off_is_none_and_the_next_request_goes_on() -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        if len(far.requests) == 1:
            await line.say(LONG_HEAD + LONG[:-1])
            await line.close()
        await line.say(OK)

    async def work(wire: Wire, far: Far) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await ask(wire, far.url)
        assert (await ask(wire, far.url)).text == "ok"

    played(play, work, connections=1)


def test_a_long_answer_that_nobody_wants_to_the_end_frees_its_place() -> None:
    async def play(far: Far, line: Line) -> None:
        await line.request()
        await line.say(LONG_HEAD + LONG if len(far.requests) == 1 else OK)

    async def work(wire: Wire, far: Far) -> None:
        request = httpx.Request("GET", far.url, extensions={"timeout": WAITS})
        response = await wire.handle_async_request(request)
        await response.aclose()
        assert (await ask(wire, far.url)).text == "ok"

    played(play, work, connections=1)


def test_the_parser_is_loaded_by_who_asks_somebody_alone() -> None:
    told = "import sys, pqldesk.services.net; sys.exit('httptools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
