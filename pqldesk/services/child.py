"""Long work beside the window: our own command line in a process of its own, read line by line, stopped on request."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import LANGUAGE_VARIABLE, _, language


class ChildFailed(Problem):
    """The command said why it could not be done; *answer* is the JSON that it printed all the same."""

    answer: Any = None


class Stop:
    """Ends a child from another thread. One that has ended already stays ended.

    *gently* lets it finish the transaction it is in and say how far it came, as Ctrl+C in a terminal does.
    """

    def __init__(self, *, gently: bool = False) -> None:
        self.gently = gently
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self.asked = False

    def ask(self) -> None:
        """End the child now, or as soon as there is one."""
        with self._lock:
            self.asked = True
            if self._child is not None:
                self._end(self._child)

    def watch(self, child: "subprocess.Popen[str]") -> None:
        """Tell which child is meant."""
        with self._lock:
            self._child = child
            if self.asked:
                self._end(child)

    def _end(self, child: "subprocess.Popen[str]") -> None:
        if self.gently and os.name == "posix":
            child.send_signal(signal.SIGINT)
        else:
            child.terminate()


def run_beside(
    place: Path | str,
    words: Sequence[str],
    *,
    rep: str = "",
    report: Callable[[int, str], None] = lambda done, text: None,
    stop: Stop | None = None,
    otherwise: str = "",
) -> Any:
    """Run one command on the workspace at *place* and return the JSON it prints.

    *report* hears (done, sentence) on the calling thread. Raises ChildFailed with the command's own sentence, or
    with *otherwise* when it said nothing.
    """
    command = [
        sys.executable,
        "-m",
        "pqldesk",
        "--workspace",
        str(place),
        "--format",
        "json",
        "--progress",
        "json",
    ]
    command += ["--rep", rep] if rep else []
    said: list[str] = []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as answer,
        subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [*command, *words],
            stdout=answer,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            env={**os.environ, LANGUAGE_VARIABLE: language()},  # its sentences are shown in the window
        ) as child,
    ):
        if stop is not None:
            stop.watch(child)
        for line in child.stderr or ():
            progress = _progress(line)
            if progress is None:
                said.append(line.strip())
            else:
                report(int(progress["done"]), str(progress["text"]))
        if child.wait() == 0:
            answer.seek(0)
            return json.load(answer)
        answer.seek(0)
        printed = answer.read()
    what = next((line for line in reversed(said) if line), "")
    if stop is not None and stop.asked and not (stop.gently and what):
        raise ChildFailed(_("Stopped; nothing was changed."))
    failed = ChildFailed(what or otherwise or _("The work ended without a word."))
    with suppress(ValueError):
        failed.answer = json.loads(printed)
    raise failed


def _progress(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"done", "text"} <= found.keys() else None
