"""Which character parts the cells of a CSV file."""

import csv
from typing import Final

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _

DELIMITERS: Final = (",", ";", "\t", "|")
_ROWS: Final = 100
_CLOSE: Final = 0.05

# The module's own limit of 131,072 characters is process-wide and below ours; rows are checked in table.flaw_of.
csv.field_size_limit(256 * 1024**2)


def delimiter_in(lines: list[str], hint: str = ",") -> str:
    """The delimiter under which most of the first rows are as wide as the first; *hint* when nothing speaks."""
    scores: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        widths = _widths(lines, delimiter)
        if widths and widths[0] > 1:
            scores[delimiter] = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
    if not scores:
        return hint
    best = max(scores.values())[0]
    close = [delimiter for delimiter, (share, _) in scores.items() if share >= best - _CLOSE]
    if len(close) == 1:
        return close[0]
    return _second_opinion(lines, close) or max(close, key=lambda delimiter: scores[delimiter])


def checked_delimiter(wanted: str) -> str:
    """*wanted* as one character; ``tab`` and ``\\t`` are understood."""
    delimiter = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}.get(
        wanted.lower(), wanted
    )
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise BadInput(
            _("{wanted!r} cannot be a delimiter.").format(wanted=wanted),
            _("Give one character, for instance ; or tab."),
        )
    return delimiter


def _widths(lines: list[str], delimiter: str) -> list[int]:
    widths = []
    for cells in csv.reader(lines, delimiter=delimiter):
        if any(cell and not cell.isspace() for cell in cells):
            widths.append(len(cells))
        if len(widths) >= _ROWS:
            break
    return widths


def _second_opinion(lines: list[str], close: list[str]) -> str | None:
    import clevercsv  # 0.2 s, needed by few files

    try:
        dialect = clevercsv.Sniffer().sniff("".join(lines[:50])[:8192], delimiters=close)
    except clevercsv.Error:
        return None
    found = dialect.delimiter if dialect is not None else None
    return found if found in close else None
