"""The sample beside a window: our own command line builds it in a process of its own and opens a second window."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from typing import IO

from pqldesk.services.basics.texts import LANGUAGE_VARIABLE, _, language
from pqldesk.services.child import ChildFailed

_LOOK_S = 0.1


def open_sample() -> bool:
    """Start `pqldesk demo`; whether it was built now, False where its window was there already and came up.

    Returns once the window is about to open, and the demo goes on by itself, also after this program has ended.
    Raises ChildFailed with the demo's own sentence. The workspace of this window is not touched.
    """
    # Files, not pipes: the demo outlives whoever would read them.
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "pqldesk", "demo"],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=said,
            env={**os.environ, LANGUAGE_VARIABLE: language()},  # its sentences are shown in the window
            start_new_session=True,  # Ctrl+C in the terminal of this window is not meant for it
        )
        while (
            child.poll() is None and not os.fstat(printed.fileno()).st_size
        ):  # printed right before the window
            time.sleep(_LOOK_S)
        built = bool(os.fstat(printed.fileno()).st_size)
        if child.poll():
            raise ChildFailed(_last_line(said) or _("The work ended without a word."))
    threading.Thread(target=child.wait, daemon=True).start()  # so that it leaves no zombie
    return built


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")
