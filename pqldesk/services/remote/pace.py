"""How fast another system may be asked: evenly, within a budget, and slower once it says it is too much."""

import asyncio
import ipaddress
from collections import deque
from urllib.parse import urlsplit

SLACK_S = (
    0.2  # how far a late request may be made up for: enough for a scheduler's jitter, too little for a burst
)
PROBE_AFTER_S = 20.0  # after this long without a refusal a lowered rate is raised by a twentieth
UNBOUNDED = float("inf")


class Pace:
    """Gives out the moments at which requests may start. One event loop only."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
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
            self._next = slot + 1 / self.per_second
            if slot > now:
                await asyncio.sleep(slot - now)
            if self._closed_until <= loop.time():
                return

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
        let_through = sum(1 for at in self._passed if at > now - 1)
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


class Budget:
    """The paces of one system: reads, writes, and whatever it limits separately."""

    def __init__(self, reads: float, writes: float) -> None:
        self.reads = Pace(reads)
        self.writes = Pace(writes)

    @classmethod
    def read(cls, text: str | None, url: str, default: tuple[float, float]) -> "Budget":
        """``80/20`` or ``off``; not set: *default*, but only what the server refuses when it is on this machine."""
        if text is None and is_loopback(url):
            return cls(UNBOUNDED, UNBOUNDED)
        if text is None:
            return cls(*default)
        if text == "off":
            return cls(UNBOUNDED, UNBOUNDED)
        reads, _, writes = text.partition("/")
        if not (reads.isdigit() and writes.isdigit() and int(reads) and int(writes)):
            raise ValueError(f"{text!r} is no rate; write it like 80/20 (reads/writes a second) or off")
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
