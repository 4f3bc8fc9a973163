"""Naming one of many companies: by a part of its name or domain, from those that are here."""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter

from pqldesk.services.rows import CompanyHit
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import TextSheet

_SOON_MS = 120
_NAME = Qt.ItemDataRole.UserRole  # what stands in the field once a company is chosen


class CompanySheet(TextSheet):
    """A TextSheet that offers companies while somebody types. What is written counts, also where nothing was chosen."""

    def __init__(
        self, context: Context, thing: str, title: str, note: str, label: str, action: str, text: str = "",
        hint: str = "", besides: str = "",
    ) -> None:  # fmt: skip
        """*besides*: the id of a company that is not offered."""
        super().__init__(context, thing, title, note, label, action, text, hint)
        self._besides = besides
        self.found = QStandardItemModel(self)
        self.completer = QCompleter(self.found, self)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setCompletionRole(_NAME)
        if (popup := self.completer.popup()) is not None:
            popup.setObjectName("completions")
        self.field.setCompleter(self.completer)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._ask)
        self.field.textEdited.connect(self._soon.start)

    def _ask(self) -> None:
        if text := self.field.text().strip():
            find = self.context.desk.find_companies
            self.context.background.read(find, text).then(partial(self._show, text))

    def _show(self, text: str, hits: list[CompanyHit]) -> None:
        if text != self.field.text().strip():  # somebody has typed on
            return
        self.found.clear()
        for hit in hits:
            if hit.company_id != self._besides:
                item = QStandardItem(" · ".join(filter(None, (hit.name, hit.domain))))
                item.setData(hit.domain or hit.name, _NAME)
                self.found.appendRow(item)
        if self.found.rowCount() and self.field.hasFocus():
            self.completer.complete()
