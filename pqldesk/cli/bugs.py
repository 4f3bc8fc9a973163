"""Where the details of a bug go."""

import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path


def keep_traceback(bug: BaseException) -> Path:
    """Append the stack of *bug* to the log; the path of the log."""
    text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n{''.join(traceback.format_exception(bug))}\n"
    for folder in (user_log_path("PQLDesk", appauthor=False), Path(tempfile.gettempdir())):
        path = folder / "pqldesk-bugs.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            continue
        return path
    return Path("stderr")
