"""When the intake derives, and who waits for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from pqldesk.services.events.deriving import FEWEST
from pqldesk.services.intake.backlog import Backlog


def run(work: Coroutine[Any, Any, None]) -> None:
    async def within_a_minute() -> None:
        async with asyncio.timeout(60):
            await work

    asyncio.run(within_a_minute())


async def settled() -> None:
    """Let what can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_sender_that_is_faster_than_deriving_waits_until_there_is_room():
    async def work() -> None:
        backlog = Backlog()
        backlog.derived(500, 1.0, is_more=False)  # what 0.6 s derive at about that rate may wait
        limit = int(backlog.limit)
        await backlog.admit(limit)
        backlog.kept(limit)
        first, second = asyncio.ensure_future(backlog.admit(10)), asyncio.ensure_future(backlog.admit(limit))
        third = asyncio.ensure_future(backlog.admit(1))
        await settled()
        assert not first.done()
        assert backlog.items == limit
        backlog.derived(1, 0.0, is_more=True)
        await settled()
        assert (first.done(), second.done()) == (True, False)
        backlog.kept(10)
        backlog.derived(limit, 1.0, is_more=True)
        await settled()
        assert (second.done(), third.done()) == (True, False)  # in the order in which they came
        backlog.end()
        await third

    run(work())


def test_few_events_wait_for_others_and_many_or_urgent_ones_do_not():
    async def work() -> None:
        backlog = Backlog(now=lambda: 0.0)  # as if no time went by
        await backlog.admit(1)
        backlog.kept(1)
        waiting = asyncio.ensure_future(backlog.gathered())
        await settled()
        assert not waiting.done()
        backlog.add(1)
        backlog.kept(1, urgent=True)
        await waiting
        backlog.derived(2, 1.0, is_more=False)
        await backlog.admit(FEWEST)
        backlog.kept(FEWEST)
        await backlog.gathered()

    run(work())


def test_what_another_process_derived_holds_nobody_up():
    async def work() -> None:
        backlog = Backlog()
        backlog.left(100_000)
        waiting = asyncio.ensure_future(backlog.admit(10))
        await settled()
        assert not waiting.done()
        backlog.derived(5, 1.0, is_more=False)  # there is nothing left, whoever has derived it
        await waiting
        assert backlog.items == 10

    run(work())


def test_what_could_not_be_kept_makes_room():
    async def work() -> None:
        backlog = Backlog()
        some = int(backlog.limit)
        await backlog.admit(some)
        waiting = asyncio.ensure_future(backlog.admit(10))
        await settled()
        assert not waiting.done()
        backlog.dropped(some)
        await waiting
        assert backlog.items == 10

    run(work())
