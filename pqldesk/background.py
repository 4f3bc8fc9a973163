"""Work off the GUI thread, answered on it. Knows threads and Qt, nothing of leads.

SQLAlchemy and httpx are loaded on a thread of their own once open() is called, which is after the first frame.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import WorkspaceAway
from pqldesk.services.basics.progress import Progress

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


def while_it_lives(slot: Callable[[T], object]) -> Callable[[T], object]:
    """*slot*, or for a partial of a widget's method, a slot that does nothing once the widget is gone.

    Qt lets go of a bound method by itself, but cannot look into a partial.
    """
    widget = getattr(slot.func, "__self__", None) if isinstance(slot, partial) else None
    if not isinstance(widget, QObject):
        return slot

    def call(answer: T) -> None:
        if isValid(widget):
            slot(answer)

    return call


class Job(QObject, Generic[T]):
    """One piece of work. Its slots run on the GUI thread, or never if their widget is gone."""

    _settled = Signal(object)  # emitted on any thread ...
    _reported = Signal(object)
    _succeeded = Signal(object)  # ... and passed on by these on the GUI thread
    _failed = Signal(object)
    _progressed = Signal(object)

    def __init__(
        self, fallback: Callable[[Exception], object], away: Callable[[Exception], object] | None = None
    ) -> None:
        """*fallback* is told what nobody handles; *away*, before all others, that the workspace's server is away."""
        super().__init__()
        self._away = away
        self._future: Future[T] | None = None
        self._fallback = fallback
        self._handled = False
        self.cancelled = False
        # Queued even when the future is already done, so that then() is always in time.
        self._settled.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def then(self, slot: Callable[[T], object]) -> Job[T]:
        """Call *slot* with the result."""
        self._succeeded.connect(while_it_lives(slot))
        return self

    def otherwise(self, slot: Callable[[Exception], object]) -> Job[T]:
        """Call *slot* with the problem, in place of the window's own notice."""
        self._handled = True
        self._failed.connect(while_it_lives(slot))
        return self

    def ended(self, slot: Callable[..., object]) -> Job[T]:
        """Call *slot* when it is over, however it ended: a method without anything, a function with the future."""
        self._settled.connect(slot, Qt.ConnectionType.QueuedConnection)
        return self

    def while_running(self, slot: Callable[[Progress], object]) -> Job[T]:
        """Call *slot* with each Progress."""
        self._progressed.connect(slot)
        return self

    @property
    def is_awaited(self) -> bool:
        """Whether its answer is still to be given to somebody."""
        return self._future is not None and not self.cancelled

    def cancel(self) -> None:
        """Stop if that is still possible; either way no slot is called any more."""
        self.cancelled = True
        if self._future is not None:
            self._future.cancel()

    def follow(self, future: Future[T]) -> None:
        """Answer when *future* does."""
        self._future = future
        future.add_done_callback(self._settle)

    def follows(self, future: Future[Any]) -> bool:
        """Whether *future* is what this job answers with."""
        return self._future is future

    def let_go(self) -> None:
        """Forget the answer, which was taken: future and job know each other and would wait for the collector."""
        self._future = None

    def report(self, progress: Progress) -> None:
        """From any thread: pass progress on to the GUI thread."""
        self._reported.emit(progress)

    def _settle(self, future: Future[T]) -> None:
        try:
            self._settled.emit(future)
        except RuntimeError:
            return  # the window closed first, and the Qt object is gone

    def _pass_on(self, progress: Progress) -> None:
        if not self.cancelled:
            self._progressed.emit(progress)

    def _answer(self, future: Future[T]) -> None:
        if self.cancelled:
            return
        try:
            result = future.result()
        except CancelledError:
            return
        except Exception as problem:  # noqa: BLE001 - whatever it is, somebody must be told
            if self._away is not None and isinstance(problem, WorkspaceAway):
                self._away(problem)
            elif self._handled:
                self._failed.emit(problem)
            else:
                self._fallback(problem)
        else:
            self._succeeded.emit(result)


