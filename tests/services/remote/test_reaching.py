"""Which of a host's addresses is taken, and what is said where none answers."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from pqldesk.services.remote import reaching
from pqldesk.services.remote.reaching import HEAD_START_S, reach


@pytest.fixture
def here() -> Iterator[int]:
    """The port of a listener on 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _refusing(port: int) -> tuple[str, int]:
    return "127.0.0.2", port  # nobody listens on this one


def _resolved(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    async def answer(self: object, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)


async def _reached(seconds: list[float]) -> tuple[str, int]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    with await reach("crm.example", 1) as sock:
        seconds.append(loop.time() - began)
        return sock.getpeername()


def test_an_address_that_refuses_costs_no_wait(monkeypatch: pytest.MonkeyPatch, here: int) -> None:
    monkeypatch.setattr(reaching, "HEAD_START_S", 60.0)
    _resolved(monkeypatch, _refusing(here), ("127.0.0.1", here))
    seconds: list[float] = []
    assert asyncio.run(_reached(seconds)) == ("127.0.0.1", here)
    assert seconds[0] < 60


def test_an_address_that_says_nothing_costs_one_head_start(
    monkeypatch: pytest.MonkeyPatch, here: int
) -> None:
    connect = asyncio.SelectorEventLoop.sock_connect

    async def silent(self: asyncio.SelectorEventLoop, sock: socket.socket, address: tuple[str, int]) -> None:
        if address[0] == "192.0.2.1":
            await asyncio.Event().wait()
        await connect(self, sock, address)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", silent)
    _resolved(monkeypatch, ("192.0.2.1", 443), ("127.0.0.1", here))
    seconds: list[float] = []
    assert asyncio.run(_reached(seconds)) == ("127.0.0.1", here)
    assert seconds[0] >= HEAD_START_S * 0.9


def test_families_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch, here: int) -> None:
    tried: list[str] = []
    connect = asyncio.SelectorEventLoop.sock_connect

    async def noted(self: asyncio.SelectorEventLoop, sock: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        await connect(self, sock, address)

    async def answer(self: object, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        sixes = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (f"::1:{n}", 9)) for n in (1, 2)]
        fours = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", _refusing(here))]
        return [*sixes, *fours, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", here))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", noted)
    assert asyncio.run(_reached([])) == ("127.0.0.1", here)
    assert tried == ["::1:1", "127.0.0.2", "::1:2", "127.0.0.1"]


def test_where_no_address_answers_the_first_refusal_is_told(
    monkeypatch: pytest.MonkeyPatch, here: int
) -> None:
    _resolved(monkeypatch, _refusing(here), ("127.0.0.3", here))
    with pytest.raises(ConnectionRefusedError, match=r"127\.0\.0\.2"):
        asyncio.run(_reached([]))
    _resolved(monkeypatch)
    with pytest.raises(OSError, match=r"crm\.example has no address"):
        asyncio.run(_reached([]))
