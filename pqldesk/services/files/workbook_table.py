"""Excel and OpenDocument sheets."""

from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from pqldesk.services.files.bytesource import Format
from pqldesk.services.files.header import column_names, header_notes, numbered
from pqldesk.services.files.table import (
    ReadOptions,
    Reject,
    RejectSink,
    SourceRow,
    SourceTable,
    flaw_of,
    shortened,
)
from pqldesk.services.problems import BadInput


class WorkbookTable(SourceTable):
    """One sheet; without ``--sheet`` the first visible one that is not empty, which is said in ``notes``."""

    format = Format.WORKBOOK

    def __init__(self, path: Path, options: ReadOptions) -> None:
        super().__init__(path)
        try:
            with CalamineWorkbook.from_path(str(path)) as book:
                self._rows = self._choose(book, options.sheet)
        except PasswordError as locked:
            raise BadInput(f"{path.name} is protected by a password.", "Save it without one.") from locked
        except (CalamineError, OSError, ValueError) as broken:
            raise _broken(path) from broken
        except BaseException as panic:
            # The reader is written in Rust; damaged old Excel files make it panic, which is no Exception in Python.
            if type(panic).__name__ != "PanicException":
                raise
            raise _broken(path) from panic
        self._read_header(options.header_line)

    def rows(self, reject: RejectSink) -> Iterator[SourceRow]:
        width = len(self.columns)
        number = 0
        self.blank = 0
        after = self.header_line or 0
        for line, cells in enumerate(self._rows, 1):
            if line <= after:
                continue
            if not any(map(_filled, cells)):
                self.blank += 1
                continue
            number += 1
            texts = [cell for cell in cells if isinstance(cell, str)]
            joined = "".join(texts)
            fault = flaw_of(texts, joined, False) if "\0" in joined or len(joined) > 65536 else None
            if fault is None:
                yield line, number, [*cells[:width], *[""] * (width - len(cells))]
            else:
                reject(Reject(line, number, fault, shortened(cells)))

    def _choose(self, book: CalamineWorkbook, wanted: str | None) -> list[list[object]]:
        kinds = {sheet.name: sheet for sheet in book.sheets_metadata}
        self.sheets = tuple(name for name in book.sheet_names if kinds[name].typ == SheetTypeEnum.WorkSheet)
        if wanted is not None:
            if wanted not in self.sheets:
                raise BadInput(
                    f"{self.path.name} has no sheet {wanted!r}.", f"Its sheets are {', '.join(self.sheets)}."
                )
            self.sheet = wanted
            return _cells(book, wanted)
        visible = [name for name in self.sheets if kinds[name].visible == SheetVisibleEnum.Visible]
        for name in visible or self.sheets:
            if rows := _cells(book, name):
                self.sheet = name
                if len(self.sheets) > 1:
                    self.notes.append(
                        f"Read the sheet {name!r} of {', '.join(self.sheets)}; --sheet chooses another."
                    )
                return rows
        raise BadInput(f"{self.path.name} has no rows.", "Check that it is the right file.")

    def _read_header(self, wanted: object) -> None:
        for line, cells in enumerate(self._rows, 1):
            if isinstance(wanted, int):
                if line != wanted:
                    continue
            elif not any(map(_filled, cells)):
                continue
            if wanted == "none":
                self.columns = numbered(len(cells))
                return
            names = [_whole_number(cell) for cell in cells]
            self.header_line = line
            self.columns = column_names(names)
            self.notes += header_notes(names, self.columns)
            return
        raise BadInput(
            f"{self.path.name} has no row {wanted}."
            if isinstance(wanted, int)
            else f"{self.path.name} has no rows.",
            "Check the sheet and --header-line.",
        )


def _broken(path: Path) -> BadInput:
    return BadInput(
        f"{path.name} is not an Excel or OpenDocument workbook that can be read.",
        "Save it again as XLSX, or export the sheet as CSV.",
    )


def _cells(book: CalamineWorkbook, name: str) -> list[list[object]]:
    # skip_empty_area=False keeps the blank rows above the header, so that line numbers are sheet rows.
    return [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]


def _filled(cell: object) -> bool:
    return not (cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()))


def _whole_number(cell: object) -> object:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
