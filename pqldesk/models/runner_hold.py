"""Being the only one in a team workspace: a lock that PostgreSQL lets go of by itself when its holder dies or hangs."""

import zlib
from typing import Any, Final, Self

from sqlalchemy import text
from sqlalchemy.orm import Session

from pqldesk.models.listening import PATIENT

FAMILY: Final = 0x50514C45  # of our locks of this kind, beside the writers' one
# After which the server ends a holder that says nothing: its process hangs, or its host is gone
SILENT_S: Final = 8
PING_S: Final = 2.0  # how often a holder says that it lives


class Hold:
    """The lock of one name, held by a connection of its own until that is closed or breaks."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection, self._name = connection, name

    @classmethod
    def take(cls, url: str, name: str) -> Self | None:
        """The lock; None where another process has it. Raises psycopg.Error where the server is away."""
        import psycopg

        plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
        connection = psycopg.connect(plain, autocommit=True, **PATIENT)
        try:
            connection.execute(f"SET idle_session_timeout = '{SILENT_S}s'")
            asked = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (FAMILY, _number(name)))
            if asked.fetchone() == (True,):
                return cls(connection, name)
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None

    def ping(self) -> None:
        """Say that the holder lives. Raises psycopg.Error once the lock is lost."""
        self._connection.execute("SELECT 1")

    def close(self) -> None:
        """Let go; returns once the server has noticed."""
        import psycopg

        try:
            self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", (FAMILY, _number(self._name)))
        except psycopg.Error:
            pass  # then it is lost already
        finally:
            self._connection.close()


def is_held(session: Session, name: str) -> bool:
    """Whether some process holds that lock of the database now."""
    asked = text(
        "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE d.datname = current_database() AND locktype = 'advisory' AND granted"
        " AND classid = :family AND objid = :number AND objsubid = 2)"
    )
    return bool(session.scalar(asked, {"family": FAMILY, "number": _number(name)}))


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF
