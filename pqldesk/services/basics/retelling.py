"""Sentences that were stored in one language of this program, said in another: what an error of yesterday reads like.

An error is stored as it was told, by whoever ran into it: a colleague's window in German, a command line in English.
Its sentence stands in a catalogue all the same, so it is found there again, with what was filled in.
"""

import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import DOMAIN, LANGUAGES, _, language, p_

_FIELD: Final = re.compile(r"\{(\w+)[^}]*\}")
_LEAST: Final = 12  # letters of its own, or a sentence would be found in anything
_MOST: Final = 8  # sentences that are looked for at the beginning of a text
_IN_SENTENCE: Final = r"(?:(?![.!?] ).)+?"
_ANYTHING: Final = r".+?"
_AFTER_CONTEXT: Final = "\x04"  # how a catalogue parts a context from its text


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A text of the program in one language, and what it is called in the catalogue."""

    said: str
    pieces: tuple[str, ...]
    message: str
    context: str

    def here(self) -> str:
        """The same in the reader's language, its fields unfilled."""
        return p_(self.context, self.message) if self.context else _(self.message)


def retold(text: str) -> str:
    """*text*, which this program stored, in the reader's language; unchanged as far as no catalogue knows it."""
    return _retold(text, language()) if text else text


def is_text(told: str, text: str) -> bool:
    """Whether *told* is *text* in one of the languages of this program: a name that was stored as it was told."""
    return told == text or any(told == one.gettext(text) for one in _catalogues())


@lru_cache(maxsize=2_048)
def _retold(text: str, _into: str) -> str:
    if (whole := _found(text, _IN_SENTENCE)) is not None:
        return whole
    ends = [found.end() for found in re.finditer(r"[.!?](?= )", text)]
    for end in reversed(ends[:_MOST]):
        if (first := _found(text[:end], _IN_SENTENCE)) is not None:
            return f"{first} {_retold(text[end + 1 :], _into)}"
    return _found(text, _ANYTHING) or text  # what another system answered may be sentences of its own


def _found(text: str, fills: str) -> str | None:
    """What is one text of a catalogue, in the reader's language; None where its fields are not filled by *fills*.

    Of several it is the one that says most of it in its own words.
    """
    near = [one for one in _sentences() if all(piece in text for piece in one.pieces)]
    for one in sorted(near, key=lambda one: -sum(map(len, one.pieces))):
        filled = _filled(one.said, text, fills)
        if filled is not None:
            parts = _FIELD.split(one.here())
            return "".join(filled.get(part, "") if n % 2 else part for n, part in enumerate(parts))
    return None


def _filled(said: str, text: str, fills: str) -> dict[str, str] | None:
    """What stands in the fields of *said* where it is *text*."""
    names: set[str] = set()

    def group(name: str) -> str:
        if name in names:
            return f"(?P={name})"
        names.add(name)
        return f"(?P<{name}>{fills})"

    parts = _FIELD.split(said)  # words and names of fields by turns
    pattern = "".join(group(part) if n % 2 else re.escape(part) for n, part in enumerate(parts))
    match = re.fullmatch(pattern, text, re.DOTALL)
    return None if match is None else match.groupdict()


def _catalogues() -> Iterator[gettext.NullTranslations]:
    folder = str(resource("locale"))
    for name in LANGUAGES:
        if gettext.find(DOMAIN, folder, [name]) is not None:
            yield gettext.translation(DOMAIN, folder, [name])  # read once by gettext itself


@lru_cache(maxsize=1)
def _sentences() -> tuple[_Sentence, ...]:
    return tuple(_every())


def _every() -> Iterator[_Sentence]:
    known = set[str]()
    for catalogue in _catalogues():
        for key, said in catalogue._catalog.items():  # type: ignore[attr-defined]
            if not isinstance(key, str) or not key:
                continue
            context, _parted, message = key.rpartition(_AFTER_CONTEXT)
            for one in (message, said) if key not in known else (said,):
                pieces = tuple(filter(None, _FIELD.split(one)[::2]))
                if sum(map(len, pieces)) >= _LEAST and one.endswith((".", "!", "?")):
                    yield _Sentence(one, pieces, message, context)
            known.add(key)
