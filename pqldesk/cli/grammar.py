"""Every command with its options. Nothing here does anything; cli/__init__.py calls what *run* names."""

from collections.abc import Sequence

from pqldesk.cli.grammar_leads import lead_commands, queue_commands, work_commands
from pqldesk.cli.grammar_setup import figure_commands, import_commands, setup_commands
from pqldesk.cli.grammar_team import team_commands
from pqldesk.cli.parsing import Parser, command_word, global_options

ABOUT = "Product-qualified leads on your desk: scored, claimed, handed to sales. Without a command the window opens."


def parser_for(argv: Sequence[str], version: str) -> Parser:
    """What reads *argv*: of the commands only the one that it names, where that can be seen at once.

    Building all of the 300 parsers takes 120 to 140 ms, one command with those below it 2 to 14 ms (two cores).
    """
    word = command_word(argv)
    if word is not None:
        parser = build_parser(version, only=word)
        if word in parser.commands:
            return parser
    return build_parser(version)


def build_parser(version: str, *, only: str | None = None) -> Parser:
    """The whole command line, or only the command of that name."""
    parser = Parser(prog="pqldesk", description=ABOUT, parents=[global_options()], allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"pqldesk {version}")
    parser.group(required=False)
    parser.only = only
    import_commands(parser)
    queue_commands(parser)
    lead_commands(parser)
    work_commands(parser)
    team_commands(parser)
    figure_commands(parser)
    setup_commands(parser)
    return parser
