"""What network work may use: the network, the database, a way to report progress.

Imports and other commands name it and ask nobody: httpx is loaded by who does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.services.basics.progress import Progress

if TYPE_CHECKING:
    from pqldesk.services.remote.rest import httpx

P = ParamSpec("P")
T = TypeVar("T")


def _unheard(progress: Progress) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Net:
    """Handed to every coroutine of the network thread; each *write* is all of a step or none of it."""

    db: Database
    http: httpx.AsyncClient
    report: Callable[[Progress], None] = _unheard

    async def write(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await asyncio.wrap_future(self.db.write(command, *args, **kwargs))

    async def write_bulk(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await asyncio.wrap_future(self.db.write_bulk(command, *args, **kwargs))

    async def read(
        self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await asyncio.wrap_future(self.db.read(query, *args, **kwargs))


def run_network(
    db: Database,
    work: Callable[Concatenate[Net, P], Awaitable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run network work to its end from where there is no network thread: the command line, tests."""
    return run_reporting(db, _unheard, work, *args, **kwargs)


def run_reporting(
    db: Database,
    report: Callable[[Progress], None],
    work: Callable[Concatenate[Net, P], Awaitable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The same, with progress."""
    from pqldesk.services.remote.rest import http_client

    async def run() -> T:
        async with http_client() as http:
            return await work(Net(db, http, report), *args, **kwargs)

    return asyncio.run(run())
