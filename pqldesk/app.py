"""Puts the window together; the only module that knows all parts. No SQLAlchemy before the first frame."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCryptographicHash, QDir, QEvent, QObject, QSettings, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from pqldesk.background import Background
from pqldesk.services.basics import clock, texts
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import Problem, WorkspaceAway
from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import _
from pqldesk.services.queue.rows import first_queue
from pqldesk.views import wording
from pqldesk.views.desk import Desk, ImportChoices, ImportLook
from pqldesk.views.main_window import MainWindow
from pqldesk.views.page import Context
from pqldesk.views.page_makers import PAGES, load_pages
from pqldesk.views.pages_ahead import PagesAhead
from pqldesk.views.painting import Paintbox
from pqldesk.views.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

    from pqldesk.models.db import Database
    from pqldesk.services.child import Stop

ERRANDS_MS = (
    30_000  # how often due work is looked up; it uses the wall clock, so sleep and midnight are noticed
)
TAKE_OVER_MS = 4_000  # how often a window of a team looks whether the one that pulled and delivered is gone
RAISE_WAIT_MS = 500
TURN_S = 0.0005  # Python's own 5 ms, met a few times in one key, kept the next lead waiting


def run_window(place: Path | str, rep: str) -> int:
    """Open the window on a workspace and stay until it is closed; a second one raises the first instead."""
    application()
    if raise_first(place):
        return 0
    said: Problem | None = None
    while True:
        code, backup = _one_window(place, rep, said)
        if not backup:
            return code
        said = put_back(Path(backup), place)


def _one_window(place: Path | str, rep: str, problem: Problem | None) -> tuple[int, str]:
    """One window from opening to closing; its code, and the backup that is to take the workspace's place."""
    app = application()
    window = build_window(place, rep, QSettings("PQLDesk", "PQLDesk"))
    _show_bugs_in(window)
    wanted: list[str] = []
    window.context.wishes.restore.connect(wanted.append)
    window.context.wishes.restore.connect(window.close)
    door = _Door(place)
    door.knocked.connect(window.showNormal)
    door.knocked.connect(window.raise_)
    door.knocked.connect(window.activateWindow)
    _AfterFirstFrame(window, partial(QTimer.singleShot, 0, door.open))
    window.show()
    if problem is not None:
        window.show_problem(problem)
    code = app.exec()
    door.close()
    close_window(window)
    window.deleteLater()
    return code, wanted[-1] if wanted else ""


def put_back(backup: Path, place: Path | str) -> Problem | None:
    """Put *backup* in the place of the workspace, which nobody may have open; the problem if that is refused."""
    from pqldesk.services.workspaces.backup import restore

    try:
        restore(backup, place)
    except Problem as problem:
        return problem
    return None


