"""Connections to a workspace: the pragmas of a SQLite file, how a transaction begins, a file written anew."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

from pqldesk.models.listening import PATIENT
from pqldesk.models.looking import Looking, reading_uri
from pqldesk.models.write_turn import PATIENCE_S, own_log, take_turn

PATIENCE = "patience_s"  # execution option: how long to wait for the turn to write
WRITER_LOCK = 0x50514C44  # "PQLD"; the advisory lock of writers on PostgreSQL


def engine_of(place: Path | str, *, writes: bool, durable: bool) -> Engine:
    """What makes connections to *place*, a file or a PostgreSQL URL; each begins as readers or writers do."""
    if isinstance(place, Path):
        return _sqlite(place, writes=writes, durable=durable)
    engine = create_engine(_with_driver(place), pool_pre_ping=True, pool_size=3, connect_args=PATIENT)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        patience_s = connection.get_execution_options().get(PATIENCE)
        if writes and patience_s is not None:
            wait = f"SET LOCAL lock_timeout = {int(patience_s * 1000)}"
            turn = f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"
            connection.exec_driver_sql(f"{wait}; {turn}; SET LOCAL lock_timeout = 0")
        elif writes:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine


def _with_driver(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else url


def looking_engine(looking: Looking) -> Engine:
    """What makes connections that read a file nobody here can write."""
    uri = reading_uri(looking.file)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        prepare_sqlite(connection, writes=False, durable=False)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _sqlite(path: Path, *, writes: bool, durable: bool) -> Engine:
    url = URL.create("sqlite", database=str(path))  # not as text: a path may hold ? and %
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        prepare_sqlite(connection, writes=writes, durable=durable)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        if writes and isinstance(raw, sqlite3.Connection):
            take_turn(raw, connection.get_execution_options().get(PATIENCE, PATIENCE_S))
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def prepare_sqlite(connection: sqlite3.Connection, *, writes: bool, durable: bool) -> None:
    """Set the pragmas every connection of ours has."""
    connection.isolation_level = None  # the driver must not guess where BEGIN goes
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    if writes:
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=FAST")
    cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    cursor.execute(f"PRAGMA cache_size={-32_768 if writes else -8_192}")
    # What readers sort may be a million names: beyond the cache it goes into a file, not into memory.
    cursor.execute(f"PRAGMA temp_store={'MEMORY' if writes else 'FILE'}")
    if writes:
        own_log(connection)
    else:
        cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def rewrite_file(path: Path) -> bool:
    """Write a SQLite file anew, so that nothing of what was deleted is left in its pages, its search index or its log.

    False when somebody who reads kept the log from being emptied. Whoever writes waits meanwhile, about a second for
    each 20 MB. Raises sqlite3.Error, as when the disk cannot hold the file twice.
    """
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("INSERT INTO lead_fts (lead_fts) VALUES ('rebuild')")
        connection.execute("INSERT INTO lead_fts_plain (lead_fts_plain) VALUES ('rebuild')")
        connection.execute("VACUUM")
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy
