"""One connection, one budget and one circuit, whoever asks over it; parts of the budget for several processes."""

import asyncio

import httpx
import pytest
from skipping_time import SkippingLoop

from pqldesk.services.remote.connector import Opening, ask_beside
from pqldesk.services.remote.pace import MOST_LOST, REST_S, Budget, Pace
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


def test_a_budget_is_parted_among_the_processes_that_ask_there() -> None:
    async def go() -> list[list[int]]:
        async with http_client(httpx.MockTransport(lambda request: httpx.Response(200))) as client:
            here, there = (Opening(client, url, {}, {}).budget((6.0, 3.0)) for url in (URL, f"{URL}.tld"))
            here.pace("searches", 4.0)
            found = []
            for others in ({}, {URL: 2}, {}):
                ask_beside(client, others)
                later = Opening(client, URL, {}, {"rate": "9/9"}).budget((6.0, 3.0))
                paces = (here.reads, here.writes, here.pace("searches", 4.0), later.reads, there.reads)
                found.append([pace.askers for pace in paces])
            return found

    assert asyncio.run(go()) == [[1, 1, 1, 1, 1], [3, 3, 3, 3, 1], [1, 1, 1, 1, 1]]


def test_two_that_share_a_pace_start_as_many_requests_as_one_alone() -> None:
    async def started(askers: int) -> int:
        pace, loop, count = Pace(6.0, askers), asyncio.get_running_loop(), 0
        end = loop.time() + 100
        while True:
            await pace.turn()
            if loop.time() >= end:
                return count
            count += 1

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        alone, part = runner.run(started(1)), runner.run(started(2))
    assert alone == pytest.approx(600, abs=3)
    assert 2 * part == pytest.approx(alone, abs=6)


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
