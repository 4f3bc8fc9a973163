"""Copies of a workspace file, made while it is in use: by hand, one a day, before migrating; and putting one back."""

import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

from pqldesk.models import migrations
from pqldesk.models.looking import reading_uri
from pqldesk.models.write_turn import error_code
from pqldesk.services.basics.problems import BadInput, WorkspaceProblem
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unreadable, unwritable

DAILY_KEPT = 7
_FLAWS = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
)  # a lock or the disk's refusal is no flaw of the file
FOLDER = "backups"  # beside the workspace
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def backup(place: Path | str, target: Path) -> int:
    """Copy the workspace to *target*, whole or not at all; its size in bytes."""
    if not isinstance(place, Path):
        raise WorkspaceProblem(
            _("A PostgreSQL workspace is backed up on its server."), _("Use pg_dump there, or: export leads.")
        )
    if target.exists():
        raise BadInput(_("{target} exists already.").format(target=target), _("Name a file that does not."))
    with _copied(place, target) as part:
        os.replace(part, target)
    return target.stat().st_size


def daily_backup(place: Path | str, day: date) -> Path | None:
    """The backup of *day*, made unless it is there; of all daily ones the newest seven are kept."""
    if not isinstance(place, Path):
        return None
    target = place.parent / FOLDER / f"{place.stem}-{day:%Y-%m-%d}{place.suffix}"
    if target.exists():
        return None
    backup(place, target)
    for old in daily_backups(place)[DAILY_KEPT:]:
        old.unlink(missing_ok=True)
    return target


def daily_backups(place: Path) -> list[Path]:
    """The daily backups, newest first."""
    pattern = f"{_literal(place.stem)}-{_DAY}{_literal(place.suffix)}"
    return sorted((place.parent / FOLDER).glob(pattern), reverse=True)


def copies_of(place: Path) -> list[Path]:
    """Every copy of the workspace that we made: daily, by hand, before migrating and before restoring."""
    stem, name = _literal(place.stem), _literal(place.name)
    found = [
        *(place.parent / FOLDER).glob(f"{stem}-*{_literal(place.suffix)}"),
        *place.parent.glob(f"{name}.before-*[0-9]"),
    ]
    return sorted(path for path in found if path.is_file())


def named_backup(place: Path, moment: str) -> Path:
    """Where a backup made by hand from the window goes: beside the daily ones, named by its moment."""
    return place.parent / FOLDER / f"{place.stem}-by-hand-{moment}{place.suffix}"


def backup_now(place: Path | str, at: datetime) -> Path:
    """Copy the workspace beside its daily backups; where the copy is. It is kept until somebody deletes it."""
    if not isinstance(place, Path):
        backup(place, Path())
        raise AssertionError("a database on a server is never copied here")
    target = named_backup(place, f"{at:%Y-%m-%d-%H%M%S}")
    backup(place, target)
    return target


def copy_before_migrating(place: Path, version: str) -> Path:
    """Keep the workspace as it is, beside itself; what it had in its log is in the copy."""
    target = _free(place, f"before-{version}")
    with _copied(place, target) as part:
        os.replace(part, target)
    return target


def restore(source: Path | None, place: Path | str) -> Path | None:
    """Put the backup *source*, or the newest daily one, in the place of the workspace; where what was there is kept."""
    if not isinstance(place, Path):
        raise WorkspaceProblem(
            _("A PostgreSQL workspace is restored on its server."), _("Use pg_restore there.")
        )
    source = source or next(iter(daily_backups(place)), None)
    if source is None:
        raise BadInput(
            _("There is no daily backup of {place}.").format(place=place),
            _("Name a file that `backup` wrote."),
        )
    if not source.is_file():
        raise BadInput(
            _("There is no file {source}.").format(source=source), _("Name a file that `backup` wrote.")
        )
    with _copied(source, place) as part:
        kept = _put_aside(place) if place.exists() else None
        os.replace(part, place)
    return kept


