"""JSON and JSONL files: objects as rows, inner objects as dotted columns (``address.city``)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final

import msgspec

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _
from pqldesk.services.files.bytesource import ByteSource, Format
from pqldesk.services.files.characters import Characters, text_of
from pqldesk.services.files.header import cleaned
from pqldesk.services.files.table import Reject, RejectSink, SourceRow, SourceTable, flaw_of, shortened

WHOLE_LIMIT: Final = 256 * 1024**2
_BLOCK: Final = 1024**2
_DEPTH: Final = 6

_decode = msgspec.json.Decoder().decode
Object = Mapping[str, Any]


def json_format(source: ByteSource, characters: Characters) -> Format | None:
    """JSON, JSONL or neither, by the first characters."""
    head = source.head.decode(characters.encoding, "ignore").lstrip("\ufeff \t\r\n")
    inner = head[1:].lstrip()
    if head.startswith("["):
        return Format.JSON if inner[:1] in ("{", "]", "[") or _whole(head) is not None else None
    if not head.startswith("{") or inner[:1] not in ('"', "}"):
        return None
    first = _whole(head.split("\n", 1)[0])
    if first is None:
        lines = [line.strip() for line in head.split("\n", 2)]
        if lines[0].endswith("}") and len(lines) > 1 and lines[1].startswith('{"'):
            return Format.JSONL  # its first line is faulty, and only that
        # A first line longer than the head is JSONL; an object spread over several lines is JSON.
        return Format.JSON if "\n" in head or not _more_lines(source) else Format.JSONL
    alone = "\n" not in head.rstrip() and len(source.head) < 256 * 1024
    return Format.JSON if alone and isinstance(first, dict) and _inner_array(first) else Format.JSONL


class _Objects(SourceTable):
    """What JSON and JSONL share: objects() as they are, rows() flattened under ``columns``."""

    #: Whether an object's own line number is known (JSONL) or only its place in the array.
    by_line: ClassVar[bool]

    def __init__(self, source: ByteSource, characters: Characters) -> None:
        super().__init__(source.path)
        self.source = source
        self.characters = characters
        self.encoding = characters.shown

    def objects(self, reject: RejectSink) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Each object as it is, with line and row number; what is no object goes to *reject*."""
        raise NotImplementedError

    def rows(self, reject: RejectSink) -> Iterator[SourceRow]:
        if not self.columns:
            self.learn_columns()
        columns = self.columns
        known = dict.fromkeys(columns)
        for line, number, found in self.objects(reject):
            flat = flattened(found)
            values = [flat.get(column) for column in columns]
            if len(flat) > len(known) or not flat.keys() <= known.keys():
                late = next(iter(flat.keys() - known.keys()))
                reject(
                    Reject(
                        line,
                        number,
                        _("The key {late!r} appeared while the file was read.").format(late=late),
                        tuple(values),
                    )
                )
                continue
            texts = [value for value in values if isinstance(value, str)]
            joined = "".join(texts)
            fault = flaw_of(texts, joined, False) if "\0" in joined or len(joined) > 65536 else None
            if fault is None:
                yield line, number, values
            else:
                reject(Reject(line, number, fault, shortened(values)))

    def learn_columns(self) -> list[str]:
        """The keys of all objects in order of appearance; reads the whole file once."""
        seen: dict[str, None] = {}
        for _place, _line, found in self.objects(lambda _refused: None):
            if not found.keys() <= seen.keys() or any(type(value) is dict for value in found.values()):
                seen.update(dict.fromkeys(flattened(found)))
        self.columns = list(seen)
        if not seen:
            raise BadInput(
                _("{path} holds no objects.").format(path=self.path.name),
                _("Give one JSON object for each row."),
            )
        return self.columns


class JsonlTable(_Objects):
    """One object on each line. Lines that are no object are rejected one by one."""

    format = Format.JSONL
    by_line = True

    def __init__(self, source: ByteSource, characters: Characters) -> None:
        super().__init__(source, characters)
        self._learned: list[str] | None = None

    @property
    def columns(self) -> list[str]:
        """All keys of the file. Looked up when first asked for: that reads the file once."""
        if self._learned is None:
            self._learned = []
            self._learned = self.learn_columns()
        return self._learned

    @columns.setter
    def columns(self, names: list[str]) -> None:
        self._learned = names or None

    def first_columns(self) -> list[str]:
        """The keys of the first thousand objects, without reading on."""
        seen: dict[str, None] = {}
        for _place, number, found in self.objects(lambda _refused: None):
            seen.update(dict.fromkeys(flattened(found)))
            if number >= 1000:
                break
        return list(seen)

    def blocks(self) -> Iterator[list[bytes]]:
        """The lines in blocks of about 1 MiB, as UTF-8 without byte order mark."""
        if self.characters.encoding == "utf-8":
            with self.source.open() as stream:
                while block := stream.readlines(_BLOCK):
                    yield block
            return
        with text_of(self.source, self.characters, "\n") as text:
            while lines := text.readlines(_BLOCK):
                yield [line.encode("utf-8", "surrogatepass") for line in lines]

    def objects(self, reject: RejectSink) -> Iterator[tuple[int, int, dict[str, Any]]]:
        line = number = 0
        self.blank = 0
        for block in self.blocks():
            for text in block:
                line += 1
                if text.isspace():
                    self.blank += 1
                    continue
                number += 1
                found = parsed(text)
                if type(found) is dict:
                    yield line, number, found
                else:
                    reason = found if isinstance(found, str) else _("It is not a JSON object.")
                    shown = text.strip().decode("utf-8", "replace")
                    reject(Reject(line, number, reason, shortened((shown,))))


