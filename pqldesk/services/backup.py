"""Copies of a workspace file, made while it is in use, and putting one back."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from pqldesk.services.problems import BadInput, WorkspaceProblem

PAGES = 2_000  # copied at a time, so that writers wait only shortly


def backup(place: Path | str, target: Path) -> int:
    """Copy the workspace to *target*, whole or not at all; its size in bytes."""
    if not isinstance(place, Path):
        raise WorkspaceProblem(
            "A PostgreSQL workspace is backed up on its server.", "Use pg_dump there, or: export leads."
        )
    if target.exists():
        raise BadInput(f"{target} exists already.", "Name a file that does not.")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(place)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy, pages=PAGES)
            _check(copy, part)
        os.replace(part, target)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise BadInput(f"{target} cannot be written ({problem.strerror}).", "Choose another place.") from None
    return target.stat().st_size


def restore(source: Path, place: Path | str) -> Path | None:
    """Put the backup *source* in the place of the workspace; where what was there is kept, if anything was."""
    if not isinstance(place, Path):
        raise WorkspaceProblem("A PostgreSQL workspace is restored on its server.", "Use pg_restore there.")
    if not source.exists():
        raise BadInput(f"There is no file {source}.", "Check the path.")
    part = place.with_name(f"{place.name}.part")
    part.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as backup_file,
            closing(sqlite3.connect(part)) as copy,
        ):
            backup_file.backup(copy)
            _check(copy, source)
    except sqlite3.DatabaseError:
        part.unlink(missing_ok=True)
        raise BadInput(
            f"{source} is not a backup of a workspace.", "Name a file that `backup` wrote."
        ) from None
    kept = None
    if place.exists():
        kept = _aside(place)
        with closing(sqlite3.connect(place)) as old:  # bring its log in, so that the file alone is whole
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.replace(place, kept)
        for ending in ("-wal", "-shm"):
            place.with_name(place.name + ending).unlink(missing_ok=True)
    os.replace(part, place)
    return kept


def _check(copy: sqlite3.Connection, named: Path) -> None:
    (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    tables = copy.execute(
        "SELECT count(*) FROM sqlite_master WHERE name IN ('lead', 'alembic_version')"
    ).fetchone()
    if found != "ok" or tables != (2,):
        raise BadInput(f"{named} is not a sound workspace.", "Take another one.")


def _aside(place: Path) -> Path:
    number = 1
    while (kept := place.with_name(f"{place.name}.before-restore-{number}")).exists():
        number += 1
    return kept
