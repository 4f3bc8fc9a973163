"""Every command with its options. Nothing here does anything; cli/__init__.py calls what *run* names."""

from pqldesk.cli.grammar_leads import lead_commands, queue_commands, work_commands
from pqldesk.cli.grammar_setup import figure_commands, import_commands, setup_commands
from pqldesk.cli.grammar_team import team_commands
from pqldesk.cli.parsing import Parser, global_options

ABOUT = "Product-qualified leads on your desk: scored, claimed, handed to sales. Without a command the window opens."


def build_parser(version: str) -> Parser:
    """The whole command line."""
    parser = Parser(prog="pqldesk", description=ABOUT, parents=[global_options()], allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"pqldesk {version}")
    parser.group(required=False)
    import_commands(parser)
    queue_commands(parser)
    lead_commands(parser)
    work_commands(parser)
    team_commands(parser)
    figure_commands(parser)
    setup_commands(parser)
    return parser
