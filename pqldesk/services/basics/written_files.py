"""Files that PQLDesk wrote: erasing a person must find them."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pqldesk.models.settings import WrittenFile
from pqldesk.services.basics.changes import Changes

PRINT = "print"  # followed by the ids of the leads on it
BACKUP = "backup"  # a copy of the workspace, which erasing rewrites; what is of another kind it deletes


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written once, by this computer or another."""

    path: Path
    kind: str
    is_ours: bool
    machine: str
    login: str

    @property
    def leads(self) -> frozenset[str]:
        """The ids of the leads that a print shows; none where it is no print."""
        kind, *leads = self.kind.split()
        return frozenset(leads if kind == PRINT else ())


def note_written(session: Session, path: Path, kind: str, at: datetime) -> Changes:
    """Remember that *path* holds people's data."""
    file = WrittenFile(path=str(path), kind=kind, at=at, machine=socket.gethostname(), login=_login(session))
    session.add(file)
    return Changes()


def note_print(session: Session, path: Path, leads: Iterable[str], at: datetime) -> Changes:
    """Remember that these leads were printed into the file *path*: nobody can look into it for a name."""
    return note_written(session, path, " ".join([PRINT, *leads]), at)


def written_files(session: Session) -> list[Written]:
    """Every file that was written, by path. *is_ours*: on this computer, by whoever is connected.

    Only those may be touched: another computer's path names another file here, and in a team workspace a teammate's
    program can note whatever it likes. A workspace file is one person's, and earlier programs noted no computer there.
    """
    here, me = socket.gethostname(), _login(session)
    rows = session.execute(
        select(WrittenFile.path, WrittenFile.kind, WrittenFile.machine, WrittenFile.login).distinct()
    )
    return [
        Written(
            Path(path), kind,
            (machine == here or (machine is None and me is None)) and login == me,
            machine or "", login or "",
        )
        for path, kind, machine, login in sorted(rows, key=lambda row: (row[0], row[1], str(row[2:])))
    ]  # fmt: skip


def _login(session: Session) -> str | None:
    """Who is connected to the server; None where the workspace is a file."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    return str(session.scalar(text("SELECT session_user::text")))
