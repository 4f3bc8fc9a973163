"""Which windows have a workspace open, so that other processes keep their transactions short beside them.

Only the holder's process is looked at, so nothing has to be written while a window stands idle.
"""

import os
import socket
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database, Driver
from pqldesk.models.settings import Runner
from pqldesk.services.workspaces.runner_lock import process_exists, this_process

_WINDOW = "window "  # begins the name of a runner that is a window


def arrive(db: Database) -> None:
    """Say that a window has the workspace open, until *db* is closed or the process ends."""
    token = uuid4().hex
    db.write(_enter, token)
    db.before_close(lambda: db.write(_leave, token))


def window_is_open(session: Session) -> bool:
    """Whether a window, also one of this process, has the workspace open."""
    windows = Driver(session).rows("SELECT holder FROM runner WHERE name LIKE ?", (f"{_WINDOW}%",))
    return any(_lives(holder) for (holder,) in windows)


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
    process, _, host = holder.partition("/")[0].partition("@")
    if os.name != "posix" or host != socket.gethostname() or not process.isdigit():
        return True
    return process_exists(int(process))
