"""The workspace's database: one thread writes, two read. SQLite in a file, or PostgreSQL by URL.

On SQLite the writer keeps two connections: one commits with synchronous FULL (what a person did, what the outbox
knows), one with NORMAL (usage that can be read again from its file or source). Every write starts with BEGIN
IMMEDIATE: the driver's own deferred start lost 147 of 300 concurrent updates. On PostgreSQL writers queue on one
advisory lock, which gives commands the same promise.

Nothing but SQLite may open the file: on POSIX systems closing any other handle of it drops the locks that all
connections of the process share, and the next process to end then deletes the log under them.
"""

import itertools
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event
from sqlalchemy.orm import Session

from pqldesk.models.listening import PATIENT, Listener
from pqldesk.models.log_watch import LogWatch
from pqldesk.models.readers import GivenUp, Readers, Reading
from pqldesk.models.write_turn import LogKeeper, own_log, take_turn

P = ParamSpec("P")
T = TypeVar("T")

WRITER_LOCK = 0x50514C44  # "PQLD"; the advisory lock of writers on PostgreSQL
_PARAMETERS = 400  # in one statement of many rows; SQLite takes 999 and more
_CANCEL_S = 2.0  # for the server to take note that an answer is not wanted any more
_STOP = 99  # after everything that is still queued
_READING = "reading"  # where a session keeps the answer that it works for
_KEPT = "kept"  # what it may keep for the next one
_RAW = "raw"  # and its transaction with the bare connection under it


class BeforeCommit(Protocol):
    """Called inside the transaction with a command's result, before it commits."""

    def __call__(self, session: Session, result: object, /) -> None: ...


def _nothing(session: Session, result: object, /) -> None:
    return None


def _as_it_is(problem: Exception) -> Exception:
    return problem


class Closes(Protocol):
    """What may be kept beside a workspace."""

    def close(self) -> None: ...


