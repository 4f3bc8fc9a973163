"""What stands of a person outside the database: exports, rejects files, the log of bugs, and backups."""

import os
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.bytesource import byte_source

_BLOCK: Final = 1 << 20
_TEXTS: Final = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".log")


def mentions(path: Path, words: Collection[str], *, is_ours: bool = True) -> bool:
    """Whether a file holds one of *words*, whatever their case. True where it cannot be told. *is_ours*: PQLDesk wrote
    it, and what it writes is text or a ZIP archive, however it is called."""
    wanted = [word.casefold().encode() for word in words]
    try:
        return any(_holds(stream, wanted) for stream in _streams(path, is_ours=is_ours))
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, BadInput):
        return True


def naming(folder: Path, words: Collection[str]) -> list[Path]:
    """The files in *folder* and below that hold one of *words*, or cannot be looked into."""
    try:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    except OSError:
        return [folder]
    return [path for path in files if mentions(path, words, is_ours=False)]


def without_lines(path: Path, words: Collection[str]) -> bool:
    """Take the lines that hold one of *words* out of a log that another process may be writing to."""
    wanted = [word.casefold() for word in words]
    lines = path.read_text("utf-8", "replace").splitlines(keepends=True)
    kept = [line for line in lines if not any(word in line.casefold() for word in wanted)]
    if len(kept) == len(lines):
        return False
    with path.open("r+b") as file:
        file.write("".join(kept).encode())
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    return True


def rewritten(source: Path, change: Callable[[Path], object]) -> None:
    """Put what *change* makes of a copy of *source* in its place, whole or not at all."""
    part = source.with_name(f"{source.name}.part")
    try:
        part.touch(mode=0o600)  # it holds people's data
        shutil.copyfile(source, part)
        change(part)
        os.replace(part, source)
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                part.with_name(part.name + ending).unlink(missing_ok=True)


def _streams(path: Path, *, is_ours: bool) -> Iterator[Iterable[bytes]]:
    """The readable parts of a file: a workbook and an archive have several."""
    name = path.name.lower()
    if name.endswith(".gz"):
        with byte_source(path).open() as file:  # which ends what swells without end
            yield iter(lambda: file.read(_BLOCK), b"")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            for member in book.namelist():
                with book.open(member) as part:
                    yield iter(lambda part=part: part.read(_BLOCK), b"")  # type: ignore[misc]
    elif is_ours or name.endswith(_TEXTS):
        with path.open("rb") as plain:
            yield iter(lambda: plain.read(_BLOCK), b"")
    else:
        raise NotImplementedError(path.suffix)


def _holds(stream: Iterable[bytes], words: Sequence[bytes]) -> bool:
    longest = max(map(len, words), default=0)
    tail = b""
    for block in stream:
        # Case-folding may change the length of a text, so what may be cut at a block's end is kept generously.
        text = (tail + block).decode("utf-8", "ignore").casefold().encode()
        if any(word in text for word in words):
            return True
        tail = (tail + block)[-4 * longest :] if longest else b""
    return False
