"""docs/commands.md against the grammar it is made from."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from pqldesk.cli.grammar import build_parser, parser_for
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


def test_a_command_built_alone_is_the_one_of_the_whole_grammar() -> None:
    whole = build_parser("1")
    for name, command in whole.commands.items():
        alone = parser_for([name], "1")
        assert list(alone.commands) == [name]
        assert dict(_said(alone.commands[name], name)) == dict(_said(command, name))


@pytest.mark.parametrize(
    ("argv", "built"),
    [
        (["--workspace", "a", "--rep=kim@example.com", "queue"], ["queue"]),
        (["--as-of", "2026-11-20", "lead", "--limit", "5", "show"], ["lead"]),
        (["--limit", "5", "queue"], None),
        (["queu"], None),
        (["--help"], None),
        (["--workspace"], None),
        ([], None),
    ],
)
def test_all_commands_are_built_where_the_line_does_not_say_at_once_which_one(
    argv: list[str], built: list[str] | None
) -> None:
    assert list(parser_for(argv, "1").commands) == (built or list(build_parser("1").commands))


def _said(parser: Parser, path: str) -> Iterator[tuple[str, object]]:
    """Of the command and those below it: the help, and what is set when it is called."""
    yield path, (parser.format_help(), {k: v for k, v in parser._defaults.items() if k != "wrong_usage"})
    for name, below in parser.commands.items():
        yield from _said(below, f"{path} {name}")


def _commands(parser: Parser, path: str) -> list[tuple[str, Parser]]:
    below = [pair for name, one in parser.commands.items() for pair in _commands(one, f"{path} {name}")]
    return below if parser.commands else [(path, parser)]


def test_the_manual_page_is_what_the_grammar_says() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "make_commands.py"))

    assert tool["MANUAL"].read_text(encoding="utf-8") == tool["manual_page"](), (
        "run: python tools/make_commands.py"
    )


def test_every_line_of_the_manual_page_is_a_known_request_or_words() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "make_commands.py"))
    known = re.compile(r"\.(\\\"|TH|SH|SS|TP|PP|B|BR|RI|IR|nf|fi)( |$)")

    odd = [line for line in tool["manual_page"]().splitlines() if line[:1] in ".'" and not known.match(line)]

    assert odd == []
