"""Opening a workspace: a SQLite file or a PostgreSQL database, checked, migrated and ready."""

import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pqldesk.models import migrations, rights
from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.models.history import Change
from pqldesk.models.listening import CHANNEL
from pqldesk.models.looking import log_waits, may_be_written
from pqldesk.models.write_turn import error_code
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.places import FILE_NAME, default_place, place_of, shown
from pqldesk.services.basics.problems import (
    NotAllowed,
    Problem,
    WorkspaceAway,
    WorkspaceBusy,
    WorkspaceProblem,
)
from pqldesk.services.basics.texts import _
from pqldesk.services.workspaces.backup import copy_before_migrating, damaged, soundness_flaw
from pqldesk.services.workspaces.looking import looking_at, needs_copy, private_copy

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "ncpfs"})
PROCESS = secrets.token_hex(8)  # tells our own commits from those of other processes
__all__ = ["FILE_NAME", "Workspace", "default_place", "open_workspace", "place_of", "shown"]
KEPT_CHANGES = 1_000  # rows of the change table; readers that fall further behind refresh everything


@dataclass(frozen=True)
class Workspace:
    """An open workspace. Close it when done."""

    place: Path | str
    db: Database
    ended_uncleanly: bool = False  # the last one who had it open did not close it, or has it open now

    @property
    def folder(self) -> Path:
        """Where files that belong to the workspace go: beside the file, or the platform's data folder."""
        return self.place.parent if isinstance(self.place, Path) else default_place().parent

    def check_beside(self, report: Callable[[WorkspaceProblem], object]) -> threading.Thread | None:
        """After an unclean end: read the file through on a thread. Damage stops all writing, and is reported there."""
        if not self.ended_uncleanly:
            return None

        def check() -> None:
            if isinstance(self.place, Path) and soundness_flaw(self.place) is not None:
                problem = damaged(self.place)
                self.db.refuse_writes(problem)
                report(problem)

        thread = threading.Thread(target=check, name="check-file", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        self.db.close()


def open_workspace(place: Path | str, *, create: bool) -> Workspace:
    """Open, and bring up to date, the workspace at *place*; *create* makes it when it is missing.

    A file that cannot be written is opened to be looked at: every command is refused (`Database.only_looked_at`).
    Raises WorkspaceProblem when it is missing, damaged, locked, on a network drive or from a newer PQLDesk.
    """
    new = unclean = False
    if isinstance(place, Path):
        new = _check_file(place, create=create)
        if not new and not may_be_written(place):
            return _looked_at(place)
        unclean = log_waits(place)
    db = Database(place, before_commit=_note_changes, explain=lambda problem: explained(problem, place))
    try:
        version, is_empty = db.read(_found).result()
        if version is None and not new and not (create and is_empty):
            raise _no_workspace(place)
        if version != migrations.HEAD:
            _refuse_newer(version, place)
            if version is not None and isinstance(place, Path):
                copy_before_migrating(place, migrations.HEAD)
            _migrate(db)
        if not db.is_sqlite and db.read(rights.is_outdated).result():
            db.write(rights.secure).result()
    except BaseException:
        db.close()
        raise
    return Workspace(place, db, unclean)


@contextmanager
def leaving_nothing(
    place: Path | str, when: Callable[[BaseException], bool] = lambda _: True
) -> Iterator[None]:
    """A command that may make the workspace at *place*, and has closed it at the end: where it fails, the new file and
    the folders made for it go again. *when* tells whether a failure means that nothing was stored."""
    is_new = isinstance(place, Path) and not place.exists()
    made = [folder for folder in place.parents if not folder.exists()] if isinstance(place, Path) else []
    try:
        yield
    except BaseException as failed:
        if is_new and isinstance(place, Path) and when(failed):
            for end in ("", "-wal", "-shm"):
                place.with_name(place.name + end).unlink(missing_ok=True)
            for folder in made:
                with suppress(OSError):  # somebody has put something into it
                    folder.rmdir()
        raise


def _looked_at(place: Path) -> Workspace:
    """The workspace as it lies there; a private copy, brought up to date, where its log waits or its version is old."""

    def explain(problem: Exception) -> Exception:
        return explained(problem, place)

    if not needs_copy(place):
        db = Database(place, explain=explain, looking=looking_at(place))
        try:
            version, _is_empty = db.read(_found).result()
            if version == migrations.HEAD:
                return Workspace(place, db)
            _refuse_other(version, place)
        except BaseException:
            db.close()
            raise
        db.close()
    copy = private_copy(place)
    try:
        writing = Database(copy, explain=explain)
        try:
            version, _is_empty = writing.read(_found).result()
            _refuse_other(version, place)
            _migrate(writing)
        finally:
            writing.close()  # which brings the log in
        db = Database(place, explain=explain, looking=looking_at(place, copy))
    except BaseException:
        shutil.rmtree(copy.parent, ignore_errors=True)
        raise
    db.after_close(lambda: shutil.rmtree(copy.parent, ignore_errors=True))
    return Workspace(place, db)


def _no_workspace(place: Path | str) -> WorkspaceProblem:
    return WorkspaceProblem(
        _("{place} holds no PQLDesk workspace.").format(place=shown(place)),
        _("Name another file or database; an empty one becomes a workspace with the first import."),
    )


def _refuse_other(version: str | None, place: Path) -> None:
    if version is None:
        raise _no_workspace(place)
    _refuse_newer(version, place)


def _found(session: Session) -> tuple[str | None, bool]:
    """The version of the schema, and whether there is no table at all, ours or somebody else's."""
    version = migrations.version_of(session.connection())
    return version, version is None and not inspect(session.connection()).get_table_names()


def _refuse_newer(version: str | None, place: Path | str) -> None:
    if version is not None and version not in migrations.known_versions():
        raise WorkspaceProblem(
            _("{place} was made by a newer PQLDesk (schema {version}, this one knows {head}).").format(
                place=shown(place), version=version, head=migrations.HEAD
            ),
            _("Update PQLDesk, or open another workspace."),
        )


def _migrate(db: Database) -> None:
    def upgrade(session: Session) -> None:
        if (
            migrations.version_of(session.connection()) != migrations.HEAD
        ):  # another process may have been first
            migrations.upgrade(session.connection())

    db.write(upgrade).result()


def _check_file(path: Path, *, create: bool) -> bool:
    """True when the file is new. Refuses what SQLite could not use safely."""
    try:
        return _checked_file(path, create=create)
    except OSError as refused:
        raise WorkspaceProblem(
            _("The workspace {path} cannot be reached: {strerror}.").format(
                path=path, strerror=refused.strerror
            ),
            _("Ask for access to its folder, or choose another place with --workspace."),
        ) from None


def _checked_file(path: Path, *, create: bool) -> bool:
    if path.is_dir():
        raise WorkspaceProblem(
            _("{path} is a folder.").format(path=path),
            _("Name the workspace file in it, such as {file}.").format(file=path / FILE_NAME),
        )
    folder = path.parent
    is_new = not path.exists() or not path.stat().st_size
    if is_new:
        if not create:
            raise WorkspaceProblem(
                _("There is no workspace at {path}.").format(path=path),
                _("Import leads or add one to make it, or check the path."),
            )
        folder.mkdir(parents=True, exist_ok=True)
    elif not may_be_written(path):
        return False  # looked at, wherever it lies
    refuse_network_drive(folder, mounts())
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise WorkspaceProblem(
            _("{path} cannot be written.").format(path=path),
            _("Ask for write access to it and its folder, or choose another workspace."),
        )
    return is_new  # whether it is SQLite's at all SQLite says: see models/db.py why nobody else opens it


def mounts() -> str:
    """The mounted file systems, one a line, as Linux lists them; empty elsewhere."""
    listed = Path("/proc/mounts")
    return listed.read_text(errors="replace") if listed.exists() else ""


def refuse_network_drive(folder: Path, mounted: str) -> None:
    """WorkspaceProblem where *folder* lies on a file system that *mounted* says is shared over the network."""
    best, kind = "", ""
    resolved = str(folder.resolve())
    for line in mounted.splitlines():
        _device, point, file_system = line.split(" ")[:3]
        point = point.replace("\\040", " ")
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, file_system
    if kind in NETWORK_FILE_SYSTEMS:
        raise WorkspaceProblem(
            _("{folder} is on a network drive ({kind}), where several writers can damage the file.").format(
                folder=folder, kind=kind
            ),
            _("Choose a local folder, or share a PostgreSQL workspace by URL."),
        )


def _note_changes(session: Session, result: object) -> None:
    """Leave the topics of this commit for the other processes that have the workspace open."""
    changes = getattr(result, "changes", result)
    if not isinstance(changes, Changes) or not changes.topics:
        return
    driver = Driver(session)
    noted = "INSERT INTO change (topics, origin) VALUES (?, ?) RETURNING id"
    values: tuple[str, ...] = (" ".join(sorted(changes.topics)), PROCESS)
    if not driver.is_sqlite:  # who listens is told at the commit
        noted = f"WITH noted AS ({noted}) SELECT id, pg_notify(?, ?) FROM noted"  # noqa: S608 - no text from outside
        values += (CHANNEL, PROCESS)
    number = driver.rows(noted, values)[0][0]
    if number % 100 == 0:
        session.execute(delete(Change).where(Change.id < number - KEPT_CHANGES))


def changes_since(session: Session, seen: int) -> tuple[int, set[str]]:
    """The number of the newest commit, and the topics of those after *seen* that other processes made."""
    rows = session.execute(
        select(Change.id, Change.topics, Change.origin).where(Change.id > seen).order_by(Change.id)
    ).all()
    topics = {topic for row in rows if row.origin != PROCESS for topic in row.topics.split()}
    return (rows[-1].id if rows else seen), topics


def newest_change(session: Session) -> int:
    """The number of the newest commit that changed something."""
    return int(Driver(session).rows("SELECT coalesce(max(id), 0) FROM change")[0][0])


def touched_since(session: Session, seen: int, topics: frozenset[Topic]) -> bool:
    """Whether a commit after *seen* touched one of *topics*, or may have: of old ones no note is kept."""
    rows = session.execute(
        select(Change.id, Change.topics).where(Change.id >= seen).order_by(Change.id)
    ).all()
    first = rows[0].id if rows else 0
    if first not in ((seen,) if seen else (0, 1)):
        return True
    return any(not topics.isdisjoint(row.topics.split()) for row in rows if row.id != seen)


def explained(problem: Exception, place: Path | str) -> Exception:
    """A driver's error as a sentence, where the user can do something about it; else the error itself."""
    if isinstance(problem, Problem):
        return problem
    cause: object = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, sqlite3.Error):
        return _explained_sqlite(cause, place) or problem
    return problem if isinstance(place, Path) else _explained_postgres(problem, cause, place)


