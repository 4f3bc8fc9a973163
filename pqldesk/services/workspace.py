"""Opening a workspace: a SQLite file or a PostgreSQL database, checked, migrated and ready."""

import os
import secrets
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from pqldesk.models import migrations
from pqldesk.models.db import Database
from pqldesk.models.history import Change
from pqldesk.services.changes import Changes
from pqldesk.services.places import FILE_NAME, default_place, place_of, shown
from pqldesk.services.problems import Problem, WorkspaceProblem

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "ncpfs"})
PROCESS = secrets.token_hex(8)  # tells our own commits from those of other processes
__all__ = ["FILE_NAME", "Workspace", "default_place", "open_workspace", "place_of", "shown"]
KEPT_CHANGES = 1_000  # rows of the change table; readers that fall further behind refresh everything


@dataclass(frozen=True)
class Workspace:
    """An open workspace. Close it when done."""

    place: Path | str
    db: Database

    @property
    def folder(self) -> Path:
        """Where files that belong to the workspace go: beside the file, or the platform's data folder."""
        return self.place.parent if isinstance(self.place, Path) else default_place().parent

    def close(self) -> None:
        self.db.close()


def open_workspace(place: Path | str, *, create: bool) -> Workspace:
    """Open, and bring up to date, the workspace at *place*; *create* makes it when it is missing.

    Raises WorkspaceProblem when it is missing, damaged, locked, on a network drive or from a newer PQLDesk.
    """
    new = False
    if isinstance(place, Path):
        new = _check_file(place, create=create)
    db = Database(place, before_commit=_note_changes, explain=lambda problem: explained(problem, place))
    try:
        version = db.read(lambda session: migrations.version_of(session.connection())).result()
        if version is None and not new and not create:
            raise WorkspaceProblem(
                f"{shown(place)} holds no PQLDesk workspace.",
                "Check the path, or import something to make one.",
            )
        if version != migrations.HEAD:
            _migrate(db, version)
    except BaseException:
        db.close()
        raise
    return Workspace(place, db)


def _migrate(db: Database, version: str | None) -> None:
    if version is not None and version not in migrations.known_versions():
        raise WorkspaceProblem(
            f"{shown(db.place)} was made by a newer PQLDesk (schema {version}, this one knows {migrations.HEAD}).",
            "Update PQLDesk, or open another workspace.",
        )
    if version is not None and isinstance(db.place, Path):
        shutil.copy2(db.place, db.place.with_name(f"{db.place.name}.before-{migrations.HEAD}"))

    def upgrade(session: Session) -> None:
        if (
            migrations.version_of(session.connection()) != migrations.HEAD
        ):  # another process may have been first
            migrations.upgrade(session.connection())

    db.write(upgrade).result()


def _check_file(path: Path, *, create: bool) -> bool:
    """True when the file is new. Refuses what SQLite could not use safely."""
    if path.is_dir():
        raise WorkspaceProblem(
            f"{path} is a folder.", f"Name the workspace file in it, such as {path / FILE_NAME}."
        )
    folder = path.parent
    if not path.exists():
        if not create:
            raise WorkspaceProblem(
                f"There is no workspace at {path}.", "Import leads or add one to make it, or check the path."
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise WorkspaceProblem(
                f"The folder {folder} cannot be made ({problem.strerror}).",
                "Choose another place with --workspace.",
            ) from None
    _refuse_network_drive(folder)
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise WorkspaceProblem(
            f"{path} cannot be written.",
            "Ask for write access to it and its folder, or choose another workspace.",
        )
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise WorkspaceProblem(
                    f"{path} is not a PQLDesk workspace.", "Choose another file with --workspace."
                )
        return False
    return True


def _refuse_network_drive(folder: Path) -> None:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    best, kind = "", ""
    resolved = str(folder.resolve())
    for line in mounts.read_text(errors="replace").splitlines():
        _, point, file_system = line.split(" ")[:3]
        point = point.replace("\\040", " ")
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, file_system
    if kind in NETWORK_FILE_SYSTEMS:
        raise WorkspaceProblem(
            f"{folder} is on a network drive ({kind}), where several writers can damage the file.",
            "Choose a local folder, or share a PostgreSQL workspace by URL.",
        )


def _note_changes(session: Session, result: object) -> None:
    """Leave the topics of this commit for the other processes that have the workspace open."""
    changes = getattr(result, "changes", result)
    if not isinstance(changes, Changes) or not changes.topics:
        return
    number = session.execute(
        insert(Change).values(topics=" ".join(sorted(changes.topics)), origin=PROCESS).returning(Change.id)
    ).scalar_one()
    if number % 100 == 0:
        session.execute(delete(Change).where(Change.id < number - KEPT_CHANGES))


def changes_since(session: Session, seen: int) -> tuple[int, set[str]]:
    """The number of the newest commit, and the topics of those after *seen* that other processes made."""
    rows = session.execute(
        select(Change.id, Change.topics, Change.origin).where(Change.id > seen).order_by(Change.id)
    ).all()
    topics = {topic for row in rows if row.origin != PROCESS for topic in row.topics.split()}
    return (rows[-1].id if rows else seen), topics


def explained(problem: Exception, place: Path | str) -> Exception:
    """A driver's error as a sentence, where the user can do something about it; else the error itself."""
    if isinstance(problem, Problem):
        return problem
    cause: object = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, sqlite3.Error):
        return _explained_sqlite(str(cause), place) or problem
    if isinstance(problem, OperationalError):
        return WorkspaceProblem(
            f"The database {shown(place)} did not answer: {str(cause).splitlines()[0].rstrip('.')}.",
            "Check that it is running and that you may log in; nothing was changed.",
        )
    return problem


def _explained_sqlite(text: str, place: Path | str) -> WorkspaceProblem | None:
    known = {
        "database is locked": (
            "is being written by another program",
            "Try again in a moment; nothing was changed.",
        ),
        "disk is full": (
            "cannot grow: the disk is full",
            "Free some space and try again; nothing was changed.",
        ),
        "readonly database": ("can only be read", "Ask for write access to the file and its folder."),
        "malformed": ("is damaged", "Restore the newest backup: pqldesk restore."),
        "not a database": ("is not a PQLDesk workspace", "Choose another file with --workspace."),
        "unable to open": ("cannot be opened", "Check the path and the access rights of its folder."),
    }
    for sign, (what, remedy) in known.items():
        if sign in text:
            return WorkspaceProblem(f"The workspace {shown(place)} {what}.", remedy)
    return None
