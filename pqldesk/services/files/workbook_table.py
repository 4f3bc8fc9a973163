"""Excel and OpenDocument sheets."""

from collections.abc import Iterator
from pathlib import Path

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.bytesource import Format
from pqldesk.services.files.header import column_names, header_notes, numbered
from pqldesk.services.files.table import (
    Note,
    ReadOptions,
    Reject,
    RejectSink,
    SourceRow,
    SourceTable,
    flaw_of,
    shortened,
)
from pqldesk.services.files.workbook_child import MEMORY_BYTES, Sheet, SheetUnread, read_sheet


class WorkbookTable(SourceTable):
    """One sheet; without ``--sheet`` the first visible one that is not empty, which is said in ``notes``."""

    format = Format.WORKBOOK

    def __init__(self, path: Path, options: ReadOptions) -> None:
        super().__init__(path)
        sheet = self._sheet(options.sheet)
        self.sheet, self.sheets = sheet.name, sheet.sheets
        self._rows, self._width = sheet.rows, sheet.width
        if options.sheet is None and len(self.sheets) > 1:
            self.notes.append(
                Note(
                    _("Read the sheet {sheet!r} of {known}.").format(
                        sheet=self.sheet, known=", ".join(self.sheets)
                    ),
                    _("--sheet chooses another."),
                )
            )
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

    def _sheet(self, wanted: str | None) -> Sheet:
        name = self.path.name
        try:
            return read_sheet(self.path, wanted)
        except SheetUnread as why:
            match why.failure:
                case "password":
                    raise BadInput(
                        _("{name} is protected by a password.").format(name=name), _("Save it without one.")
                    ) from None
                case "no such sheet":
                    raise BadInput(
                        _("{name} has no sheet {wanted!r}.").format(name=name, wanted=wanted),
                        _("Its sheets are {known}.").format(known=", ".join(why.sheets)),
                    ) from None
                case "empty":
                    raise BadInput(
                        _("{name} has no rows.").format(name=name), _("Check that it is the right file.")
                    ) from None
                case "too large":
                    raise BadInput(
                        _(
                            "{name} needs more than {memory_bytes} GiB to be read: its cells are too many or lie too "
                            "far apart."
                        ).format(name=name, memory_bytes=MEMORY_BYTES // 1024**3),
                        _("Delete what lies far from the table, or export the sheet as CSV."),
                    ) from None
            raise BadInput(
                _("{name} is not an Excel or OpenDocument workbook that can be read.").format(name=name),
                _("Save it again as XLSX, or export the sheet as CSV."),
            ) from None

    def _read_header(self, wanted: object) -> None:
        for line, cells in enumerate(self._rows, 1):
            if isinstance(wanted, int):
                if line != wanted:
                    continue
            elif not any(map(_filled, cells)):
                continue
            if wanted == "none":
                self.columns = numbered(self._width)
                return
            names = [*map(_whole_number, cells), *[""] * (self._width - len(cells))]
            self.header_line = line
            self.columns = column_names(names)
            self.notes += header_notes(names, self.columns)
            return
        raise BadInput(
            _("{path} has no row {wanted}.").format(path=self.path.name, wanted=wanted)
            if isinstance(wanted, int)
            else _("{path} has no rows.").format(path=self.path.name),
            _("Check the sheet and --header-line."),
        )


def _filled(cell: object) -> bool:
    return not (cell is None or cell == "" or (isinstance(cell, str) and cell.isspace()))


def _whole_number(cell: object) -> object:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
