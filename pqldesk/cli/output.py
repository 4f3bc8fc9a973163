"""Printing: a table for people, JSON alone on stdout for scripts, CSV for spreadsheets; messages go to stderr."""

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unicodedata import category, east_asian_width

from pqldesk.services.basics.plain_text import plain
from pqldesk.services.basics.rates import ENOUGH
from pqldesk.services.basics.texts import _
from pqldesk.services.files.export import cell_text

Row = Mapping[str, Any]
WIDEST = 44  # characters of a table cell
_FRACTION = re.compile(r"(?<=T\d\d:\d\d:\d\d)\.\d+(?=Z$)")  # of a second, in a whole cell


def print_json(value: object) -> None:
    """Exactly one JSON value."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_list(
    rows: Sequence[Row],
    form: str,
    columns: Sequence[str],
    empty: str | None = None,
    widest: int = WIDEST,
) -> None:
    """A list: all keys as JSON, *columns* of them as CSV or as a table with cells cut at *widest*."""
    if form == "json":
        print_json(list(rows))
    elif form == "csv":
        print_csv(rows, columns)
    elif rows:
        print_table(rows, columns, widest)
    else:
        message(_("Nothing to show.") if empty is None else empty)


def print_object(value: Row, form: str, text: str | None = None) -> None:
    """One object: as JSON, as a CSV of one row, or as *text* (its keys and values by default)."""
    if form == "json":
        print_json(value)
    elif form == "csv":
        flat = flattened(value)
        print_csv([flat], list(flat))
    elif text is not None:
        print(plain(text))
    else:
        flat = flattened(value)
        width = max((len(key) for key in flat), default=0)
        for key, cell in flat.items():
            print(plain(f"{key.replace('_', ' '):<{width}}  {_cell(cell)}"))


def print_table(rows: Sequence[Row], columns: Sequence[str], widest: int = WIDEST) -> None:
    """Aligned columns; numbers to the right; long cells are cut with an ellipsis, times to the second."""
    cells = [
        [_short(_FRACTION.sub("", _cell(row.get(column))), widest) for column in columns] for row in rows
    ]
    titles = [column.replace("_", " ") for column in columns]
    widths = [max(_width(titles[n]), *(_width(line[n]) for line in cells)) for n in range(len(columns))]
    right = [all(isinstance(row.get(column), int | float | None) for row in rows) for column in columns]
    for line in [titles, *cells]:
        parts = [
            " " * (width - _width(text)) + text if to_right else text + " " * (width - _width(text))
            for text, width, to_right in zip(line, widths, right, strict=True)
        ]
        print("  ".join(parts).rstrip())


def print_csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """CSV with *columns*; cells that a spreadsheet would run get an apostrophe."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(row.get(column)) for column in columns])


def flattened(value: Row, before: str = "") -> dict[str, Any]:
    """Objects in objects as ``outer.inner``; lists as JSON text."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            found |= flattened(inner, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = inner
    return found


def message(text: str) -> None:
    """A line for the person, never on stdout."""
    print(plain(text), file=sys.stderr)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() | tuple() if all(isinstance(item, str | int | float) for item in value):
            return ", ".join(map(str, value))
        case Mapping() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _csv_cell(value: object) -> str:
    return cell_text(_cell(value) if isinstance(value, list | tuple | Mapping) else value)


def _short(text: str, widest: int) -> str:
    line = " ".join(plain(text).split())
    if _width(line) <= widest:
        return line
    while _width(line) >= widest:
        line = line[:-1]
    return line + "…"


def _width(text: str) -> int:
    """How many cells of a terminal *text* takes: two for wide letters, none for marks that stand on another."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(letter) in ("Mn", "Me", "Cf") else 2 if east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def rates_in_words(row: Row, prefix: str, of: str) -> dict[str, Any]:
    """A rate and its interval as a table shows them: of fewer than thirty there is none to speak of."""
    keys = [f"{prefix}{name}" for name in ("rate", "low", "high")]
    if row[keys[0]] is not None and row[of] < ENOUGH:
        return dict(zip(keys, (_("not enough yet"), "", ""), strict=True))
    return {key: "" if row[key] is None else f"{100 * row[key]:.1f}%" for key in keys}
