"""Header cells as column names."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.files.table import Note

_SPACES = re.compile(r"\s+")


def cleaned(cell: object) -> str:
    """A header cell on one line, without control or invisible characters."""
    text = _SPACES.sub(" ", "" if cell is None else str(cell))
    shown = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"))
    return unicodedata.normalize("NFC", shown).strip()


def column_names(cells: Iterable[object]) -> list[str]:
    """Names for *cells*, "" for those without. A name that comes again gets a number: ``email (2)``."""
    names: list[str] = []
    taken: set[str] = set()
    for cell in cells:
        name = cleaned(cell)
        if name in taken:
            number = 2
            while f"{name} ({number})" in taken:
                number += 1
            name = f"{name} ({number})"
        if name:
            taken.add(name)
        names.append(name)
    return names


def numbered(width: int) -> list[str]:
    """Names for a table without a header: c1, c2, ..."""
    return [f"c{position}" for position in range(1, width + 1)]


def header_notes(cells: Sequence[object], columns: Sequence[str]) -> list[str]:
    """What is odd about a header, one sentence each."""
    notes: list[str] = []
    repeated = [column for cell, column in zip(cells, columns, strict=True) if cleaned(cell) != column]
    if repeated:
        notes.append(
            _("Some columns share a name; the later ones are called {known}.").format(
                known=", ".join(repeated)
            )
        )
    unnamed = sum(not column for column in columns)
    if unnamed:
        said = n_("{n} column without a name left out.", "{n} columns without a name left out.", unnamed)
        notes.append(said.format(n=unnamed))
    if columns and not any(letter.isalpha() for column in columns for letter in column):
        notes.append(Note(_("The header holds no word."), _('If it is a row, say "--header-line none".')))
    return notes
