"""What the user says about an import, and what became of its rows."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.texts import _, n_, numeral
from pqldesk.services.files.table import ReadOptions
from pqldesk.services.ingest.stored import Stored


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user said about the import; see ReadOptions and ValueOptions for files and values."""

    source: str = "file"
    mapping: tuple[str, ...] = ()  # COLUMN=FIELD
    constants: tuple[str, ...] = ()  # FIELD=VALUE
    events: tuple[str, ...] = ()  # NAME=KIND
    read: ReadOptions = field(default_factory=ReadOptions)
    zone: str | None = None  # of times that name none; the workspace's where nothing is said
    day_first: bool | None = None
    decimal_comma: bool | None = None
    null_texts: frozenset[str] | None = None
    dry_run: bool = False
    rejects_dir: Path | None = None
    page: int | None = None


@dataclass(slots=True)
class FileResult:
    """What became of one file; rows = created + updated + duplicates + rejected + set_aside.

    What was dropped (erased, ignored) and what is empty (blank) is counted beside them.
    """

    file: str
    encoding: str | None
    delimiter: str | None
    header_line: int | None
    sheet: str | None
    mapping: dict[str, str]
    unmapped: list[str]
    rows: int = 0
    created: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    set_aside: int = 0
    erased: int = 0  # about people who were erased: dropped
    ignored: int = 0  # of a kind that counts for nothing: dropped, as the intake drops it
    blank: int = 0
    rejects_file: str | None = None
    rejects: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    zone: str | None = None  # in which times were taken that name none
    day_first: bool | None = None
    decimal_comma: bool = False
    in_question: list[str] = field(
        default_factory=list
    )  # of zone, dates, numbers, encoding, sheet: may be other
    sheets: list[str] = field(default_factory=list)  # of a workbook
    examples: dict[str, str] = field(default_factory=dict)  # of a dry run: what stands first in each column
    uncounted: dict[str, int] = field(
        default_factory=dict
    )  # of a dry run: events of kinds that no signal counts
    missing: list[str] = field(default_factory=list)  # of a dry run: one of these fields has to have a column
    batch: str | None = None

    def add(self, stored: Stored) -> None:
        self.created += stored.created
        self.updated += stored.updated
        self.duplicates += stored.duplicates
        self.set_aside += stored.set_aside
        self.erased += stored.erased
        counted = self.created + self.updated + self.duplicates + self.rejected
        self.rows = counted + self.set_aside


class NothingUsable(BadInput):
    """No row of the file could be used; *result* says why of each."""

    def __init__(self, what: str, remedy: str, result: FileResult) -> None:
        super().__init__(what, remedy)
        self.result = result


def _batches(count: int) -> str:
    return n_("{n} whole batch", "{n} whole batches", count)


class Interrupted(Problem):
    """The user stopped the import; whole batches are stored."""

    def __init__(self, file: str, batches: int, rows: int, result: FileResult) -> None:
        super().__init__(
            _("Stopped in {file} after {batches}: {rows} rows are stored.").format(
                file=file, batches=_batches(batches), rows=numeral(rows)
            ),
            _("Import the file again to go on; rows already stored count as duplicates."),
        )
        self.result = result


class BrokenOff(Problem):
    """Something ended the import half-way; whole batches are stored."""

    def __init__(self, file: str, batches: int, result: FileResult, cause: Problem) -> None:
        stored = (
            n_("{n} row is stored", "{n} rows are stored", result.rows)
            if batches
            else _("nothing of it is stored")
        )
        super().__init__(
            _("{what} The import of {file} ended after {batches}: {stored}.").format(
                what=cause.what, file=file, batches=_batches(batches), stored=stored
            ),
            _("{remedy} Then import the file again; rows already stored count as duplicates.").format(
                remedy=cause.remedy
            ),
        )
        self.result = result