class Database:
    """Runs commands and queries off the calling thread, each in its own transaction."""

    def __init__(
        self,
        place: Path | str,
        *,
        before_commit: BeforeCommit = _nothing,
        explain: Callable[[Exception], Exception] = _as_it_is,
        readers: int = 2,
    ) -> None:
        """*place* is a file or a PostgreSQL URL; *explain* turns a driver's error into what callers shall see."""
        self.place = place
        self.is_sqlite = isinstance(place, Path)
        self._before_commit = before_commit
        self._explain = explain
        self._durable = _engine(place, writes=True, durable=True)
        self._bulk = _engine(place, writes=True, durable=False) if self.is_sqlite else self._durable
        self._reading = _engine(place, writes=False, durable=False)
        self._jobs: queue.PriorityQueue[tuple[int, int, Callable[[], None]]] = queue.PriorityQueue()
        self._turn = itertools.count()
        self._writer: threading.Thread | None = None
        self._readers = Readers(readers)
        self._kept: dict[str, Closes] = {}
        self._listeners: list[Callable[[object], None]] = []
        self._farewells: list[Callable[[], object]] = []
        self._closed = False
        self._refusal: Exception | None = None
        self._log = LogKeeper(place) if isinstance(place, Path) else None
        self._watch = LogWatch(place, self._let_go) if isinstance(place, Path) else None
        self._plain: sqlite3.Connection | None = None  # the writer thread's, for write_rows()

    @property
    def engine(self) -> Engine:
        """For migrations and tests; commands go through write()."""
        return self._durable

    def explained(self, problem: Exception) -> Exception:
        """A driver's error as callers shall see it, for what runs beside the threads here."""
        return self._explain(problem)

    def on_commit(self, listener: Callable[[object], None]) -> None:
        """Call *listener* with a command's result, on the writer thread, after its commit."""
        self._listeners.append(listener)

    def listen(
        self, own: str, heard: Callable[[], object], stands: Callable[[Exception | None], object]
    ) -> bool:
        """On PostgreSQL call *heard* when another than *own* has committed, and *stands* when the server goes (with
        why) and comes back (with None); both on a thread. False on SQLite, which has to be asked."""
        if self.is_sqlite or self._closed:
            return False
        listener = Listener(
            str(self.place),
            own,
            heard,
            lambda broken: stands(None if broken is None else self._explain(broken)),
        )
        self._farewells.append(listener.close)
        return True

    def write(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a person's command: durable, and ahead of queued bulk work."""
        return self._queue(0, self._command(self._durable, lambda session: command(session, *args, **kwargs)))

    def write_rows(self, sql: str, rows: Sequence[Sequence[object]]) -> Future[None]:
        """Run one statement for each of *rows*, durable, and ahead of queued bulk work, as write() would.

        No session stands around it, which would cost more than ten rows: for what arrives every few ms. Nobody is told
        of its commit.
        """
        if not isinstance(self.place, Path):
            return self.write(_run_many, sql, rows)
        place = self.place

        def work() -> None:
            if self._plain is None:
                self._plain = sqlite3.connect(place, timeout=30, check_same_thread=False)
                prepare_sqlite(self._plain, writes=True, durable=True)
            take_turn(self._plain)
            try:
                self._plain.executemany(sql, rows)
                self._plain.execute("COMMIT")
            except BaseException:
                if self._plain.in_transaction:
                    self._plain.execute("ROLLBACK")
                raise

        return self._queue(0, work)

    def write_bulk(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a command whose work could be fetched again: behind people's commands, without waiting for the disk."""
        return self._queue(1, self._command(self._bulk, lambda session: command(session, *args, **kwargs)))

    def read(
        self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a query on a reader thread, in a transaction that cannot write. Cancelling ends it while it runs."""
        return self._read(lambda session: query(session, *args, **kwargs), long=False)

    def read_long(
        self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a query that may take seconds: behind the short ones, and never on all threads at a time."""
        return self._read(lambda session: query(session, *args, **kwargs), long=True)

    def _read(self, query: Callable[[Session], T], *, long: bool) -> Future[T]:
        def run(answer: Reading[T]) -> T:
            try:
                info = {_READING: answer, _KEPT: self._kept}
                with self._working(), Session(self._reading, expire_on_commit=False, info=info) as session:
                    raw = session.connection().connection.driver_connection
                    answer.begins(partial(_end_statement, raw))
                    try:
                        return query(session)
                    finally:
                        answer.ends()
                        if answer.is_given_up and not self.is_sqlite:
                            session.invalidate()  # what ends a statement there may still be on its way
            except Exception as problem:
                if answer.is_given_up:
                    raise GivenUp from problem
                raise self._explain(problem) from problem

        return self._readers.submit(run, long=long)

    def refuse_writes(self, why: Exception) -> None:
        """From now on every command fails with *why*; queries go on."""
        self._refusal = why

    def before_close(self, call: Callable[[], object]) -> None:
        """Call *call* when close() begins; commands it queues are still run."""
        self._farewells.append(call)

    def close(self) -> None:
        """Finish what is being written, give up what is being read, and let go of the file."""
        if self._closed:
            return
        self._closed = True
        for call in self._farewells:
            call()
        self._readers.close()
        for kept in self._kept.values():
            kept.close()
        if self._writer is not None:
            self._jobs.put((_STOP, next(self._turn), _nothing_more))
            self._writer.join()
        for engine in {self._reading, self._bulk, self._durable}:
            with suppress(Exception):
                engine.dispose()

    def _command(self, engine: Engine, command: Callable[[Session], T]) -> Callable[[], T]:
        """*command* in a transaction of its own."""

        def work() -> T:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                result = command(session)
                session.flush()
                self._before_commit(session, result)
            return result

        return work

    def _let_go(self) -> None:
        """Close every connection; each is made again when it is wanted."""
        for engine in (self._reading, self._bulk, self._durable):
            engine.dispose()
        if self._plain is not None:
            self._plain.close()
            self._plain = None
        if self._log is not None:
            self._log.close()

    def _working(self) -> AbstractContextManager[None]:
        return nullcontext() if self._watch is None else self._watch.working()

    def _queue(self, rank: int, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            if self._refusal is not None:
                future.set_exception(self._refusal)
                return
            try:
                with self._working():
                    result = work()
            except BaseException as problem:  # noqa: BLE001 - the caller's future carries it
                future.set_exception(self._explain(problem) if isinstance(problem, Exception) else problem)
                return
            for listener in self._listeners:
                listener(result)
            future.set_result(result)

        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, name="db-write", daemon=True)
            self._writer.start()
        self._jobs.put((rank, next(self._turn), run))
        return future

    def _write_all(self) -> None:
        while True:
            rank, _, run = self._jobs.get()
            if rank == _STOP:
                if self._plain is not None:
                    self._plain.close()
                if self._log is not None:
                    self._log.close()
                return
            run()
            if self._log is not None:
                with suppress(sqlite3.Error), self._working():  # as after_commit: the next command says it
                    self._log.after_commit()


def _nothing_more() -> None:
    return None


def _run_many(session: Session, sql: str, rows: Sequence[Sequence[object]]) -> None:
    Driver(session).run_many(sql, rows)


def _end_statement(raw: Any) -> None:
    """End what a reader's connection is doing, from another thread."""
    if isinstance(raw, sqlite3.Connection):
        raw.interrupt()
    else:  # cancel() would hold the interpreter, and with it the whole window, until the server has answered
        raw.cancel_safe(timeout=_CANCEL_S)


def _engine(place: Path | str, *, writes: bool, durable: bool) -> Engine:
    if isinstance(place, Path):
        return _sqlite(place, writes=writes, durable=durable)
    engine = create_engine(_with_driver(place), pool_pre_ping=True, pool_size=3, connect_args=PATIENT)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        if writes:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine


def _with_driver(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else url


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
            take_turn(raw)
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
        connection.execute("VACUUM")
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy


def kept_beside(session: Session) -> dict[str, Closes]:
    """What queries keep between two asks, by its name, for as long as the workspace is open."""
    kept: dict[str, Closes] = session.info[_KEPT]
    return kept


class Driver:
    """The bare driver under a session, for work in bulk: SQLAlchemy Core takes 1.8 times as long, the ORM 4 to 15."""

    def __init__(self, session: Session) -> None:
        self._session = session
        raw = _raw(session)
        self._cursor: Any = raw.cursor()
        self._reading: Reading[Any] | None = session.info.get(_READING)
        self.is_sqlite = isinstance(raw, sqlite3.Connection)

    def run(self, sql: str, values: Sequence[object] = ()) -> Any:
        """Execute one statement; placeholders are written ``?`` for both databases."""
        if self._reading is not None:
            self._reading.go_on()
        if self.is_sqlite:
            return self._cursor.execute(sql, values)
        return self._cursor.execute(_percent(sql), values or None)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Execute for each row; returns how many rows were changed in all."""
        self._cursor.executemany(sql if self.is_sqlite else _percent(sql), rows)
        return int(self._cursor.rowcount)

    def fetched(self) -> list[tuple[Any, ...]]:
        """All rows of the statement just run, such as those of RETURNING."""
        return list(self._cursor.fetchall())

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        self.run(sql, values)
        return list(self._cursor.fetchall())

    def each_of(self, statement: Executable) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement as the driver has them, as they come: nothing is made of them in between."""
        if self._reading is not None:
            self._reading.go_on()
        cursor: Any = self._session.connection().execute(statement).cursor
        return iter(cursor)

    def rows_among(
        self, sql: str, wanted: Sequence[int] | Sequence[str], values: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a query that ends in the name of a column, which is one of *wanted*, however many they are."""
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), _PARAMETERS):
            some = wanted[start : start + _PARAMETERS]
            found += self.rows(f"{sql} IN ({', '.join('?' * len(some))})", (*values, *some))
        return found

    def each(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of one query as they come: nothing is kept, so there is nothing for the garbage collector to
        walk. What is looked up meanwhile needs a driver beside() this one."""
        self.run(sql, values)
        return iter(self._cursor)

    def beside(self) -> "Driver":
        """Another cursor in the same transaction."""
        return Driver(self._session)

    def add_new(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """Insert rows, leaving out those a unique key already has; returns how many were new."""
        if not rows:
            return 0
        names = ", ".join(columns)
        if self.is_sqlite:
            return self.add_flat(table, columns, [*chain.from_iterable(rows)], or_ignore=True)
        # COPY into a table of this transaction, then one insert: no round trip for each row.
        shape = f"SELECT {names} FROM {table} LIMIT 0"  # noqa: S608
        self._cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS {shape}")
        with self._cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        self._cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING"  # noqa: S608
        )
        added = int(self._cursor.rowcount)
        self._cursor.execute("DROP TABLE incoming")
        return added

    def add_flat(
        self, table: str, columns: Sequence[str], values: Sequence[object], *, or_ignore: bool = False
    ) -> int:
        """Insert rows whose values follow each other, on SQLite; returns how many were new.

        Many go into one statement: the driver's work for each statement is three quarters of a row's time.
        """
        width = len(columns)
        together = _PARAMETERS // width
        start_of_all = "INSERT OR IGNORE" if or_ignore else "INSERT"
        insert = f"{start_of_all} INTO {table} ({', '.join(columns)}) VALUES "
        marks = f"({', '.join('?' * width)})"
        step = together * width
        whole = len(values) // step * step
        added = 0
        if whole:
            several = insert + ", ".join([marks] * together)
            added = self.run_many(several, (values[start : start + step] for start in range(0, whole, step)))
        if whole < len(values):
            rest = range(whole, len(values), width)
            added += self.run_many(insert + marks, (values[start : start + width] for start in rest))
        return added


def _raw(session: Session) -> Any:
    """The bare connection under the session, asked for once in each transaction: a small one makes thirty drivers, and
    asking took a sixth of its time."""
    known = session.info.get(_RAW)
    if known is not None and known[0] is session.get_transaction():
        return known[1]
    raw = session.connection().connection.driver_connection
    if raw is None:
        raise RuntimeError("the session has no open connection")
    session.info[_RAW] = session.get_transaction(), raw
    return raw


def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")
