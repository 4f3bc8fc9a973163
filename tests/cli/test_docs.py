"""The documentation: every page is in the site, every link leads somewhere, what is generated is up to date."""

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
_LINK = re.compile(r"\]\(([^)#\s]+)")


def test_every_page_is_in_the_menu_of_the_site_and_nothing_else_is() -> None:
    nav = (ROOT / "mkdocs.yml").read_text("utf-8").split("\nnav:\n")[1]
    assert sorted(re.findall(r"([\w-]+\.md)", nav)) == [page.name for page in PAGES]


def test_every_link_leads_to_a_file() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in (ROOT / "README.md", *PAGES)
        for link in _LINK.findall(page.read_text("utf-8"))
        if not link.startswith(("http:", "https:", "mailto:")) and not (page.parent / link).exists()
    ]
    assert dead == []


def test_the_page_of_tables_is_what_its_tool_makes() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_schema.py"))["schema_page"]()
    assert (DOCS / "schema.md").read_text("utf-8") == made, "run: python tools/make_schema.py"
