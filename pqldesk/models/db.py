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
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.engines import PATIENCE, engine_of, looking_engine, prepare_sqlite
from pqldesk.models.listening import Listener
from pqldesk.models.log_watch import LogWatch
from pqldesk.models.looking import Looking
from pqldesk.models.readers import READING, GivenUp, Readers, Reading
from pqldesk.models.write_turn import PATIENCE_S, LogKeeper, NotMyTurn, take_turn

P = ParamSpec("P")
T = TypeVar("T")

ASKED_S = 4.0  # so long somebody waits for another process that writes, before they are told
_AT_LEAST_S = 1.0  # of that, when the thread that writes was busy with something else before
_SLICE_S = 0.25  # of waiting for the lock, after which what is more urgent goes first
_CANCEL_S = 2.0  # for the server to take note that an answer is not wanted any more
_STOP = 99  # after everything that is still queued
_KEPT = "kept"  # what it may keep for the next one


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
        looking: Looking | None = None,
    ) -> None:
        """*place* is a file or a PostgreSQL URL; *explain* turns a driver's error into what callers shall see.

        With *looking* nothing is ever written: a file that cannot be, or a copy of it, is only read.
        """
        self.place = place
        self.is_sqlite = isinstance(place, Path)
        self._before_commit = before_commit
        self._explain = explain
        self._looking = looking
        if looking is not None:
            self._durable = self._bulk = self._reading = looking_engine(looking)
        else:
            self._durable = engine_of(place, writes=True, durable=True)
            self._bulk = engine_of(place, writes=True, durable=False) if self.is_sqlite else self._durable
            self._reading = engine_of(place, writes=False, durable=False)
        self._jobs: queue.PriorityQueue[tuple[int, int, Callable[[], bool]]] = queue.PriorityQueue()
        self._turn = itertools.count()
        self._writer: threading.Thread | None = None
        self._readers = Readers(readers)
        self._kept: dict[str, Closes] = {}
        self._listeners: list[Callable[[object], None]] = []
        self._farewells: list[Callable[[], object]] = []
        self._last: list[Callable[[], object]] = []
        self._closed = False
        self._refusal: Exception | None = None if looking is None else looking.why
        writes = isinstance(place, Path) and looking is None
        self._log = LogKeeper(place) if isinstance(place, Path) and writes else None
        self._watch = LogWatch(place, self._let_go) if isinstance(place, Path) and writes else None
        self._plain: sqlite3.Connection | None = None  # the writer thread's, for write_rows()

    @property
    def only_looked_at(self) -> Exception | None:
        """Why nothing can be written here, as of a file on a medium that is only read; None where it can."""
        return None if self._looking is None else self._looking.why

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
        """Run a command: durable, and ahead of queued bulk work. It waits half a minute for others that write."""
        return self._queue(1, self._command(self._durable, lambda session: command(session, *args, **kwargs)))

    def write_asked(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """write() for somebody who waits for it: ahead of all else, and given up after some seconds where another
        process does not let go of the workspace."""
        work = self._command(self._durable, lambda session: command(session, *args, **kwargs))
        return self._queue(0, work, ASKED_S)

    def write_rows(self, sql: str, rows: Sequence[Sequence[object]]) -> Future[None]:
        """Run one statement for each of *rows*, durable, and ahead of queued bulk work, as write() would.

        No session stands around it, which would cost more than ten rows: for what arrives every few ms. Nobody is told
        of its commit.
        """
        if not isinstance(self.place, Path):
            return self.write(_run_many, sql, rows)
        place = self.place

        def work(patience_s: float | None) -> None:
            if self._plain is None:
                self._plain = sqlite3.connect(place, timeout=30, check_same_thread=False)
                prepare_sqlite(self._plain, writes=True, durable=True)
            take_turn(self._plain, PATIENCE_S if patience_s is None else patience_s)
            try:
                self._plain.executemany(sql, rows)
                self._plain.execute("COMMIT")
            except BaseException:
                if self._plain.in_transaction:
                    self._plain.execute("ROLLBACK")
                raise

        return self._queue(1, work)

    def write_bulk(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a command whose work could be fetched again: behind people's commands, without waiting for the disk."""
        return self._queue(2, self._command(self._bulk, lambda session: command(session, *args, **kwargs)))

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
                info = {READING: answer, _KEPT: self._kept}
                if self._looking is not None:
                    self._looking.check()
                with self._working(), Session(self._reading, expire_on_commit=False, info=info) as session:
                    raw = session.connection().connection.driver_connection
                    answer.begins(partial(_end_statement, raw))
                    try:
                        return query(session)
                    finally:
                        answer.ends()
                        if answer.is_given_up and not self.is_sqlite:
                            session.invalidate()  # what ends a statement there may still be on its way
                        # A session and its transaction know each other: they wait for the collector, and would keep
                        # the answer until then, an order of a million leads.
                        session.info.clear()
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

    def after_close(self, call: Callable[[], object]) -> None:
        """Call *call* at the end of close(), when the file was let go of."""
        self._last.append(call)

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
        for call in self._last:
            call()

    def _command(self, engine: Engine, command: Callable[[Session], T]) -> Callable[[float | None], T]:
        """*command* in a transaction of its own, given how long to wait for the turn to write."""

        def work(patience_s: float | None) -> T:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                # Before anything of the command is done, so that it can be tried again.
                session.connection(execution_options={} if patience_s is None else {PATIENCE: patience_s})
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

    def _queue(
        self, rank: int, work: Callable[[float | None], T], patience_s: float | None = None
    ) -> Future[T]:
        """Queue *work*, which is given how long to wait for its turn. Where another process holds the file it waits
        in slices, and what is more urgent goes in between."""
        future: Future[T] = Future()
        whole_s = patience_s if patience_s is not None or not self.is_sqlite else PATIENCE_S
        until = None if whole_s is None else time.monotonic() + whole_s

        def run() -> bool:
            """Whether it is over; else it waits for its turn again."""
            nonlocal until
            if not future.running():
                if not future.set_running_or_notify_cancel():
                    return True
                until = None if until is None else max(until, time.monotonic() + _AT_LEAST_S)
            if self._refusal is not None:
                future.set_exception(self._refusal)
                return True
            left_s = None if until is None else max(0.0, until - time.monotonic())
            slice_s = min(_SLICE_S, left_s) if left_s is not None and self.is_sqlite else left_s
            try:
                with self._working():
                    result = work(slice_s)
            except BaseException as problem:  # noqa: BLE001 - the caller's future carries it
                if isinstance(problem, NotMyTurn) and left_s:
                    return False
                future.set_exception(self._explain(problem) if isinstance(problem, Exception) else problem)
                return True
            for listener in self._listeners:
                listener(result)
            future.set_result(result)
            return True

        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, name="db-write", daemon=True)
            self._writer.start()
        self._jobs.put((rank, next(self._turn), run))
        return future

    def _write_all(self) -> None:
        while True:
            rank, turn, run = self._jobs.get()
            if rank == _STOP:
                if self._plain is not None:
                    self._plain.close()
                if self._log is not None:
                    self._log.close()
                return
            if not run():
                self._jobs.put((rank, turn, run))  # as it was: only what is more urgent comes before
            elif self._log is not None:
                with suppress(sqlite3.Error), self._working():  # as after_commit: the next command says it
                    self._log.after_commit()


def _nothing_more() -> bool:
    return True


def _run_many(session: Session, sql: str, rows: Sequence[Sequence[object]]) -> None:
    Driver(session).run_many(sql, rows)


def _end_statement(raw: Any) -> None:
    """End what a reader's connection is doing, from another thread."""
    if isinstance(raw, sqlite3.Connection):
        raw.interrupt()
    else:  # cancel() would hold the interpreter, and with it the whole window, until the server has answered
        raw.cancel_safe(timeout=_CANCEL_S)


def kept_beside(session: Session) -> dict[str, Closes]:
    """What queries keep between two asks, by its name, for as long as the workspace is open."""
    kept: dict[str, Closes] = session.info[_KEPT]
    return kept
