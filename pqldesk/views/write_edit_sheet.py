"""Edits a write before it leaves for another system."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.handoffs.shown import EditField, ItemEdit
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.labels import Label
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet

LABELS = {
    "name": _("Deal name"), "stage": _("Stage"), "value": _("Value"), "currency": _("Currency"), "owner": _("Owner"),
    "content": _("What to do"), "assignee": _("Assigned to"), "text": _("Note"),
}  # fmt: skip


class WriteEditSheet(SmallSheet):
    given = Signal(str, object, bool)  # item id, {field: text} that differ, whether it is tried again at once

    def __init__(self, context: Context, edit: ItemEdit) -> None:
        long = any(field.long for field in edit.fields)
        self.size_wanted = QSize(560, 420 if long else 0)
        again = edit.state in {"held", "failed"}
        where = _("{kind} for {lead}, to {system}").format(
            kind=wording.plain(edit.kind), lead=edit.lead_name, system=title_of(edit.system)
        )
        super().__init__(context, _("Edit the write"), where, _("Save and try again") if again else _("Save"))
        self._edit, self._again, self.keeps = edit, again, f"write:{edit.item_id}"
        self.inputs: dict[str, QWidget] = {}
        for field in edit.fields:
            editor = self._editor(field)
            self.inputs[field.key] = editor
            self.add(LABELS.get(field.key, wording.plain(field.key)), editor, 1 if field.long else 0)
        if not long:
            self.fields.addStretch()
        self.problem = Label(context.theme, "", 12, tone="bad")
        self.fields.addWidget(self.problem)
        self.problem.stand_only_with_words()
        note = _("The code in brackets stays: PQLDesk finds the writing again by it.") if long else ""
        code = Label(context.theme, note, 12, tone="muted")
        self.fields.addWidget(code)
        code.stand_only_with_words()

    def first_field(self) -> QWidget:
        return next(iter(self.inputs.values()))

    def writing(self) -> Mapping[str, QWidget]:
        return self.inputs

    def submit(self) -> None:
        self.keep_words()
        try:
            changed = {
                field.key: text
                for field in self._edit.fields
                if (text := self._said(field.key)) != field.value
            }
        except ValueError as wrong:
            self.problem.setText(wording.no_amount(str(wrong)))
            return
        self.given.emit(self._edit.item_id, changed, self._again)
        self.close_sheet()

    def _said(self, key: str) -> str:
        """What a field says, an amount in plain digits. ValueError for one that is none."""
        text = _text(self.inputs[key])
        if key != "value":
            return text
        amount = wording.amount_in(text)
        return "" if amount is None else str(amount)

    def _editor(self, field: EditField) -> QWidget:
        if field.long:
            text = QPlainTextEdit(field.value)
            text.setTabChangesFocus(True)
            return text
        if field.choices:
            box = Choice()
            for value, words in field.choices:
                box.addItem(words, value)
            if field.value and box.findData(field.value) < 0:
                box.addItem(_("{value} (not in the CRM)").format(value=field.value), field.value)
            if not field.value:
                box.insertItem(0, _("whoever owns the lead"), "")
            box.setCurrentIndex(max(0, box.findData(field.value)))
            box.setMinimumHeight(self.context.theme.px(34))
            return box
        amount = field.key == "value" and field.value
        line = QLineEdit(wording.number(float(field.value)) if amount else field.value)
        line.setMinimumHeight(self.context.theme.px(34))
        return line


def _text(editor: QWidget) -> str:
    if isinstance(editor, QComboBox):
        return str(editor.currentData() or "")
    if isinstance(editor, QPlainTextEdit):
        return editor.toPlainText()
    return editor.text() if isinstance(editor, QLineEdit) else ""
