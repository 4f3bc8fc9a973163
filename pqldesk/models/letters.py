"""Letters as searching compares them: without case, accents and typographic forms, one by one.

The same in Python, in SQLite and in PostgreSQL: the databases look each letter up in plain_letter, which is filled from
here. Only letters that change are in it, of the scripts that have case or accents.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

# First and last letters of stretches of Unicode.
_SCRIPTS = (
    "AZ", "\u00a0\u036f",  # Latin and the accents that stand alone
    "\u0370\u0587", "\u0591\u05c7", "\u0610\u0670",  # Greek, Cyrillic, Armenian; points of Hebrew; Arabic
    "\u10a0\u10c5", "\u1c80\u1cbf", "\u1ab0\u1ace", "\u1dc0\u1fff",  # Georgian; more accents, Latin and Greek
    "\u200b\u200f", "\u2010\u2015", "\u2018\u201f", "\u2060\u2060", "\u2070\u209c", "\u20d0\u20f0", "\u2100\u214f",
    "\u2212\u2212", "\u2c60\u2c7f", "\u2de0\u2dff", "\ua640\ua69f", "\ufb00\ufb06", "\ufb1d\ufb4f", "\ufeff\ufeff",
    "\uff10\uff19", "\uff21\uff3a", "\uff41\uff5a",  # full-width digits and letters
)  # fmt: skip
# What no decomposition says: letters with a stroke, joined ones, and signs that no keyboard has.
_ALSO = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "ĸ": "k", "ŀ": "l",
    "æ": "ae", "œ": "oe", "þ": "th", "\u00a0": " ", "\u202f": " ", "\u00ad": "",
    **dict.fromkeys("\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201a\u201b", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
}  # fmt: skip
_KEPT = (7, 8, 9)  # classes of marks that make another letter: nukta, voicing of kana, virama


def as_searched(text: str) -> str:
    """*text* as it is looked for: ``Müller`` and ``MULLER`` are ``muller``, ``Straße`` is ``strasse``."""
    return text.lower() if text.isascii() else "".join(map(_plain, text))


def changed_letters() -> Iterator[tuple[str, str]]:
    """Every letter that as_searched() changes, and what it becomes: up to three letters, or none."""
    for stretch in _SCRIPTS:
        for number in range(ord(stretch[0]), ord(stretch[1]) + 1):
            letter = chr(number)
            if (becomes := _plain(letter)) != letter:
                yield letter, becomes


@cache
def _plain(letter: str) -> str:
    if not any(stretch[0] <= letter <= stretch[1] for stretch in _SCRIPTS):
        return letter
    if letter in _ALSO:
        return _ALSO[letter]
    if unicodedata.category(letter)[0] not in "LMN":
        return letter
    bare = _bare(_bare(letter).casefold())
    return unicodedata.normalize("NFC", "".join(_ALSO.get(one, one) for one in bare))


def _bare(text: str) -> str:
    """*text* taken apart, without its accents."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if unicodedata.combining(one) in (0, *_KEPT))
