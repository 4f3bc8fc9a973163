"""Who is delivering right now. One at a time in a workspace, whatever process; a dead one does not block.

The times here are the real clock's, never a pinned one: they tell whether another process is alive.
"""

import os
import socket
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from pqldesk.models.settings import Runner
from pqldesk.services.changes import Changes
from pqldesk.services.clock import iso
from pqldesk.services.problems import NotAllowed

HEARTBEAT_S = 5.0
DEAD_AFTER = timedelta(seconds=30)  # of a holder on another machine, or one that hangs
OUTBOX = "outbox"


class AlreadyRunning(NotAllowed):
    """Somebody else is at it."""


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
        process, _, host = row.holder.partition("/")[0].partition("@")
        raise AlreadyRunning(
            f"Process {process} on {host} has been delivering since {iso(row.since.replace(microsecond=0))}.",
            "Wait until it is done.",
        )
    row.holder, row.since, row.heartbeat_at = holder, now, now
    return Changes()


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


def _is_alive(row: Runner, now: datetime) -> bool:
    process, _, host = row.holder.partition("/")[0].partition("@")
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
