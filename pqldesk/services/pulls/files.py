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
from pqldesk.services.ingest.stored import Stored
from pqldesk.services.pulls.puller import Keep, Setup

QUIET_S: Final = 5  # a file that was written to since may still grow
_HALF_WRITTEN: Final = (".tmp", ".part", ".crdownload", ".partial")
_BESIDE: Final = (".done", ".report.txt")


def folder_of(setup: Setup, name: str) -> Path:
    """The folder that was chosen. BadInput when it is none."""
    path = Path(setup.wanted(name, "/path/to/folder")).expanduser()
    if not path.is_dir():
        raise BadInput(
            _("{path} is no folder.").format(path=path),
            _("Connect again with --set {name}=FOLDER.").format(name=name),
        )
    return path


def whole_files(folder: Path, quiet_s: float = QUIET_S, *, deep: bool = False) -> Iterator[Path]:
    """Files that nobody is writing any more, the oldest first: untouched for *quiet_s*, or with a ``NAME.done``
    beside them. *deep*: in folders below, too."""
    found = []
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
        if not path.is_file():
            continue
        is_still = time.time() - state.st_mtime >= quiet_s
        if is_still or path.with_name(name + ".done").exists():
            found.append((state.st_mtime, path))
    for _changed, path in sorted(found):
        yield path


def digest_of(path: Path) -> str:
    """What the file's content is known by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_known(session: Session, source: str, digest: str) -> bool:
    """Whether a file of that content was read before."""
    found = select(PulledFile.id).where(PulledFile.source == source, PulledFile.digest == digest)
    return session.scalar(found) is not None


def remembering(source: str, digest: str, name: str, stored: Stored | None = None, problem: str = "") -> Keep:
    """A page's command: from now on the file counts as read. *stored* is what reading it brought, for the figures."""

    def keep(session: Session, at: datetime, _batch_id: int | None) -> Stored:
        if not is_known(session, source, digest):
            session.add(PulledFile(source=source, digest=digest, name=name, at=at, problem=problem or None))
        return stored or Stored(changes=Changes.to(Topic.SOURCES))

    return keep


def put_away(path: Path, folder: Path, report: str = "") -> None:
    """Move a file into *folder* beside it, under another name where that is taken; *report* goes beside it."""
    folder.mkdir(exist_ok=True)
    goal, number = folder / path.name, 1
    while goal.exists():
        number += 1
        goal = folder / f"{path.stem}-{number}{path.suffix}"
    os.replace(path, goal)
    path.with_name(path.name + ".done").unlink(missing_ok=True)
    if report:
        goal.with_name(goal.name + ".report.txt").write_text(report + "\n", encoding="utf-8")
