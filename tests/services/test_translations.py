"""The shipped translations against the code: whole, with every field, and compiled."""

import re
import runpy
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from pqldesk.services.basics.texts import DOMAIN, LANGUAGES

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(set(LANGUAGES) - {"en"})


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "make_catalogue.py"))


@pytest.fixture(scope="module")
def texts(tool: dict[str, Any]) -> Any:
    """Those of the code, looked for once."""
    return tool["collected"]()


@pytest.mark.parametrize("language", SHIPPED)
def test_every_text_of_the_code_is_translated_with_all_its_fields(
    tool: dict[str, Any], texts: Any, language: str
) -> None:
    assert tool["untranslated"](tool["updated"](language, texts)) == []


@pytest.mark.parametrize("language", SHIPPED)
def test_what_the_program_reads_is_what_translators_wrote(tool: dict[str, Any], language: str) -> None:
    compiled = ROOT / "resources" / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    assert compiled.read_bytes() == tool["compiled"](tool["read"](language)), (
        "run: python tools/make_catalogue.py"
    )


WORDS = re.compile(r"[^\W\d_]{2,}")
FIELDS = re.compile(r"\{[^}]*\}|--[\w-]+|[\w.]*\.example\S*|[A-Z]{2,}[A-Z_=]*")


def sentences(catalogue: Any) -> dict[Any, tuple[str, ...]]:
    """What has three words or more besides fields, options and names in capitals; shorter ones may well be alike."""
    found = {}
    for message in catalogue:
        said = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if message.id and all(len(WORDS.findall(FIELDS.sub(" ", one))) > 2 for one in said):
            found[message.id, message.context] = said
    return found


def test_no_language_holds_the_sentences_of_another(tool: dict[str, Any]) -> None:
    """A text in the wrong language counts as translated, so that nothing else would tell."""
    spoken = {language: sentences(tool["read"](language)) for language in SHIPPED}
    for one, other in combinations(SHIPPED, 2):
        alike = [key for key, said in spoken[one].items() if set(said) & set(spoken[other].get(key, ()))]
        assert alike == [], f"{one} and {other} say the same"
    for language, told in spoken.items():
        kept = [key for key, said in told.items() if key[0] in said or key[0] == said]
        assert kept == [], f"{language} says it in English"
