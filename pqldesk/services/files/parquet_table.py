"""Parquet files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.bytesource import Format
from pqldesk.services.files.header import column_names, header_notes
from pqldesk.services.files.table import Reject, RejectSink, SourceRow, SourceTable, flaw_of, shortened

_BATCH = 10_000


class ParquetTable(SourceTable):
    """Records batch by batch with their own types; nanoseconds are cut to microseconds."""

    format = Format.PARQUET

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            with pq.ParquetFile(path) as file:
                names = list(file.schema_arrow.names)
                count = file.metadata.num_rows
        except (pa.ArrowException, OSError, ValueError) as broken:
            raise BadInput(
                _("{path} is not a Parquet file that can be read.").format(path=path.name),
                _("Write it again."),
            ) from broken
        if not count or not names:
            raise BadInput(
                _("{path} has no rows.").format(path=path.name), _("Check that it is the right file.")
            )
        self.columns = column_names(names)
        self.notes += header_notes(names, self.columns)

    def rows(self, reject: RejectSink) -> Iterator[SourceRow]:
        number = 0
        record = 0
        self.blank = 0
        for columns in self._batches():
            for values in zip(*columns, strict=True):
                record += 1
                if all(value is None or value == "" for value in values):
                    self.blank += 1
                    continue
                number += 1
                texts = [value for value in values if isinstance(value, str)]
                fault = flaw_of(texts, "".join(texts), False)
                if fault is None:
                    yield record, number, values
                else:
                    reject(Reject(record, number, fault, shortened(values)))

    def _batches(self) -> Iterator[list[list[object]]]:
        """The columns of each batch; BadInput where the file is damaged."""
        try:
            with pq.ParquetFile(self.path, coerce_int96_timestamp_unit="us") as file:
                for batch in file.iter_batches(_BATCH):
                    yield [_values(column) for column in batch.columns]
        except (pa.ArrowException, OSError, ValueError, OverflowError) as broken:
            raise BadInput(
                _("{path} is damaged.").format(path=self.path.name), _("Write it again.")
            ) from broken


def _values(column: pa.Array) -> list[object]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    elif pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    elif pa.types.is_nested(column.type):
        return [None if item is None else json.dumps(item, default=str) for item in column.to_pylist()]
    return list(column.to_pylist())
