"""Taking SQLite's write lock among several processes, and bringing the write-ahead log into the file under it."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 30.0  # then "database is locked"
# SQLite's own waiting asks every 100 ms in the end, and misses the gaps of an import: 654 ms
_ASK_S: Final = 0.001
_SELDOM_S: Final = 0.005  # who has held it for so long holds it for longer
_LONG_S: Final = 0.1
LOG_BYTES: Final = 4_000_000  # of log from which it is brought into the file; SQLite's own measure
_MOST: Final = 4  # times as much, before somebody else's turn is waited for


class NotMyTurn(sqlite3.OperationalError):
    """Another process held the write lock for as long as was waited; nothing was done."""


def take_turn(connection: sqlite3.Connection, patience_s: float = PATIENCE_S) -> None:
    """BEGIN IMMEDIATE as soon as the lock is free; NotMyTurn "database is locked" after *patience_s*."""
    began = time.monotonic()
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while not _begun(connection):
            waited = time.monotonic() - began
            if waited > patience_s:
                raise NotMyTurn("database is locked")
            time.sleep(_ASK_S if waited < _LONG_S else _SELDOM_S)
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(PATIENCE_S * 1000)}")


def _begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as refused:
        if error_code(refused) != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def error_code(error: sqlite3.Error) -> int:
    """SQLite's primary code of an error; 0 for one of the driver's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


class LogKeeper:
    """Brings the write-ahead log of one file into it from time to time, while nobody can write.

    SQLite would do so after any commit, beside other writers. Before 3.51.3 that can lose what they commit at this
    moment, and the file with it: https://www.sqlite.org/wal.html#walresetbug. With the write lock held nobody can
    begin the log anew meanwhile. It belongs to one thread.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._log = place.with_name(f"{place.name}-wal")
        self._done = 0  # bytes of log that were there the last time
        self._open: tuple[sqlite3.Connection, sqlite3.Connection] | None = None

    def after_commit(self) -> None:
        """Bring the log in if it has grown enough; what keeps it from that now is tried again later."""
        grown = self._grown()
        if grown >= LOG_BYTES:
            # The data is safe in the log, and the next command says what is wrong.
            with suppress(sqlite3.Error):
                self._bring_in(PATIENCE_S if grown >= _MOST * LOG_BYTES else 0.0)

    def close(self) -> None:
        """Let go of the file."""
        for connection in self._open or ():
            connection.close()
        self._open = None

    def _grown(self) -> int:
        try:
            size = self._log.stat().st_size  # exact: a log that begins anew is cut (journal_size_limit)
        except OSError:
            return 0
        if size < self._done:
            self._done = 0
        return size - self._done

    def _bring_in(self, patience_s: float) -> None:
        holder, worker = self._open = self._open or (self._connected(), self._connected())
        take_turn(holder, patience_s)
        try:
            worker.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            holder.execute("ROLLBACK")
        self._done = self._log.stat().st_size

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._place, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA cache_size=-64")
        own_log(connection)
        return connection


def own_log(connection: sqlite3.Connection) -> None:
    """Leave the log to a LogKeeper, and cut it when it begins anew."""
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA journal_size_limit=0")
