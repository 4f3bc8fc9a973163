"""How many rows of an import go into one transaction: many, or beside a window as many as it does not notice."""

import time
from typing import Final

from pqldesk.models.db import Database
from pqldesk.services.files.fields import Kind
from pqldesk.services.workspaces.presence import give_way, window_is_open

EVENTS: Final = 20_000  # in one transaction while no window is open
RECORDS: Final = 2_000  # leads, companies or trials
GATHERED: Final = 100_000  # events sorted by person before they are stored in short transactions
SHORT_S: Final = 0.025  # beside a window; half of what a person's command may have to wait
_FIRST: Final = 100  # rows beside a window, until it is known how long they take
_FEWEST: Final = 50  # what every transaction costs by itself must not be all it does
_FEWEST_EVENTS: Final = 130  # which are 10 people with one event each
_LOOK_S: Final = 0.1  # how old the answer may be
_GAP_S: Final = 0.005  # between two transactions: who waits for the lock asks for it every millisecond


class Pace:
    """The size of the pages of one import. A size the user gave stands."""

    def __init__(self, db: Database, kind: Kind, given: int | None, *, watching: bool = True) -> None:
        """*watching* False: nobody else is there, as beside a dry run's own copy."""
        self._db = db
        self._given = given
        self._watching = watching and given is None and db.is_sqlite
        self._most = EVENTS if kind is Kind.EVENTS else RECORDS
        self._fewest = _FEWEST_EVENTS if kind is Kind.EVENTS else _FEWEST
        self._short = min(max(_FIRST, self._fewest), self._most)
        self._is_short = False
        self._look_at = 0.0
        if watching:
            give_way(db)

    def is_short(self) -> bool:
        """Whether transactions have to be short now: a window has this file open."""
        if self._watching and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_S
            was_short, self._is_short = self._is_short, self._db.read(window_is_open).result()
            if self._is_short and not was_short:
                give_way(self._db)  # to one that was opened meanwhile
        return self._is_short

    def rows(self) -> int:
        """How many rows the next transaction shall hold."""
        if self._given is not None:
            return self._given
        return self._short if self.is_short() else self._most

    def read(self) -> int:
        """How many rows are read together where they are gathered before they are stored."""
        return self._most if self._given is None else self._given

    def kept(self, rows: int, seconds: float) -> None:
        """A transaction of *rows* held the lock for so long; beside a window, let others have it for a moment."""
        if not self._is_short:
            return
        fitting = int(rows * SHORT_S / max(seconds, 0.001))
        self._short = max(self._fewest, min(fitting, 2 * self._short, self._most))
        time.sleep(_GAP_S)
