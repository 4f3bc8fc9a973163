"""HTTP/1.1 over kept connections, ten to each system, for an httpx client.

What goes wrong has a name that says whether the request may have arrived: ConnectError and ConnectTimeout where no
connection stood, so that nothing was sent; anything else may have. Nothing is ever sent a second time. A connection
that the system has closed in the meantime is not written to.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx

from pqldesk.services.remote.line import Answer, Connection
from pqldesk.services.remote.reaching import reach

CLOSING_S = 1.0  # for the orderly end of encrypted connections


class Wire(httpx.AsyncBaseTransport):
    """Connections to every system that is asked. One event loop only; redirects, cookies and proxies are not its."""

    def __init__(self, tls: ssl.SSLContext, connections: int) -> None:
        tls.set_alpn_protocols(["http/1.1"])
        self._tls = tls
        self._connections = connections
        self._systems: dict[tuple[bytes, bytes, int | None], _System] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; waits for one of the ten where all are in use."""
        data = _written(request, await request.aread())
        url = request.url
        key = url.raw_scheme, url.raw_host, url.port
        system = self._systems.get(key)
        if system is None:
            if url.scheme not in ("http", "https"):
                raise httpx.UnsupportedProtocol(f"Request URL has no http:// or https://: {url}")
            tls = self._tls if url.scheme == "https" else None
            port = url.port or (443 if tls else 80)
            system = self._systems[key] = _System(url.raw_host.decode("ascii"), port, tls, self._connections)
        waits = request.extensions.get("timeout", {})
        await system.free.acquire()
        try:
            connection = system.kept() or await system.connected(waits.get("connect"))
            answer = await connection.ask(
                data, request.method == "HEAD", waits.get("read"), waits.get("write")
            )
        except BaseException:
            system.free.release()
            raise
        stream: httpx.AsyncByteStream
        if answer.is_complete:
            system.give_back(connection)
            stream = httpx.ByteStream(b"".join(answer.parts))
        else:
            stream = _Stream(system, connection, answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=stream)

    async def aclose(self) -> None:
        """Close every connection."""
        open_ones = [connection for system in self._systems.values() for connection in system.all]
        for connection in open_ones:
            connection.close()
        closing = [connection.closed for connection in open_ones]
        if closing:
            _done, late = await asyncio.wait(closing, timeout=CLOSING_S)
            for connection in open_ones if late else ():
                connection.abort()
            if late:
                await asyncio.wait(late)


def _written(request: httpx.Request, body: bytes) -> bytes:
    """The request as it goes out. Raises LocalProtocolError for what would end a header early."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    chunked = False
    for name, value in request.headers.raw:
        if b"\r" in value or b"\n" in value or b"\0" in value:
            raise httpx.LocalProtocolError(f"Illegal value of header {name.decode('ascii', 'replace')}")
        lines.append(b"%b: %b" % (name, value))
        chunked = chunked or name.lower() == b"transfer-encoding"
    if chunked:  # a body that was given in parts
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    return b"%b\r\n\r\n%b" % (b"\r\n".join(lines), body)


class _System:
    """The connections to one system, and how many more may be in use."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, connections: int) -> None:
        self.free = asyncio.Semaphore(connections)
        self.all: set[Connection] = set()
        self._host = host
        self._port = port
        self._tls = tls
        self._idle: list[Connection] = []

    def kept(self) -> Connection | None:
        """The idle connection used last, if it can still be written to."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable():
                return connection
            connection.close()
        return None

    async def connected(self, timeout_s: float | None) -> Connection:
        """A new connection; ConnectError or ConnectTimeout where there is none."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                sock = await reach(self._host, self._port)
                _transport, connection = await loop.create_connection(
                    lambda: Connection(loop, self.all),
                    sock=sock,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
        except TimeoutError as cause:
            raise httpx.ConnectTimeout(str(cause)) from cause
        except (OSError, UnicodeError) as cause:  # also what TLS refuses; a name that is none
            raise httpx.ConnectError(str(cause)) from cause
        return connection

    def give_back(self, connection: Connection) -> None:
        """What was asked over it is over, one way or the other."""
        self.free.release()
        if connection.is_clean:
            self._idle.append(connection)
        else:
            connection.close()


class _Stream(httpx.AsyncByteStream):
    """The body of a long answer, as it comes in."""

    def __init__(self, system: _System, connection: Connection, answer: Answer) -> None:
        self._system = system
        self._connection = connection
        self._answer = answer
        self._is_open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while body := await self._connection.more(self._answer):
                yield body
        except BaseException:  # httpx does not close what has failed
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Free the connection; one that still has to tell something is closed."""
        if self._is_open:
            self._is_open = False
            self._connection.end(self._answer)
            self._system.give_back(self._connection)
