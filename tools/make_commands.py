"""Writes docs/commands.md and the manual page from the command line's own grammar.

python tools/make_commands.py
"""

import argparse
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pqldesk.cli.grammar import build_parser
from pqldesk.cli.parsing import Parser, global_options

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "commands.md"
MANUAL = ROOT / "resources" / "desktop" / "pqldesk.1"
HEAD = """\
# Commands

Made by `tools/make_commands.py` from the command line's grammar; a test fails when it is out of date.

`pqldesk` alone opens the window. Every option may stand before or after its command. Times (`T`) are ISO dates or
date-times; a date is a day in the workspace's zone. Leads are named by id, e-mail or `namespace:value`.

Exit codes: 0 done; 1 could not be done, with one sentence on standard error; 2 the command line is wrong; 3 a bug of
PQLDesk, whose details were kept in a file; 130 stopped with Ctrl+C.

"""
MANUAL_HEAD = r"""
.\" Made by tools/make_commands.py from the command line's grammar.
.TH PQLDESK 1 "" "PQLDesk" "User commands"
.SH NAME
pqldesk \- product-qualified leads on your desk: scored, claimed, handed to sales
.SH SYNOPSIS
.B pqldesk
[options] [command [arguments]]
.SH DESCRIPTION
Without a command the window opens. Every option may stand before or after its command. Leads are named by id, e-mail or
.IR namespace:value .
Times
.RI ( T )
are ISO dates or date-times; a date is a day in the workspace's zone.
"""
MANUAL_END = r"""
.SH ENVIRONMENT
.TP
.B PQLDESK_WORKSPACE
The workspace, where no
.B \-\-workspace
is given.
.TP
.B PQLDESK_LANGUAGE
The language of window and sentences, such as
.BR de ;
otherwise that of the environment. JSON and CSV are the same in every language.
.TP
.B PQLDESK_SECRETS
With the value
.B env
no secret is kept; the name of the variable it was read from is, and it is read again at each run.
.TP
.B PQLDESK_HTTP_TIMEOUT
Seconds to wait for another system's answer; 10 otherwise.
.TP
.B PQLDESK_NOW
The moment that counts as now, for scripts that must cross midnight.
.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Could not be done, with one sentence on standard error.
.TP
.B 2
The command line is wrong.
.TP
.B 3
A bug of PQLDesk, whose details were kept in a file.
.TP
.B 130
Stopped with Ctrl+C.
.SH EXAMPLES
.nf
pqldesk import leads leads.csv
pqldesk import events events.csv
pqldesk queue
pqldesk score \-\-explain ana@acme.example
pqldesk lead claim ana@acme.example \-\-rep rep@example.com
.fi
"""


def commands_page() -> str:
    """The whole page: the options every command takes, then each command in the order of ``--help``."""
    top = build_parser("")
    parts = ["## Options of every command\n", _table(_shown(global_options()))]
    for name, command in top.commands.items():
        parts.append(f"## {name}\n\n{_help(top, name)}\n")
        parts.extend(_command(command, name))
    return HEAD + "\n".join(parts)


def manual_page() -> str:
    """The page for ``man pqldesk``, as groff's man macros want it."""
    top = build_parser("")
    lines = [MANUAL_HEAD.strip(), ".SH OPTIONS OF EVERY COMMAND", *_entries(_shown(global_options()))]
    lines.append(".SH COMMANDS")
    for name, command in top.commands.items():
        lines += [f".SS {_roff(name)}", _roff(_help(top, name)), *_manual(command, name)]
    return "\n".join(lines) + "\n" + MANUAL_END.strip() + "\n"


def _manual(parser: Parser, path: str) -> Iterator[str]:
    if not parser.commands:
        yield from (".PP", f".B {_roff(_usage(parser, path).strip())}", *_entries(_shown(parser)))
        return
    for name, below in parser.commands.items():
        yield from (".PP", _roff(_help(parser, name)))
        yield from _manual(below, f"{path} {name}")


