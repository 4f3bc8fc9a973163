"""Opening a workspace: a SQLite file or a PostgreSQL database, checked, migrated and ready."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from pqldesk.models import migrations, rights
from pqldesk.models.db import Database
from pqldesk.models.looking import log_waits, may_be_written
from pqldesk.services.basics.places import FILE_NAME, default_place, place_of, shown
from pqldesk.services.basics.problems import (
    WorkspaceProblem,
)
from pqldesk.services.basics.texts import _
from pqldesk.services.workspaces.backup import copy_before_migrating, damaged, soundness_flaw
from pqldesk.services.workspaces.commits import note_changes
from pqldesk.services.workspaces.driver_errors import explained
from pqldesk.services.workspaces.file_checks import check_file
from pqldesk.services.workspaces.looking import looking_at, needs_copy, private_copy

__all__ = ["FILE_NAME", "Workspace", "default_place", "open_workspace", "place_of", "shown"]


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
        new = check_file(place, create=create)
        if not new and not may_be_written(place):
            return _looked_at(place)
        unclean = log_waits(place)
    db = Database(place, before_commit=note_changes, explain=lambda problem: explained(problem, place))
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
