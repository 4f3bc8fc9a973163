"""Reading the command line: every option may stand before or after its command."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pqldesk.services.basics.clock import parse_moment
from pqldesk.services.basics.problems import BadInput


class Parser(argparse.ArgumentParser):
    """An argument parser whose commands are found wherever their options stand.

    *run* names the function that carries a command out, as module.function of this package: modules are imported
    when their command is called, so that help and version come at once.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Mapping[str, Parser] = {}
        self.only: str | None = None  # the one command of this parser that is built; None builds all

    def parse_command(self, argv: Sequence[str]) -> argparse.Namespace:
        """The namespace of *argv*. Exits with 2 and the usage when it is wrong."""
        return self.parse_args(self._command_first(list(argv)))

    def group(self, *, required: bool = True) -> None:
        """Let commands be added to this parser."""
        self._group = self.add_subparsers(
            title="commands", metavar="COMMAND", required=required, parser_class=Parser
        )
        self.commands = self._group.choices

    def command(self, name: str, help_text: str, run: str | None = None) -> "Parser":
        """A command of this parser; *run* is the function that carries it out, none where it only groups others."""
        if self.only not in (None, name):
            return _Unasked()
        parser = self._group.add_parser(
            name, help=help_text, description=help_text, parents=[global_options()], allow_abbrev=False
        )
        if run is None:
            parser.group()
        else:
            parser.set_defaults(run=run, wrong_usage=parser.error)  # for what only the command can tell
        return parser

    def offer_formats(self, *formats: str) -> None:
        """Let --format take these of this command."""
        for action in self._actions:
            if "--format" in action.option_strings:
                action.choices = formats

    def _command_first(self, argv: list[str]) -> list[str]:
        """*argv* with the words of the command moved before the options that stood ahead of them."""
        arity = _arities(self)
        words: list[str] = []
        parser = self
        at = 0
        while at < len(argv) and parser.commands:
            word = argv[at]
            if word == "--":
                break
            if word == "--all" and "all" in parser.commands:  # `export --all` is what people write, too
                argv[at] = word = "all"
            if word.startswith("-") and word != "-":
                name, sign, _ = word.partition("=")
                at += 1 if sign else 1 + arity.get(name, 0)
                continue
            if word not in parser.commands:
                break
            words.append(argv.pop(at))
            parser = parser.commands[word]
        return words + argv


class _Unasked(Parser):
    """A command that the line does not name: what is said of it is not kept."""

    def __init__(self) -> None:
        pass

    def command(self, *_what: object, **_more: object) -> Parser:
        return self

    def add_argument(self, *_what: Any, **_more: Any) -> Any:
        return None

    def add_argument_group(self, *_what: Any, **_more: Any) -> Any:
        return self

    def add_mutually_exclusive_group(self, **_more: Any) -> Any:
        return self

    def set_defaults(self, **_more: Any) -> None:
        pass

    def offer_formats(self, *_formats: str) -> None:
        pass


def command_word(argv: Sequence[str]) -> str | None:
    """The word of *argv* that names its command, where only options of every command stand before it."""
    arity = _arities(global_options())
    at = 0
    while at < len(argv):
        name, sign, _ = argv[at].partition("=")
        if name not in arity:
            return argv[at]
        at += 1 if sign else 1 + arity[name]
    return None


def _arities(parser: Parser) -> dict[str, int]:
    """Option -> how many values follow it, over all commands; an option means the same everywhere."""
    found: dict[str, int] = {}
    waiting = [parser]
    while waiting:
        one = waiting.pop()
        waiting.extend(one.commands.values())
        for action in one._actions:
            for option in action.option_strings:
                found[option] = 1 if action.nargs is None else 0
    return found


def global_options() -> Parser:
    """The options that every command takes."""
    parser = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    options = parser.add_argument_group("everywhere")
    options.add_argument("--workspace", metavar="PATH|URL", help="the workspace; PQLDESK_WORKSPACE otherwise")
    options.add_argument("--format", choices=("table", "json", "csv"), help="how to print; table by default")
    options.add_argument(
        "--as-of", metavar="T", type=moment, help="the moment to answer for, ISO date or time"
    )
    options.add_argument("--known-at", metavar="T", type=moment, help="leave out what arrived after T")
    options.add_argument("--rep", metavar="EMAIL", help="who you are; setting `rep` otherwise")
    options.add_argument(
        "--progress", choices=("json",), help="print progress lines on stderr, for the window"
    )
    return parser


def moment(text: str) -> str:
    """ISO text, checked; which day a date is depends on the workspace's zone and is read later."""
    try:
        parse_moment(text, ZoneInfo("UTC"), "the time")
    except BadInput as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
    return text


def number(text: str) -> float:
    """A plain number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return value


def count(text: str) -> int:
    """A whole number from 0 up."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def port(text: str) -> int:
    """A port's number, 0 for any free one."""
    if not (text.isascii() and text.isdigit()) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to 65535")
    return int(text)


def pair(text: str) -> tuple[str, str]:
    """KEY=VALUE."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value
