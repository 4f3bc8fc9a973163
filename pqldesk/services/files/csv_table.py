"""CSV and TSV files of any length."""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final, Literal, TextIO

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.bytesource import ByteSource, Format
from pqldesk.services.files.characters import Characters, text_of
from pqldesk.services.files.delimiters import checked_delimiter, delimiter_in
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
    wrong_width,
)

_BLOCK: Final = 1024**2
_RECORD_LIMIT: Final = 16 * 1024**2
_UNCLOSED_LIMIT: Final = 100
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_UNCLOSED: Final = _("A quote that opens on this line is never closed.")


class CsvTable(SourceTable):
    """Rows of cells as text. A row that ends before the last named column or holds something beyond the header is
    rejected, never filled or cut: nobody can tell where a delimiter was lost. Empty cells beyond it do no harm."""

    format = Format.CSV

    def __init__(self, source: ByteSource, characters: Characters, options: ReadOptions) -> None:
        super().__init__(source.path)
        self._source = source
        self._characters = characters
        self.encoding = characters.shown
        lines = self._first_lines()
        self._skip = 0  # lines before anything that could be a header
        sep = _SEP_LINE.fullmatch(lines[0]) if lines else None
        if sep:
            self._skip = 1
            lines = lines[1:]
        if options.delimiter is not None:
            self.delimiter = checked_delimiter(options.delimiter)
        elif sep:
            self.delimiter = sep[1]
        else:
            self.delimiter = delimiter_in(lines, "\t" if ".tsv" in source.path.suffixes else ",")
        self._read_header(options.header_line)
        if characters.guessed:
            self.notes.append(
                Note(
                    _("Not UTF-8; read as {encoding}.").format(encoding=self.encoding),
                    _("Say --encoding if letters look wrong."),
                )
            )
        self.encoding_in_question = characters.guessed or options.encoding is not None
        if characters.damaged:
            self.notes.append(_("Some bytes are not UTF-8; the rows that hold them are rejected."))

    def rows(self, reject: RejectSink) -> Iterator[SourceRow]:
        width = len(self.columns)
        needed = max((place for place, name in enumerate(self.columns, 1) if name), default=width)
        after = self.header_line or self._skip
        damaged = self._characters.damaged
        number = blank = 0
        self.blank = 0
        for line, cells, fault in self._records():
            if line <= after:
                continue
            joined = "".join(cells)
            if not joined or joined.isspace():
                blank += 1
                self.blank = blank
                continue
            number += 1
            if fault is None:
                if len(cells) != width:
                    cells = _fitted(cells, needed, width)
                if len(cells) != width:
                    fault = wrong_width(len(cells), width)
                elif "\0" in joined or damaged or len(joined) > 65536:
                    fault = flaw_of(cells, joined, damaged)
            if fault is None:
                yield line, number, cells
            else:
                reject(Reject(line, number, fault, shortened(cells)))

    def _first_lines(self) -> list[str]:
        with text_of(self._source, self._characters, "") as stream:
            return stream.readlines(256 * 1024)

    def _read_header(self, wanted: int | Literal["none"] | None) -> None:
        for line, cells, _unclosed in self._records():
            if line <= self._skip:
                continue
            if isinstance(wanted, int):
                if line < wanted:
                    continue
                if line > wanted:
                    break
            elif not any(cell and not cell.isspace() for cell in cells):
                continue
            if wanted == "none":
                self.columns = numbered(len(cells))
                return
            self.header_line = line
            self.columns = column_names(cells)
            self.notes += header_notes(cells, self.columns)
            return
        if isinstance(wanted, int):
            raise BadInput(
                _("No row of {path} begins on line {wanted}.").format(path=self.path.name, wanted=wanted),
                _("Check --header-line."),
            )
        raise BadInput(
            _("{path} has no rows.").format(path=self.path.name), _("Check that it is the right file.")
        )

    def _records(self) -> Iterator[tuple[int, list[str], str | None]]:
        """Every record with the line it begins on, and a fault if it cannot be told where it ends."""
        with text_of(self._source, self._characters, "") as stream:
            feed = _LineFeed(stream)
            before = 0  # lines of the file before those the reader has seen
            for _line in range(_UNCLOSED_LIMIT):
                reader = csv.reader(chain.from_iterable(feed.blocks()), delimiter=self.delimiter or ",")
                end = 0
                try:
                    for cells in reader:
                        yield before + end + 1, cells, None
                        end = feed.done = reader.line_num
                    return
                except _UnclosedQuote:
                    before += end + 1
                    yield before, [feed.drop_first().rstrip("\r\n")], _UNCLOSED
            raise BadInput(
                _(
                    "{path} has too many quotes that are never closed; line {before} is the last looked at."
                ).format(path=self.path.name, before=before),
                _("Check the delimiter and the quotes of the file."),
            )


def _fitted(cells: list[str], needed: int, width: int) -> list[str]:
    """*cells* in the width of the header, where only empty or unnamed ones are concerned."""
    if len(cells) > width:
        return cells if any(cells[width:]) else cells[:width]
    return cells + [""] * (width - len(cells)) if len(cells) >= needed else cells


class _UnclosedQuote(Exception):
    """The reader wants more lines for one record than a record may have."""


class _LineFeed:
    """Lines for csv.reader in blocks. It keeps the lines of the record being read, so that a quote that is never
    closed costs one line and not the rest of the file."""

    def __init__(self, stream: TextIO) -> None:
        self.done = 0  # lines of finished records, set by the caller after each
        self._stream = stream
        self._given = 0
        self._kept: list[str] = []
        self._kept_from = 0
        self._pending: list[str] = []

    def blocks(self) -> Iterator[list[str]]:
        while True:
            block = self._pending or self._stream.readlines(_BLOCK)
            self._pending = []
            if self._given == self.done:
                self._kept = []
                self._kept_from = self._given
            elif not block or sum(map(len, self._kept[self.done - self._kept_from :])) > _RECORD_LIMIT:
                self._kept += block
                raise _UnclosedQuote
            if not block:
                return
            self._kept += block
            self._given += len(block)
            yield block

    def drop_first(self) -> str:
        """Take the first line of the unfinished record away and begin anew after it."""
        lines = self._kept[self.done - self._kept_from :]
        self._pending = lines[1:]
        self._kept = []
        self._given = self.done = self._kept_from = 0
        return lines[0]
