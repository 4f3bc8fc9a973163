"""Where the details of a bug go."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from pqldesk.services.basics.places import bug_logs
from pqldesk.services.basics.redacting import redacted


def keep_traceback(bug: BaseException) -> Path:
    """Append the stack of *bug* to the log; the path of the log."""
    stack = redacted("".join(traceback.format_exception(bug)))
    text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n{stack}\n"
    for path in bug_logs():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            continue
        return path
    return Path("stderr")
