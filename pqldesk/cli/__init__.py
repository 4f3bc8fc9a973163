"""The command line: each command parses, calls one service function, prints. The rules are in services/."""

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING

from pqldesk import __version__
from pqldesk.services.basics.plain_text import is_sound
from pqldesk.services.basics.problems import BadInput, Problem
from pqldesk.services.basics.texts import LANGUAGE_VARIABLE, _, use_language

if TYPE_CHECKING:
    from argparse import Namespace

DONE, PROBLEM, BUG = 0, 1, 3  # wrong usage is 2: argparse's own
_ALWAYS_ENGLISH = {"intake", "sandbox"}  # what they answer and log is read by other programs


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0 done, 1 a problem the user can act on, 2 wrong usage, 3 a bug."""
    given = list(sys.argv[1:] if argv is None else argv)
    _prepare_streams()
    try:
        args = _parsed(given)
    except SystemExit as wanted:  # help, version, or wrong usage, already printed
        return int(wanted.code or 0)
    try:
        _refuse_broken_text(given)
        module, _dot, name = getattr(args, "run", "window.open_window").partition(".")
        _speak(module, str(getattr(args, "format", None) or "table"))
        code = getattr(import_module(f"pqldesk.cli.{module}"), name)(args)
        sys.stdout.flush()
        return int(code or DONE)
    except SystemExit as wanted:  # wrong usage that only the command could tell
        return int(wanted.code or 0)
    except Problem as problem:
        _message(" ".join(str(problem).split()))
        return PROBLEM
    except KeyboardInterrupt:
        _message(_("Stopped."))
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as bug:  # noqa: BLE001 - the last place before the interpreter's own traceback
        from pqldesk.services.basics.bugs import keep_bug

        _message(
            _(
                "PQLDesk met a bug in itself ({kind}): the details are in {file};"
                " your data is as it was before the command."
            ).format(kind=type(bug).__name__, file=keep_bug(bug))
        )
        return BUG


def window_options(argv: Sequence[str]) -> dict[str, str] | None:
    """The options of *argv* where it asks for the window and nothing else; None leaves it to the whole grammar.

    Building the parsers of all commands takes a sixth of the time to the window's first frame.
    """
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        option, sign, value = word.partition("=")
        if option not in ("--workspace", "--rep"):
            return None
        if not sign:
            value = next(words, "-")
            if value.startswith("-"):
                return None
        found[option.removeprefix("--")] = value
    return found


def _parsed(argv: list[str]) -> "Namespace | SimpleNamespace":
    if (options := window_options(argv)) is not None:
        return SimpleNamespace(**options)
    from pqldesk.cli.grammar import parser_for

    return parser_for(argv, __version__).parse_command(argv)


def _speak(module: str, form: str) -> None:
    """Use the environment's language, before the command's modules make their constants.

    A script that asks for JSON or CSV reads English whatever the machine speaks; PQLDESK_LANGUAGE, which is set for
    PQLDesk alone, counts for it too: so the window's children speak as the window does.
    """
    if module in _ALWAYS_ENGLISH or (form != "table" and LANGUAGE_VARIABLE not in os.environ):
        use_language([])
    else:
        use_language()


def _prepare_streams() -> None:
    """Let stdout be UTF-8, as JSON has to be, and let no stream fail on a letter its terminal does not know."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_terminal = stream is sys.stderr or stream.isatty()
            stream.reconfigure(encoding=stream.encoding if is_terminal else "utf-8", errors="replace")


def _message(text: str) -> None:
    from pqldesk.cli.output import message

    message(text)


def _refuse_broken_text(words: Sequence[str]) -> None:
    """Bytes that are no UTF-8 come as halves of surrogate pairs, which neither database can hold."""
    for word in words:
        if not is_sound(word):
            shown = os.fsencode(word).decode("utf-8", "backslashreplace")
            raise BadInput(
                _("{shown!r} is not UTF-8 text.").format(shown=shown),
                _("Write it, or rename the file, in UTF-8."),
            )