_HELD = "55P03"
_POSTGRES = {  # by SQLSTATE
    "42501": (_("does not let you do this"), _("Ask its owner for the rights to read and write its tables.")),
    "25006": (_("can only be read"), _("Open the primary server, not its copy.")),
    "53100": (_("cannot grow: the disk of its server is full"), _("Free some space there and do it again.")),
    "53300": (_("has no connection left"), _("Close other programs that use it, or try again in a moment.")),
    "55P03": (_("is being written by another program"), _("Try again in a moment.")),
}


_LOST = frozenset(
    {"OperationalError", "InterfaceError"}
)  # psycopg's, where the connection broke or was never made
_RESTARTS = (
    "the database system is",
    "terminating connection",
)  # shutting down, starting up, ended by a person
_REFUSED = {  # by the key that models/rights.sql refuses with: what, and what to do now
    "anothers_claim": (
        _("{about} has claimed it, and only they, a manager or an admin can change that."),
        _("Ask them to release it, or pick another lead."),
    ),
    "anothers": (_("That is {about}'s, and only they can change it."), _("Ask them, or a manager.")),
    "not_your_name": (
        _("The team's database takes nothing signed by {about}: you come by another login."),
        _("Leave --rep out, or open the workspace with their URL."),
    ),
    "not_added_by_you": (_("Only what you added yourself can go."), _("Ask a manager.")),
    "lease_too_long": (
        _("A claim cannot last longer than the workspace's lease."),
        _("Check this computer's clock."),
    ),
    "only_managers": (_("Managers and admins change this ({about})."), _("Ask one of them.")),
    "only_admins": (_("Only admins change this."), _("Ask one: pqldesk team list.")),
    "not_yourself": (_("Nobody takes their own login away."), _("Ask another admin.")),
    "not_of_this_workspace": (_("{about} is no login of this workspace."), _("See: pqldesk team list.")),
    "history_stays": (_("History is only added to."), ""),
}