def application() -> QApplication:
    """The Qt application, made once. Raises Problem where there is no display to show it on."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if sys.platform == "linux" and not _has_display():
        raise Problem(
            _("There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)."),
            _("Start it on a desktop, or use the command line: pqldesk queue, pqldesk demo --headless DIR."),
        )
    app = QApplication(["pqldesk"])
    app.setApplicationName("PQLDesk")
    app.setDesktopFileName("pqldesk")
    app.setStyle("Fusion")
    app.setLayoutDirection(wording.locale().textDirection())
    texts.write_numbers_by(wording.number)
    return app


def build_window(
    place: Path | str, rep: str, memory: QSettings | None = None, *, with_errands: bool = True
) -> MainWindow:
    """The window over the workspace at *place*, with its first page already there where SQLite holds one.

    The workspace itself is opened once the window has been painted. *memory* keeps where the window stood.
    Without errands nothing is delivered, lapses or is told by itself: pictures of it repeat.
    """

    def open_database() -> Database:
        from pqldesk.services.basics.memory import return_large_blocks
        from pqldesk.services.workspaces.presence import arrive
        from pqldesk.services.workspaces.server_clock import clock_off_s, skewed
        from pqldesk.services.workspaces.workspace import open_workspace

        return_large_blocks()
        workspace = open_workspace(place, create=True)
        arrive(workspace.db)
        workspace.check_beside(background.problem.emit)
        if (problem := skewed(place, workspace.db.read(clock_off_s).result())) is not None:
            background.problem.emit(problem)
        return workspace.db

    first = first_queue(place, clock.now()) if isinstance(place, Path) else None
    background = Background(open_database)
    theme = Theme()
    theme.apply(application())
    known = rep or (first.rep if first is not None else "")
    context = Context(background, desk(place, lambda: context.rep), theme, Paintbox(theme), known, clock.now)
    context.in_parts = with_errands  # pictures repeat: there, a page is built at once
    window = MainWindow(context, memory)
    if first is not None:
        window.queue.show_first(first.unread, first.ids, first.total)
    if with_errands:
        Errands(window, place, follow_setting=not rep)
        ahead = PagesAhead(window, PAGES, window.made, window.is_in_use)
        background.opened.connect(partial(_load_pages, background, ahead))
    _AfterFirstFrame(window, partial(_go_on, background))
    _AfterFirstFrame(window, partial(_name_roles, window))
    _AfterFirstFrame(window, partial(_show_icon, window))
    return window


def close_window(window: MainWindow) -> None:
    """Stop what the window started and let go of the workspace."""
    window.context.background.close()


def desk(place: Path | str, rep: Callable[[], str]) -> Desk:
    """What the window may ask and do. The functions behind it are imported when first called, on a thread."""
    own = {
        "preview_import", "run_import", "recheck", "source_columns", "connect", "follow", "send_test_lead",
        "workspace_facts", "back_up_now", "export_leads", "beside", "invite", "make_fields",
    }  # fmt: skip
    asked = {field.name: _later(field.name) for field in fields(Desk) if field.name not in own}

    def preview(path: str, kind: str, choices: ImportChoices) -> ImportLook:
        from pqldesk.services.imports.child import import_beside_window

        return ImportLook.of(
            import_beside_window(place, path, kind, choices.mapping, dry_run=True, rep=rep())
        )

    def run(
        path: str, kind: str, choices: ImportChoices, report: Callable[[int, str], None], stop: Stop
    ) -> ImportLook:
        from pqldesk.services.imports.child import import_beside_window

        mapping = choices.mapping
        return ImportLook.of(
            import_beside_window(
                place, path, kind, mapping, dry_run=False, rep=rep(), report=report, stop=stop
            )
        )

    def facts() -> Any:
        from pqldesk.services.workspaces.facts import workspace_facts

        return workspace_facts(place)

    def invite(session: Any, email: str, role: str, rep: str) -> Any:
        from pqldesk.services import window_calls

        return window_calls.invite(session, str(place), email, role, rep)

    def back_up() -> Path:
        from pqldesk.services.workspaces.backup import backup_now

        return backup_now(place, clock.now())

    def export(file: str, options: Sequence[str]) -> str:
        from pqldesk.services.export_child import export_beside_window

        return export_beside_window(place, file, options, rep())

    def beside(words: Sequence[str], report: Callable[[int, str], None], stop: Stop) -> Any:
        from pqldesk.services.child import run_beside

        return run_beside(place, words, rep=rep(), report=report, stop=stop)

    return Desk(
        **asked,
        preview_import=preview,
        run_import=run,
        workspace_facts=facts,
        back_up_now=back_up,
        invite=invite,
        export_leads=export,
        recheck=_recheck,
        source_columns=_source_columns,
        connect=_connect,
        make_fields=_make_fields,
        follow=_follow,
        send_test_lead=_send_test_lead,
        beside=beside,
    )


def _show_bugs_in(window: MainWindow) -> None:
    """What escapes a slot is shown in the window and printed, never swallowed."""
    printed = sys.excepthook

    def show(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        printed(kind, bug, trace)
        window.show_problem(bug)

    sys.excepthook = show


class _AfterFirstFrame(QObject):
    """Calls once, when a window has been painted for the first time."""

    def __init__(self, window: MainWindow, call: Callable[[], None]) -> None:
        super().__init__(window)
        self._call = call
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._call)  # the rest of the window is painted before
        return False


def _name_roles(window: MainWindow) -> None:
    from pqldesk.views.accessible import name_roles

    name_roles(window)


def _show_icon(window: MainWindow) -> None:
    window.setWindowIcon(QIcon(str(resource("desktop", "pqldesk.svg"))))


def _go_on(background: Background) -> None:
    gc.freeze()  # modules and widgets stay as long as the window
    gc.enable()
    # Whenever the window asks Qt something it lets Python go, and a busy thread gives it back only after this long.
    sys.setswitchinterval(TURN_S)
    background.open()


def _load_pages(background: Background, ahead: PagesAhead) -> None:
    background.run(load_pages).then(ahead.loaded)


class Errands(QObject):
    """What is done without being asked: deliver the outbox, let leases lapse when they are due, back up each day."""

    def __init__(self, window: MainWindow, place: Path | str, *, follow_setting: bool) -> None:
        super().__init__(window)
        self._place, self._window = place, window
        self._tray: Any = None  # made when there is something to say and somewhere to show it
        self._backed_up: date | None = None  # or tried to, which is said once a day
        self._told = ""
        self._is_pulling = False
        self._context = window.context
        self._background = background = window.context.background
        self._follow_setting = follow_setting
        self._timer = QTimer(self, interval=ERRANDS_MS)
        self._timer.timeout.connect(self._run)
        self._take_over = QTimer(self, interval=TAKE_OVER_MS)
        self._take_over.timeout.connect(self._look_for_work)
        background.opened.connect(self._begin)
        background.changed.connect(self._on_changed)

    def _begin(self) -> None:
        self._timer.start()
        if not isinstance(self._place, Path):
            self._take_over.start()
        self._run()
        if self._follow_setting:
            self._background.read(_later("who")).then(self._be)

    def _run(self) -> None:
        self._background.write(_later("settle")).then(self._settled).otherwise(self._tell_once)
        self._look_for_news()
        self._deliver()
        self._pull()
        today = clock.now().date()
        if self._backed_up != today:
            self._backed_up = today
            self._background.run(_back_up, self._place, today)

    def _look_for_news(self) -> None:
        """Read first: only what is worth writing down takes the write lock."""
        if self._context.rep:
            looked = self._background.read(_later("look_for_news"), self._context.rep)
            looked.then(self._tell_news).otherwise(self._tell_once)

    def _tell_news(self, sighting: Any) -> None:
        if not sighting.is_empty:
            told = self._background.write(_later("tell_news"), self._context.rep, sighting)
            told.then(self._pop).otherwise(self._tell_once)

    def _pop(self, told: Any) -> None:
        """One after the other in the window where that is in front, else on the desktop where it shows messages."""
        for pop in told.pops:
            words = _("{title}: {text}").format(title=pop.title, text=pop.text)
            if self._window.isActiveWindow() or not told.desktop:
                self._context.wishes.told.emit(words, 0)
            else:
                self._tray_icon(pop.title, pop.text)

    def _tray_icon(self, title: str, text: str) -> None:
        from PySide6.QtWidgets import QSystemTrayIcon

        from pqldesk.views.wording import for_desktop

        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            icon = self._context.theme.icon("inbox", self._context.theme.tokens.accent)
            self._tray = QSystemTrayIcon(icon, self)
            self._tray.setToolTip("PQLDesk")
            self._tray.messageClicked.connect(self._come_forward)
            self._tray.activated.connect(self._come_forward)
            self._tray.show()
        self._tray.showMessage(for_desktop(title), for_desktop(text))

    def _come_forward(self) -> None:
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
        self._context.wishes.open_page.emit("inbox")

    def _look_for_work(self) -> None:
        self._pull()
        self._background.read(_later("deliveries_wait")).then(self._deliver_what_waits)

    def _deliver_what_waits(self, waits: bool) -> None:
        if waits:
            self._deliver()

    def _pull(self) -> None:
        """Fetch from the sources that are due, in a process of its own; what goes wrong stands beside the source."""
        if not self._is_pulling:
            self._background.read(_later("due_pulls")).then(self._pull_due).otherwise(self._tell_once)

    def _pull_due(self, sources: list[str]) -> None:
        if sources and not self._is_pulling:
            self._is_pulling = True
            run = self._background.run(_pull_beside, self._place, sources)
            run.then(self._pulled).otherwise(self._pulled)

    def _pulled(self, _ended: object) -> None:
        self._is_pulling = False

    def _settled(self, _changes: Changes) -> None:
        self._told = ""

    def _tell_once(self, problem: Exception) -> None:
        """A full or damaged disk stays so: what was said 30 seconds ago is not said again. That the workspace's server
        is away the window says by itself, as long as it is so."""
        if str(problem) != self._told and not isinstance(problem, WorkspaceAway):
            self._told = str(problem)
            self._background.problem.emit(problem)

    def _on_changed(self, changes: Changes) -> None:
        if changes.touch(frozenset({Topic.OUTBOX})):
            self._deliver()
        if self._follow_setting and changes.touch(frozenset({Topic.SETTINGS})):
            self._background.read(_later("who")).then(self._be)

    def _be(self, rep: str) -> None:
        if rep != self._context.rep:
            self._context.rep = rep
            self._window.rep_known()

    def _deliver(self) -> None:
        self._background.start(_deliver_due).otherwise(self._later_then)

    def _later_then(self, problem: Exception) -> None:
        """Another process delivers, or the CRM is away: each item says so itself, and is due again later."""
        if not isinstance(problem, Problem):
            self._background.problem.emit(problem)


class _Door(QObject):
    """Where a second start of the same workspace knocks."""

    knocked = Signal()

    def __init__(self, place: Path | str) -> None:
        super().__init__()
        self._name = _door_name(place)
        self._server: QLocalServer | None = None

    def open(self) -> None:
        """Begin to listen."""
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if not self._server.listen(self._name):
            QLocalServer.removeServer(self._name)  # left by a window that was killed
            self._server.listen(self._name)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def _answer(self) -> None:
        assert self._server is not None  # noqa: S101 - it is its own signal that called
        while (knock := self._server.nextPendingConnection()) is not None:
            knock.close()
            self.knocked.emit()


def raise_first(place: Path | str) -> bool:
    """Knock at a window that has this workspace open already; True when there is one."""
    name = _door_name(place)
    if os.name == "posix" and not os.path.exists(QDir.tempPath() + "/" + name):  # where Qt puts the door
        return False
    from PySide6.QtNetwork import QLocalSocket  # a tenth of the time to the first frame

    socket = QLocalSocket()
    socket.connectToServer(name)
    answered = socket.waitForConnected(RAISE_WAIT_MS)
    socket.abort()
    return answered


def _door_name(place: Path | str) -> str:
    one_name = str(place.resolve()) if isinstance(place, Path) else place  # by whatever link it was opened
    digest = QCryptographicHash.hash(os.fsencode(one_name), QCryptographicHash.Algorithm.Sha256)
    return f"pqldesk-{os.getuid()}-{bytes(digest.toHex().data()).decode()[:16]}"


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _later(name: str) -> Callable[..., Any]:
    """The function of that name, imported by whoever calls it first."""

    def call(*args: Any) -> Any:
        from pqldesk.services import source_calls, window_calls

        return (getattr(window_calls, name, None) or getattr(source_calls, name))(*args)

    call.__name__ = name
    return call


def _back_up(place: Path | str, day: date) -> None:
    from pqldesk.services.workspaces.backup import daily_backup

    daily_backup(place, day)


def _pull_beside(place: Path | str, sources: list[str]) -> object:
    from pqldesk.services.child import run_beside

    return run_beside(place, ["sync", *sources])


async def _connect(net: Any, wanted: Any) -> object:
    from pqldesk.services import window_calls

    return await window_calls.connect(net, wanted)


async def _source_columns(net: Any, system: str) -> object:
    from pqldesk.services import window_calls

    return await window_calls.source_columns(net, system)


async def _recheck(net: Any, system: str) -> object:
    from pqldesk.services import window_calls

    return await window_calls.recheck(net, system)


async def _make_fields(net: Any, system: str) -> object:
    from pqldesk.services import source_calls

    return await source_calls.make_fields(net, system)


async def _follow(net: Any, lead: str) -> object:
    from pqldesk.services import window_calls

    return await window_calls.follow(net, lead)


async def _send_test_lead(net: Any) -> object:
    from pqldesk.services import window_calls

    return await window_calls.send_test_lead(net)


async def _deliver_due(net: Any) -> object:
    from pqldesk.services.delivery.deliver import deliver_outbox

    return await deliver_outbox(net, once=True)
