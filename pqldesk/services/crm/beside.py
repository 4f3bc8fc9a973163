"""Other processes that ask the same systems: each keeps to its part of what a system allows, so that together they ask
no more than one alone.

The window delivers while a process of its own pulls, and a command may do either beside it. Who is at it is told by the
runners' locks; a budget kept in the workspace would be a write for each request.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import Connection, OutboxItem, SyncState
from pqldesk.services.net import Net
from pqldesk.services.remote.connector import ask_beside
from pqldesk.services.workspaces.runner_lock import OUTBOX, SYNC, held_elsewhere

# Who comes second takes its part at once; until the first one has looked again they ask a half too much at most, which
# the fifth that budgets leave free has room for.
LOOK_S: Final = 2.0


@asynccontextmanager
async def sharing(net: Net) -> AsyncIterator[None]:
    """While the block runs, what *net* asks of a system is a part of its budget as long as others ask there too."""
    ask_beside(net.http, await net.read(asked_elsewhere))
    looking = asyncio.create_task(_keep_looking(net))
    try:
        yield
    finally:
        looking.cancel()
        ask_beside(net.http, {})


async def _keep_looking(net: Net) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            ask_beside(net.http, await net.read(asked_elsewhere))
        except Exception:  # noqa: BLE001, S112 - whatever it is, those who work here tell of it; the last look counts
            continue


def asked_elsewhere(session: Session) -> Mapping[str, int]:
    """The addresses that other processes write to or pull from at this moment, and how many of them do."""
    systems: Counter[str] = Counter()
    if held_elsewhere(session, OUTBOX):
        sending = select(OutboxItem.system).where(OutboxItem.state == "sending").distinct()
        systems.update(session.scalars(sending))
    if held_elsewhere(session, SYNC):
        systems.update(session.scalars(select(SyncState.source).where(SyncState.started_at.is_not(None))))
    if not systems:
        return {}
    rows = session.execute(select(Connection.system, Connection.url).where(Connection.system.in_(systems)))
    asked: Counter[str] = Counter()
    for system, url in rows:
        asked[url] += systems[system]
    return asked