def _explained_postgres(problem: Exception, cause: object, place: Path | str) -> Exception:
    if getattr(cause, "sqlstate", None) == rights.REFUSED:
        said: Any = getattr(cause, "diag", None)
        what, remedy = _REFUSED[said.message_primary]
        return NotAllowed(what.format(about=said.message_detail or _("Somebody else")), remedy)
    if known := _POSTGRES.get(str(getattr(cause, "sqlstate", None))):
        what, remedy = known
        if "permission denied" in str(cause):
            what += f" ({str(cause).splitlines()[0]})"
        kind = WorkspaceBusy if getattr(cause, "sqlstate", None) == _HELD else WorkspaceProblem
        return kind(_("The database {place} {what}.").format(place=shown(place), what=what), remedy)
    if _LOST.isdisjoint(kind.__name__ for kind in type(cause).__mro__):
        return problem
    said = (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(".")
    _before, was_refused, reason = said.rpartition("FATAL:")
    if "too many" in reason:  # clients, or connections of a role: without a code while connecting
        what, remedy = _POSTGRES["53300"]
        return WorkspaceAway(_("The database {place} {what}.").format(place=shown(place), what=what), remedy)
    if was_refused and not any(words in reason for words in _RESTARTS):
        return WorkspaceProblem(
            _("The database {place} refused the connection: {reason}.").format(
                place=shown(place), reason=reason.strip()
            ),
            _("Check its name, the user and the password in the URL."),
        )
    return WorkspaceAway(
        _("The database {place} did not answer: {said}.").format(place=shown(place), said=said),
        _("Check that it is running, and the host and port in the URL."),
    )


_SQLITE = {  # by what it says
    "database is locked": (_("is being written by another program"), _("Try again in a moment.")),
    "disk is full": ("cannot grow: the disk is full", _("Free some space and do it again.")),
    "readonly database": (_("can only be read"), _("Ask for write access to the file and its folder.")),
    "not a database": (_("is not a PQLDesk workspace"), _("Choose another file with --workspace.")),
    "unable to open": (_("cannot be opened"), _("Check the path and the access rights of its folder.")),
    "disk I/O": (_("cannot be read or written: its disk refused"), _("Check the disk, then try again.")),
}


def _explained_sqlite(cause: sqlite3.Error, place: Path | str) -> WorkspaceProblem | None:
    if error_code(cause) == sqlite3.SQLITE_CORRUPT:
        return _broken_off(place)
    for sign, (what, remedy) in _SQLITE.items():
        if sign in str(cause):
            kind = (
                WorkspaceBusy
                if error_code(cause) == sqlite3.SQLITE_BUSY or "locked" in sign
                else WorkspaceProblem
            )
            return kind(_("The workspace {place} {what}.").format(place=shown(place), what=what), remedy)
    return None


def _broken_off(place: Path | str) -> WorkspaceProblem:
    """A statement met what it could not read. Damage is claimed only once the file was read through."""
    if isinstance(place, Path) and soundness_flaw(place) is not None:
        return damaged(place)
    return WorkspaceProblem(
        _(
            "Something in the workspace {place} could not be read; its file was read through and is sound."
        ).format(place=shown(place)),
        _("Do it again; if that does not help, close what has it open, and ask: pqldesk doctor."),
    )
