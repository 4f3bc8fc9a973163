"""How many requests a second a sandbox lets through."""

from pqldesk.sandbox.clock import Clock


class Bucket:
    """*per_second* tokens, filled up when a new second of the clock begins; None lets everything through.

    Filling on the second (not drop by drop) is what makes ``Retry-After: next second`` an honest answer.
    """

    def __init__(self, clock: Clock, per_second: int | None) -> None:
        self._clock = clock
        self.per_second = per_second
        self._second = -1
        self._left = 0

    def take(self) -> bool:
        """Use one token; False if none is left in this second."""
        if self.per_second is None:
            return True
        second = int(self._clock.time())
        if second != self._second:
            self._second, self._left = second, self.per_second
        if self._left <= 0:
            return False
        self._left -= 1
        return True
