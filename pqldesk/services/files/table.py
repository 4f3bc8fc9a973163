"""SourceTable: one file as a header and a stream of rows, whatever its format."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias

from pqldesk.services.basics.texts import _, numeral
from pqldesk.services.files.bytesource import Format

CELL_LIMIT: Final = 1024**2  # characters

#: Where a row begins (see SourceTable), its number among the rows from 1, its values by column.
SourceRow: TypeAlias = tuple[int, int, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not taken: where it begins, its number, why, and what it holds."""

    line: int
    row: int
    reason: str
    values: tuple[object, ...]


RejectSink: TypeAlias = Callable[[Reject], None]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user said about a file; None means find out."""

    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | Literal["none"] | None = None
    sheet: str | None = None


class Note(str):
    """A sentence on how a file was read. *remedy* is what may be typed in a terminal to have it otherwise."""

    __slots__ = ("remedy",)
    remedy: str

    def __new__(cls, words: str, remedy: str = "") -> Self:
        note = super().__new__(cls, words)
        note.remedy = remedy
        return note


class SourceTable(ABC):
    """A file of rows. It can be read any number of times, in constant memory except for workbooks and JSON arrays.

    ``columns`` has one name per value of a row; columns without a name are "" and are left out by default.
    A row's ``line`` is the physical line (CSV, JSONL) or sheet row (workbooks) on which it begins, from 1; in a
    JSON array or Parquet file it is the number of the record. ``blank`` counts the empty rows of the last reading.
    """

    format: Format

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: list[str] = []
        self.notes: list[str] = []
        self.blank = 0
        self.encoding: str | None = None
        self.delimiter: str | None = None
        self.header_line: int | None = None
        self.sheet: str | None = None
        self.sheets: tuple[str, ...] = ()
        self.encoding_in_question = False  # found out from letters alone, or named by the user

    @abstractmethod
    def rows(self, reject: RejectSink) -> Iterator[SourceRow]:
        """Every row in order; what cannot be a row goes to *reject* instead. Values are text or typed."""

    @property
    def named_columns(self) -> list[str]:
        return [column for column in self.columns if column]

    def preview(self, count: int = 20) -> list[SourceRow]:
        """The first rows, for a person to look at."""
        found: list[SourceRow] = []
        blank = self.blank
        for row in self.rows(lambda _: None):
            found.append(row)
            if len(found) >= count:
                break
        self.blank = blank
        return found


def flaw_of(cells: Sequence[str], joined: str, damaged: bool) -> str | None:
    """Why a row's text cannot be kept, or None. *joined* is all of it in one piece."""
    if "\0" in joined:
        return _("It holds a NUL character.")
    if len(joined) > CELL_LIMIT:
        for position, cell in enumerate(cells, 1):
            if len(cell) > CELL_LIMIT:
                return _("Cell {position} has {n} characters; the limit is {limit}.").format(
                    position=position, n=numeral(len(cell)), limit=numeral(CELL_LIMIT)
                )
    if damaged and any("\udc80" <= letter <= "\udcff" for letter in joined):
        return _("It holds bytes that are not UTF-8.")
    return None


def wrong_width(found: int, wanted: int) -> str:
    """The sentence for a row with too many or too few cells."""
    cells = "1 cell" if found == 1 else f"{found} cells"
    return _("It has {cells}, the header has {wanted}.").format(cells=cells, wanted=wanted)


def shortened(values: Sequence[object]) -> tuple[object, ...]:
    """Values to keep with a reject: cells over the limit are cut."""
    return tuple(
        f"{value[:200]}… ({len(value):,} characters)"
        if isinstance(value, str) and len(value) > CELL_LIMIT
        else value
        for value in values
    )
