"""Rows out of PQLDesk as CSV, JSON, JSONL or XLSX."""

import csv
import errno
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final

from pqldesk.services.basics import moments
from pqldesk.services.basics.texts import _
from pqldesk.services.files.formulas import neutral
from pqldesk.services.files.refusals import unwritable

FORMATS: Final = ("csv", "json", "jsonl", "xlsx")
_SHEET_CELL: Final = 32_767  # characters, Excel's own limit
_SHEET_ROWS: Final = 1_048_576

Row = Mapping[str, object]


def write_rows(rows: Iterable[Row], columns: Sequence[str], form: str, out: BinaryIO) -> int:
    """Write the *columns* of *rows* in *form* (one of FORMATS) to *out*; how many rows it were.

    In CSV and XLSX a text that a spreadsheet would run gets an apostrophe before it. Empty is an empty cell, null in
    JSON.
    """
    writers: dict[str, Callable[[Iterable[Row], Sequence[str], BinaryIO], int]] = {
        "csv": _csv,
        "json": _json,
        "jsonl": _jsonl,
        "xlsx": _xlsx,
    }
    return writers[form](rows, columns, out)


def write_file(rows: Iterable[Row], columns: Sequence[str], form: str, path: Path) -> int:
    """The same into a file: whole, or not at all and what was there stays. BadInput when it cannot be written."""
    part = path.with_name(f"{path.name}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, _("it is a folder"))
        # Rows hold personal data: for its owner only.
        with open(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
            many = write_rows(rows, columns, form, out)
        os.replace(part, path)
    except OSError as refused:
        raise unwritable(path, refused) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return many


def cell_text(value: object) -> str:
    """A value as the text of a CSV cell, safe for spreadsheets."""
    if isinstance(value, str):
        return neutral(value)
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return neutral(plain if isinstance(plain, str) else str(plain))


def _csv(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow([neutral(column) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([cell_text(row.get(column)) for column in columns])
        count += 1
    text.flush()
    text.detach()
    return count


def _json(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
    count = 0
    out.write(b"[")
    for row in rows:
        out.write(b",\n" if count else b"\n")
        out.write(_object(row, columns))
        count += 1
    out.write(b"\n]\n")
    return count


def _jsonl(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
    count = 0
    for row in rows:
        out.write(_object(row, columns) + b"\n")
        count += 1
    return count


def _xlsx(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
    from openpyxl import Workbook  # type: ignore[import-untyped]  # 0.2 s, only for a workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    def shown(value: object) -> object:
        plain = _plain(value)
        if not isinstance(plain, str):
            return plain
        return neutral(ILLEGAL_CHARACTERS_RE.sub("", plain))[:_SHEET_CELL]

    book = Workbook(write_only=True)
    count = 0
    sheet = None
    for row in rows:
        if sheet is None or count % (_SHEET_ROWS - 1) == 0:
            sheet = book.create_sheet(f"PQLDesk {count // (_SHEET_ROWS - 1) + 1}" if count else "PQLDesk")
            sheet.append([shown(column) for column in columns])
        sheet.append([shown(row.get(column)) for column in columns])
        count += 1
    if sheet is None:
        book.create_sheet("PQLDesk").append([shown(column) for column in columns])
    book.save(out)
    return count


def _object(row: Row, columns: Sequence[str]) -> bytes:
    found = {column: _plain(row.get(column)) for column in columns}
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _plain(value: object) -> str | int | float | bool | None:
    """A value as JSON has it; times in UTC with Z."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return moments.iso(moments.micros(value))
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
