"""Answers views on the next turn of Qt's loop, from plain functions instead of a database."""

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from pqldesk.jobs import while_it_lives
from pqldesk.services.basics.changes import Changes


class DeskJob(QObject):
    done = Signal(object)
    failed = Signal(object)
    over = Signal(object)

    def __init__(self, background: "DeskBackground", work: Callable[[], Any]) -> None:
        super().__init__(background)
        self._background, self._work, self._handled, self._cancelled = background, work, False, False
        self._over = False
        background.waiting += 1
        QTimer.singleShot(0, self._run)

    def then(self, slot: Callable[[Any], object]) -> "DeskJob":
        self.done.connect(while_it_lives(slot))
        return self

    def otherwise(self, slot: Callable[[Exception], object]) -> "DeskJob":
        self._handled = True
        self.failed.connect(while_it_lives(slot))
        return self

    def ended(self, slot: Callable[..., object]) -> "DeskJob":
        self.over.connect(slot)
        return self

    def cancel(self) -> None:
        self._cancelled = True

    def cancelled(self) -> bool:
        return self._cancelled

    @property
    def is_awaited(self) -> bool:
        return not self._over and not self._cancelled

    def _run(self) -> None:
        self._background.waiting -= 1
        self._over = True
        if not self._cancelled:
            self._answer()
        self.over.emit(self)

    def _answer(self) -> None:
        try:
            answer = self._work()
        except Exception as problem:  # noqa: BLE001 - shown, as the real one does
            (self.failed if self._handled else self._background.problem).emit(problem)
            return
        self.done.emit(answer)
        if isinstance(changes := getattr(answer, "changes", answer), Changes):
            self._background.changed.emit(changes)


class DeskBackground(QObject):
    changed = Signal(object)
    problem = Signal(object)
    away = Signal(object)
    only_read = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0

    @property
    def is_busy(self) -> bool:
        return self.waiting > 0

    def read(self, query: Callable[..., Any], *args: object) -> DeskJob:
        return DeskJob(self, lambda: query(None, *args))

    write = read_long = read

    def run(self, work: Callable[..., Any], *args: object) -> DeskJob:
        return DeskJob(self, lambda: work(*args))

    def start(self, work: Callable[..., Any], *args: object) -> DeskJob:
        return DeskJob(self, lambda: asyncio.run(work(None, *args)))
