"""How fast another system may be asked: evenly, within a budget, slower once it says it is too much, and not at all for
a while once nothing comes back any more."""

import asyncio
import ipaddress
from collections import deque
from urllib.parse import urlsplit

from pqldesk.services.basics.texts import _

# How far a late request may be made up for: enough for a scheduler's jitter, too little for a burst
SLACK_S = 0.2
PROBE_AFTER_S = 20.0  # after this long without a refusal a lowered rate is raised by a twentieth
UNBOUNDED = float("inf")
Usual = tuple[float, float] | float  # reads and writes a second, or requests of any kind
MOST_LOST = 8  # answers lost in a row, none between them: the system is down, not slow
REST_S = 15.0  # then it is left alone for so long; after that one request finds out


class Pace:
    """Gives out the moments at which requests may start. One event loop only.

    *per_second* is what the system allows everybody; *askers*: how many processes share it, this one too.
    """

    def __init__(self, per_second: float, askers: int = 1) -> None:
        self.per_second = per_second
        self.askers = askers
        self._most = per_second
        self._next = 0.0
        self._closed_until = 0.0
        self._changed_at = 0.0
        self._passed: deque[float] = deque(maxlen=4_096)

    async def turn(self) -> None:
        """Wait for the next free moment."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            self._probe(now)
            slot = max(self._next, now - SLACK_S, self._closed_until)
            self._next = slot + self.askers / self.per_second
            if slot > now:
                await asyncio.sleep(slot - now)
            if self._closed_until <= loop.time():
                return

    def allow(self, per_second: float) -> None:
        """The system has said what it allows; a pace that was lowered after a refusal rises to it by and by."""
        if self._most in (UNBOUNDED, per_second):
            return
        untouched = self.per_second == self._most
        self._most = per_second
        self.per_second = per_second if untouched else min(self.per_second, per_second)

    def passed(self) -> None:
        """A request was let through."""
        if self.per_second < UNBOUNDED or self._most == UNBOUNDED:
            self._passed.append(asyncio.get_running_loop().time())

    def refused(self, retry_after_s: float) -> None:
        """Stay away that long, and go on at what was let through in the last second, or a tenth slower."""
        now = asyncio.get_running_loop().time()
        until = now + retry_after_s
        if now < self._closed_until:  # others of the same burst: the lesson is already learnt
            self._closed_until = max(until, self._closed_until)
            return
        self._closed_until = until
        let_through = self.askers * sum(1 for at in self._passed if at > now - 1)
        slower = min(self.per_second * 0.9, let_through * 0.99)
        floor = 1.0 if self.per_second == UNBOUNDED else self.per_second / 2
        self.per_second = max(min(1.0, self.per_second), slower, floor)  # a slow pace never gets faster
        self._next = until
        self._changed_at = until
        self._passed.clear()

    def _probe(self, now: float) -> None:
        if self.per_second < self._most and now - self._changed_at > PROBE_AFTER_S:
            self.per_second = min(self._most, self.per_second * 1.05)
            self._changed_at = now


class Circuit:
    """Opens when answers are lost one after the other: everybody stops asking, and says why. One event loop only."""

    def __init__(self) -> None:
        self._lost = 0
        self._open_until = 0.0
        self._reason = ""

    @property
    def reason(self) -> str | None:
        """Why nothing is asked now; None when it may be. Once the rest is over one request goes through to find out."""
        now = asyncio.get_running_loop().time()
        if self._lost < MOST_LOST:
            return None
        if now >= self._open_until:
            self._open_until = now + REST_S
            return None
        return self._reason

    def answered(self) -> None:
        """Something came back, whatever it was."""
        self._lost = 0

    def lost(self, reason: str) -> None:
        """Nothing came back, or a failure of the system itself."""
        self._lost += 1
        self._reason = reason
        if self._lost == MOST_LOST:
            self._open_until = asyncio.get_running_loop().time() + REST_S


class Budget:
    """The paces of one system: reads, writes, and whatever it limits separately; and its circuit.

    A pull and an outbox that share a connection share one; those of several processes take parts of it.
    """

    def __init__(self, reads: float, writes: float | None = None) -> None:
        """*writes* of None: the system counts all requests alike, and *reads* is for both."""
        self.reads = Pace(reads)
        self.writes = self.reads if writes is None else Pace(writes)
        self.circuit = Circuit()
        self._others: dict[str, Pace] = {}

    def part(self, askers: int) -> None:
        """Take one part of so many from now on."""
        for pace in (self.reads, self.writes, *self._others.values()):
            pace.askers = askers

    def pace(self, name: str, per_second: float) -> Pace:
        """The pace of what the system limits by itself; unbounded where the reads are, as with a double."""
        if name not in self._others:
            bounded = self.reads.per_second < UNBOUNDED
            self._others[name] = Pace(per_second if bounded else UNBOUNDED, self.reads.askers)
        return self._others[name]

    @classmethod
    def read(cls, text: str | None, url: str, default: "Usual") -> "Budget":
        """``80/20`` or ``off``; not set: *default*, but only what the server refuses when it is on this machine."""
        if text is None and is_loopback(url):
            return cls(UNBOUNDED, UNBOUNDED)
        if text is None:
            return cls(*default) if isinstance(default, tuple) else cls(default)
        if text == "off":
            return cls(UNBOUNDED, UNBOUNDED)
        reads, _slash, writes = text.partition("/")
        if not (reads.isdigit() and writes.isdigit() and int(reads) and int(writes)):
            raise ValueError(
                _("{text!r} is no rate; write it like 80/20 (reads/writes a second) or off").format(text=text)
            )
        return cls(int(reads), int(writes))


def is_loopback(url: str) -> bool:
    """Whether *url* points to this machine: a double has nobody else to leave room for."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
