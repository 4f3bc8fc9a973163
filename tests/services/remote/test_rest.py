"""Asking another system: waiting, trying again, and what each failure is called."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.remote.pace import UNBOUNDED, Budget, Pace, is_loopback
from pqldesk.services.remote.problems import Ambiguous, RateLimited, Refused, Unreachable
from pqldesk.services.remote.rest import Answer, Rest, http_client, retry_after_s, timeout_s

Handler = Callable[[httpx.Request], httpx.Response]


def ask(handler: Handler, *, write: bool = False, patience_s: float = 60.0) -> object:
    def explain(answer: Answer) -> Refused:
        return Refused(f"refused {answer.status}")

    async def go() -> object:
        async with http_client(httpx.MockTransport(handler)) as client:
            budget = Budget(UNBOUNDED, UNBOUNDED)
            rest = Rest(client, "Attio", "https://crm.example", {}, explain, budget, patience_s=patience_s)
            return await (rest.write if write else rest.read)("POST", "/v2/x", body={"a": 1})

    return asyncio.run(go())


def answering(*answers: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    left: Iterator[httpx.Response | Exception] = iter(answers)
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handle, seen


OK = httpx.Response(200, json={"ok": True})


def test_a_read_whose_answer_was_lost_is_asked_again_and_a_write_is_not() -> None:
    handle, seen = answering(
        httpx.Response(502, html="<h1>Bad Gateway</h1>"), httpx.RemoteProtocolError("gone"), OK
    )
    assert ask(handle) == {"ok": True}
    assert len(seen) == 3
    handle, seen = answering(httpx.Response(502, html="<h1>Bad Gateway</h1>"), OK)
    with pytest.raises(Ambiguous, match="Attio answered 502"):
        ask(handle, write=True)
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable),
        (httpx.ReadTimeout("slow"), Ambiguous),
        (httpx.WriteTimeout("slow"), Ambiguous),
        (httpx.ReadError("reset"), Ambiguous),
        (httpx.RemoteProtocolError("cut"), Ambiguous),
        (httpx.Response(500), Ambiguous),
        (httpx.Response(408), Ambiguous),
        (httpx.Response(422), Refused),
    ],
)
def test_every_failure_of_a_write_is_named_by_whether_it_may_have_arrived(
    failure: httpx.Response | Exception, kind: type[Exception]
) -> None:
    handle, _seen = answering(failure)
    with pytest.raises(kind) as caught:
        ask(handle, write=True)
    assert caught.type is kind


def test_a_429_is_waited_out_for_writes_too_because_nothing_was_done() -> None:
    handle, seen = answering(httpx.Response(429, headers={"Retry-After": "1"}), OK)
    began = time.monotonic()
    assert ask(handle, write=True) == {"ok": True}
    assert time.monotonic() - began >= 1
    assert len(seen) == 2


def test_patience_with_429_ends_and_says_how_long_to_stay_away() -> None:
    handle, _seen = answering(httpx.Response(429, headers={"Retry-After": "30"}))
    with pytest.raises(RateLimited) as caught:
        ask(handle, write=True, patience_s=5)
    assert caught.value.retry_after_s == 30


def test_retry_after_is_read_against_the_servers_own_clock() -> None:
    server = datetime(2020, 1, 1, 12, 0, 0, tzinfo=UTC)  # six years slow

    def headers(seconds: int) -> dict[str, str]:
        until = format_datetime(server + timedelta(seconds=seconds), usegmt=True)
        return {"retry-after": until, "date": format_datetime(server, usegmt=True)}

    assert retry_after_s(headers(7)) == 7
    assert retry_after_s(headers(0)) == 1
    assert retry_after_s(headers(500)) == 60
    assert retry_after_s({"retry-after": "12"}) == 12
    assert retry_after_s({"retry-after": "soon"}) == 1
    assert retry_after_s({}) == 1


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "inf"])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PQLDESK_HTTP_TIMEOUT", text)
    with pytest.raises(BadInput, match="PQLDESK_HTTP_TIMEOUT"):
        timeout_s()


def test_the_timeout_is_10_seconds_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PQLDESK_HTTP_TIMEOUT", raising=False)
    assert timeout_s() == 10
    monkeypatch.setenv("PQLDESK_HTTP_TIMEOUT", "2.5")
    assert timeout_s() == 2.5


def test_the_budget_is_kept_evenly_and_nearly_used_up() -> None:
    async def starts(per_second: float, seconds: float) -> list[float]:
        pace, loop = Pace(per_second), asyncio.get_running_loop()
        end, found = loop.time() + seconds, []

        async def worker() -> None:
            while loop.time() < end:
                await pace.turn()
                found.append(loop.time())

        await asyncio.gather(*(worker() for _ in range(10)))
        return [at for at in found if at < end]

    times = asyncio.run(starts(100, 1.0))
    assert 97 <= len(times) <= 100 * 1.2 + 1
    busiest = max(sum(1 for at in times if begin <= at < begin + 0.2) for begin in times)
    assert busiest <= 100 * 0.2 * 2 + 2


def test_a_refusal_lowers_the_pace_to_what_was_let_through() -> None:
    async def learn() -> float:
        pace = Pace(100)
        for _ in range(30):
            pace.passed()
        pace.refused(0.01)
        return pace.per_second

    assert asyncio.run(learn()) == pytest.approx(50)  # never by more than half at once


def test_budgets_are_read_from_text_and_unlimited_only_for_this_machine() -> None:
    away, here = "https://api.attio.com", "http://127.0.0.1:8000"
    assert Budget.read(None, away, (80, 20)).writes.per_second == 20
    assert Budget.read(None, here, (80, 20)).writes.per_second == UNBOUNDED
    whole = Budget.read(None, away, 8.0)
    assert whole.reads is whole.writes
    assert whole.reads.per_second == 8
    assert Budget.read("60/10", here, (80, 20)).writes.per_second == 10
    assert Budget.read("off", away, (80, 20)).reads.per_second == UNBOUNDED
    with pytest.raises(ValueError, match="write it like 80/20"):
        Budget.read("fast", away, (80, 20))
    assert not is_loopback("https://attio.example")
