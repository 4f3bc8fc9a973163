"""The sample, built and opened in a window of its own while this one stays as it is."""

from PySide6.QtCore import QObject

from pqldesk.services.basics.texts import _
from pqldesk.views.page import Context


class SampleOpening(QObject):
    """Opens the sample, one at a time, and says how it goes."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._is_under_way = False

    def open(self) -> None:
        """Build the sample and open it; what this window shows is left alone."""
        begin = self._context.desk.open_sample
        if begin is None or self._is_under_way:
            return
        self._is_under_way = True
        words = _("The sample is being built; it opens in a window of its own.")
        self._context.wishes.sample_said.emit(words)
        self._context.wishes.told.emit(words, 0)
        self._context.background.run(begin).then(self._opened).otherwise(self._explain)

    def _opened(self, built: bool) -> None:
        self._ended(
            _("The sample opens in a window of its own.") if built else _("The sample was open already.")
        )

    def _explain(self, problem: Exception) -> None:
        self._ended("")
        self._context.background.problem.emit(problem)

    def _ended(self, words: str) -> None:
        self._is_under_way = False
        self._context.wishes.sample_said.emit("")
        if words:
            self._context.wishes.told.emit(words, 0)
