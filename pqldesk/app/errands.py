"""What the window does without being asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from pqldesk.app.desk import later, load
from pqldesk.services.basics import clock
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.problems import Problem, WorkspaceAway, WorkspaceBusy
from pqldesk.services.basics.texts import _
from pqldesk.views.main_window import MainWindow

# How often due work is looked up; it uses the wall clock, so sleep and midnight are noticed.
ERRANDS_MS = 30_000
TAKE_OVER_MS = 4_000  # how often a window of a team looks whether the one that pulled and delivered is gone


class Errands(QObject):
    """What is done without being asked: deliver the outbox, let leases lapse when they are due, back up each day."""

    def __init__(self, window: MainWindow, place: Path | str, *, follow_setting: bool) -> None:
        super().__init__(window)
        self._place, self._window = place, window
        self._tray: Any = None  # made when there is something to say and somewhere to show it
        self._backed_up: date | None = None  # or tried to, which is said once a day
        self._told = ""
        self._is_pulling = self._is_scoring = self._knows_sources = False
        self._context = window.context
        self._background = background = window.context.background
        self._follow_setting = follow_setting
        self._stored: str | None = (
            None  # what the setting said when the window was opened for somebody by name
        )
        self._timer = QTimer(self, interval=ERRANDS_MS)
        self._timer.timeout.connect(self._run)
        self._take_over = QTimer(self, interval=TAKE_OVER_MS)
        self._take_over.timeout.connect(self._look_for_work)
        background.opened.connect(self._begin)
        background.changed.connect(self._on_changed)

    def _begin(self) -> None:
        self._background.read(later("who")).then(self._be)
        if self._background.only_looked_at is not None:
            return  # nothing lapses, leaves or is told from a place that is only looked at
        self._timer.start()
        if not isinstance(self._place, Path):
            self._take_over.start()
        self._run()

    def _run(self) -> None:
        self._background.write(later("settle")).then(self._settled).otherwise(self._tell_once)
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
            looked = self._background.read(later("look_for_news"), self._context.rep)
            looked.then(self._tell_news).otherwise(self._tell_once)

    def _tell_news(self, sighting: Any) -> None:
        if not sighting.is_empty:
            told = self._background.write(later("tell_news"), self._context.rep, sighting)
            told.then(self._pop).otherwise(self._tell_once)

    def _pop(self, told: Any) -> None:
        """One after the other in the window where that is in front, else on the desktop where it shows messages."""
        from pqldesk.views.wording import readable

        for pop in told.pops:
            text = readable(pop.text)
            if self._window.isActiveWindow() or not told.desktop:
                self._context.wishes.told.emit(_("{title}: {text}").format(title=pop.title, text=text), 0)
            else:
                self._tray_icon(pop.title, text)

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
        self._background.read(later("deliveries_wait")).then(self._deliver_what_waits)

    def _deliver_what_waits(self, waits: bool) -> None:
        if waits:
            self._deliver()

    def _pull(self) -> None:
        """Fetch from the sources that are due, in a process of its own; what goes wrong stands beside the source."""
        if not self._knows_sources:  # loading what they are made of would keep a reader busy for 0.6 s
            self._background.run(load, "due_pulls").then(self._loaded_sources)
        elif not self._is_pulling:
            self._background.read(later("due_pulls")).then(self._pull_due).otherwise(self._tell_once)

    def _loaded_sources(self, _answer: object) -> None:
        self._knows_sources = True
        self._pull()

    def _pull_due(self, sources: list[str]) -> None:
        if sources and not self._is_pulling:
            self._is_pulling = True
            run = self._background.run(_pull_beside, self._place, sources)
            run.then(self._pulled).otherwise(self._pulled)

    def _pulled(self, _ended: object) -> None:
        self._is_pulling = False

    def _settled(self, fell: Any) -> None:
        self._told = ""
        if fell.is_more and not self._is_scoring:
            self._is_scoring = True
            run = self._background.run(_score_beside, self._place).ended(self._scored)
            run.otherwise(self._tell_once)

    def _scored(self) -> None:
        self._is_scoring = False

    def _tell_once(self, problem: Exception) -> None:
        """A full or damaged disk stays so: what was said 30 seconds ago is not said again. That the workspace's server
        is away the window says by itself, as long as it is so; while another process writes nothing is lost by waiting.
        """
        if str(problem) != self._told and not isinstance(problem, WorkspaceAway | WorkspaceBusy):
            self._told = str(problem)
            self._background.problem.emit(problem)

    def _on_changed(self, changes: Changes) -> None:
        if changes.touch(frozenset({Topic.OUTBOX})) and self._background.only_looked_at is None:
            self._deliver()
        if changes.touch(frozenset({Topic.SETTINGS})):
            self._background.read(later("who")).then(self._be)

    def _be(self, rep: str) -> None:
        """Whom a window was opened for by name sits here until the setting becomes another one: that is said later."""
        if not self._follow_setting:
            if self._stored is None:
                self._stored = rep
            if rep == self._stored:
                return
            self._follow_setting = True
        if rep != self._context.rep:
            self._context.rep = rep
            self._window.rep_known()

    def _deliver(self) -> None:
        self._background.start(_deliver_due).otherwise(self._later_then)

    def _later_then(self, problem: Exception) -> None:
        """Another process delivers, or the CRM is away: each item says so itself, and is due again later."""
        if not isinstance(problem, Problem):
            self._background.problem.emit(problem)


def _back_up(place: Path | str, day: date) -> None:
    from pqldesk.services.workspaces.backup import daily_backup

    daily_backup(place, day)


def _pull_beside(place: Path | str, sources: list[str]) -> object:
    from pqldesk.services.child import run_beside

    return run_beside(place, ["sync", *sources])


def _score_beside(place: Path | str) -> object:
    """Score all that is due, in a process of its own: each midnight that may be most leads, 0.1 ms each."""
    from pqldesk.services.child import run_beside

    return run_beside(place, ["score"])


async def _deliver_due(net: Any) -> object:
    from pqldesk.services.delivery.deliver import deliver_outbox

    return await deliver_outbox(net, once=True)
