"""Asks before what cannot be taken back, or costs time: what happens, named, and one button that says it."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, wrapped


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
        column.addWidget(wrapped(context.theme, words))
        column.addStretch()
        self.outer.addWidget(body, 1)
        cancel = Button(context.paints, _("Cancel"))
        cancel.clicked.connect(self.close_sheet)
        self.confirm = Button(context.paints, action, kind="danger" if danger else "primary")
        self.confirm.clicked.connect(self.submit)
        self.foot(cancel, self.confirm)

    def first_field(self) -> QWidget:
        return self.confirm

    def submit(self) -> None:
        self.close_sheet()
        self.confirmed.emit()
