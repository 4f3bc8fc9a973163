"""The shipped translations against the code: whole, with every field, and compiled."""

import runpy
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
