"""Cells that a spreadsheet would run as a formula, made harmless."""

import re
from typing import Final

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def neutral(cell: str) -> str:
    """*cell* with an apostrophe before it when a spreadsheet would take it for a formula; numbers stay."""
    if cell.startswith(_STARTS) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
