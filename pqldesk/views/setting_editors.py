"""Editors of one setting: each tells what is wrong while it is typed into, and gives only what can be stored."""

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)  # fmt: skip

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import LANGUAGES, _
from pqldesk.services.rows import SettingRow
from pqldesk.services.settings.declarations import BY_KEY, checked
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.labels import Label
from pqldesk.views.page import Context

CHOICES = {
    "language": {"system": _("As the system"), **LANGUAGES},
    "theme": {"system": _("As the system"), "light": _("Light"), "dark": _("Dark")},
    "contrast": {"system": _("As the system"), "high": _("High")},
    "density": {"compact": _("Compact"), "usual": _("Usual"), "roomy": _("Roomy")},
    "motion": {"system": _("As the system"), "reduced": _("Reduced")},
    "role": wording.ROLES,
    "account_score": {"best": _("Best"), "sum": _("Sum"), "active": _("Active share")},
    "font_size": {"12": _("Small"), "13": _("Usual"), "15": _("Large"), "17": _("Larger"), "21": _("Largest")},
}  # fmt: skip
UNITS = {
    "lease_days": _("days"), "respond_hot_hours": _("working hours"), "respond_qualified_hours": _("hours"),
    "notify_budget": _("messages"), "account_cap": _("points"), "raw_days": _("days"),
    "stuck_minutes": _("minutes"),
}  # fmt: skip


def value_words(key: str, value: str) -> str:
    """A stored value as people read it."""
    declared = BY_KEY.get(key)
    kind = "" if declared is None else declared.kind
    if kind == "flag":
        return _("on") if value == "true" else _("off")
    if kind in {"span", "clock"} and not value:
        return _("off")
    if kind == "days":
        days = (QDate.fromString(one, Qt.DateFormat.ISODate) for one in value.split(",") if one)
        return ", ".join(wording.locale().toString(day, wording.date_pattern()) for day in days)
    if kind == "number" and key in UNITS:
        return _("{number} {unit}").format(number=value, unit=UNITS[key])
    return CHOICES.get(key, {}).get(value, value)


class Editor(QWidget):
    """Something that holds one setting's value as text; `given` when the user has chosen another."""

    given = Signal(str)
    wide = False  # takes the whole line below its label

    def show_value(self, value: str) -> None:
        raise NotImplementedError

    def name_it(self, name: str, about: str) -> None:
        """Tell assistive technology what the field is."""
        proxy = self.focusProxy() or self
        proxy.setAccessibleName(name)
        proxy.setAccessibleDescription(about)


def editor_row(owner: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return row


def _narrow(combo: QComboBox, context: Context) -> None:
    """Let a long choice not make its page wider than the window."""
    combo.setMinimumHeight(context.theme.px(32))
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)


_EXAMPLES = {  # of what is empty at first
    "rep": "kim@example.com", "default_owner": "kim@example.com", "intake_hosts": "leads.example.com",
    "intake_origins": "https://app.example.com",
}  # fmt: skip


