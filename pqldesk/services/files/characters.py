"""In which encoding a text file is written: the whole file is looked through once before a row is believed."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, TextIO

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.bytesource import ByteSource

LINE_LIMIT: Final = 64 * 1024**2
_BLOCK: Final = 1024**2
_SMALL_BLOCK: Final = 64 * 1024
_SAMPLE: Final = 128 * 1024
_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a statistical guess on short Western text is apt to confuse with Windows-1252.
_WESTERN: Final = (
    "cp125",
    "iso8859",
    "latin",
    "mac_",
    "cp437",
    "cp85",
    "cp86",
    "cp77",
    "hp_roman",
    "cp1140",
    "cp037",
)
_NOT_WESTERN: Final = (
    "cp1251",
    "cp1253",
    "cp1255",
    "cp1256",
    "mac_cyrillic",
    "mac_greek",
    "iso8859_5",
    "iso8859_7",
)
_FEW_LETTERS: Final = 32
_CONTROL: Final = bytes(set(range(32)) - {0, 7, 8, 9, 10, 11, 12, 13, 27, 28, 29, 30, 31})


@dataclass(frozen=True, slots=True)
class Characters:
    """How to read a file's text. *damaged*: UTF-8 with some bytes that are not, read with surrogateescape."""

    encoding: str
    damaged: bool = False
    guessed: bool = False

    @property
    def shown(self) -> str:
        """The name for people and reports."""
        return "utf-8" if self.encoding == "utf-8-sig" else self.encoding

    @property
    def errors(self) -> str:
        return "surrogateescape" if self.damaged else "strict"


def characters_of(source: ByteSource, wanted: str | None = None) -> Characters:
    """The encoding of *source*, or *wanted* where the user named one; BadInput for binary data."""
    if wanted is not None:
        return _named(source, wanted)
    for bom, encoding in _BOMS:
        if source.head.startswith(bom):
            return Characters(encoding)
    if (sixteen := _without_mark(source.head)) is not None:
        return Characters(sixteen)
    if _looks_binary(source.head):
        raise BadInput(
            _("{path} is not a text file and of no kind that PQLDesk reads.").format(path=source.path.name),
            _("Export it as CSV, XLSX, JSON, JSONL or Parquet and import that."),
        )
    with source.open() as stream:
        survey = _Survey(stream, source.path.name)
    if not survey.bad:
        return Characters("utf-8")
    if survey.good >= 9 * survey.bad:
        return Characters("utf-8", damaged=True)
    return Characters(_guess(survey), guessed=True)


@contextmanager
def text_of(source: ByteSource, characters: Characters, newline: str) -> Iterator[TextIO]:
    """The text of *source*, with *newline* as io.TextIOWrapper has it; BadInput at the first byte that is none."""
    with source.open() as stream:
        text = io.TextIOWrapper(stream, characters.encoding, errors=characters.errors, newline=newline)
        try:
            yield text
        except UnicodeError as wrong:
            raise BadInput(
                _(
                    "{path} is not written in {encoding}: line {line} holds bytes that are none of its letters."
                ).format(
                    path=source.path.name,
                    encoding=characters.shown,
                    line=_line_at_fault(source, characters.encoding),
                ),
                _("Name the right encoding with --encoding."),
            ) from wrong
        finally:
            if not stream.closed:
                text.detach()


def _line_at_fault(source: ByteSource, encoding: str) -> int:
    """The line on which the first byte lies that the file's *encoding* does not know."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with source.open() as stream:
        while block := stream.read(_SMALL_BLOCK):
            before = decoder.getstate()
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeError:
                decoder.setstate(before)
                return line + _lines_before_fault(decoder, block)
    return line


def _lines_before_fault(decoder: codecs.IncrementalDecoder, block: bytes) -> int:
    lines = 0
    for place in range(len(block)):
        try:
            lines += decoder.decode(block[place : place + 1]).count("\n")
        except UnicodeError:
            break
    return lines


class _Survey:
    """One pass over the bytes: are they UTF-8, where not, and is there a line without end?"""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.good = self.bad = 0  # letters outside ASCII, bytes that are no UTF-8
        self.sample = b""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
        run = 0
        while block := stream.read(_BLOCK):
            end = max(block.rfind(b"\n"), block.rfind(b"\r"))
            run = run + len(block) if end < 0 else len(block) - end - 1
            if run > LINE_LIMIT:
                raise BadInput(
                    _("{name} has a line of more than {line_limit} MiB.").format(
                        name=name, line_limit=LINE_LIMIT // 1024**2
                    ),
                    _("Check that it is a table of text with one row on a line."),
                )
            if block.isascii():
                if decoder.getstate()[0]:
                    self._count(decoder.decode(block), block)
                continue
            self._count(decoder.decode(block), block)
        self._count(decoder.decode(b"", final=True), b"")

    def _count(self, text: str, block: bytes) -> None:
        high = [letter for letter in text if letter > "\x7f"]
        bad = sum("\udc80" <= letter <= "\udcff" for letter in high)
        self.bad += bad
        self.good += len(high) - bad
        if bad and len(self.sample) < _SAMPLE:
            self.sample += b"\n".join(line for line in block.split(b"\n") if not line.isascii())[:_SAMPLE]


def _guess(survey: _Survey) -> str:
    """Windows-1252 unless there is much text and it is plainly something else."""
    western = "latin-1" if any(byte in survey.sample for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"
    if sum(byte > 127 for byte in survey.sample) < _FEW_LETTERS:
        return western
    from charset_normalizer import from_bytes  # 40 ms, needed by few files

    best = from_bytes(survey.sample).best()
    if best is None:
        return western
    name = best.encoding
    if name.startswith(_NOT_WESTERN):
        return name
    return western if name.startswith(_WESTERN) or name in ("ascii", "utf_8") else name


def _named(source: ByteSource, wanted: str) -> Characters:
    try:
        info = codecs.lookup(wanted)
        "a".encode(info.name)
    except (LookupError, ValueError, TypeError):
        raise BadInput(
            _("The encoding {wanted!r} is unknown.").format(wanted=wanted),
            _("Known are for instance utf-8, utf-16, cp1252, latin-1, shift_jis."),
        ) from None
    name = info.name
    if name == "utf-8":
        name = "utf-8-sig" if source.head.startswith(codecs.BOM_UTF8) else "utf-8"
    with source.open() as stream:
        if not name.startswith(("utf-16", "utf-32")):
            _Survey(stream, source.path.name)
    return Characters("latin-1" if name == "iso8859-1" else name)


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of mostly Latin text is zero."""
    part = head[: 4096 - 4096 % 2]
    half = len(part) // 2
    if half < 4:
        return None
    even, odd = part[::2].count(0), part[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _looks_binary(head: bytes) -> bool:
    part = head[:65536]
    if not part:
        return False
    control = len(part) - len(part.translate(None, _CONTROL))
    zeros = part.count(0)
    return control > 0.02 * len(part) or (zeros > 8 and zeros > 0.05 * len(part))
