"""Pulling sources, several beside each other, one runner in a workspace; what stops it in the midst loses nothing."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pqldesk.services.basics import clock
from pqldesk.services.basics.bugs import keep_bug
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.beside import sharing
from pqldesk.services.crm.connections import pulled_by
from pqldesk.services.net import Net
from pqldesk.services.remote.problems import Held, RateLimited, Refused, RemoteProblem
from pqldesk.services.sync.state import (
    asked_to_stop,
    cursor_of,
    due_sources,
    named_sources,
    note_begun,
    note_failed,
    note_stopped,
    note_whole,
    setup_of,
)
from pqldesk.services.sync.storing import Storing
from pqldesk.services.workspaces.runner_lock import SYNC, AlreadyRunning, the_only

BESIDE: Final = 4  # sources at a time
LOOK_S: Final = 0.3  # how often it is asked whether somebody wants a run to stop
WATCH_S: Final = 1.0  # between two looks at what is due


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source. *state*: ok, failed, stopped. *next_at*: when it is pulled again by itself."""

    source: str
    state: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    duplicates: int = 0
    set_aside: int = 0
    refused: int = 0
    pages: int = 0
    problem: str | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a run did, source by source."""

    outcomes: tuple[Outcome, ...]
    changes: Changes = field(default_factory=lambda: Changes.to(Topic.SOURCES))


async def sync(net: Net, names: Sequence[str] = ()) -> Synced:
    """Pull those sources, or all, now. One that fails does not keep the others back.

    Raises AlreadyRunning when another process is at it. May be cancelled at any time.
    """
    sources = await net.read(named_sources, names)
    async with the_only(net, SYNC), sharing(net):
        return Synced(tuple(await _all(net, sources)))


async def watch(net: Net, heard: Callable[[Outcome], object], waits: Callable[[str], object]) -> None:
    """Pull whatever falls due, until cancelled. *heard* is told of each source, *waits* when another is at it.

    While nothing is due nobody holds the lock, so a run asked for by hand and a second watcher get their turn;
    a watcher that finds another at work steps back and looks again, and goes on when that one has ended or died.
    """
    told = ""
    while True:
        due = await net.read(due_sources, clock.now())
        if due:
            try:
                async with the_only(net, SYNC), sharing(net):
                    for outcome in await _all(net, await net.read(due_sources, clock.now())):
                        heard(outcome)
                told = ""
            except AlreadyRunning as other:
                if str(other) != told:
                    told = str(other)
                    waits(told)
        await asyncio.sleep(WATCH_S)


async def _all(net: Net, sources: Sequence[str]) -> list[Outcome]:
    """Every source in a task of its own; those that somebody stops end, the others go on."""
    turns = asyncio.Semaphore(BESIDE)
    tasks = {name: asyncio.create_task(_in_turn(turns, net, name)) for name in sources}
    looking = asyncio.create_task(_stop_when_asked(net, tasks))
    try:
        if tasks:
            await asyncio.wait(tasks.values())
    finally:
        looking.cancel()
        for task in tasks.values():
            task.cancel()
        ended = await asyncio.gather(*tasks.values(), return_exceptions=True)
    outcomes = []
    for name, end in zip(tasks, ended, strict=True):
        if isinstance(end, Outcome):
            outcomes.append(end)
        elif isinstance(end, asyncio.CancelledError):
            outcomes.append(Outcome(name, "stopped"))
        else:
            raise end
    return outcomes


async def _in_turn(turns: asyncio.Semaphore, net: Net, source: str) -> Outcome:
    async with turns:
        return await _pulled(net, source)


async def _stop_when_asked(net: Net, tasks: dict[str, "asyncio.Task[Outcome]"]) -> None:
    told: set[str] = set()  # once each: a second time would break into what it does to end
    while True:
        await asyncio.sleep(LOOK_S)
        for name in await net.read(asked_to_stop):
            if name in tasks and name not in told:
                told.add(name)
                tasks[name].cancel()


async def _pulled(net: Net, source: str) -> Outcome:
    """One source from its cursor to its end. A Problem is its outcome, and so is an answer that nobody foresaw: the
    other sources and the watcher go on."""
    began = clock.now()
    await net.write(note_begun, source, began)
    storing = Storing(net, source)
    done = Outcome(source, "ok")
    try:
        setup = await net.read(setup_of, source, began)
        puller = pulled_by(source).open(setup)
        await storing.derive()  # what a killed run has left
        async with aclosing(puller.pages(net, await net.read(cursor_of, source))) as pages:  # type: ignore[type-var]
            async for page in pages:
                await storing.keep(page)
                net.report(
                    Progress(storing.counts.rows, f"{setup.title}: {page.saying or storing.counts.rows}")
                )
        await storing.finish()
        noted = await net.write(note_whole, source, began, clock.now())
        done = replace(done, next_at=noted.next_at)
    except asyncio.CancelledError:
        # Awaited, so that whoever hears of the end finds it noted; a second cancellation ends only the waiting.
        await asyncio.shield(asyncio.wrap_future(net.db.write(note_stopped, source, clock.now())))
        raise
    except Problem as problem:
        done = await _failed(net, done, problem)
    except Exception as cause:  # noqa: BLE001 - one source that fails must not end the others
        keep_bug(cause)
        done = await _failed(net, done, _unforeseen(source, cause))
    counts = storing.counts
    return replace(
        done, rows=counts.rows, created=counts.created, updated=counts.updated, duplicates=counts.duplicates,
        set_aside=counts.set_aside, refused=counts.refused, pages=counts.pages,
    )  # fmt: skip


async def _failed(net: Net, done: Outcome, problem: Problem) -> Outcome:
    wait_s = problem.retry_after_s if isinstance(problem, RateLimited) else 0.0
    noted = await net.write(
        note_failed, done.source, problem.what, clock.now(), wait_s=wait_s, needs_you=_needs_a_person(problem)
    )
    return replace(done, state="failed", problem=str(problem), next_at=noted.next_at)


def _unforeseen(source: str, cause: Exception) -> RemoteProblem:
    return RemoteProblem(
        _("{title} answered with something that cannot be read ({cause}).").format(
            title=title_of(source), cause=type(cause).__name__
        ),
        _("PQLDesk tries again by itself; the log of bugs has the details."),
    )


def _needs_a_person(problem: Problem) -> bool:
    """Whether trying again by itself will not help."""
    return isinstance(problem, Held | Refused) or not isinstance(problem, RemoteProblem)
