"""The window over one workspace, from its first frame to its closing."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from pqldesk.app.collecting import Collector
from pqldesk.app.desk import desk
from pqldesk.app.door import Door, raise_first
from pqldesk.app.errands import Errands
from pqldesk.background import Background
from pqldesk.services.basics import clock, texts
from pqldesk.services.basics.places import name_of
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import _
from pqldesk.services.queue.rows import first_queue
from pqldesk.views import wording
from pqldesk.views.main_window import MainWindow
from pqldesk.views.page import Context
from pqldesk.views.page_makers import PAGES, load_pages
from pqldesk.views.pages_ahead import PagesAhead
from pqldesk.views.painting import Paintbox
from pqldesk.views.theme import Theme

if TYPE_CHECKING:
    from pqldesk.models.db import Database

TURN_S = 0.0005  # Python's own 5 ms, met a few times in one key, kept the next lead waiting


def run_window(place: Path | str, rep: str) -> int:
    """Open the window on a workspace and stay until it is closed; a second one raises the first instead."""
    _keep_words_of_qt(application())
    if raise_first(place):
        return 0
    said: Problem | str = ""
    while True:
        code, backup = _one_window(place, rep, said)
        if not backup:
            return code
        said = put_back(Path(backup), place)


def _one_window(place: Path | str, rep: str, said: Problem | str) -> tuple[int, str]:
    """One window from opening to closing; its code, and the backup that is to take the workspace's place."""
    app = application()
    window = build_window(place, rep, QSettings("PQLDesk", "PQLDesk"))
    _show_bugs_in(window)
    wanted: list[str] = []
    window.context.wishes.restore.connect(wanted.append)
    window.context.wishes.restore.connect(window.close)
    door = Door(place)
    door.knocked.connect(window.showNormal)
    door.knocked.connect(window.raise_)
    door.knocked.connect(window.activateWindow)
    _AfterFirstFrame(window, partial(QTimer.singleShot, 0, door.open))
    window.show()
    if isinstance(said, Problem):
        window.show_problem(said)
    elif said:
        window.tell(said)
    code = app.exec()
    door.close()
    close_window(window)
    window.deleteLater()
    return code, wanted[-1] if wanted else ""


def put_back(backup: Path, place: Path | str) -> Problem | str:
    """Put *backup* in the place of the workspace, which nobody may have open; what to say, the problem if refused."""
    from pqldesk.services.workspaces.backup import restore

    try:
        kept = restore(backup, place)
    except Problem as problem:
        return problem
    told = _("{backup} is the workspace now.").format(backup=backup.name)
    return f"{told} {_('What was there is kept as {file}.').format(file=kept.name)}" if kept else told


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
    Collector(app)
    return app


def build_window(
    place: Path | str,
    rep: str,
    memory: QSettings | None = None,
    *,
    with_errands: bool = True,
    opens: bool = True,
) -> MainWindow:
    """The window over the workspace at *place*, with its first page already there where SQLite holds one.

    The workspace itself is opened once the window has been painted. *memory* keeps where the window stood.
    Without errands nothing is delivered, lapses or is told by itself: pictures of it repeat. One that never *opens* its
    workspace stays as it is while that is on its way.
    """

    def open_database() -> Database:
        from pqldesk.services.basics.memory import return_large_blocks
        from pqldesk.services.workspaces.presence import arrive
        from pqldesk.services.workspaces.server_clock import clock_off_s, skewed
        from pqldesk.services.workspaces.workspace import open_workspace

        return_large_blocks()
        workspace = open_workspace(place, create=True)
        if workspace.db.only_looked_at is None:
            arrive(workspace.db)
        workspace.check_beside(background.problem.emit)
        if (problem := skewed(place, workspace.db.read(clock_off_s).result())) is not None:
            background.problem.emit(problem)
        return workspace.db

    first = first_queue(place, clock.now()) if isinstance(place, Path) and opens else None
    background = Background(open_database)
    theme = Theme()
    theme.apply(application())
    known = rep or (first.rep if first is not None else "")
    context = Context(background, desk(place, lambda: context.rep), theme, Paintbox(theme), known, clock.now)
    context.in_parts = with_errands  # pictures repeat: there, a page is built at once
    window = MainWindow(context, memory)
    if name := name_of(place):
        window.setWindowTitle(f"PQLDesk – {name}")
    if first is not None:
        window.queue.show_first(first.unread, first.ids, first.total)
        window.show_first_counts(first.unclaimed, sample=first.sample)
    if with_errands:
        Errands(window, place, follow_setting=not rep)
        ahead = PagesAhead(window, PAGES, window.made, window.stack.size, window.is_in_use)
        ahead.ready.connect(_freeze)
        background.opened.connect(partial(_load_pages, background, ahead))
    if opens:
        _AfterFirstFrame(window, partial(_go_on, background))
    if memory is not None:
        _AfterFirstFrame(window, partial(_tell_of_faults, window, memory))
    _AfterFirstFrame(window, partial(_name_roles, window))
    _AfterFirstFrame(window, partial(_show_icon, window))
    return window


def close_window(window: MainWindow) -> None:
    """Stop what the window started and let go of the workspace."""
    window.context.background.close()


def _tell_of_faults(window: MainWindow, memory: QSettings) -> None:
    """Say once that PQLDesk died of a fault of its own, and what to send to whom."""
    from pqldesk.services.basics.bugs import kept_bugs

    last = kept_bugs().last_fault
    told = last.isoformat() if last is not None else ""
    if last is None or memory.value("fault/told") == told:
        return
    memory.setValue("fault/told", told)
    window.show_problem(
        Problem(
            _("PQLDesk ended by a fault of its own: {day}.").format(day=wording.moment(last)),
            _("Settings, Data writes a file for whoever helps, without leads and names."),
        )
    )


def _keep_words_of_qt(application: QApplication) -> None:
    """What Qt warns of goes into the log of bugs, each sentence once, and to where it went before."""
    told: set[str] = set()

    def keep(kind: QtMsgType, where: QMessageLogContext, words: str) -> None:
        print(words, file=sys.stderr)
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and words not in told:
            from pqldesk.services.basics.bugs import keep_words

            told.add(words)
            keep_words(f"Qt: {words} ({where.category})")

    qInstallMessageHandler(keep)
    application.aboutToQuit.connect(partial(qInstallMessageHandler, None))


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
    _freeze()
    # Whenever the window asks Qt something it lets Python go, and a busy thread gives it back only after this long.
    sys.setswitchinterval(TURN_S)
    background.open()


def _load_pages(background: Background, ahead: PagesAhead) -> None:
    _freeze()
    background.run(load_pages).then(_freeze).then(ahead.loaded)


def _freeze(_answer: object = None) -> None:
    """Modules and widgets stay as long as the window, so the collector need not look through them again: that took
    120 ms, on whatever thread, in which nothing else runs."""
    gc.freeze()


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
