"""Work off the GUI thread, answered on it. Knows threads and Qt, nothing of leads.

SQLAlchemy and httpx are loaded on a thread of their own once open() is called, which is after the first frame.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from pqldesk.jobs import Job, in_thread, pass_on
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import WorkspaceAway, WorkspaceBusy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from pqldesk.models.db import Database
    from pqldesk.services.basics.network_loop import NetworkLoop
    from pqldesk.services.net import Net

P = ParamSpec("P")
T = TypeVar("T")

WATCH_MS = 250  # how soon another process's commit is seen where it has to be asked for
HEARING_MS = 10_000  # between two looks where the server tells of commits; a net under what it tells
AGAIN_S = 3.0  # between two attempts to open a workspace whose server is away


class Background(QObject):
    """Runs queries, commands and network work for the window, and tells it what changed."""

    changed = Signal(object)  # Changes of any commit, here or in another process
    problem = Signal(object)  # a Problem or bug that nobody else handles
    only_read = Signal(object)  # why the workspace can only be looked at; every command is refused with it
    opened = Signal()  # the database is there; what was asked before waited for it
    away = Signal(
        object
    )  # why the workspace's server cannot be reached, and None once it can; pages keep what they show
    _heard = Signal()  # emitted on the listening thread
    _stands = Signal(object)
    _settled = Signal(object)  # emitted on whatever thread did the work

    def __init__(self, open_database: Callable[[], Database]) -> None:
        """*open_database* runs on a thread: opening imports SQLAlchemy, and may migrate."""
        super().__init__()
        self._jobs: dict[Future[Any], Job[Any]] = {}
        self._started: dict[Hashable, Job[Any]] = {}  # of these, what must not run twice at a time
        self._held: set[Job[Any]] = set()  # what another process kept from running
        self._open_database = open_database
        self._database: Future[Database] = Future()
        self._opener: threading.Thread | None = None
        self._network: NetworkLoop | None = None
        self._closing = False
        self._seen_change = -1
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self._look_for_changes)
        self._looking = self._look_again = False
        self._is_away = False
        self.only_looked_at: Exception | None = None  # known once the workspace is open
        self._stopping = threading.Event()
        self._heard.connect(self._look_for_changes, Qt.ConnectionType.QueuedConnection)
        self._stands.connect(self._say_stand, Qt.ConnectionType.QueuedConnection)
        # Queued even where an answer is there at once, so that then() and ended() of its job are always in time.
        self._settled.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._jobs)

    def open(self) -> None:
        """Begin to open the database; what was asked before waits for it. Once is enough."""
        if self._opener is None and not self._closing:
            self._opener = threading.Thread(target=self._open, name="db-open", daemon=True)
            self._opener.start()

    def read(
        self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Job[T]:
        """Ask a query; it runs on a reader thread. While the workspace's server is away nobody is answered: what is
        shown stays, and once the server is back all pages ask again."""
        return self._ask(lambda db: db.read(query, *args, **kwargs), self._say_stand)

    def read_long(
        self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Job[T]:
        """read() for a query that may take seconds: short ones never wait behind it, and cancelling the job ends it."""
        return self._ask(lambda db: db.read_long(query, *args, **kwargs), self._say_stand)

    def write(
        self, command: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Job[T]:
        """Carry out a person's command; it runs on the writer thread, ahead of all else.

        The WorkspaceBusy of one that another process kept from running does it again: the same slots are told.
        """

        def submit(db: Database) -> Future[T]:
            return db.write_asked(command, *args, **kwargs)

        job = self._ask(submit)
        # Weakly: a job that knew itself would wait for the collector, which runs on any thread.
        job.again = partial(self._do_again, weakref.ref(job), submit)
        return job

    def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Run something that needs neither database nor loop, such as waiting for a child process, on a thread."""
        return self._follow(Job(self.problem.emit), in_thread(lambda: work(*args, **kwargs)))

    def start(
        self, work: Callable[Concatenate[Net, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Job[T]:
        """Run *work* on the network thread. The same work is never started twice at a time."""
        key: Hashable = (work, args)
        if not _can_be_told_apart(key):  # such as what a connection is made with: it is nobody's twin
            key = object()
        running = self._started.get(key)
        if running is not None and not running.cancelled:
            return cast("Job[T]", running)

        async def run(db: Database) -> T:
            from pqldesk.services.net import Net
            from pqldesk.services.remote.rest import http_client

            async with http_client() as http:
                return await work(Net(db, http), *args, **kwargs)

        future: Future[T] = Future()

        def begin(opened: Future[Database]) -> None:
            if opened.cancelled():
                future.cancel()
                return
            if (failed := opened.exception()) is not None:
                future.set_exception(failed)
                return
            pass_on(self._network_loop().submit(run(opened.result())), future)

        self._database.add_done_callback(begin)
        job = self._started[key] = self._follow(Job(self.problem.emit), future)
        return job

    def close(self) -> None:
        """Cancel what runs on the network, finish what is being written, and let go of the database."""
        self._closing = True
        self._stopping.set()
        self._watch.stop()
        if self._network is not None:
            self._network.close()
        if self._opener is None:
            self._database.cancel()
        elif self._database.exception() is None:
            self._database.result().close()

    def _open(self) -> None:
        while True:
            try:
                db = self._open_database()
                break
            except WorkspaceAway as problem:
                self._stands.emit(problem)
                if self._stopping.wait(AGAIN_S):
                    self._database.set_exception(problem)
                    return
            except BaseException as problem:  # noqa: BLE001 - everything that was asked for carries it
                self._database.set_exception(problem)
                return
        db.on_commit(self._tell)
        QTimer.singleShot(0, self, self._begin_watching)
        waited, self._database = self._database, Future()  # the old one keeps what was asked, and its answers
        self._database.set_result(db)
        waited.set_result(db)

    def _begin_watching(self) -> None:
        self._say_stand(None)
        self.only_looked_at = self._database.result().only_looked_at
        if self.only_looked_at is not None:
            self.only_read.emit(self.only_looked_at)
        self.opened.emit()
        if self._closing:
            return
        if self._database.result().listen(_this_process(), self._heard.emit, self._stands.emit):
            self._watch.setInterval(HEARING_MS)
        self._watch.start()

    def _do_again(self, held: weakref.ref[Job[T]], submit: Callable[[Database], Future[T]]) -> None:
        job = held()
        if job is None or job not in self._held or self._closing:
            return
        self._held.discard(job)
        future: Future[T] = Future()
        self._await(job, future)
        pass_on(submit(self._database.result()), future)

    def _ask(
        self, submit: Callable[[Database], Future[T]], away: Callable[[Exception], object] | None = None
    ) -> Job[T]:
        future: Future[T] = Future()

        def hand_over(opened: Future[Database]) -> None:
            if opened.cancelled() or self._closing:
                future.cancel()
            elif (failed := opened.exception()) is not None:
                future.set_exception(failed)
            else:
                try:
                    pass_on(submit(opened.result()), future)
                except RuntimeError:  # closed in between
                    future.cancel()

        job = self._follow(Job(self.problem.emit, away), future)
        self._database.add_done_callback(hand_over)
        return job

    def _follow(self, job: Job[T], future: Future[T]) -> Job[T]:
        # A method of ours, not a closure over the job: connected to its own signal that would keep it, and its
        # answer, for ever.
        job.ended(self._forget)
        self._await(job, future)
        return job

    def _await(self, job: Job[T], future: Future[T]) -> None:
        self._jobs[future] = job
        job.follow(future)
        future.add_done_callback(self._settle)

    def _settle(self, future: Future[Any]) -> None:
        """On the thread that did the work."""
        try:
            self._settled.emit(future)
        except RuntimeError:
            return  # the window closed first, and the Qt object is gone

    def _answer(self, future: Future[Any]) -> None:
        self._jobs[future].answer(future)

    def _forget(self, future: Future[Any]) -> None:
        job = self._jobs.pop(future)
        for key in [key for key, started in self._started.items() if started is job]:
            del self._started[key]  # a cancelled one may have been replaced already
        if job.again is not None and _was_busy(future):
            self._held.add(job)  # somebody may want it done again
            return
        job.let_go()
        job.deleteLater()

    def _tell(self, result: object) -> None:
        """On the writer thread, after a commit."""
        changes = getattr(result, "changes", result)
        if isinstance(changes, Changes) and changes.topics and not self._closing:
            self.changed.emit(changes)

    def _look_for_changes(self) -> None:
        """Ask which commits other processes have made since."""
        if self._looking:
            self._look_again = True
            return
        self._looking = True
        look = self._ask(lambda db: db.read(_changes_since, self._seen_change))
        look.then(self._noticed).otherwise(self._not_noticed)

    def _noticed(self, found: tuple[int, Changes]) -> None:
        self._looking = False
        self._say_stand(None)
        if self._look_again:  # told of a commit while looking
            self._look_again = False
            self._heard.emit()
        first = self._seen_change < 0
        newest, changes = max(found[0], 0), found[1]  # 0 where nobody has ever changed anything
        if newest != self._seen_change:
            self._seen_change = newest
            if not first and changes.topics:
                self.changed.emit(changes)

    def _not_noticed(self, _problem: Exception) -> None:
        self._looking = self._look_again = False  # the next command will say what is wrong

    def _say_stand(self, why: Exception | None) -> None:
        """The workspace's server is away, or back: then every page asks again, for nobody knows what it missed."""
        was_away, self._is_away = self._is_away, why is not None
        if self._closing or was_away == self._is_away:
            return
        self.away.emit(why)
        if was_away:
            self.changed.emit(Changes(frozenset(Topic)))

    def _network_loop(self) -> NetworkLoop:
        if self._network is None:
            from pqldesk.services.basics.network_loop import NetworkLoop

            self._network = NetworkLoop()
        return self._network


def _can_be_told_apart(key: Hashable) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _this_process() -> str:
    from pqldesk.services.workspaces.commits import PROCESS

    return PROCESS


def _changes_since(session: Session, seen: int) -> tuple[int, Changes]:
    from pqldesk.services.workspaces.commits import changes_since

    newest, topics = changes_since(session, seen)
    return newest, Changes(frozenset(Topic(topic) for topic in topics), elsewhere=True)


def _was_busy(future: Future[Any]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), WorkspaceBusy)
