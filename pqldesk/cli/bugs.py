"""Where the details of a bug go."""

import os
import re
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from pqldesk.services.basics.places import bug_log

_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s/]*@")
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST = 6  # shorter values would blot out ordinary words


def redacted(text: str) -> str:
    """*text* without passwords of URLs and without what the environment keeps secret."""
    text = _PASSWORD.sub(r"\1:[removed]@", text)
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST and _SECRET_NAME.search(name):
            text = text.replace(value, f"[{name}]")
    return text


def keep_traceback(bug: BaseException) -> Path:
    """Append the stack of *bug* to the log; the path of the log."""
    stack = redacted("".join(traceback.format_exception(bug)))
    text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n{stack}\n"
    for folder in (bug_log().parent, Path(tempfile.gettempdir())):
        path = folder / bug_log().name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            continue
        return path
    return Path("stderr")
