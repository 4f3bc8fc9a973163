"""What the doubles of pulled systems share: rows kept in memory, a budget by the minute, and switches."""

import argparse
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pqldesk.sandbox.double import Answer, Asked, Double, carry_out, set_switches

Action = Callable[[Mapping[str, Any]], object]


@dataclass(slots=True)
class Switches:
    """What the owner of the account may change."""

    key_holds: bool = True
    may_read: bool = True
    per_minute: int = 1_000_000


class PulledDouble(Double):
    """A system whose rows tests put there. Subclasses answer, and name their admin actions."""

    def __init__(self, *, latency_s: float = 0.0) -> None:
        super().__init__(latency_s=latency_s)
        self._revision = 0
        self.reset()

    def empty(self) -> None:
        """Make it hold nothing."""
        raise NotImplementedError

    def actions(self) -> dict[str, Action]:
        """Admin actions of its own, by name."""
        raise NotImplementedError

    def reset(self) -> None:
        self.switches = Switches()
        self._window: deque[float] = deque()
        self.empty()

    def is_too_much(self) -> bool:
        """Whether this minute's budget is used up; takes one of it otherwise."""
        now = self.clock.time()
        while self._window and self._window[0] <= now - 60:
            self._window.popleft()
        if len(self._window) >= self.switches.per_minute:
            return True
        self._window.append(now)
        return False

    def revision(self) -> int:
        return self._revision

    def snapshot(self) -> str:
        return json.dumps(self.dump())

    def change(self, order: Mapping[str, Any]) -> Any:
        known: dict[str, Action] = {
            **self.actions(),
            "switch": lambda order: set_switches(self.switches, order),
            "advance_clock": lambda order: self.clock.advance(order["seconds"]),
        }
        carry_out(known, order.get("action"), order)
        self._revision += 1
        return {}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every such double understands."""
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="wait before serving each request"
    )


def refused(asked: Asked, known: set[str], wrong: Callable[[str], Answer]) -> Answer | None:
    """The answer to a query with a parameter that the system does not know, if there is one."""
    unknown = sorted(set(asked.query) - known)
    return wrong(unknown[0]) if unknown else None
