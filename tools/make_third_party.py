"""Writes THIRD_PARTY.md from what is bundled and from the libraries' metadata.

python tools/make_third_party.py
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "THIRD_PARTY.md"
RESOURCES = ROOT / "resources"
HOME_LABELS = ("homepage", "repository", "source", "code", "github")  # the best first


@dataclass(frozen=True, slots=True)
class Bundled:
    """A part of resources/: *files* are globs below it, *text* is where its licence stands, below it too."""

    part: str
    files: tuple[str, ...]
    licence: str
    text: str | None = None  # None: PQLDesk's own, under its LICENSE


BUNDLED = (
    Bundled("Inter 4.1 (Regular, Medium, SemiBold, Bold), The Inter Project Authors", ("fonts/*",),
            "SIL Open Font License 1.1", "fonts/OFL.txt"),
    Bundled("Lucide 1.62 icons, Lucide Icons and Contributors, parts from Feather by Cole Bemis;"
            " `controls/` recoloured", ("icons/*", "icons/controls/*"), "ISC, parts MIT", "icons/LICENSE"),
    Bundled("Times and sizes of edits in the Wikipedia sample of the Apache Druid tutorials, changed as"
            " `sample/README.md` says", ("sample/events.csv.gz", "sample/LICENSE.wikipedia_edits_day.txt"),
            "Apache License 2.0", "sample/LICENSE.wikipedia_edits_day.txt"),
    Bundled("Translations", ("locale/*/LC_MESSAGES/*",), "MIT"),
    Bundled("The rest of the sample", ("sample/*.csv", "sample/*.json", "sample/README.md"), "MIT"),
    Bundled("Lists of mail providers and of role addresses", ("domains/*.txt",), "MIT"),
    Bundled("Style sheet", ("style.qss",), "MIT"),
    Bundled("Icon, menu entry, file type and manual page of PQLDesk", ("desktop/*",), "MIT"),
    Bundled("Hand-raise button; the drawings in its form are Lucide's", ("embed/*",), "MIT, drawings ISC",
            "icons/LICENSE"),
)  # fmt: skip

HEAD = """\
# What PQLDesk uses that others made

Made by `tools/make_third_party.py`; a test fails when it is out of date, or when a file of `resources/` has no licence.
PQLDesk itself is under the MIT licence (LICENSE).

## Shipped with PQLDesk

Everything below `resources/` (`pqldesk/resources/` once installed).

"""
LIBRARIES = """
## Installed beside PQLDesk

Libraries come from their own packages and are not copied into this one. Qt and Psycopg, under the LGPL, are used as
shared libraries and modules that anybody can replace by their own build of the same version.

"""


def third_party_page() -> str:
    """The whole page."""
    shipped = [(each.part, " ".join(f"`{glob}`" for glob in each.files), _licence(each)) for each in BUNDLED]
    return (
        HEAD
        + _table(("part", "files", "licence"), shipped)
        + LIBRARIES
        + _table(("library", "versions", "licence", "home page"), map(_library, dependencies()))
    )


def parts_of(path: Path) -> list[Bundled]:
    """The entries that a file below resources/ falls under; exactly one, or the page is wrong."""
    inside = path.relative_to(RESOURCES)
    return [each for each in BUNDLED if any(inside in _found(glob) for glob in each.files)]


def dependencies() -> list[tuple[str, str]]:
    """Name and version range of each library that pyproject.toml asks for."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    return [_parted(one) for one in wanted]


def _parted(requirement: str) -> tuple[str, str]:
    found = re.fullmatch(r"([\w.-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;.*)?", requirement)
    if found is None:
        raise SystemExit(f"pyproject.toml: cannot read {requirement!r}")
    return found[1], found[2].strip().replace(",", ", ")


def _library(wanted: tuple[str, str]) -> tuple[str, str, str, str]:
    name, versions = wanted
    about = metadata(name)
    licence = about.get("License-Expression") or about.get("License")
    if not licence or "\n" in licence:
        raise SystemExit(f"{name} does not say its licence in one line; look at its metadata")
    urls = dict(url.split(", ", 1) for url in about.get_all("Project-URL") or ())
    pages = {label.casefold(): url for label, url in urls.items()}
    home = next((pages[label] for label in HOME_LABELS if label in pages), None) or about.get("Home-page")
    if not home:
        raise SystemExit(f"{name} does not name a home page; look at its metadata")
    return name, f"`{versions}`", licence, f"<{home}>"


def _licence(part: Bundled) -> str:
    return part.licence if part.text is None else f"{part.licence}: `{part.text}`"


def _found(glob: str) -> set[Path]:
    return {path.relative_to(RESOURCES) for path in RESOURCES.glob(glob)}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(third_party_page(), encoding="utf-8")
