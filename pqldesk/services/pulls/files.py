"""What pullers of files share: which files are whole, which were read before, and where they go afterwards."""

import hashlib
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import PulledFile
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unreadable
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.pulls.puller import Keep, Setup
from pqldesk.services.remote.problems import Refused

QUIET_S: Final = 5  # a file that was written to since may still grow
_HALF_WRITTEN: Final = (".tmp", ".part", ".crdownload", ".partial")
_DONE, _REPORT = ".done", ".report.txt"
_BESIDE: Final = (_DONE, _REPORT)
_NAME_BYTES: Final = 255  # of a file's name, on nearly every disk


def folder_of(setup: Setup, name: str) -> Path:
    """The folder that was chosen. BadInput when it is none."""
    path = Path(setup.wanted(name, "/path/to/folder")).expanduser()
    if not path.is_dir():
        raise BadInput(
            _("{path} is no folder.").format(path=path),
            _("Connect again with --set {name}=FOLDER.").format(name=name),
        )
    return path


def whole_files(
    folder: Path, quiet_s: float = QUIET_S, *, deep: bool = False, within: Path | None = None
) -> Iterator[Path]:
    """Files that nobody is writing any more, the oldest first: untouched for *quiet_s*, or with a ``NAME.done``
    beside them. *deep*: in folders below, too. A link that leads out of *within*, the folder where nothing else is
    said, is nobody's file: who may write there must not have other files of this computer read."""
    found = []
    inside = (within or folder).resolve()
    for path in folder.rglob("*") if deep else folder.iterdir():
        name = path.name
        if (
            name.startswith((".", "~$"))
            or name.endswith((*_HALF_WRITTEN, *_BESIDE))
            or name == "manifest.json"
        ):
            continue
        try:
            state = path.stat()
        except OSError:  # gone meanwhile
            continue
        if not path.is_file() or not path.resolve().is_relative_to(inside):
            continue
        is_still = time.time() - state.st_mtime >= quiet_s
        if is_still or _beside(path, _DONE).exists():
            found.append((state.st_mtime, path))
    for _changed, path in sorted(found):
        yield path


def digest_of(path: Path) -> str | None:
    """What the file's content is known by; None when it has gone. BadInput where it may not be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise unreadable(path, refused) from refused


def is_known(session: Session, source: str, digest: str) -> bool:
    """Whether a file of that content was read before."""
    found = select(PulledFile.id).where(PulledFile.source == source, PulledFile.digest == digest)
    return session.scalar(found) is not None


def remembering(source: str, digest: str, name: str, stored: Stored | None = None, problem: str = "") -> Keep:
    """A page's command: from now on the file counts as read. *stored* is what reading it brought, for the figures."""

    def keep(session: Session, at: datetime, _batch_id: int | None) -> Stored:
        if not is_known(session, source, digest):
            named = shown_name(name)
            session.add(PulledFile(source=source, digest=digest, name=named, at=at, problem=problem or None))
        return stored or Stored(changes=Changes.to(Topic.SOURCES))

    return keep


def put_away(path: Path, folder: Path, report: str = "") -> None:
    """Move a file into *folder* beside it, under another name where that is taken; *report* goes beside it. Refused
    where it cannot be moved: it is known, and is not read again."""
    try:
        folder.mkdir(exist_ok=True)
        goal, number = folder / path.name, 1
        while os.path.lexists(goal):
            number += 1
            goal = folder / _fitting(path.stem, f"-{number}{path.suffix}")
        os.replace(path, goal)
        _beside(path, _DONE).unlink(missing_ok=True)
        if report:
            _beside(goal, _REPORT).write_text(report + "\n", encoding="utf-8")
    except FileNotFoundError:  # somebody else has taken it away
        return
    except OSError as refused:
        raise Refused(
            _("{path} cannot be moved to {folder}: {cause}.").format(
                path=shown_name(path.name), folder=folder.name, cause=refused.strerror or refused
            ),
            _("Let PQLDesk write in the watched folder."),
        ) from refused


def shown_name(name: str) -> str:
    """A file's name as text: bytes of it that are no UTF-8 become question marks."""
    return os.fsencode(name).decode("utf-8", "replace")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(_fitting(path.name, ending))


def _fitting(name: str, ending: str) -> str:
    """*name* with *ending*, cut in the middle where no disk would take all of it."""
    room = _NAME_BYTES - len(os.fsencode(ending))
    return os.fsdecode(os.fsencode(name)[:room]) + ending
