"""Reads one sheet of a workbook in a process of its own, with a bound on its memory.

The reader reserves a cell for every place between the first and the last one, so a file of 2 KB can ask for 500 GB, and
it ends the whole process when it does not get them. Here that process is this one; read_sheet() tells what happened.
"""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

MEMORY_BYTES: Final = 4 * 1024**3
_ROWS: Final = 1_000  # in one message

Failure = Literal["password", "unreadable", "too large", "no such sheet", "empty"]


class SheetUnread(Exception):
    """Why there is nothing: *failure*, and the names of the sheets as far as they are known."""

    def __init__(self, failure: Failure, sheets: tuple[str, ...] = ()) -> None:
        super().__init__(failure)
        self.failure = failure
        self.sheets = sheets


@dataclass(slots=True)
class Sheet:
    """One sheet: rows from the top of the sheet, each ending with its last filled cell; *width* is the widest."""

    name: str
    sheets: tuple[str, ...]
    width: int = 0
    rows: list[list[object]] = field(default_factory=list)


def read_sheet(path: Path, wanted: str | None) -> Sheet:
    """The sheet *wanted*, else the first visible one that is not empty. Raises SheetUnread."""
    command = [sys.executable, "-m", __name__, str(path), *([] if wanted is None else [wanted])]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            return _received(_messages(child))
        finally:
            child.kill()


def _messages(child: "subprocess.Popen[bytes]") -> Iterator[Any]:
    stream: Any = child.stdout
    while True:
        try:
            message = pickle.load(stream)  # noqa: S301 - what our own child wrote: lists of plain values
        except (EOFError, pickle.UnpicklingError):
            # It ended without a word: the memory was refused, to Rust, which aborts, or by the system, which kills.
            raise SheetUnread("too large") from None
        if message is None:
            return
        yield message


def _received(messages: Iterator[Any]) -> Sheet:
    first = next(messages)
    if isinstance(first, SheetUnread):
        raise first
    name, sheets = first
    found = Sheet(name, sheets)
    for message in messages:
        if isinstance(message, SheetUnread):
            raise message
        found.rows += message
    found.width = max(map(len, found.rows), default=0)
    return found


def _send(path: str, wanted: str | None, out: BinaryIO) -> None:
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    def send(message: object) -> None:
        pickle.dump(message, out, protocol=5)

    try:
        with CalamineWorkbook.from_path(path) as book:
            kinds = {sheet.name: sheet for sheet in book.sheets_metadata}
            sheets = tuple(name for name in book.sheet_names if kinds[name].typ == SheetTypeEnum.WorkSheet)
            if wanted is not None and wanted not in sheets:
                send(SheetUnread("no such sheet", sheets))
                return
            visible = [name for name in sheets if kinds[name].visible == SheetVisibleEnum.Visible]
            for name in (wanted,) if wanted is not None else visible or sheets:
                sheet = book.get_sheet_by_name(name)
                if sheet.start is None and wanted is None:
                    continue
                send((name, sheets))
                before: list[object] = [""] * (sheet.start[1] if sheet.start else 0)
                rows: list[list[object]] = []
                for cells in sheet.iter_rows() if sheet.start else ():
                    rows.append(_trimmed([*before, *cells]))
                    if len(rows) == _ROWS:
                        send(rows)
                        rows = []
                send(rows)
                send(None)
                return
            send(SheetUnread("empty", sheets))
    except PasswordError:
        send(SheetUnread("password"))
    except (CalamineError, OSError, ValueError):
        send(SheetUnread("unreadable"))
    except MemoryError:
        send(SheetUnread("too large"))
    except BaseException as panic:
        # Damaged old Excel files make Rust panic, which is no Exception in Python.
        if type(panic).__name__ != "PanicException":
            raise
        send(SheetUnread("unreadable"))


def _trimmed(cells: list[object]) -> list[object]:
    end = len(cells)
    while end and cells[end - 1] in ("", None):
        end -= 1
    return cells[:end]


def _bound_memory() -> None:
    with suppress(
        ImportError, ValueError, OSError
    ):  # no such limits on Windows; a stricter one may be in force
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    # Under its own name, or the other side could not read what is sent.
    from pqldesk.services.files import workbook_child

    workbook_child._bound_memory()
    with suppress(BrokenPipeError), open(sys.stdout.fileno(), "wb", closefd=False) as stdout:
        workbook_child._send(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None, stdout)
