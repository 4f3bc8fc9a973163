"""One gettext catalogue for window, services and command line; without a translation a text is itself."""

import gettext
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pqldesk.services.basics.resources import resource

DOMAIN: Final = "pqldesk"
LANGUAGES: Final = {"en": "English", "de": "Deutsch", "es": "Español"}  # shipped, each in its own words
LANGUAGE_VARIABLE: Final = "PQLDESK_LANGUAGE"
_FOLDER: Final = "PQLDESK_LOCALE_DIR"  # another folder of catalogues: a translator's, or a test's

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"
_number: Callable[[int], str] | None = None
_WITH_POINTS: Final = {"de", "es"}  # where 1,340 is written 1.340
_UNGROUPED: Final = {"es": 9_999}  # up to which digits stand together: 1340, but 13.400


def use_language(languages: Sequence[str] | None = None) -> str:
    """Take texts from the first of *languages* that is shipped (default: what the environment asks for).

    Returns its code, ``en`` where none is shipped. Texts made before, such as constants of modules that are
    already loaded, keep the language they were made in, so this comes before them.
    """
    global _catalogue, _language
    folder = Path(os.environ.get(_FOLDER) or resource("locale"))
    _catalogue, _language = gettext.NullTranslations(), "en"
    for wanted in asked_for() if languages is None else languages:
        if gettext.find(DOMAIN, str(folder), [wanted]):
            _catalogue, _language = gettext.translation(DOMAIN, str(folder), [wanted]), wanted
            break
        if wanted.split("_")[0] == "en":  # the texts themselves are English
            break
    return _language


def language() -> str:
    """The code of the language that texts are in, such as ``en``, ``de`` or ``es_MX``."""
    return _language


def write_numbers_by(number: Callable[[int], str]) -> None:
    """Have whole numbers in texts written by *number* (the window's locale knows how) instead of as 1,340."""
    global _number
    _number = number


def numeral(number: int) -> str:
    """A whole number as the reader writes it: 1,340, 1.340 or 1340."""
    if _number is not None:
        return _number(number)
    spoken = _language.split("_")[0]
    if abs(number) <= _UNGROUPED.get(spoken, 0):
        return str(number)
    return f"{number:,}".replace(",", "." if spoken in _WITH_POINTS else ",")


def decimal(number: float, digits: int) -> str:
    """A number with that many decimals as the reader writes it: 0.232 or 0,232."""
    text = f"{number:.{digits}f}"
    return text.replace(".", ",") if _language.split("_")[0] in _WITH_POINTS else text


def percent(share: float) -> str:
    """A share in whole percent as the reader writes it: 55% or 55 %."""
    return _("{n}%").format(n=decimal(share * 100, 0))


def in_sentence(word: str) -> str:
    """A word inside a sentence: small in English, as it is where nouns are written large."""
    return word if _language.split("_")[0] == "de" else word.lower()


def _(text: str) -> str:
    """*text* in the user's language."""
    return _catalogue.gettext(text) if text else ""  # a catalogue's own description stands under ""


def n_(one: str, many: str, number: int) -> str:
    """The plural form for *number*, which may stand in it as ``{n}``."""
    return _catalogue.ngettext(one, many, number).replace("{n}", numeral(number))


def p_(context: str, text: str) -> str:
    """*text* in the user's language, where the same English text needs another translation in another *context*.

    A context names what the text is about, such as ``tasks`` for a tab "Mine": languages with genders need it.
    """
    return _catalogue.pgettext(context, text)


def np_(context: str, one: str, many: str, number: int) -> str:
    """The plural form for *number* in that *context*, see `n_` and `p_`."""
    return _catalogue.npgettext(context, one, many, number).replace("{n}", numeral(number))


def asked_for() -> list[str]:
    """The languages that the environment asks for, the most wanted first."""
    for name in (LANGUAGE_VARIABLE, "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return [part.split(".")[0].split("@")[0] for part in value.split(":") if part]
    return []
