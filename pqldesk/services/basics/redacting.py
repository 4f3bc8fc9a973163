"""Text without what must not leave the computer: secrets, and who somebody is."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s/]*@")
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|KEY|CREDENTIAL", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"'“”()=:,;]+@[^\s@<>\"'“”(),;:]+\.[^\s@<>\"'“”(),;:.]+")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”")
_CODE = re.compile(
    r"^\s+(?:File \"|\^|[~^]+$)"
)  # lines of a stack that say where; the one below a file is code
# What databases add to an error: the values of the statement, and the row that was refused.
_VALUES = re.compile(r"^(\s*\|?\s*)(?:\[parameters: |DETAIL: |CONTEXT: ).*", re.MULTILINE)
_SHORTEST = 6  # shorter values would blot out ordinary words


def redacted(text: str) -> str:
    """*text* without passwords of URLs and without what the environment keeps secret."""
    text = _PASSWORD.sub(r"\1:[removed]@", text)
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST and _SECRET_NAME.search(name):
            text = text.replace(value, f"[{name}]")
    return text


def nameless(text: str, names: Iterable[str] = ()) -> str:
    """*text* redacted, and without e-mail addresses, *names*, and the name in the path of the home folder."""
    text = redacted(text)
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "[name]")
    home = str(Path.home())
    if len(home) > 1:
        text = text.replace(home, "~")
    return _EMAIL.sub("[e-mail]", text)


def unquoted(stacks: str) -> str:
    """Stacks of errors with their code, and without the values that their messages quote: those may be anybody's."""
    kept, is_code = [], False
    for line in _VALUES.sub(r"\1[values]", stacks).splitlines(keepends=True):
        says_where = bool(_CODE.match(line))
        kept.append(line if says_where or is_code else _QUOTED.sub("[text]", line))
        is_code = says_where and "File " in line
    return "".join(kept)
