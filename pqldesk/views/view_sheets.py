"""The dialog that names a view."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.labels import stand
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet


class ViewNameSheet(SmallSheet):
    given = Signal(str, bool)  # name, for everybody

    def __init__(
        self, context: Context, title: str, chips: Sequence[str], action: str, name: str | None = None
    ) -> None:
        self.size_wanted = QSize(460, 0)
        super().__init__(context, title, " · ".join(chips), action)
        self.name = QLineEdit(name or "")
        self.name.setPlaceholderText(_("Hot trials of my team"))
        self.name.selectAll()
        self.add(_("Name"), self.name)
        self.shared = QCheckBox(_("Everybody in this workspace sees it"))
        stand(self.shared, name is None)
        self.fields.addWidget(self.shared)
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.name

    def submit(self) -> None:
        if name := self.name.text().strip():
            self.given.emit(name, self.shared.isChecked())
            self.close_sheet()
