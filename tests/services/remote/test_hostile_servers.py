"""Servers that are not who they say, or send elsewhere: no credential reaches them."""

import asyncio
import socket
import ssl
import threading
from pathlib import Path

import httpx
import pytest

from pqldesk.services.remote.pace import UNBOUNDED, Budget
from pqldesk.services.remote.problems import Held, Refused, RemoteProblem
from pqldesk.services.remote.rest import Answer, Rest, http_client

KEY = {"Authorization": "Bearer canary-of-this-test"}
# Made for this test: nobody vouches for it. Its key is no secret.
CERTIFICATE = Path(__file__).parents[2] / "data/nobodys_certificate.pem"


def explain(answer: Answer) -> Refused:
    return Refused(f"refused {answer.status}")


async def asked(client: httpx.AsyncClient, url: str) -> object:
    async with client:
        rest = Rest(client, "Attio", url, KEY, explain, Budget(UNBOUNDED, UNBOUNDED), patience_s=0.1)
        return await rest.write("POST", "/v2/x", body={"a": 1})


def test_a_server_that_nobody_vouches_for_is_told_nothing() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            taken, _ = listening.accept()
            with taken:
                try:
                    with context.wrap_socket(taken, server_side=True) as secure:
                        heard.append(secure.recv(1_000))
                except OSError:  # the other side broke the handshake off
                    heard.append(b"")

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(RemoteProblem) as told:
            asyncio.run(asked(http_client(), f"https://localhost:{port}"))
        thread.join()
    assert heard == [b""]
    assert "canary" not in str(told.value)


def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    def send_elsewhere(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://evil.example/v2/x"})

    with pytest.raises(Held, match=r"Attio sends requests on to https://evil\.example/v2/x, where no key"):
        asyncio.run(asked(http_client(httpx.MockTransport(send_elsewhere)), "https://crm.example"))
    assert seen == ["crm.example"]
