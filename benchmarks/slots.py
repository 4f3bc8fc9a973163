"""The slot instrument: CPU time of the window's thread in each turn of its event loop, and what the long ones did.

A turn is never shorter than its longest slot. A thread beside it looks at the window's stack while a turn is long, so
that an offender has a name: the innermost functions of ours that it was most often seen in.
"""

import faulthandler
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from PySide6.QtCore import QAbstractEventDispatcher, QObject

from benchmarks.rounds import percentile

LONG_MS = 8.0  # the aim for a slot; what takes longer is named
_LOOK_S = 0.001
_OURS = str(Path(__file__).parent.parent / "pqldesk")
_DEPTH = 3
_FRAME = re.compile(r'  File "(.+)", line \d+ in (.+)')
_QT = "Qt (layout, style, painting)"


@dataclass(slots=True)
class Turn:
    """One turn of the event loop: its CPU time, and where it was seen while it was long."""

    doing: str = ""
    ms: float = 0.0
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What took its time, as "inner < outer"; Qt's own work is named by what was being done."""
        most = self.seen.most_common(1)[0][0] if self.seen else _QT
        return f"{most} after {self.doing}" if most == _QT and self.doing else most


class Turns(QObject):
    """Measures every turn of this thread's event loop from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[Turn] = []
        self.doing = ""  # what the turns from now on follow from
        self._now: Turn | None = None
        self._cpu = 0.0
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        # A turn lasts until the next: timers go off between falling asleep and that, and sleep takes no CPU time.
        QAbstractEventDispatcher.instance().awake.connect(self._begin)
        threading.Thread(target=self._look, daemon=True).start()

    def _begin(self) -> None:
        if (turn := self._now) is not None:
            turn.ms = (time.thread_time() - self._cpu) * 1000
            self.turns.append(turn)
        self._cpu, self._now = time.thread_time(), Turn(self.doing)

    def _look(self) -> None:
        with tempfile.TemporaryFile() as told:
            while True:
                time.sleep(_LOOK_S)
                turn, began = self._now, self._cpu
                if turn is not None and (time.clock_gettime(self._clock) - began) * 1000 > LONG_MS:
                    turn.seen[_where(told, self._thread)] += 1

    def figures(self) -> dict[str, float]:
        """Median, 95th and 99th percentile and worst, in ms, and how many turns there were."""
        return figures(turn.ms for turn in self.turns)

    def offenders(self, over_ms: float = LONG_MS, most: int = 30) -> list[tuple[str, int, float]]:
        """(name, how many turns, the longest in ms) of what took longer, the longest first."""
        found: dict[str, list[float]] = {}
        for turn in self.turns:
            if turn.ms > over_ms:
                found.setdefault(turn.name, []).append(turn.ms)
        listed = [(name, len(times), max(times)) for name, times in found.items()]
        return sorted(listed, key=lambda one: -one[2])[:most]


def figures(ms: Iterable[float]) -> dict[str, float]:
    """What is told of a list of times."""
    times = list(ms)
    return {
        "median_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
        "p99_ms": percentile(times, 0.99),
        "worst_ms": max(times),
        "turns": len(times),
    }


def _where(told: IO[bytes], thread: int) -> str:
    """What the thread is at. As text: its frames, held here, would keep painters alive after the painting."""
    told.seek(0)
    told.truncate()
    faulthandler.dump_traceback(told)
    told.seek(0)
    names: list[str] = []
    is_it = False
    for line in told.read().decode(errors="replace").splitlines():
        if "hread 0x" in line:
            is_it = int(line.partition("0x")[2].split()[0], 16) == thread
        elif is_it and len(names) < _DEPTH and (found := _FRAME.match(line)) and found[1].startswith(_OURS):
            names.append(f"{Path(found[1]).stem}.{found[2]}")
    return " < ".join(names) or _QT
