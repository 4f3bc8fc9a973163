"""Open a file of rows, whatever it is: told by what it holds, not by its name."""

from pathlib import Path

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.bytesource import Format, byte_source, format_of
from pqldesk.services.files.characters import characters_of
from pqldesk.services.files.csv_table import CsvTable
from pqldesk.services.files.json_table import JsonlTable, JsonTable, json_format
from pqldesk.services.files.table import ReadOptions, SourceTable


def open_table(path: Path, options: ReadOptions | None = None) -> SourceTable:
    """The table in *path*. BadInput, in words, when it cannot be read, holds none, or no row at all."""
    options = options or ReadOptions()
    source = byte_source(path)
    if not source.head.strip():
        raise BadInput(_("{path} is empty.").format(path=path.name), _("Check that it is the right file."))
    kind = format_of(source)
    if kind is Format.WORKBOOK:
        from pqldesk.services.files.workbook_table import WorkbookTable

        return WorkbookTable(path, options)
    if kind is Format.PARQUET:
        from pqldesk.services.files.parquet_table import ParquetTable

        return ParquetTable(path)
    characters = characters_of(source, options.encoding)
    match json_format(source, characters) if options.delimiter is None else None:
        case Format.JSON:
            return JsonTable(source, characters)
        case Format.JSONL:
            return JsonlTable(source, characters)
        case _:
            return CsvTable(source, characters, options)