class Background(QObject):
    """Runs queries, commands and network work for the window, and tells it what changed."""

    changed = Signal(object)  # Changes of any commit, here or in another process
    problem = Signal(object)  # a Problem or bug that nobody else handles
    opened = Signal()  # the database is there; what was asked before waited for it
    away = Signal(
        object
    )  # why the workspace's server cannot be reached, and None once it can; pages keep what they show
    _heard = Signal()  # emitted on the listening thread
    _stands = Signal(object)

    def __init__(self, open_database: Callable[[], Database]) -> None:
        """*open_database* runs on a thread: opening imports SQLAlchemy, and may migrate."""
        super().__init__()
        self._jobs: dict[Hashable, Job[Any]] = {}
        self._keys: dict[Future[Any], Hashable] = {}  # under which key a running job is
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
        self._stopping = threading.Event()
        self._heard.connect(self._look_for_changes, Qt.ConnectionType.QueuedConnection)
        self._stands.connect(self._say_stand, Qt.ConnectionType.QueuedConnection)

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
        """Carry out a person's command; it runs on the writer thread, ahead of bulk work."""
        return self._ask(lambda db: db.write(command, *args, **kwargs))

    def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Run something that needs neither database nor loop, such as waiting for a child process, on a thread."""
        return self._follow(Job(self.problem.emit), _in_thread(lambda: work(*args, **kwargs)))

    def start(
        self, work: Callable[Concatenate[Net, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Job[T]:
        """Run *work* on the network thread. The same work is never started twice at a time."""
        key = (work, args)
        running = self._jobs.get(key)
        if running is not None and not running.cancelled:
            return cast("Job[T]", running)
        job: Job[T] = Job(self.problem.emit)

        async def run(db: Database) -> T:
            from pqldesk.services.net import Net
            from pqldesk.services.remote.rest import http_client

            async with http_client() as http:
                return await work(Net(db, http, job.report), *args, **kwargs)

        future: Future[T] = Future()

        def begin(opened: Future[Database]) -> None:
            if opened.cancelled():
                future.cancel()
                return
            if (failed := opened.exception()) is not None:
                future.set_exception(failed)
                return
            _pass(self._network_loop().submit(run(opened.result())), future)

        self._database.add_done_callback(begin)
        return self._follow(job, future, key)

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
        self.opened.emit()
        if self._closing:
            return
        if self._database.result().listen(_this_process(), self._heard.emit, self._stands.emit):
            self._watch.setInterval(HEARING_MS)
        self._watch.start()

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
                    _pass(submit(opened.result()), future)
                except RuntimeError:  # closed in between
                    future.cancel()

        job = self._follow(Job(self.problem.emit, away), future)
        self._database.add_done_callback(hand_over)
        return job

    def _follow(self, job: Job[T], future: Future[T], key: Hashable = None) -> Job[T]:
        key = key or future
        self._jobs[key] = job
        self._keys[future] = key
        # A method of ours, not a closure over the job: connected to its own signal that would keep it, and its
        # answer, for ever.
        job._settled.connect(self._forget, Qt.ConnectionType.QueuedConnection)
        job.follow(future)
        return job

    def _forget(self, future: Future[Any]) -> None:
        key = self._keys.pop(future, None)
        job = self._jobs.get(key)
        if job is not None and job.follows(future):  # a cancelled job may have been replaced already
            del self._jobs[key]
            job.let_go()
            job.deleteLater()  # here, not on the thread that happens to hold it last

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


def _this_process() -> str:
    from pqldesk.services.workspaces.workspace import PROCESS

    return PROCESS


def _changes_since(session: Session, seen: int) -> tuple[int, Changes]:
    from pqldesk.services.workspaces.workspace import changes_since

    newest, topics = changes_since(session, seen)
    return newest, Changes(frozenset(Topic(topic) for topic in topics), elsewhere=True)


def _pass(source: Future[T], target: Future[T]) -> None:
    """Let *target* end as *source* does, and a cancelled target cancel its source.

    They know each other on one side only weakly, so that an answer of some megabytes goes as soon as it was taken.
    """
    running = weakref.ref(source)

    def copy(done: Future[T]) -> None:
        if target.cancelled():
            return
        if done.cancelled():
            target.cancel()
        elif (problem := done.exception()) is not None:
            target.set_exception(problem)
        else:
            target.set_result(done.result())

    def cancel(ended: Future[T]) -> None:
        if ended.cancelled() and (still := running()) is not None:
            still.cancel()

    target.add_done_callback(cancel)
    source.add_done_callback(copy)


def _in_thread(work: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as problem:  # noqa: BLE001 - the job carries it to whoever asked
            future.set_exception(problem)

    threading.Thread(target=run, name="work", daemon=True).start()
    return future