class TextEditor(Editor):
    """A line of text, checked at every letter; stored when the field is left or Enter is pressed."""

    wrong = Signal(str)  # what is wrong with it now, "" when nothing

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        self._key, self._stored = row.key, row.value
        self.field = QLineEdit()
        self.field.setMinimumHeight(context.theme.px(32))
        self.field.setPlaceholderText(_EXAMPLES.get(row.key, ""))
        across = editor_row(self)
        across.addWidget(self.field, 1)
        if row.kind == "number":
            self.field.setMaximumWidth(context.theme.px(78))
            across.addWidget(Label(context.theme, UNITS.get(row.key, ""), 12, tone="muted"))
            across.addStretch(1)
        self.setFocusProxy(self.field)
        self.field.textEdited.connect(self._look)
        self.field.editingFinished.connect(self._give)

    def show_value(self, value: str) -> None:
        self._stored = value
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(value)
            self._look(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.field.text() != self._stored:
            self.field.setModified(False)
            self.show_value(self._stored)
            return
        super().keyPressEvent(event)

    def _look(self, text: str) -> None:
        said = ""
        try:
            checked(self._key, text)
        except BadInput as problem:
            said = wording.sentence(problem.remedy)  # what is wrong stands in the field
        self.field.setProperty("wrong", bool(said))
        self.field.style().polish(self.field)
        self.wrong.emit(said)

    def _give(self) -> None:
        text = self.field.text()
        self.field.setModified(False)
        try:
            value = checked(self._key, text)
        except BadInput:
            return  # what is wrong stands below, and what is stored stays
        if value != self._stored:
            self._stored = value
            self.given.emit(value)
        self.field.setText(value)


class ChoiceEditor(Editor):
    """One of a few words."""

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        self.combo = Choice()
        _narrow(self.combo, context)
        words = CHOICES.get(row.key, {})
        for key in words or {choice: choice for choice in row.choices}:
            if not row.choices or key in row.choices:
                self.combo.addItem(words.get(key, wording.plain(key)), key)
        editor_row(self).addWidget(self.combo, 1)
        self.setFocusProxy(self.combo)
        self.combo.activated.connect(self._give)

    def show_value(self, value: str) -> None:
        if self.combo.findData(value) < 0:
            self.combo.addItem(value, value)
        self.combo.setCurrentIndex(self.combo.findData(value))

    def _give(self) -> None:
        self.given.emit(str(self.combo.currentData()))


class FlagEditor(Editor):
    def __init__(self, _context: Context, _row_: SettingRow) -> None:
        super().__init__()
        self.box = QCheckBox()
        across = editor_row(self)
        across.addWidget(self.box)
        across.addStretch()
        self.setFocusProxy(self.box)
        self.box.clicked.connect(self._give)

    def show_value(self, value: str) -> None:
        self.box.setChecked(value == "true")

    def _give(self) -> None:
        self.given.emit("true" if self.box.isChecked() else "false")


class ZoneEditor(Editor):
    """A time zone found by typing any part of its name."""

    wrong = Signal(str)

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        self._stored = row.value
        self.combo = Choice()
        _narrow(self.combo, context)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setMaxVisibleItems(12)
        self._filled = False
        editor_row(self).addWidget(self.combo, 1)
        self.setFocusProxy(self.combo)
        self.combo.activated.connect(self._give)
        self.text = QLineEdit()
        self.combo.setLineEdit(self.text)
        self.text.textEdited.connect(self._look)
        self.text.editingFinished.connect(self._give)

    def show_value(self, value: str) -> None:
        self._fill()
        self._stored = value
        if not (self.text.hasFocus() and self.text.isModified()):
            self.combo.setCurrentText(value)
            self.wrong.emit("")

    def _fill(self) -> None:
        if self._filled:
            return
        from zoneinfo import available_timezones

        self._filled = True
        places = (
            name for name in available_timezones() if not name.startswith(("Etc/", "SystemV/", "posix"))
        )
        self.combo.addItems(sorted(name for name in places if "/" in name or name == "UTC"))
        completer = QCompleter(self.combo.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(12)
        if (popup := completer.popup()) is not None:
            popup.setObjectName("completions")
        self.combo.setCompleter(completer)

    def _look(self, text: str) -> None:
        known = self.combo.findText(text, Qt.MatchFlag.MatchContains) >= 0
        self.wrong.emit("" if known else _("No time zone has “{text}” in its name.").format(text=text))

    def _give(self) -> None:
        text = self.combo.currentText().strip()
        at = self.combo.findText(text, Qt.MatchFlag.MatchFixedString)
        if at < 0 or not text:
            if not self.text.hasFocus():
                self.show_value(self._stored)
            return
        value = self.combo.itemText(at)
        if value != self._stored:
            self._stored = (
                value  # what asks about it takes the keyboard, and leaving the field would give it again
            )
            self.given.emit(value)
