"""docs/connectors.md against the abilities it is made from."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_abilities_is_what_its_tool_makes() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_connectors.py"))["connectors_page"]()

    page = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    assert page == made, "run: python tools/make_connectors.py"
