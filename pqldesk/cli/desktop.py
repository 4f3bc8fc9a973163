"""pqldesk desktop and completion: at home in the menu and in the shell."""

import argparse
import os
import sys

from pqldesk.cli.output import message
from pqldesk.services.basics.texts import _
from pqldesk.services.desktop_entry import install_entry, own_program, remove_entry


def desktop_install(args: argparse.Namespace) -> None:
    """Put PQLDesk into the menu, with its icon and the type of its files."""
    for path in install_entry(os.environ, own_program()):
        print(path)
    message(_("PQLDesk is in the menu; *.pqldesk files open with it."))


def desktop_remove(args: argparse.Namespace) -> None:
    """Take PQLDesk out of the menu."""
    for path in remove_entry(os.environ):
        print(path)
    message(_("PQLDesk is out of the menu."))


def completion(args: argparse.Namespace) -> None:
    """The script that completes commands and options in a shell."""
    import shtab

    from pqldesk import __version__
    from pqldesk.cli.grammar import build_parser

    script = shtab.complete(build_parser(__version__), shell=args.shell)
    sys.stdout.write(_without_preamble(script) + "\n")


def _without_preamble(script: str) -> str:
    """The script without the generator's own remarks at its head; what the shell reads there (#compdef) stays."""
    lines = script.splitlines()
    code = next(n for n, line in enumerate(lines) if line and not line.startswith(("# ", "#compdef")))
    return "\n".join([line for line in lines[:code] if line.startswith("#compdef")] + lines[code:])
