"""Serving a double on loopback: port, startup line, orderly end, and sockets that can be torn down mid-request."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pqldesk.sandbox.double import Double

GRACE_S = 0.5


def serve(double: Double, port: int) -> None:
    """Serve *double* on 127.0.0.1 until SIGTERM or SIGINT; OSError if the port is taken."""
    _Server(_config(double)).run(sockets=[_listener(port)])


@asynccontextmanager
async def serving(double: Double) -> AsyncIterator[str]:
    """Serve *double* on the running loop, so that it lives in that loop's time; its address."""
    listener, config = _listener(0), _config(double)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield "http://{}:{}".format(*listener.getsockname())
    finally:
        server.force_exit = True
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await server.shutdown(sockets=[listener])


def _listener(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=256)


def _config(double: Double) -> uvicorn.Config:
    return uvicorn.Config(
        double,
        http=_protocol_for(double),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,  # the double's own clock writes it, so that skewed clocks can be tried
        server_header=False,
        timeout_keep_alive=75,
    )


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or self.servers[0].sockets)[0].getsockname()[:2]
        print(json.dumps({"listening": f"http://{host}:{port}"}, separators=(",", ":")), flush=True)

    def handle_exit(self, sig: int, frame: Any) -> None:
        # uvicorn raises the signal again after an orderly end, which would make the exit code -15
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(GRACE_S, self._cut_off)
        await super().shutdown(sockets)

    def _cut_off(self) -> None:
        self.force_exit = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _protocol_for(double: Double) -> type[asyncio.Protocol]:
    class Protocol(HttpToolsProtocol):
        """Tells the double which transport belongs to which peer, so that it can drop a connection unanswered."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            # asyncio does this only for listeners made with proto=TCP; without it every answer waits 40 ms for an ACK
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.client is not None:
                double.connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                double.connections.pop(self.client, None)
            super().connection_lost(exc)

    return Protocol
