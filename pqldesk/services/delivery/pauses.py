"""All waiting of a run over the outbox, and the clock it goes by."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pqldesk.services.connectors import late_s


@dataclass(frozen=True, slots=True)
class Pauses:
    """All waiting, in seconds, so that tests need not wait."""

    settle_s: float = 2.0  # before and between the two looks for an item that may have arrived
    again_s: tuple[float, ...] = (1.0, 2.0, 4.0)  # between the tries of one run
    later_s: tuple[float, ...] = (60.0, 300.0, 900.0, 3600.0)  # after that, then the last without end
    jitter: float = 0.1
    late: float = 1.0  # share of how late a system may still carry out what it never answered

    def after(self, attempts: int) -> float:
        """Until the next try after that many in all: three in a row, then later and later.

        It depends on the stored count alone, so that many short runs wait as long as one long run.
        """
        row, rest = divmod(attempts, len(self.again_s))
        wait = self.again_s[rest - 1] if rest else self.later_s[min(max(row, 1), len(self.later_s)) - 1]
        return wait * (1 + random.random() * self.jitter)  # noqa: S311 - jitter

    def before_look(self, system: str) -> float:
        """From a lost answer to looking whether the write arrived."""
        return max(self.settle_s, late_s(system) * self.late)


@dataclass(frozen=True)
class Time:
    """The workspace's clock, going on from where it stood: a pinned one moves too, a set-back one does not."""

    start: datetime
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def now(self) -> datetime:
        return self.start + timedelta(seconds=asyncio.get_running_loop().time() - self.began)
