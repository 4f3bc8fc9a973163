"""The file of rejected rows, written beside the file they come from."""

import csv
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.formulas import neutral
from pqldesk.services.files.refusals import unwritable
from pqldesk.services.files.table import Reject
from pqldesk.services.files.values import text

LISTED: Final = 1000
BESIDE: Final = ("line", "row", "reason")
"""The columns of a rejects file before those of the file its rows come from."""


class RejectsFile:
    """Takes rejects, keeps the first 1,000 in ``listed``, and writes all of them as CSV once there is one.

    The file is called ``NAME.rejects.csv`` or ``NAME.rejects-2.csv`` ...: an older one is never written over. It
    lies in the first of *folders* that can be written to. With *folders* empty nothing is written (dry run).
    """

    def __init__(self, source: Path, columns: Sequence[str], folders: Sequence[Path]) -> None:
        self.path: Path | None = None
        self.count = 0
        self.listed: list[Reject] = []
        self._source = source
        self._columns = columns
        self._folders = folders
        self._file: TextIO | None = None

    def add(self, reject: Reject) -> None:
        """Count, list and write one reject. BadInput when no folder can be written to."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(reject)
        if not self._folders:
            return
        if self._file is None:
            self._file = self._opened()
            self._writer = csv.writer(self._file)
            self._writer.writerow([*BESIDE, *(neutral(column) for column in self._columns)])
        shown = [neutral((text(value) or "").replace("\0", "\ufffd")) for value in reject.values]
        try:
            self._writer.writerow([reject.line, reject.row, reject.reason, *shown])
        except OSError as refused:
            raise unwritable(self.path or self._source, refused) from None

    def close(self) -> None:
        """Write what is left. BadInput when that is refused, as on a full disk."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as refused:
                raise unwritable(self.path or self._source, refused) from None

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with suppress(*([BadInput] if kind is not None else [])):  # what ended the import is said instead
            self.close()

    def _opened(self) -> TextIO:
        for folder in self._folders:
            with suppress(OSError):
                return self._in(folder)
        raise BadInput(
            _("The rejected rows of {source} cannot be written to {folders}.").format(
                source=self._source.name, folders=self._folders[-1]
            ),
            _("Name a folder that can be written to with --rejects-dir."),
        )

    def _in(self, folder: Path) -> TextIO:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            mark = "" if number == 1 else f"-{number}"
            path = folder / f"{self._source.name}.rejects{mark}.csv"
            try:
                # Exclusive, so that two imports at once cannot share a file; rows hold personal data: owner only.
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            except FileExistsError:
                number += 1
                continue
            self.path = path
            return open(handle, "w", encoding="utf-8", errors="replace", newline="")
