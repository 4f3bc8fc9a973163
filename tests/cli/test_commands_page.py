"""docs/commands.md against the grammar it is made from."""

import runpy
from pathlib import Path

from pqldesk.cli.grammar import build_parser
from pqldesk.cli.parsing import Parser

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "commands.md"


def test_the_page_of_commands_is_what_its_tool_makes() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_commands.py"))["commands_page"]()

    assert PAGE.read_text(encoding="utf-8") == made, "run: python tools/make_commands.py"


def test_every_command_and_option_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for path, parser in _commands(build_parser(""), "pqldesk"):
        assert f"    {path}" in page, path
        for action in parser._actions:
            for option in action.option_strings:
                assert option in ("-h", "--help") or f"`{option}" in page, f"{path} {option}"


def _commands(parser: Parser, path: str) -> list[tuple[str, Parser]]:
    below = [pair for name, one in parser.commands.items() for pair in _commands(one, f"{path} {name}")]
    return below if parser.commands else [(path, parser)]
