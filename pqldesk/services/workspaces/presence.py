"""Which windows have a workspace open, so that other processes keep their transactions short beside them.

Only the holder's process is looked at, so nothing has to be written while a window stands idle.
"""

import os
import socket
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.models.settings import Runner
from pqldesk.services.workspaces.runner_lock import process_exists, this_process

_WINDOW = "window "  # begins the name of a runner that is a window
# Of the system's own priorities: a tenth of a core that a window wants too, all of one it does not
_BEHIND: Final = 10


def arrive(db: Database) -> None:
    """Say that a window has the workspace open, until *db* is closed or the process ends."""
    token = uuid4().hex
    db.write(_enter, token)
    db.before_close(lambda: db.write(_leave, token))


def window_is_open(session: Session) -> bool:
    """Whether a window, also one of this process, has the workspace open."""
    return any(map(_lives, _windows(session)))


def _windows(session: Session) -> list[str]:
    rows = Driver(session).rows("SELECT holder FROM runner WHERE name LIKE ?", (f"{_WINDOW}%",))
    return [holder for (holder,) in rows]


def give_way(db: Database) -> None:
    """Let the window that another process of this machine has open on the workspace go first where this one computes.

    That stays so until this process ends. Where the system has no such priorities nothing is done.
    """
    if sys.platform == "win32" or not db.read(_another_window).result():
        return
    # On Linux each thread has a priority, which the threads it starts take over; elsewhere it is the process.
    threads = [thread.native_id for thread in threading.enumerate()] if sys.platform == "linux" else [0]
    for thread in threads:
        with suppress(OSError):  # it has just ended
            if os.getpriority(os.PRIO_PROCESS, thread or 0) < _BEHIND:
                os.setpriority(os.PRIO_PROCESS, thread or 0, _BEHIND)


def _another_window(session: Session) -> bool:
    own, here = str(os.getpid()), socket.gethostname()
    others = [holder for holder in _windows(session) if _process(holder)[0] != own]
    return any(_process(holder)[1] == here and _lives(holder) for holder in others)


def _enter(session: Session, token: str) -> None:
    for row in session.scalars(select(Runner).where(Runner.name.startswith(_WINDOW))):
        if not _lives(row.holder):
            session.delete(row)
    now = datetime.now(UTC)
    session.add(Runner(name=_WINDOW + token, holder=this_process(token), since=now, heartbeat_at=now))


def _leave(session: Session, token: str) -> None:
    session.execute(delete(Runner).where(Runner.name == _WINDOW + token))


def _lives(holder: str) -> bool:
    """A process of another machine, or of a system that cannot be asked, counts as alive."""
    process, host = _process(holder)
    if os.name != "posix" or host != socket.gethostname() or not process.isdigit():
        return True
    return process_exists(int(process))


def _process(holder: str) -> tuple[str, str]:
    process, _, host = holder.partition("/")[0].partition("@")
    return process, host
