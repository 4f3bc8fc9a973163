"""How many rows of an import go into one transaction: many, or beside a window as many as it does not notice."""

import time
from typing import Final

from pqldesk.models.db import Database
from pqldesk.services.files.fields import Kind
from pqldesk.services.presence import window_is_open

EVENTS: Final = 20_000  # in one transaction while no window is open
RECORDS: Final = 2_000  # leads, companies or trials
SHORT_S: Final = 0.025  # beside a window; half of what a person's command may have to wait
_FIRST: Final = 100  # rows beside a window, until it is known how long they take
_FEWEST: Final = 50  # what every transaction costs by itself must not be all it does
_GAP_S: Final = 0.015  # between two transactions: somebody who waits for the lock asks for it every some ms


class Pace:
    """The size of the pages of one import. A size the user gave stands."""

    def __init__(self, db: Database, kind: Kind, given: int | None, *, watching: bool = True) -> None:
        """*watching* False: nobody else is there, as beside a dry run's own copy."""
        self._db = db
        self._given = given
        self._watching = watching and given is None and db.is_sqlite
        self._most = EVENTS if kind is Kind.EVENTS else RECORDS
        self._short = min(_FIRST, self._most)
        self._is_short = False

    def is_short(self) -> bool:
        """Whether transactions have to be short now: a window has this file open."""
        if self._watching:
            self._is_short = self._db.read(window_is_open).result()
        return self._is_short

    def rows(self) -> int:
        """How many rows the next transaction shall hold."""
        if self._given is not None:
            return self._given
        return self._short if self.is_short() else self._most

    def kept(self, rows: int, seconds: float) -> None:
        """A transaction of *rows* held the lock for so long; beside a window, let others have it for a moment."""
        if not self._is_short:
            return
        fitting = int(rows * SHORT_S / max(seconds, 0.001))
        self._short = max(_FEWEST, min(fitting, 2 * self._short, self._most))
        time.sleep(_GAP_S)
