"""Undo and redo from anywhere in the window: one action, all of a bulk step by step, or several that were one."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from pqldesk.services.basics.texts import _, n_
from pqldesk.views.page import Context


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
        job.then(self._undone if times == 1 else partial(self._several_undone, times))

    def redo(self) -> None:
        context = self._context
        context.background.write(context.desk.redo, context.rep).then(self._redone)

    def _undone(self, answer: object) -> None:
        self._go_on(answer, self._undone)
        self._told(str(getattr(answer, "sentence", "") or _("Undone")))

    def _redone(self, answer: object) -> None:
        self._go_on(answer, self._redone)
        self._told(str(getattr(answer, "sentence", "") or _("Done again")))

    def _go_on(self, answer: object, then: Callable[[object], None]) -> None:
        if (rest := getattr(answer, "more", None)) is not None:  # a bulk goes step by step
            context = self._context
            context.background.write(context.desk.undo_rest, rest, context.rep).then(then)

    def _several_undone(self, times: int, _answer: object) -> None:
        self._told(n_("Undone: {n} action", "Undone: {n} actions", times))