def soundness_flaw(place: Path) -> str | None:
    """What SQLite finds wrong with the file, None when it is sound, or cannot be read just now. Reads all of it."""
    try:
        with closing(_reading(place)) as connection:
            return _flaw(connection)
    except sqlite3.Error as broken:
        return str(broken) if error_code(broken) in _FLAWS else None


def damaged(place: Path | str) -> WorkspaceProblem:
    """The sentence for a damaged workspace, with the backup that would help."""
    newest = next(iter(daily_backups(place)), None) if isinstance(place, Path) else None
    if newest is None:
        remedy = _("Put a copy of yours in its place: pqldesk restore FILE; until then it can only be read.")
    else:
        day = newest.stem[-len("2026-01-01") :]
        remedy = _(
            "Put the backup of {day} in its place: pqldesk restore; until then it can only be read."
        ).format(day=day)
    return WorkspaceProblem(_("The workspace {place} is damaged.").format(place=place), remedy)


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[Path]:
    """A sound copy of *source* beside *target*, gone afterwards unless it was moved."""
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds people's data
        _copy(source, part, target)
        yield part
    except OSError as refused:
        raise unwritable(target, refused) from None
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                part.with_name(part.name + ending).unlink(missing_ok=True)


def _copy(source: Path, part: Path, target: Path) -> None:
    try:
        _look_at(source)  # SQLite would not tell why
    except OSError as refused:
        raise unreadable(source, refused) from None
    try:
        with closing(_reading(source)) as original, closing(sqlite3.connect(part)) as copy:
            # All in one step is one snapshot. It keeps no writer waiting, and steps would start over after each write.
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            _check(copy, source)
    except sqlite3.OperationalError as refused:
        if "full" in str(refused):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        raise BadInput(
            _("{source} cannot be copied: {refused}.").format(source=source, refused=refused),
            _("Try again in a moment."),
        ) from None
    except sqlite3.DatabaseError:
        raise BadInput(
            _("{source} is no sound workspace.").format(source=source),
            _("Take a backup that is: pqldesk restore FILE."),
        ) from None


def _look_at(source: Path) -> None:
    """Raise the OSError that keeps *source* from being read.

    It is not opened for that: closing it again would drop the locks that SQLite holds on it in this process, and the
    next process to end would take itself for the last one and delete the write-ahead log under the window.
    """
    if stat.S_ISDIR(source.stat().st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(source, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(reading_uri(path), uri=True)


def _flaw(connection: sqlite3.Connection) -> str | None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if found == "ok" else str(found)


def _check(copy: sqlite3.Connection, source: Path) -> None:
    named = "SELECT count(*) FROM sqlite_master WHERE name IN ('lead', 'alembic_version')"
    if copy.execute(named).fetchone() != (2,):
        raise BadInput(
            _("{source} holds no PQLDesk workspace.").format(source=source),
            _("Name a file that `backup` wrote."),
        )
    if _flaw(copy) is not None:
        raise sqlite3.DatabaseError("quick_check")
    (version,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    if version not in migrations.known_versions():
        raise BadInput(
            _("{source} was made by a newer PQLDesk (schema {version}, this one knows {head}).").format(
                source=source, version=version, head=migrations.HEAD
            ),
            _("Update PQLDesk, or name an older backup."),
        )


def _put_aside(place: Path) -> Path:
    """Move the workspace out of the way. WorkspaceProblem while another program has it open."""
    try:
        with closing(sqlite3.connect(place, timeout=1)) as old:
            # Leaving WAL brings the log in, so that the file alone is whole, and works only when nobody else is there.
            old.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as refused:
        if "locked" in str(refused):
            raise WorkspaceProblem(
                _("The workspace {place} is open in another program.").format(place=place),
                _("Close its window and try again."),
            ) from None
    except sqlite3.DatabaseError:
        pass  # damaged: it goes aside as it is, with its log
    kept = _free(place, "before-restore")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(place.with_name(place.name + ending), kept.with_name(kept.name + ending))
    return kept


def _free(place: Path, label: str) -> Path:
    number = 1
    while (free := place.with_name(f"{place.name}.{label}-{number}")).exists():
        number += 1
    return free


def _literal(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
