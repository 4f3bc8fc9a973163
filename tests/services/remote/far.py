"""A system on this machine that does on each connection what a test says, and who asks it over the wire."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

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
