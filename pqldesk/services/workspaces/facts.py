"""Where a workspace is, how large it is, and which copies of it exist. Reads folders, never the database."""

from datetime import UTC, datetime
from pathlib import Path

from pqldesk.services.basics.places import bug_log, shown
from pqldesk.services.source_rows import BackupRow, WorkspaceFacts
from pqldesk.services.workspaces.backup import daily_backups, named_backup


def workspace_facts(place: Path | str) -> WorkspaceFacts:
    """The workspace's files as they are now, newest backup first."""
    log = str(bug_log())
    if not isinstance(place, Path):
        return WorkspaceFacts(shown(place), False, 0, log)
    endings = ("", "-wal", "-shm")
    size = sum(_size(place.with_name(place.name + ending)) for ending in endings)
    found = [(file, True) for file in daily_backups(place)] + [(file, False) for file in kept_copies(place)]
    rows = [BackupRow(str(file), _changed(file), _size(file), daily) for file, daily in found]
    rows.sort(key=lambda row: row.at, reverse=True)
    return WorkspaceFacts(str(place), True, size, log, tuple(rows))


def kept_copies(place: Path) -> list[Path]:
    """Copies made by hand from the window, and what was kept before a restore or a migration."""
    return [
        file
        for pattern in (named_backup(place, "*").name, f"{place.name}.before-*")
        for folder in (place.parent, named_backup(place, "*").parent)
        for file in folder.glob(pattern)
        if not file.name.endswith((".part", "-wal", "-shm", "-journal"))
    ]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _changed(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)
