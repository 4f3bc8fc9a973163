"""The bars over every page: a problem, the server that is away, a workspace that is only read, and the sample."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QBoxLayout, QWidget

from pqldesk.services.basics.problems import (
    NoPermission,
    NotAllowed,
    Problem,
    WorkspaceAway,
    WorkspaceBusy,
)
from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.notices import Bar, problem_words
from pqldesk.views.page import Context
from pqldesk.views.rights import ADMINS


class WindowBars(QObject):
    """Says what concerns the whole window, and does what its bars offer."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._of_away = False  # the problem in sight is that the workspace did not answer
        self._again: list[Callable[[], object]] = []  # what the bar offers to do once more
        self.problem = Bar(context, "problem", "circle-alert", "bad", _("That did not work"))
        self.refused = Bar(context, "refused", "lock", "muted", _("Not for your role"))
        self.away = Bar(context, "away", "cloud-off", "warn", _("Offline"))
        self.looking = Bar(context, "banner", "eye", "accent", _("Read only"))
        self.sample = Bar(context, "banner")
        self.problem.acted.connect(self._try_again)
        self.refused.acted.connect(self._show_team)
        self.sample.acted.connect(self.ask_remove_sample)
        context.rights.hold(self.sample.action, ADMINS)
        context.background.away.connect(self.say_away)
        context.background.only_read.connect(self.say_only_read)

    def add_to(self, column: QBoxLayout) -> None:
        """Put them below each other, what stays longest on top."""
        for bar in (self.looking, self.sample, self.away, self.refused, self.problem):
            column.addWidget(bar)

    def say_problem(self, problem: Problem) -> None:
        """What did not work; where another program had the workspace, with the offer to do all of it again."""
        if isinstance(problem, NoPermission):
            self.refused.say(problem_words(problem), _("Who may"))
            return
        ruled_out = isinstance(problem, NotAllowed)
        self._of_away = isinstance(problem, WorkspaceAway)
        self.problem.title.setText(_("Not possible now") if ruled_out else _("That did not work"))
        if not isinstance(problem, WorkspaceBusy) or problem.again is None:
            self._again.clear()
            self.problem.say(problem_words(problem))
            return
        if self.problem.isHidden():
            self._again.clear()
        self._again.append(problem.again)
        self.problem.say(problem_words(problem), _("Try again"))

    def mended(self, words: str) -> None:
        """A problem is gone: where the bar still says it, the bar closes."""
        if self.problem.words() == words:
            self.problem.hide()

    def say_only_read(self, why: object) -> None:
        """A bar that stays: everything can be looked at, and nothing changed."""
        if isinstance(why, Problem):
            self.looking.say(problem_words(why), closable=False)
            self.sample.hide()

    def say_away(self, why: object) -> None:
        """A bar that stays until the workspace's server answers again; meanwhile what is shown can be read."""
        if why is None:
            if self.away.isVisible():
                self.away.hide()
                if self._of_away:  # what failed for want of the server is history
                    self.problem.hide()
                self._context.wishes.told.emit(_("The workspace's server is back"), 0)
            return
        since = wording.moment(self._context.now())
        words = _(
            "{why} What you see is of {time} and can be read and copied. Changes have to wait until the server answers;"
            " then it goes on by itself."
        )
        self.away.say(words.format(why=getattr(why, "what", why), time=since), closable=False)

    def say_sample(self, *, there: bool) -> None:
        """That the people are made up, for as long as they are."""
        if there and self.looking.isHidden():
            self.sample.say(*_sample_words(), closable=False)
        else:
            self.sample.hide()

    def place_sample(self) -> None:
        """The same in the first frame, see Bar.place()."""
        self.sample.place(*_sample_words(), closable=False)

    def _show_team(self) -> None:
        self.refused.hide()
        self._context.wishes.run.emit("team")

    def _try_again(self) -> None:
        self.problem.hide()
        again, self._again = self._again, []
        for each in again:
            each()

    def ask_remove_sample(self) -> None:
        """Ask before the made-up people go, where there are any."""
        if self.sample.isHidden():
            self._context.wishes.told.emit(_("There is no sample data in this workspace"), 0)
            return
        from pqldesk.views.confirm_sheet import ConfirmSheet

        sheet = ConfirmSheet.of_sample(self._context)
        sheet.confirmed.connect(self._remove_sample)
        self._context.wishes.sheet.emit(sheet)

    def _remove_sample(self) -> None:
        context = self._context
        context.background.write(context.desk.remove_sample, context.rep).then(self._sample_gone)

    def _sample_gone(self, _answer: object) -> None:
        self.sample.hide()
        self._context.wishes.told.emit(_("The sample data is gone"), 0)


def _sample_words() -> tuple[str, str]:
    words = _("This is sample data: the people are made up. Look around, nothing leaves this computer.")
    return words, _("Remove sample")
