"""Reading a SQLite file that cannot be written, nor anything beside it: as on a share or a backup medium.

SQLite's write-ahead log needs two files beside the workspace, which nobody can make there. Where no log waits, the file
is read as one that does not change (https://www.sqlite.org/uri.html#uriimmutable); that it does not is looked at.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Looking:
    """A file to look at: *file* is what is read, the workspace or a private copy of it."""

    file: Path
    why: Exception  # what every command fails with
    moved: Callable[[], Exception]  # what every query fails with once the file is another than it was
    seen: tuple[int, int]

    def check(self) -> None:
        """Raise where somebody has written to the file since it was opened."""
        if state_of(self.file) != self.seen or log_waits(self.file):
            raise self.moved()


def may_be_written(path: Path) -> bool:
    """Whether SQLite could write the file at *path*, for which it makes others beside it."""
    return os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)


def log_waits(path: Path) -> bool:
    """Whether a write-ahead log waits beside the file: closing the last connection removes it."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def state_of(path: Path) -> tuple[int, int]:
    """What is another once the file was written: its time and its size."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def reading_uri(path: Path) -> str:
    """What SQLite opens to read the file and change nothing."""
    still = "" if may_be_written(path) or log_waits(path) else "&immutable=1"
    return f"file:{quote(str(path.absolute()))}?mode=ro{still}"
