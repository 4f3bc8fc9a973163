"""The sheet in which the systems on a lead's way get the links of their queue pages or logs."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.source_rows import QueueLink
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet


class QueueLinksSheet(SmallSheet):
    """One line for each system, in the order of the way."""

    given = Signal(str, str)  # system, its link or ""

    def __init__(self, context: Context, links: Sequence[QueueLink]) -> None:
        px = context.theme.px
        self.size_wanted = QSize(px(560), px(206 + 66 * max(len(links), 1)))
        super().__init__(
            context, _("Queue pages and logs"), _("A link beside each step of a lead's way"), _("Keep")
        )
        self.inputs: dict[str, QLineEdit] = {}
        self._before = {link.system: link.url for link in links}
        for link in links:
            field = QLineEdit(link.url)
            field.setPlaceholderText("https://relay.example.com/jobs?q={email}")
            field.setMinimumHeight(px(32))
            field.returnPressed.connect(self.submit)
            self.add(link.name, field)
            self.inputs[link.system] = field
        if links:
            words = _("{email} and {id} stand for the person's address and their id there.")
        else:
            words = _("Nothing behind this is connected yet.")
        self.fields.addWidget(wrapped(context.theme, words, 12, "muted"))
        self.fields.addStretch()
        self.confirm.setEnabled(bool(links))

    def first_field(self) -> QWidget:
        return next(iter(self.inputs.values()), self.confirm)

    def submit(self) -> None:
        for system, field in self.inputs.items():
            if (url := field.text().strip()) != self._before[system]:
                self.given.emit(system, url)
        self.close_sheet()
