"""Readies the queue's rows in small turns: those on screen before they are shown, then those above and below."""

from time import thread_time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QTableView

from pqldesk.views.lead_model import LeadModel
from pqldesk.views.lead_painting import LeadPainter

_TURN_S = 0.005  # of the window's time at once; to shape the texts of a whole screen takes 15 ms
_REST_MS = 60  # of quiet before rows that nobody has asked for yet, and between two turns of them


class RowsAhead(QObject):
    """Repaints the list once what is on screen can be painted at once."""

    def __init__(self, table: QTableView, leads: LeadModel, painter: LeadPainter) -> None:
        super().__init__(table)
        self._table, self._leads, self._painter = table, leads, painter
        self.is_awaited = False  # whether the list is to be repainted once its rows are ready
        self._first = self._last = 0
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._go_on)

    def hold(self) -> None:
        """Other rows are about to come: what is on screen stays until they can be painted at once."""
        self._table.viewport().setUpdatesEnabled(False)

    def show(self, first: int, last: int) -> None:
        """Show these rows once they can be painted at once."""
        self.hold()
        self._first, self._last, self.is_awaited = first, last, True
        if self._table.isVisible():
            self._next.start(0)  # what brought them may have taken the turn's time already
        else:
            self._next.stop()
            self._go_on()

    def moved(self, first: int, last: int) -> None:
        """Other rows are on screen: their neighbours come next."""
        self._first, self._last = first, last
        if not self.is_awaited:
            self._next.start(_REST_MS)

    def _go_on(self) -> None:
        until = thread_time() + _TURN_S
        first, last = self._first, self._last
        if self.is_awaited:
            if not self._ready(first, last, until):
                self._next.start(0)
                return
            self.is_awaited = False
            self._table.viewport().setUpdatesEnabled(True)
        many = last - first
        if not (self._ready(last, last + many, until) and self._ready(first - many, first, until)):
            self._next.start(_REST_MS)

    def _ready(self, first: int, last: int, until: float) -> bool:
        lines = (self._leads.line(n) for n in range(max(0, first), last + 1))
        return self._painter.prepare((line for line in lines if line is not None), self._table, until)
