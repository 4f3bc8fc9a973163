"""The bytes of a file as they are or unpacked from gzip, and what kind of file they begin."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.refusals import unreadable

HEAD_BYTES: Final = 256 * 1024
UNPACKED_LIMIT: Final = 8 * 1024**3
WORKBOOK_LIMIT: Final = 1024**3
_RATIO_LIMIT: Final = 400  # deflate cannot pass 1,032; tables of text stay below 60
_RATIO_FROM: Final = 64 * 1024**2


class Format(StrEnum):
    CSV = "csv"
    WORKBOOK = "workbook"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


_REFUSED: Final = (
    (b"BZh", _("a bzip2 archive")),
    (b"\xfd7zXZ\x00", _("an xz archive")),
    (b"7z\xbc\xaf\x27\x1c", _("a 7-Zip archive")),
    (b"Rar!\x1a\x07", _("a RAR archive")),
    (b"\x28\xb5\x2f\xfd", _("a Zstandard archive")),
    (b"\x04\x22\x4d\x18", _("an LZ4 archive")),
    (b"%PDF-", _("a PDF document")),
    (b"SQLite format 3\x00", _("an SQLite database")),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
)
_SHEETS_INSIDE: Final = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_TEXT_REMEDY: Final = _("Unpack or export it as CSV, XLSX, JSON, JSONL or Parquet and import that.")


@dataclass(frozen=True, slots=True)
class ByteSource:
    """A readable file: *head* is its beginning, unpacked when *packed*. It can be opened again and again."""

    path: Path
    packed: bool
    head: bytes

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The unpacked bytes from the start; BadInput where the file breaks off or swells without end."""
        try:
            raw = self.path.open("rb")
        except OSError as refused:
            raise unreadable(self.path, refused) from refused
        with raw:
            if not self.packed:
                yield raw
                return
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield io.BufferedReader(_Bounded(self.path, raw, unpacked), 256 * 1024)


class _Bounded(io.RawIOBase):
    """Unpacked gzip data, ended by BadInput when there is more of it than a table of text could hold."""

    def __init__(self, path: Path, raw: BinaryIO, unpacked: gzip.GzipFile) -> None:
        super().__init__()
        self._path = path
        self._raw = raw
        self._unpacked = unpacked
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            data = self._unpacked.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            raise BadInput(
                _("{path} is damaged: its gzip data cannot be unpacked to the end.").format(
                    path=self._path.name
                ),
                _("Fetch or pack the file again."),
            ) from broken
        buffer[: len(data)] = data
        self._count += len(data)
        swollen = self._count > _RATIO_FROM and self._count > _RATIO_LIMIT * max(self._raw.tell(), 1)
        if swollen or self._count > UNPACKED_LIMIT:
            raise BadInput(
                _("{path} unpacks to more than {limit} MiB, far more than its size suggests.").format(
                    path=self._path.name, limit=self._count // 1024**2
                ),
                _("Check where it comes from; if it is right, unpack it and import the parts."),
            )
        return len(data)


def byte_source(path: Path) -> ByteSource:
    """The file at *path*; BadInput when it cannot be opened or is no regular file."""
    try:
        if path.exists() and not path.is_file():
            raise BadInput(_("{path} is not a file.").format(path=path), _("Name a file to import."))
        with path.open("rb") as raw:
            head = raw.read(HEAD_BYTES)
    except (OSError, ValueError) as refused:
        raise unreadable(path, refused) from refused
    if not head.startswith(b"\x1f\x8b"):
        return ByteSource(path, False, head)
    with ByteSource(path, True, b"").open() as unpacked:
        return ByteSource(path, True, unpacked.read(HEAD_BYTES))


def format_of(source: ByteSource) -> Format | None:
    """What the content is, by its first bytes; None means text that has yet to be told apart.

    BadInput names archives, documents and other files that hold no table.
    """
    head, name = source.head, source.path.name
    for magic, what in _REFUSED:
        if head.startswith(magic):
            raise BadInput(
                _("{name} is {what}; PQLDesk does not look inside.").format(name=name, what=what),
                _TEXT_REMEDY,
            )
    if (
        head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b"))
        and source.packed
    ):
        raise BadInput(
            _("{name} holds another packed or binary file inside gzip.").format(name=name),
            _("Unpack it once and import that."),
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_zip(source.path)
        return Format.WORKBOOK
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        _check_compound(source)
        return Format.WORKBOOK
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    return None


def _check_zip(path: Path) -> None:
    """A workbook of bearable size, or BadInput."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise BadInput(
            _("{path} is a damaged ZIP or Excel file.").format(path=path.name),
            _("Save or download it again."),
        ) from broken
    if not any(member.filename in _SHEETS_INSIDE for member in members):
        raise BadInput(
            _("{path} is a ZIP archive; PQLDesk does not look inside.").format(path=path.name), _TEXT_REMEDY
        )
    if sum(member.file_size for member in members) > WORKBOOK_LIMIT:
        raise BadInput(
            _("{path} unpacks to more than {limit} MiB.").format(
                path=path.name, limit=WORKBOOK_LIMIT // 1024**2
            ),
            _("Export the sheet as CSV and import that; CSV files may be of any length."),
        )


def _check_compound(source: ByteSource) -> None:
    """An old Excel file whose own counts fit its length; the reader would reserve memory for whatever they say."""
    size = source.path.stat().st_size
    shift = int.from_bytes(source.head[30:32], "little")
    counts = [int.from_bytes(source.head[at : at + 4], "little") for at in (40, 44, 64, 72)]
    if len(source.head) < 512 or shift not in (9, 12) or any(count << shift > size for count in counts):
        raise BadInput(
            _("{path} is not an Excel workbook that can be read.").format(path=source.path.name),
            _("Save it again as XLSX, or export the sheet as CSV."),
        )