def _entries(actions: list[argparse.Action]) -> Iterator[str]:
    for action in actions:
        name = (
            ", ".join([*action.option_strings[1:], _taken(action)])
            if action.option_strings
            else _placed(action)
        )
        meaning = _roff(_meaning(action).replace("\\|", "|"))
        yield from (".TP", f".B {_roff(name)}", *([meaning] if meaning else []))


def _roff(text: str) -> str:
    """*text* as words of the page: nothing of it is taken for a request or an escape, and dashes can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


def _command(parser: Parser, path: str) -> Iterator[str]:
    """The usage and options of a command, or of each command below it; those with equal options share a section."""
    if not parser.commands:
        yield _usage(parser, path)
        if shown := _shown(parser):
            yield _table(shown)
        return
    for _, same in groupby(parser.commands.items(), key=lambda pair: _likeness(*pair)):
        named = list(same)
        yield "### " + ", ".join(f"{path} {name}" for name, _ in named) + "\n"
        yield " ".join(_help(parser, name) for name, _ in named) + "\n"
        for name, below in named[:-1]:
            yield _usage(below, f"{path} {name}").rstrip("\n")
        yield from _command(named[-1][1], f"{path} {named[-1][0]}")


def _likeness(name: str, parser: Parser) -> str:
    """Equal for commands that one section can explain."""
    shown = _shown(parser)
    return name if parser.commands or len(shown) < 2 else _usage(parser, "") + _table(shown)


def _help(parser: Parser, name: str) -> str:
    return str(parser.commands[name].description)


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What belongs to this command alone, and can be explained: arguments without a help text are in the usage."""
    everywhere = {option for action in global_options()._actions for option in action.option_strings}
    everywhere |= {"-h", "--help"} if isinstance(parser, Parser) and parser.add_help else set()
    is_global = parser.add_help is False
    return [
        action
        for action in parser._actions
        if (is_global or not everywhere.intersection(action.option_strings) or _differs(action))
        and (action.option_strings or action.help)
    ]


def _differs(action: argparse.Action) -> bool:
    """Whether a command narrows or widens an option that every command has."""
    own = next((a for a in global_options()._actions if a.option_strings == action.option_strings), None)
    return own is not None and own.choices != action.choices


def _usage(parser: Parser, path: str) -> str:
    words = ["pqldesk", path]
    for action in parser._actions:
        if not action.option_strings:
            words.append(_placed(action))
        elif action.required:
            words.append(_taken(action))
    for group in parser._mutually_exclusive_groups:
        if group.required:
            words.append("(" + " | ".join(_taken(action) for action in group._group_actions) + ")")
    if any(action.option_strings for action in _shown(parser) if not action.required):
        words.append("[options]")
    return f"    {' '.join(words)}\n"


def _taken(action: argparse.Action) -> str:
    return action.option_strings[0] + ("" if action.nargs == 0 else f" {_value(action)}")


def _placed(action: argparse.Action) -> str:
    name = _value(action)
    forms = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} ...", argparse.REMAINDER: f"[{name} ...]"}
    return forms.get(str(action.nargs), name)


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return "{" + ",".join(str(choice) for choice in action.choices) + "}"
    return str(action.metavar or action.dest.upper())


def _table(actions: list[argparse.Action]) -> str:
    lines = ["| option | meaning |", "|---|---|"]
    for action in actions:
        name = _taken(action) if action.option_strings else _placed(action)
        names = [name, *(no for no in action.option_strings[1:] if no.startswith("--no-"))]
        shown = ", ".join(f"`{one.replace('|', chr(92) + '|')}`" for one in names)
        lines.append(f"| {shown} | {_meaning(action)} |")
    return "\n".join(lines) + "\n"


def _meaning(action: argparse.Action) -> str:
    said = [(action.help or "").replace("|", "\\|")]
    if action.required and action.option_strings:
        said.append("required")
    if isinstance(action, argparse._AppendAction):
        said.append("may be repeated")
    plain = isinstance(action.default, str | int | float) and not isinstance(action.default, bool)
    if plain and action.default not in ("", argparse.SUPPRESS) and action.option_strings:
        said.append(f"default {action.default}")
    return "; ".join(part for part in said if part)


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
    MANUAL.write_text(manual_page(), encoding="utf-8")
