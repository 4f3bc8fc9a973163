"""The time a sandbox lives in: the machine's, shifted or stopped on request."""

import time
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """Time as the sandbox sees it. Every stamp, header, rate window and delay of a sandbox comes from here."""

    def __init__(self) -> None:
        self._shift_s = 0.0
        self._stopped_at: float | None = None
        self._date = (0, "")

    def time(self) -> float:
        """Seconds since 1970."""
        return self._stopped_at if self._stopped_at is not None else time.time() + self._shift_s

    def set(self, moment: datetime, *, stopped: bool = False) -> None:
        """Make it *moment* now; the clock runs on from there unless *stopped*."""
        self._shift_s = moment.timestamp() - time.time()
        self._stopped_at = moment.timestamp() if stopped else None

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        self._shift_s += seconds
        if self._stopped_at is not None:
            self._stopped_at += seconds

    def run(self) -> None:
        """Back to the machine's time."""
        self._shift_s, self._stopped_at = 0.0, None

    def stamp(self) -> str:
        """Now in UTC with nine fraction digits, e.g. ``2026-11-20T10:00:00.123456000Z``."""
        return nine_digits(datetime.fromtimestamp(self.time(), UTC))

    def http_date(self, later_s: int = 0) -> str:
        """Now, or *later_s* whole seconds later, as HTTP headers write it."""
        second = int(self.time()) + later_s
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]


def nine_digits(moment: datetime) -> str:
    """*moment* in UTC with nine fraction digits."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
