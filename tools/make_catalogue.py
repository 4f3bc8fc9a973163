"""Keeps the translations in step with the code: ``python tools/make_catalogue.py [--pseudo DIR]``.

Collects every text of pqldesk/, takes what is new into each language's resources/locale/*/LC_MESSAGES/pqldesk.po
without losing a translation, and compiles the .mo files that the program reads. ``--pseudo`` writes a
made-up language instead, whose texts are a third longer and in brackets, to see what is clipped or was forgotten.
"""

import argparse
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from pqldesk.services.basics.texts import DOMAIN, LANGUAGES

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "resources" / "locale"
PSEUDO = "en_XA"  # the code that is customary for it
_ACCENTS = str.maketrans("aceiounAEIOUN", "áçéíóúñÁÉÍÓÚÑ")
_MORE = "~" * 8  # what makes a text longer, in pieces that a line may break between, as words are
CREATED = datetime(2026, 11, 20, tzinfo=UTC)  # fixed: a file changes only when its texts do
_KEYWORDS = {"_": None, "n_": (1, 2), "p_": ((1, "c"), 2), "np_": ((1, "c"), 2, 3)}
_FIELD = re.compile(r"(\{[^}]*\}|&\w+;|<[^>]+>)")


def collected() -> Catalog:
    """Every text of the code, with where it stands."""
    catalogue = Catalog(project="PQLDesk", domain=DOMAIN, charset="utf-8", fuzzy=False)
    found = extract_from_dir(ROOT / "pqldesk", keywords=_KEYWORDS, comment_tags=("Translators:",))
    for file, _line, text, comments, context in found:
        catalogue.add(text, locations=[(f"pqldesk/{file}", 0)], auto_comments=comments, context=context)
    return catalogue


def read(language: str) -> Catalog:
    """The translations into *language*; an empty catalogue where there are none yet."""
    file = _po(language)
    if not file.exists():
        return Catalog(locale=language, domain=DOMAIN, project="PQLDesk", charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def updated(language: str, texts: Catalog) -> Catalog:
    """The translations into *language* for *texts*: what is new is empty, what is gone is left out."""
    catalogue = read(language)
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = CREATED
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts without a translation, or whose translation lacks one of the fields that it must show."""
    return [_shown(m) for m in catalogue if m.id and not (_complete(m) and _fields_kept(m))]


def compiled(catalogue: Catalog) -> bytes:
    """What a .mo file of *catalogue* holds."""
    stream = BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def pseudo(texts: Catalog) -> Catalog:
    """*texts* in a made-up language: accents, a third longer, in brackets, fields untouched."""
    catalogue = Catalog(locale="en", domain=DOMAIN, project="PQLDesk", charset="utf-8")
    for message in texts:
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            said = tuple(_pseudo_text(form) for form in forms)
            catalogue.add(message.id, said if len(said) > 1 else said[0], context=message.context)
    return catalogue


def write(language: str, catalogue: Catalog, folder: Path) -> None:
    """Write the .po and .mo files of *language* below *folder*."""
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"{DOMAIN}.po").open("wb") as stream:
        write_po(stream, catalogue, width=110, omit_header=False, no_location=True, sort_output=True)
    (place / f"{DOMAIN}.mo").write_bytes(compiled(catalogue))


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _pseudo_text(text: str) -> str:
    parts = [part if _FIELD.fullmatch(part) else part.translate(_ACCENTS) for part in _FIELD.split(text)]
    more = " ".join(_MORE[: min(len(_MORE), left)] for left in range(len(text) // 3, 0, -len(_MORE)))
    return f"[{''.join(parts)}{more}]" if len(text) > 1 else text


def _shown(message: Message) -> str:
    text = _forms(message.id)[0]
    return f"{text} ({message.context})" if message.context else text


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def _complete(message: Message) -> bool:
    return all(_forms(message.string))


def _fields_kept(message: Message) -> bool:
    """A singular may say its number in a word, so only the last form must have every field."""
    wanted = set(re.findall(r"\{\w+", _forms(message.id)[-1]))
    return all(set(re.findall(r"\{\w+", form)) <= wanted for form in _forms(message.string)) and (
        set(re.findall(r"\{\w+", _forms(message.string)[-1])) == wanted
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pseudo", type=Path, metavar="DIR", help="write the made-up language into DIR")
    args = parser.parse_args()
    texts = collected()
    if args.pseudo:
        write(PSEUDO, pseudo(texts), args.pseudo)
        return
    for language in LANGUAGES:
        if language != "en":
            catalogue = updated(language, texts)
            write(language, catalogue, LOCALE)
            print(f"{language}: {len(catalogue)} texts, {len(untranslated(catalogue))} without a translation")


if __name__ == "__main__":
    main()