class JsonTable(_Objects):
    """An array of objects, or an object with one such array in it."""

    format = Format.JSON
    by_line = False

    def __init__(self, source: ByteSource, characters: Characters) -> None:
        super().__init__(source, characters)
        with source.open() as stream:
            data = stream.read(WHOLE_LIMIT + 1)
        if len(data) > WHOLE_LIMIT:
            raise BadInput(
                _("{path} is one JSON value of more than {whole_limit} MiB.").format(
                    path=source.path.name, whole_limit=WHOLE_LIMIT // 1024**2
                ),
                _("Write it as JSONL, one object on each line; such files may be of any length."),
            )
        try:
            found = _decode(data.decode(characters.encoding).lstrip("\ufeff"))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as wrong:
            raise BadInput(
                _("{path} looks like JSON but cannot be read: {wrong}.").format(
                    path=source.path.name, wrong=_worded(wrong)
                ),
                _(
                    "Correct it, or write one object on each line (JSONL), then only the faulty lines are "
                    "rejected."
                ),
            ) from wrong
        self._items = _items(found, source.path.name)
        self.learn_columns()

    def objects(self, reject: RejectSink) -> Iterator[tuple[int, int, dict[str, Any]]]:
        self.blank = 0
        for number, found in enumerate(self._items, 1):
            if isinstance(found, dict):
                yield number, number, found
            else:
                reject(Reject(number, number, _("It is not a JSON object."), (found,)))


def parsed(line: bytes) -> Any:
    """The value on a line of JSONL, or the sentence why it cannot be read."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        return _("It is not JSON: {wrong}.").format(wrong=_worded(wrong))


def flattened(found: Object) -> dict[str, Any]:
    """Inner objects as dotted keys; lists as JSON text. Null and missing are alike."""
    flat: dict[str, Any] = {}
    _flatten(found, "", flat, _DEPTH)
    return flat


def nested(cells: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The object that ``flattened`` made these cells of: dotted columns as inner objects, JSON text as what it says.
    Numbers and truth stay the text they became in a file of cells."""
    found: dict[str, Any] = {}
    for column, value in cells:
        if isinstance(value, str) and value[:1] in ("{", "["):
            inside = parsed(value.encode("utf-8", "surrogatepass"))
            value = inside if isinstance(inside, dict | list) else value
        *path, key = column.split(".")
        place: Any = found
        for step in path:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):  # the key is a value too: only one of the two can be kept
                break
        else:
            place[key] = value
    return found


def _flatten(found: Object, prefix: str, flat: dict[str, Any], depth: int) -> None:
    for key, value in found.items():
        name = prefix + (key if key.isprintable() else cleaned(key))
        if type(value) is dict and depth and value:
            _flatten(value, f"{name}.", flat, depth - 1)
        elif isinstance(value, dict | list):
            flat[name] = msgspec.json.encode(value).decode()
        else:
            flat[name] = value


def _whole(text: str) -> Any:
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _more_lines(source: ByteSource) -> bool:
    with source.open() as stream:
        stream.readline()
        return bool(stream.readline().strip())


def _inner_array(found: Object) -> list[Any] | None:
    arrays = [
        value for value in found.values() if isinstance(value, list) and value and isinstance(value[0], dict)
    ]
    return arrays[0] if len(arrays) == 1 else None


def _items(found: object, name: str) -> list[Any]:
    if isinstance(found, dict):
        array = _inner_array(found)
        found = array if array is not None else [found]
    if not isinstance(found, list) or not any(isinstance(item, dict) for item in found):
        raise BadInput(
            _("{name} holds no list of JSON objects.").format(name=name),
            _("Give an array with one object for each row."),
        )
    return found


def _worded(wrong: Exception) -> str:
    if isinstance(wrong, RecursionError):
        return _("it is nested too deeply")
    if isinstance(wrong, UnicodeDecodeError):
        return _("it holds bytes that are not UTF-8")
    text = str(wrong)
    if text.startswith("JSON"):
        return text.rstrip(".")
    return text[:1].lower() + text[1:].rstrip(".")
