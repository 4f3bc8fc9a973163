"""Undo and redo from anywhere in the window: one action, all of a bulk step by step, or several that were one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from pqldesk.services.basics.texts import _, n_
from pqldesk.views.notices import problem_words
from pqldesk.views.page import Context
from pqldesk.views.wording import in_sentence, plain

if TYPE_CHECKING:
    from pqldesk.services.leads.undo import Undone


class Undoing(QObject):
    """Takes back what was done last; *told* is called with a sentence about it."""

    def __init__(self, context: Context, told: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._told = context, told
        self._actions = 1

    def next_takes(self, actions: int) -> None:
        """The next undo takes back so many actions: what was done to several leads at once goes as one."""
        self._actions = max(1, actions)

    def undo(self) -> None:
        times, self._actions = self._actions, 1
        context = self._context
        for _n in range(times - 1):
            context.background.write(context.desk.undo, context.rep)
        job = context.background.write(context.desk.undo, context.rep)
        job.then(self._undone if times == 1 else partial(self._several_undone, times)).otherwise(
            self._refused
        )

    def redo(self) -> None:
        context = self._context
        context.background.write(context.desk.redo, context.rep).then(self._redone).otherwise(self._refused)

    def _refused(self, problem: Exception) -> None:
        """That there is nothing left is no fault: it is said in passing."""
        from pqldesk.services.leads.undo import NothingLeft

        if isinstance(problem, NothingLeft):
            self._told(problem_words(problem))
        else:
            self._context.background.problem.emit(problem)

    def _undone(self, done: Undone) -> None:
        self._go_on(done, self._undone)
        self._told(_("Undone: {action}").format(action=_words(done)))

    def _redone(self, done: Undone) -> None:
        self._go_on(done, self._redone)
        self._told(_("Done again: {action}").format(action=_words(done)))

    def _go_on(self, done: Undone, then: Callable[[Undone], None]) -> None:
        if done.more is not None:  # a bulk goes step by step
            context = self._context
            context.background.write(context.desk.undo_rest, done.more, context.rep).then(then)

    def _several_undone(self, times: int, _answer: object) -> None:
        self._told(n_("Undone: {n} action", "Undone: {n} actions", times))


def _words(done: Undone) -> str:
    """What the action was and whom it was about: disqualified, Mira Okafor."""
    from pqldesk.views.action_words import detail_words

    action = in_sentence(plain(done.action))
    if done.refused:
        stays = n_("{n} had changed since and stays", "{n} had changed since and stay", done.refused)
        return f"{action}, {done.detail}; {stays}"
    return ", ".join(filter(None, (action, done.lead_name or detail_words(done.action, done.detail))))
