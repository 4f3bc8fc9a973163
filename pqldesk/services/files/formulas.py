"""Cells that a spreadsheet would run as a formula, made harmless."""

import re
from typing import Final

from pqldesk.services.basics.plain_text import plain

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def neutral(cell: str) -> str:
    """*cell* without control characters, with an apostrophe where a spreadsheet would run it; numbers stay."""
    cell = "\r".join(map(plain, cell.split("\r")))  # a carriage return is a line end in a cell
    if cell.startswith(_STARTS) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """*cell* as it was before ``neutral`` put an apostrophe before it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _STARTS else cell
