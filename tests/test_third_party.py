"""THIRD_PARTY.md against what is bundled and what pyproject.toml asks for."""

import re
import runpy
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "THIRD_PARTY.md"


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "make_third_party.py"))


def test_every_bundled_file_falls_under_exactly_one_licence(tool: dict[str, Any]) -> None:
    files = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    parts = {str(path.relative_to(ROOT)): [part.part for part in tool["parts_of"](path)] for path in files}

    assert files
    assert {path: found for path, found in parts.items() if len(found) != 1} == {}


def test_every_licence_entry_has_files_and_its_text(tool: dict[str, Any]) -> None:
    resources = ROOT / "resources"

    for part in tool["BUNDLED"]:
        assert all(any(resources.glob(glob)) for glob in part.files), part
        assert part.text is None or (resources / part.text).stat().st_size > 500, part


def test_every_library_asked_for_is_on_the_page_with_its_range(tool: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")

    for name, versions in tool["dependencies"]():
        assert f"| {name} | `{versions}` |" in page, "run: python tools/make_third_party.py"


def test_the_page_is_what_its_tool_makes(tool: dict[str, Any]) -> None:
    pinned = dict(re.findall(r"^(\S+)==(\S+)$", (ROOT / "constraints.txt").read_text().casefold(), re.M))
    for name, _ in tool["dependencies"]():
        own = re.sub(r"[-_.]+", "-", name).casefold()
        wanted = {re.sub(r"[-_.]+", "-", other): at for other, at in pinned.items()}[own]
        if version(name) != wanted:
            pytest.skip(f"{name} is not the version that constraints.txt names: its metadata may differ")

    assert PAGE.read_text(encoding="utf-8") == tool["third_party_page"](), (
        "run: python tools/make_third_party.py"
    )
