"""One connection, one budget and one circuit, whoever asks over it."""

import asyncio

import httpx
import pytest

from pqldesk.services.remote.connector import Opening
from pqldesk.services.remote.pace import MOST_LOST, REST_S, Budget
from pqldesk.services.remote.problems import Ambiguous, Refused, Unreachable
from pqldesk.services.remote.rest import Answer, Rest, http_client

URL = "https://crm.example"


def refused(answer: Answer) -> Refused:
    return Refused(f"refused {answer.status}")


def test_a_pull_and_the_outbox_over_one_client_share_the_budget_of_a_connection() -> None:
    async def go() -> tuple[Budget, ...]:
        transport = httpx.MockTransport(lambda request: httpx.Response(200))
        async with http_client(transport) as one, http_client(transport) as another:
            return (
                Opening(one, URL, {}, {}).budget((6.0, 3.0)),
                Opening(one, URL, {"token": "same"}, {}).budget((6.0, 3.0)),
                Opening(one, URL, {}, {"rate": "9/9"}).budget((6.0, 3.0)),
                Opening(one, "https://other.example", {}, {}).budget((6.0, 3.0)),
                Opening(another, URL, {}, {}).budget((6.0, 3.0)),
            )

    first, second, *others = asyncio.run(go())
    assert first is second
    assert all(other is not first for other in others)
    assert first.pace("searches", 4.0) is second.pace("searches", 4.0)


def test_after_losses_in_a_row_nobody_asks_any_more_and_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    is_down = True

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(1)
        return httpx.Response(503 if is_down else 200, json={})

    async def go() -> None:
        nonlocal is_down
        now = asyncio.get_running_loop().time
        ahead = 0.0
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now() + ahead)
        async with http_client(httpx.MockTransport(handle)) as client:
            budget = Opening(client, URL, {}, {"rate": "off"}).budget((6.0, 3.0))
            outbox, pull = (Rest(client, "Attio", URL, {}, refused, budget) for _ in range(2))
            for _ in range(MOST_LOST):
                with pytest.raises(Ambiguous):
                    await outbox.write("POST", "/x")
            with pytest.raises(Unreachable, match="left alone for a moment: Attio answered 503"):
                await pull.read("GET", "/x")
            assert len(asked) == MOST_LOST
            ahead += REST_S + 1
            with pytest.raises(Ambiguous):  # one request finds out, the others still wait
                await outbox.write("POST", "/x")
            with pytest.raises(Unreachable):
                await outbox.write("POST", "/x")
            is_down = False
            ahead += REST_S + 1
            assert await pull.read("GET", "/x") == {}
            assert await outbox.write("POST", "/x") == {}

    asyncio.run(go())
    assert len(asked) == MOST_LOST + 3


def test_a_refusal_between_shows_that_the_system_is_there() -> None:
    statuses = iter([503] * (MOST_LOST - 1) + [404] + [503] * (MOST_LOST - 1) + [200])

    async def go() -> object:
        handler = httpx.MockTransport(lambda request: httpx.Response(next(statuses), json={}))
        async with http_client(handler) as client:
            rest = Rest(
                client, "Attio", URL, {}, refused, Opening(client, URL, {}, {"rate": "off"}).budget((1, 1))
            )
            for _ in range(2 * MOST_LOST - 1):
                with pytest.raises((Ambiguous, Refused)):
                    await rest.write("POST", "/x")
            return await rest.write("POST", "/x")

    assert asyncio.run(go()) == {}
