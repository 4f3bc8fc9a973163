"""One command of the command line, run in a process of its own for a page, which may stop it or go away first."""

from PySide6.QtCore import QObject, Signal

from pqldesk.services.child import Stop
from pqldesk.views.page import Page


class Beside(QObject):
    """Emits one of `came` and `failed`, unless it was stopped or its page is gone."""

    came = Signal(object)  # the JSON that the command printed
    failed = Signal(object)
    reported = Signal(int, str)

    def __init__(self, page: Page, *words: str) -> None:
        super().__init__(page)
        self._stop = Stop()
        run = page.context.background.run(page.context.desk.beside, words, self._report, self._stop)
        run.then(self._came).otherwise(self._failed)

    @property
    def is_stopped(self) -> bool:
        return self._stop.asked

    def stop(self) -> None:
        """End it and hear no more of it."""
        self._stop.ask()

    def _report(self, done: int, words: str) -> None:
        """On the thread that reads the child's lines."""
        if not self._stop.asked:
            try:
                self.reported.emit(done, words)
            except RuntimeError:  # the page has gone
                self._stop.ask()

    def _came(self, answer: object) -> None:
        if not self._stop.asked:
            self.came.emit(answer)
        self.deleteLater()

    def _failed(self, problem: object) -> None:
        if not self._stop.asked:
            self.failed.emit(problem)
        self.deleteLater()
