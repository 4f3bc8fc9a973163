"""Bugs of PQLDesk's own: their stacks in a log that stays small, and beside it what the interpreter says when it dies.

Standard library only, and little of it: every command and the window begin with watch().
"""

import contextlib
import faulthandler
import os
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pqldesk.services.basics.places import bug_log, fault_log, places_of
from pqldesk.services.basics.redacting import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG_BYTES: Final = 500_000  # of a log; a stack has some 3,000
OLDER: Final = 3  # logs kept beside the one that is written to
ENTRY_BYTES: Final = 60_000  # of one bug: an error may quote a whole file
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
_ENTRY: Final = re.compile(rb"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$", re.MULTILINE)
_FAULT: Final = re.compile(rb"^(?:Fatal Python error|Windows fatal exception)", re.MULTILINE)
_BEFORE: Final = re.compile(rb"^-- before (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the logs hold. *last*: when the newest of it happened; None where there is nothing."""

    bugs: int
    faults: int
    last: datetime | None
    last_fault: datetime | None


def now() -> datetime:
    """The moment by the system's clock, also where PQLDESK_NOW pins that of the workspace."""
    return datetime.now(UTC)


def keep_bug(bug: BaseException) -> Path:
    """Append the stack of *bug* to the log; the path of the log."""
    import traceback

    return keep_words("".join(traceback.format_exception(bug)))


def keep_words(words: str) -> Path:
    """Append *words* to the log, without secrets; the path of the log, "stderr" where none can be written."""
    told = redacted(words).encode("utf-8", "replace")
    if len(told) > ENTRY_BYTES:  # a stack names its error at the end, and where it began at the beginning
        told = told[: ENTRY_BYTES // 2] + b"\n[...]\n" + told[-ENTRY_BYTES // 2 :]
    text = f"{now():{_MOMENT}}\n".encode() + told.rstrip(b"\n") + b"\n\n"
    for path in places_of(bug_log()):
        try:
            log = _opened(path, len(text))
        except OSError:
            continue
        with open(log, "ab") as file:
            file.write(text)
        return path
    return Path("stderr")


def watch() -> None:
    """From now on a fault of this process is told in fault_log(), and a bug that ends a thread in the log of bugs.

    Where the interpreter was told to show faults elsewhere that stays so.
    """
    if not faulthandler.is_enabled():
        for path in places_of(fault_log()):
            with contextlib.suppress(OSError):
                _date_faults(path)
                faulthandler.enable(
                    _opened(path, 0)
                )  # open as long as the process, which may die at any moment
                break
    shown = threading.excepthook

    def end(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            keep_bug(args.exc_value)
        shown(args)

    threading.excepthook = end


def every_log() -> list[Path]:
    """Every log there is, the ones that are written to before older ones."""
    named = [
        path for log in (bug_log(), fault_log()) for place in places_of(log) for path in _with_older(place)
    ]
    return [path for path in named if path.is_file()]


def kept_bugs() -> Kept:
    """How many bugs and faults the logs hold, and when the last was."""
    bugs = [moment for text in _texts(bug_log()) for moment in _moments(_ENTRY.findall(text))]
    faults, times = 0, list[datetime]()
    for log in (path for place in places_of(fault_log()) for path in _with_older(place)):
        if text := _bytes(log):
            faults += len(_FAULT.findall(text))
            times += _moments(_BEFORE.findall(text))
            if not _is_dated(text):
                times.append(datetime.fromtimestamp(log.stat().st_mtime, UTC))
    last_fault = max(times, default=None) if faults else None
    return Kept(
        len(bugs), faults, max([*bugs, *([last_fault] if last_fault else [])], default=None), last_fault
    )


def end_of(log: Path, limit: int) -> str:
    """The last *limit* bytes of that log, older ones and the usual place's substitute included; oldest first."""
    whole = b"".join(reversed(list(_texts(log))))
    return whole[-limit:].decode("utf-8", "replace")


def _texts(log: Path) -> "Iterable[bytes]":
    """What is in each file of that log, newest first."""
    return (_bytes(path) for place in places_of(log) for path in _with_older(place))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _moments(found: "Iterable[bytes]") -> list[datetime]:
    return [datetime.strptime(moment.decode(), _MOMENT).replace(tzinfo=UTC) for moment in found]


def _with_older(log: Path) -> list[Path]:
    return [log, *(log.with_name(f"{log.name}.{n}") for n in range(1, OLDER + 1))]


def _opened(path: Path, more: int) -> int:
    """A descriptor that appends to the log, for the person alone, with room for *more* bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size + more > LOG_BYTES:
            _turn(path)
    # the substitute's folder is everybody's: a link that somebody laid there is not followed
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _turn(path: Path) -> None:
    """Begin a new log: each of the older ones goes one further, the last is given up."""
    files = _with_older(path)
    for newer, older in zip(reversed(files[:-1]), reversed(files[1:]), strict=True):
        with contextlib.suppress(FileNotFoundError):  # another process turned it at the same moment
            os.replace(newer, older)


def _date_faults(path: Path) -> None:
    """Write under a stack that a process left when it died: the interpreter cannot say the time any more."""
    text = _bytes(path)
    if text and not _is_dated(text):
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("ab") as log:
            log.write(f"\n-- before {at:{_MOMENT}}\n".encode())


def _is_dated(text: bytes) -> bool:
    return text.rstrip().rpartition(b"\n")[2].startswith(b"-- before ")
