"""Asks before what cannot be taken back, or costs time: what happens, named, and one button that says it."""

from typing import Self

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.labels import wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button


class ConfirmSheet(Sheet):
    confirmed = Signal()

    def __init__(
        self, context: Context, title: str, words: str, action: str, *, danger: bool = False
    ) -> None:
        super().__init__(context)
        self.size_wanted = QSize(460, 210)
        self.head(title)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 14, 17, 14)
        self.words = wrapped(context.theme, words)
        column.addWidget(self.words)
        column.addStretch()
        self.outer.addWidget(body, 1)
        self.cancel = Button(context.paints, _("Cancel"))
        self.cancel.clicked.connect(self.close_sheet)
        self._danger = danger
        self.confirm = Button(context.paints, action, kind="danger" if danger else "primary")
        self.confirm.clicked.connect(self.submit)
        self.foot(self.cancel, self.confirm)

    @classmethod
    def of_sample(cls, context: Context) -> Self:
        """Before the sample is removed."""
        words = _("Every made-up person goes, with usage, tasks and notes. This cannot be undone.")
        return cls(context, _("Remove the sample data"), words, _("Remove sample"), danger=True)

    def first_field(self) -> QWidget:
        return self.cancel if self._danger else self.confirm  # Enter alone takes nothing away for good

    def submit(self) -> None:
        self.close_sheet()
        self.confirmed.emit()
