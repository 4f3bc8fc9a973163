"""The command line: each command parses, calls one service function, prints. The rules are in services/."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from pqldesk import __version__
from pqldesk.cli.grammar import build_parser
from pqldesk.cli.output import message, prepare_streams
from pqldesk.services.plain_text import is_sound
from pqldesk.services.problems import BadInput, Problem
from pqldesk.services.texts import use_language

DONE, PROBLEM, BUG = 0, 1, 3  # wrong usage is 2: argparse's own
_IN_WORDS_OF_THE_USER = {"window", "demo"}  # what other commands print is read by scripts and stays English


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0 done, 1 a problem the user can act on, 2 wrong usage, 3 a bug."""
    given = list(sys.argv[1:] if argv is None else argv)
    prepare_streams()
    parser = build_parser(__version__)
    try:
        args = parser.parse_command(given)
    except SystemExit as wanted:  # help, version, or wrong usage, already printed
        return int(wanted.code or 0)
    try:
        _refuse_broken_text(given)
        module, _, name = getattr(args, "run", "window.open_window").partition(".")
        if module in _IN_WORDS_OF_THE_USER:
            use_language()  # before the command's modules make their constants
        code = getattr(import_module(f"pqldesk.cli.{module}"), name)(args)
        sys.stdout.flush()
        return int(code or DONE)
    except Problem as problem:
        message(" ".join(str(problem).split()))
        return PROBLEM
    except KeyboardInterrupt:
        message("Stopped.")
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as bug:  # noqa: BLE001 - the last place before the interpreter's own traceback
        from pqldesk.cli.bugs import keep_traceback

        message(
            f"PQLDesk met a bug in itself ({type(bug).__name__}): the details are in {keep_traceback(bug)};"
            " your data is as it was before the command."
        )
        return BUG


def _refuse_broken_text(words: Sequence[str]) -> None:
    """Bytes that are no UTF-8 come as halves of surrogate pairs, which neither database can hold."""
    for word in words:
        if not is_sound(word):
            shown = os.fsencode(word).decode("utf-8", "backslashreplace")
            raise BadInput(f"{shown!r} is not UTF-8 text.", "Write it, or rename the file, in UTF-8.")
