"""Who is delivering or syncing right now. One at a time in a workspace, whatever process; a dead one does not block.

The times here are the real clock's, never a pinned one: they tell whether another process is alive. On PostgreSQL a
lock of the server tells, which it lets go of within ten seconds when the holder dies, hangs or loses its network; the
row then only says who it is.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy.orm import Session

from pqldesk.models.runner_hold import PING_S, Hold, is_held
from pqldesk.models.settings import Runner
from pqldesk.services.basics.changes import Changes
from pqldesk.services.basics.clock import iso
from pqldesk.services.basics.problems import NotAllowed
from pqldesk.services.basics.texts import _

if TYPE_CHECKING:
    from pqldesk.models.db import Database
    from pqldesk.services.net import Net  # httpx: who only asks whether a process lives does without

HEARTBEAT_S = 5.0
DEAD_AFTER = timedelta(seconds=30)  # of a holder on another machine, or one that hangs
OUTBOX, SYNC = "outbox", "sync"
_DOING = {OUTBOX: "delivering", SYNC: "syncing"}


class AlreadyRunning(NotAllowed):
    """Somebody else is at it."""


@asynccontextmanager
async def the_only(net: "Net", name: str) -> AsyncIterator[None]:
    """Hold the lock of that name while the block runs. Raises AlreadyRunning when another process holds it.

    The block is cancelled when somebody else has taken over meanwhile, as after a sleep of this machine.
    """
    holder = this_process(uuid4().hex)
    hold = None
    if isinstance(net.db.place, Path):
        await net.write(take_lock, name, holder)
    else:
        hold = await asyncio.to_thread(_held, net.db, name)
        if hold is None:
            raise await net.read(_running, name)
    try:
        if hold is not None:
            await net.write(_sign, name, holder)
        beating = asyncio.create_task(_beat(net, name, holder, hold, asyncio.current_task()))
        try:
            yield
        finally:
            beating.cancel()
    finally:
        net.db.write(release_lock, name, holder)  # not awaited: it must happen when we are cancelled, too
        if hold is not None:
            await asyncio.to_thread(hold.close)


def _held(db: "Database", name: str) -> Hold | None:
    try:
        return Hold.take(str(db.place), name)
    except Exception as problem:
        raise db.explained(problem) from problem


async def _beat(
    net: "Net", name: str, holder: str, hold: Hold | None, run: "asyncio.Task[object] | None"
) -> None:
    if hold is None:
        await _heartbeat(net, name, holder, run)
        return
    while True:
        await asyncio.sleep(PING_S)
        try:
            await asyncio.to_thread(hold.ping)
        except Exception:  # noqa: BLE001 - whatever broke it, the lock is gone
            if run is not None:
                run.cancel(f"the lock is lost: {name}")
            return


async def _heartbeat(net: "Net", name: str, holder: str, run: "asyncio.Task[object] | None") -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        if not await net.write(keep_lock, name, holder) and run is not None:
            run.cancel(f"another process has taken over: {name}")
            return


def this_process(token: str) -> str:
    """How this process signs the lock: ``PID@HOST/TOKEN``."""
    return f"{os.getpid()}@{socket.gethostname()}/{token}"


def take_lock(session: Session, name: str, holder: str) -> Changes:
    """Become the runner. Raises AlreadyRunning naming the one that is."""
    now = datetime.now(UTC)
    row = session.get(Runner, name)
    if row is None:
        session.add(Runner(name=name, holder=holder, since=now, heartbeat_at=now))
        return Changes()
    if row.holder != holder and _is_alive(row, now):
        raise _running(session, name)
    row.holder, row.since, row.heartbeat_at = holder, now, now
    return Changes()


def _sign(session: Session, name: str, holder: str) -> Changes:
    """Say who holds the server's lock."""
    now = datetime.now(UTC)
    session.merge(Runner(name=name, holder=holder, since=now, heartbeat_at=now))
    return Changes()


def _running(session: Session, name: str) -> AlreadyRunning:
    """The sentence for those who come second."""
    row = session.get(Runner, name)
    if row is None:
        return AlreadyRunning(
            _("Another process is {doing}.").format(doing=_DOING[name]), _("Wait until it is done.")
        )
    process, _at, host = row.holder.partition("/")[0].partition("@")
    return AlreadyRunning(
        _("Process {process} on {host} has been {doing} since {since}.").format(
            process=process, host=host, doing=_DOING[name], since=iso(row.since.replace(microsecond=0))
        ),
        _("Wait until it is done."),
    )


def keep_lock(session: Session, name: str, holder: str) -> bool:
    """Say that we are alive; False when somebody else has taken over."""
    row = session.get(Runner, name)
    if row is None or row.holder != holder:
        return False
    row.heartbeat_at = datetime.now(UTC)
    return True


def release_lock(session: Session, name: str, holder: str) -> Changes:
    """Let others run."""
    row = session.get(Runner, name)
    if row is not None and row.holder == holder:
        session.delete(row)
    return Changes()


def is_running(session: Session, name: str) -> bool:
    """Whether that lock is held by somebody who is at it."""
    if session.get_bind().dialect.name != "sqlite":
        return is_held(session, name)
    row = session.get(Runner, name)
    return row is not None and _is_alive(row, datetime.now(UTC))


def held_elsewhere(session: Session, name: str) -> bool:
    """Whether another process than this one is at it."""
    row = session.get(Runner, name)
    return row is not None and not row.holder.startswith(this_process("")) and is_running(session, name)


def _is_alive(row: Runner, now: datetime) -> bool:
    process, _at, host = row.holder.partition("/")[0].partition("@")
    fresh = abs(now - row.heartbeat_at) < DEAD_AFTER
    if host == socket.gethostname() and process.isdigit() and os.name == "posix":
        return fresh and process_exists(int(process))
    return fresh


def process_exists(process: int) -> bool:
    """Whether a process of this machine runs; POSIX only."""
    try:
        os.kill(process, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """A killed child that nobody has waited for still has its number."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
