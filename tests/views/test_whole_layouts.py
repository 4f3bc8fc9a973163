"""Every page and dialog where there is little room for it: small screens, large text, the other direction."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from walked import faults, walked

TOOLS = Path(__file__).parents[2] / "tools"
# size, size of the text (the largest of the settings is 1.62), direction
LAYOUTS = ("layout@1440x900*2", "layout@1100x700*2", "layout@1280x720:rtl")
LONGER = ("layout@1100x700", "layout@1280x720")
TRANSLATED = (
    ("de", ("layout@1100x700", "layout@1100x700*1.62")),
    ("es", ("layout@1100x700", "layout@1440x900")),
)


@pytest.fixture(scope="module")
def english() -> dict[str, Any]:
    return walked(*LAYOUTS)


@pytest.mark.parametrize("task", LAYOUTS)
def test_nothing_is_cut_or_covered_on_any_screen_in_any_text_size(english: dict[str, Any], task: str) -> None:
    assert faults(english["found"][task]) == {}


def test_texts_a_third_longer_fit_too(tmp_path: Path) -> None:
    subprocess.run([sys.executable, TOOLS / "make_catalogue.py", "--pseudo", tmp_path], check=True)
    found = walked(*LONGER, PQLDESK_LOCALE_DIR=str(tmp_path), PQLDESK_LANGUAGE="en_XA")
    for task in LONGER:
        assert faults(found["found"][task]) == {}


@pytest.mark.parametrize(("language", "tasks"), TRANSLATED)
def test_the_languages_that_are_shipped_fit(language: str, tasks: tuple[str, ...]) -> None:
    found = walked(*tasks, PQLDESK_LANGUAGE=language)
    for task in tasks:
        assert faults(found["found"][task]) == {}
