"""Killing a process that is at work, cheaply: one warm process forks a child for each round and kills it.

Starting an interpreter and importing takes a second and more; forking one that has done the work once, so that all is
imported and every statement compiled, takes milliseconds, and a child has half as much to compute as a cold one.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_WARM = """
import os, signal, sys, time
{imports}
from pathlib import Path
from pqldesk.services.workspaces.workspace import open_workspace
path = Path(sys.argv[1])
def work():
    workspace = open_workspace(path, create=False)
    {work}
    workspace.close()
work()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])  # so that an ended child is heard of at once
print("warm", flush=True)
for line in sys.stdin:
    after = float(line)
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        done = 1
        try:
            work()
            done = 0
        finally:
            os._exit(done)
    if after > 0:
        signal.sigtimedwait([signal.SIGCHLD], after)
        ended, status = os.waitpid(child, os.WNOHANG)
    else:
        ended, status = os.waitpid(child, 0)
    if not ended:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    failed = bool(ended) and os.waitstatus_to_exitcode(status) != 0
    signal.sigtimedwait([signal.SIGCHLD], 0)
    print("failed" if failed else "ended" if ended else "killed", time.monotonic() - began, flush=True)
"""


class Killing:
    """Rounds of one piece of work."""

    def __init__(self, asked: IO[str], told: IO[str]) -> None:
        self._asked, self._told = asked, told
        self._took = 0.0

    def whole(self) -> float:
        """Let the work end by itself; the seconds it took, so that the moments of death lie within."""
        self._took = self._round(0.0)[1]
        return self._took

    def after(self, seconds: float) -> bool:
        """Kill it so long after it began; whether it was still at work then."""
        return self._round(seconds)[0] == "killed"

    def at(self, share: float) -> bool:
        """Kill it at that share of the shortest time that it has taken, ``whole`` first; whether it was at work."""
        how, took = self._round(share * self._took)
        if how == "ended":  # the machine has more time for it than when it was measured
            self._took = min(self._took, took)
        return how == "killed"

    def _round(self, seconds: float) -> tuple[str, float]:
        self._asked.write(f"{seconds}\n")
        self._asked.flush()
        how, took = self._told.readline().split()
        assert how != "failed"
        return how, float(took)


@contextmanager
def killing(imports: str, work: str, path: str, *more: str) -> Iterator[Killing]:
    """A process that has done *work* once: statements in which ``workspace`` is the one at *path* and sys.argv[2:] is
    *more*."""
    program = _WARM.format(imports=imports, work=work)
    command = [sys.executable, "-c", program, path, *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "warm\n"
        yield Killing(process.stdin, process.stdout)
        process.stdin.close()
