"""Letting a process die in the midst of its work, cheaply and at any statement that it sends to its database.

One warm process forks a child for each round (0.05 s instead of a second for a fresh interpreter). The child counts its
statements; at the chosen one it kills itself, at once or some microseconds later by a timer of the kernel, so that it
also dies inside a commit. Nothing in the child runs after that, as with kill -9.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_WARM = """
import importlib, os, signal, sqlite3, sys, traceback
import psycopg
work = importlib.import_module(sys.argv[1])
def begin(last, later):
    count = [0]
    def step(_sql):
        count[0] += 1
        if count[0] == last:
            if later:
                signal.setitimer(signal.ITIMER_REAL, later)  # whose signal ends the process: nobody handles it
            else:
                os.kill(os.getpid(), signal.SIGKILL)
    whole = sqlite3.dbapi2.connect
    def connect(*args, **named):
        made = whole(*args, **named)
        made.set_trace_callback(step)
        return made
    sqlite3.connect = sqlite3.dbapi2.connect = connect
    asked = psycopg.Cursor.execute
    def execute(cursor, *args, **named):
        step(None)
        return asked(cursor, *args, **named)
    psycopg.Cursor.execute = execute
    return count
print("warm", flush=True)
for line in sys.stdin:
    name, last, later, *given = line.split()
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            count = begin(int(last), float(later))
            getattr(work, name)(*given)
            failed = 0
        except BaseException:
            traceback.print_exc()
        finally:
            print("ended" if not failed else "failed", count[0], flush=True)
            os._exit(failed)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) < 0:
        print("died", 0, flush=True)
"""


class Dying:
    """Rounds of work, each in a child of its own."""

    def __init__(self, asked: IO[str], told: IO[str]) -> None:
        self._asked, self._told = asked, told

    def whole(self, work: str, *given: str) -> int:
        """Let the work end by itself; how many statements it took."""
        how, count = self._round(work, 0, 0.0, given)
        assert how == "ended", (work, how)
        return count

    def at(self, statement: int, later_s: float, work: str, *given: str) -> bool:
        """Let it die that long after that statement; whether it did, and had not ended before."""
        how, _count = self._round(work, statement, later_s, given)
        assert how != "failed", work
        return how == "died"

    def _round(self, work: str, last: int, later_s: float, given: tuple[str, ...]) -> tuple[str, int]:
        self._asked.write(" ".join([work, str(last), f"{later_s:.6f}", *given]) + "\n")
        self._asked.flush()
        how, count = self._told.readline().split()
        return how, int(count)


@contextmanager
def dying(module: str) -> Iterator[Dying]:
    """A warm process that has imported *module*, whose functions are the work."""
    command = [sys.executable, "-c", _WARM, module]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "warm\n"
        yield Dying(process.stdin, process.stdout)
        process.stdin.close()
