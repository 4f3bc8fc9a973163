"""Hearing of other processes' commits on PostgreSQL, and of the server's going and coming back."""

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

CHANNEL: Final = "pqldesk_change"
PATIENT: Final[dict[str, Any]] = {  # of every connection: a server that fell silent is noticed within 10 s
    "connect_timeout": 5,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_AGAIN_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0)  # between attempts to connect anew; the last one over and over


class Listener:
    """Keeps one connection that only listens, on a thread of its own, and makes a new one whenever it breaks."""

    def __init__(
        self, url: str, own: str, heard: Callable[[], object], stands: Callable[[Exception | None], object]
    ) -> None:
        """*heard* is called for each commit but those signed *own*, and after each new connection; *stands* with what
        broke the connection, and with None once it stands again. Both on the thread."""
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._own, self._heard, self._stands = own, heard, stands
        self._wake, self._waker = os.pipe()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="db-listen", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; waits for the thread, which may be in the midst of connecting."""
        self._stopped.set()
        os.write(self._waker, b"x")
        self._thread.join()
        os.close(self._wake)
        os.close(self._waker)

    def _run(self) -> None:
        import psycopg

        tries = 0
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, **PATIENT) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    tries = 0
                    self._stands(None)
                    self._heard()
                    self._hear(connection)
            except psycopg.Error as broken:
                if self._stopped.is_set():
                    return
                if not tries:
                    self._stands(broken)
                pause = _AGAIN_S[min(tries, len(_AGAIN_S) - 1)]
                tries += 1
                with suppress(OSError):
                    select.select([self._wake], [], [], pause)

    def _hear(self, connection: Any) -> None:
        raw = connection.pgconn
        while not self._stopped.is_set():
            ready, _, _ = select.select([raw.socket, self._wake], [], [])
            if raw.socket not in ready:
                continue
            raw.consume_input()
            told = False
            while (note := raw.notifies()) is not None:
                told = told or note.extra.decode() != self._own
            if told:
                self._heard()
