"""How much one sender may ask: requests a second, and the size of one item."""

import time
from typing import Any, Final

import msgspec

from pqldesk.services.intake.answers import Refusal
from pqldesk.services.intake.decoding import ITEM_LIMIT

RATE: Final = 3_000.0  # requests a second from one address; three times what one core can answer
WRONG_RATE: Final = 20.0  # the same with wrong keys, so that nobody tries them all
_BURST_S: Final = 2.0
_SENDERS: Final = 10_000
_encode = msgspec.json.Encoder().encode


class Bucket:
    """Fills at *rate* a second up to two seconds' worth; each request takes one."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, sender: str, now: float | None = None) -> None:
        """429 when the sender has asked too often."""
        now = time.monotonic() if now is None else now
        most = self._rate * _BURST_S
        left, at = self._left.get(sender, (most, now))
        left = min(most, left + (now - at) * self._rate)
        if left < 1:
            raise Refusal(429, "too_many", "Too many requests; send it again later.", retry_after_s=1)
        if len(self._left) >= _SENDERS:
            self._left.clear()
        self._left[sender] = (left - 1, now)

    def is_empty(self, sender: str) -> bool:
        """Whether the sender would be refused now."""
        left, at = self._left.get(sender, (self._rate, time.monotonic()))
        return left + (time.monotonic() - at) * self._rate < 1


def fitting(items: list[Any], wire: int) -> list[Any]:
    """The items, each too large one replaced by a word about it. 413 when nothing else is left."""
    if wire <= ITEM_LIMIT // 64:  # not even compressed could one of them be larger: JSON shrinks to a tenth
        return items
    kept = [one if len(_encode(one)) <= ITEM_LIMIT else None for one in items]
    if None not in kept:
        return items
    if not any(kept):
        raise Refusal(413, "too_large", f"An event has more than {ITEM_LIMIT // 1024} KiB.")
    note = {"too_large": f"An event had more than {ITEM_LIMIT // 1024} KiB and was not kept."}
    return [note if one is None else one for one in kept]
