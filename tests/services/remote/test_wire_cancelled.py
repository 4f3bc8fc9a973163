"""A request that nobody waits for any more leaves no connection open."""

import asyncio
import gc
import ssl
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from far import CERTIFICATE

from pqldesk.services.remote.wire import Wire

MOST_TURNS = 40  # of the loop, from the request to its answer


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        """Who asked has gone: that is what happens here."""


@pytest.fixture(params=["http", "https"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _Answering) as server:
        if request.param == "https":
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(CERTIFICATE)
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"{request.param}://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


async def _asked(url: str) -> None:
    context = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with httpx.AsyncClient(transport=Wire(context, 10)) as client:
        await client.get(url)


async def _cancelled_after(turns: int, url: str, how: str) -> None:
    asked = asyncio.ensure_future(_asked(url))
    for _ in range(turns):
        await asyncio.sleep(0)
    if how == "by the end of the loop":
        return
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    if how == "and the loop goes on":
        await asyncio.sleep(0.01)  # what was connecting has connected


@pytest.mark.parametrize("how", ["and the loop goes on", "and the loop ends", "by the end of the loop"])
def test_a_request_cancelled_at_any_turn_of_the_loop_leaves_no_socket_open(url: str, how: str) -> None:
    gc.collect()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        for turns in range(MOST_TURNS):
            asyncio.run(_cancelled_after(turns, url, how))
        gc.collect()
    assert [str(one.message) for one in told if issubclass(one.category, ResourceWarning)] == []
