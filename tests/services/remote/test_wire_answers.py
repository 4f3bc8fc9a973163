"""Answers of every kind over real connections, short and long."""

import asyncio
import gzip
import subprocess
import sys
from typing import Any

import httpx
import pytest
from far import OK, WAITS, Far, Line, answers, ask, played

from pqldesk.services.remote.line import GATHERED_BYTES
from pqldesk.services.remote.wire import Wire


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
