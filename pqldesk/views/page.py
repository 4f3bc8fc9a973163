"""A page asks again when something it shows has changed, but only while it is visible."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic, thread_time
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from pqldesk.background import Background
from pqldesk.jobs import Job
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.texts import _
from pqldesk.views.desk import Desk
from pqldesk.views.kept_words import KeptWords
from pqldesk.views.painting import Paintbox
from pqldesk.views.parts import Button
from pqldesk.views.rights import Rights
from pqldesk.views.theme import Theme

WAITS_S = 0.3  # a page that is still empty then says that it reads: said earlier, it would only flash
SOON_S = 0.15  # changes that come together are shown together
# A page leaves the readers alone for so many times as long as asking took before it asks for what others changed, and
# while keys or pointer move, but not longer than these.
REST = 4
LATEST_S = 30.0
IN_USE_S = 5.0
_NO_MORE: Final = object()
PART_S = 0.004  # of building at a time; what is under way then is finished


class Wishes(QObject):
    """What any part of the window may ask of the window itself."""

    open_lead = Signal(str)  # lead id: show it in the queue page
    open_page = Signal(str)  # page key
    open_account = Signal(int)  # number of a company: show it in the accounts page
    open_view = Signal(str, str)  # queue view key, search text
    mended = Signal(str)  # what was said of a problem that is gone: a bar that still says it closes
    told = Signal(str, int)  # a sentence for a toast; how many actions an undo of it takes back
    run = Signal(str)  # command id
    trace = Signal(str)  # e-mail or id of a lead: follow it through every system
    rekey = Signal(str)  # command id: ask for another key
    sheet = Signal(object)  # a Sheet to open
    restore = Signal(str)  # a backup to put in the place of the workspace, once the window has closed
    sample_said = Signal(
        str
    )  # how far the sample is on its way into a window of its own; "" when that has ended
    counted = Signal()  # what the status bar says has changed


@dataclass
class Context:
    """What every page is given: where to ask, what may be asked, how it looks, who is asking, and when.

    *rep* follows the setting; everything else stays as it is.
    """

    background: Background
    desk: Desk
    theme: Theme
    paints: Paintbox
    rep: str
    now: Callable[[], datetime]
    wishes: Wishes = field(default_factory=Wishes)
    key_of: Callable[[str], str] = lambda _command: ""  # the key of a command, as it is shown
    kept: KeptWords = field(default_factory=KeptWords)
    rights: Rights = field(default_factory=Rights)
    in_parts: bool = False  # whether large pages are built part by part, between other events

    def offer(self, button: Button, command: str) -> None:
        """*button* does what *command* does: barred with it, and its key is in the tooltip."""
        button.tell_key(partial(self.key_of, command))
        self.rights.hold(button, command)

    def may(self, command: str, owner: str | None = None) -> bool:
        """Whether *command* may be used by whoever sits here; where it may not, the reason is told."""
        if why := self.rights.why_not(command, owner):
            self.wishes.told.emit(why, 0)
        return not why


class _After(QObject):
    """Says what was done once all jobs of it have ended, with an offer to undo what changed something."""

    def __init__(self, page: "Page", told: Callable[[int], str], unchanged: str) -> None:
        super().__init__(page)
        self._page, self._told, self._unchanged = page, told, unchanged
        self._open = self._changed = self._same = 0

    def expect(self, job: Any) -> None:
        self._open += 1
        job.then(self._done).otherwise(self._failed)

    def _done(self, answer: object) -> None:
        if getattr(answer, "changes", answer) == Changes():
            self._same += 1
        else:
            self._changed += 1
        self._end()

    def _failed(self, problem: object) -> None:
        self._page.context.background.problem.emit(problem)
        if getattr(problem, "again", None) is None:  # else what it comes to may still be told
            self._end()

    def _end(self) -> None:
        self._open -= 1
        if self._open:
            return
        if self._changed:
            self._page.context.wishes.told.emit(self._told(self._changed), self._changed)
        elif self._same:
            self._page.context.wishes.told.emit(self._unchanged, 0)
        self.deleteLater()


class Page(QWidget):
    """One page of the window. Subclasses name their topics and ask in `refresh`."""

    topics: frozenset[Topic] = frozenset()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self.context = context
        self.theme, self.paints = context.theme, context.paints
        self._stale, self._is_own, self._is_refreshing = True, False, False
        self.is_answered = True  # whether what it counts is known; a list says so
        self._has_come = self._is_late = False  # an answer; none, for long enough to say so
        self._wait = QTimer(self, singleShot=True, interval=int(WAITS_S * 1000))
        self._wait.timeout.connect(self._waits)
        self._unanswered = 0  # what was asked for and is not answered yet
        self._asked_at = self._took_s = 0.0  # when it last asked for what it shows, and how long that took
        self._long: list[Job[Any]] = []  # what may take seconds and is not answered yet
        self._by_hand: Job[Any] | None = None  # of those, the last that somebody asked for
        self._parts: Iterator[None] | None = None  # what is not built yet
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._refresh_if_idle)
        context.background.changed.connect(self._on_changed)

    def build(self, parts: Iterator[None]) -> None:
        """Build a large page part by part: at once, or between other events where the window wants that."""
        self._parts = parts
        if not self.context.in_parts:
            self.complete()
        elif self.isVisible():
            QTimer.singleShot(0, self, self._build_on)

    def complete(self) -> None:
        """Build at once what is not there yet: somebody wants to use the page."""
        if self._parts is not None:
            for _part in self._parts:
                pass
            self._parts = None
            self._refresh_if_visible()

    @property
    def is_built(self) -> bool:
        """Whether all of it is there."""
        return self._parts is None

    def build_part(self) -> None:
        """Build the next part, if there is one."""
        if self._parts is not None and next(self._parts, _NO_MORE) is _NO_MORE:
            self._parts = None
            self._refresh_if_visible()

    def _build_on(self) -> None:
        """As much as one turn has room for, and the rest in the next."""
        began = thread_time()
        while self._parts is not None:
            if thread_time() - began > PART_S:
                QTimer.singleShot(0, self, self._build_on)
                return
            self.build_part()

    def refresh(self) -> None:
        """Ask for what this page shows."""
        raise NotImplementedError

    def status(self) -> str:
        """The words at the right of the status bar."""
        return ""

    @property
    def is_waiting(self) -> bool:
        """Whether nothing has come yet, for long enough to say so."""
        return self._is_late and not (self._has_come and self.is_answered)

    def show_waiting(self) -> None:
        """Quiet blocks in every part that can show_blocks(), as long as nothing has come; else what is known."""
        waits = self.is_waiting
        for part in self.findChildren(QWidget):
            # Not by isinstance(): a protocol is looked up anew for every widget, which took 17 ms on the Funnel page.
            if (show_blocks := getattr(part, "show_blocks", None)) is not None:
                show_blocks(waits)

    def count_is_known(self) -> None:
        """What it counts has come: it waits no longer."""
        was_waiting, self.is_answered = self.is_waiting, True
        if was_waiting and not self.is_waiting:
            self.show_waiting()  # a walk over all of the page, 8 ms in the queue

    def is_settled(self) -> bool:
        """Whether nothing that this page shows is still being worked out by itself."""
        return self._parts is None and not self._soon.isActive()

    def run(self, command: str) -> bool:
        """Carry out a command of the keyboard or palette; False when it is not this page's."""
        return False

    def is_in_use(self) -> bool:
        """Whether keys or pointer are moving, so that what others have changed had better wait."""
        return False

    @property
    def is_asking(self) -> bool:
        """Whether an answer to something it asked for is still to come."""
        return self._unanswered > 0

    def read(self, query: Callable[..., Any], *args: object) -> Any:
        self._unanswered += 1
        return self.context.background.read(query, *args).ended(self._answered)

    def read_long(self, query: Callable[..., Any], *args: object) -> Any:
        """read() for what may take seconds: given up when the page is left, and asked for again when it is back."""
        self._unanswered += 1
        job = self.context.background.read_long(query, *args).ended(self._answered)
        self._long = [one for one in self._long if one.is_awaited]
        self._long.append(job)
        return job

    def read_first(self, query: Callable[..., Any], *args: object) -> Any:
        """read_long() for what somebody asked for by hand: it goes before what the page asks for by itself.

        One long query runs at a time, so what runs for the page is ended, and asked for again once this is answered.
        """
        refreshing = [one for one in self._long if one.is_awaited and one is not self._by_hand]
        for job in self._long:
            job.cancel()
        self._by_hand = job = self.read_long(query, *args)
        if refreshing:
            self._stale = self._is_own = True
            job.ended(self._refresh_after)
        return job

    def _refresh_after(self, _future: object) -> None:
        self._soon.start(0)

    def write(self, command: Callable[..., Any], *args: object) -> Any:
        return self.context.background.write(command, *args)

    def act(self, command: Callable[..., Any], *args: object, told: str) -> Any:
        """Run a command and, once it is committed, say *told* with an offer to undo it."""
        job = self.write(command, *args)
        _After(self, lambda _n: told, _("Nothing has changed")).expect(job)
        return job

    def act_on(
        self,
        command: Callable[..., Any],
        calls: Sequence[tuple[object, ...]],
        *,
        told: Callable[[int], str],
        unchanged: str,
    ) -> None:
        """Run *command* once for each of *calls*; *told* says how many changed something, *unchanged* that none did."""
        after = _After(self, told, unchanged)
        for args in calls:
            after.expect(self.write(command, *args))

    def _on_changed(self, changes: Changes) -> None:
        """Ask again soon; for what others change, such as an import, only as often as it leaves the window free."""
        if not changes.touch(self.topics):
            return
        self._stale, wait_s = True, SOON_S
        if changes.elsewhere:
            rest_s = self._asked_at + self._took_s * (1 + REST) - monotonic()
            wait_s = max(SOON_S, min(LATEST_S, rest_s))
        else:
            self._is_own = True
        if not self._soon.isActive() or self._soon.remainingTime() > wait_s * 1000:
            self._soon.start(int(wait_s * 1000))

    def refresh_later(self) -> None:
        """Ask again after a rest, however often something changes."""
        self._stale = True
        self._soon.start(int(max(SOON_S, min(LATEST_S, self._took_s * REST)) * 1000))

    def _refresh_if_idle(self) -> None:
        may_wait = not self._is_own and monotonic() - self._asked_at < IN_USE_S
        if self._stale and may_wait and self.is_in_use():
            self._soon.start(int(SOON_S * 1000))
        else:
            self._refresh_if_visible()

    def _refresh_if_visible(self) -> None:
        if self._stale and self._parts is None and self.isVisible():
            self._stale = self._is_own = False
            self._asked_at, self._is_refreshing = monotonic(), True
            self.refresh()

    def _answered(self, ended: Any = None) -> None:
        self._unanswered -= 1
        if ended is not None and ended.cancelled():  # by leaving the page: nothing has come
            self._is_refreshing = self._is_refreshing and self._unanswered > 0
            return
        if self._is_refreshing and not self._unanswered:
            self._is_refreshing, self._took_s = False, monotonic() - self._asked_at
        if not self._has_come:
            self._has_come = True
            self._wait.stop()
            if self._is_late:
                self._waits()

    def _waits(self) -> None:
        self._is_late = True
        self.show_waiting()
        self.context.wishes.counted.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wait.stop()
        if event.spontaneous():
            return
        for job in (one for one in self._long if one.is_awaited):
            job.cancel()
            self._stale = True
        self._long.clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._has_come:
            self._wait.start()
        if self._parts is not None:
            QTimer.singleShot(0, self, self._build_on)
        self._refresh_if_visible()
