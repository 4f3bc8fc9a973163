"""Editors of settings: each tells what is wrong while it is typed into, and gives only what can be stored."""

import re
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from pqldesk.services.problems import BadInput
from pqldesk.services.rows import SettingRow
from pqldesk.services.setting_declarations import checked
from pqldesk.services.texts import LANGUAGES, _
from pqldesk.services.working_time import DAY_MINUTES, week_of, week_text
from pqldesk.views import wording
from pqldesk.views.notices import problem_words
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, Chip, Label, wrapped

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
    "notify_budget": _("messages"), "account_cap": _("points"),
}  # fmt: skip
_DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
_USUAL = (9 * 60, 17 * 60)
_CLOCK = re.compile(r"(\d{1,2}?):?(\d\d)?")
_QUIET = "18:00-08:00"
_DIGEST = "09:00"


def value_words(key: str, value: str) -> str:
    """A stored value as people read it."""
    if value in {"true", "false"}:
        return _("on") if value == "true" else _("off")
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


def _row(owner: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return row


def _narrow(combo: QComboBox, context: Context) -> None:
    """Let a long choice not make its page wider than the window."""
    combo.setMinimumHeight(context.theme.px(32))
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(10)


class TextEditor(Editor):
    """A line of text, checked at every letter; stored when the field is left or Enter is pressed."""

    wrong = Signal(str)  # what is wrong with it now, "" when nothing

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        self._key, self._stored = row.key, row.value
        self.field = QLineEdit()
        self.field.setMinimumHeight(context.theme.px(32))
        across = _row(self)
        across.addWidget(self.field, 1)
        if row.kind == "number":
            self.field.setMaximumWidth(context.theme.px(78))
            across.insertWidget(0, Label(context.theme), 1)
            unit = Label(context.theme, UNITS.get(row.key, ""), 12, tone="muted")
            unit.setMinimumWidth(context.theme.px(90))  # the figures of all lines stand below each other
            across.addWidget(unit)
            across.setStretch(1, 0)
        self.setFocusProxy(self.field)
        self.field.textEdited.connect(self._look)
        self.field.editingFinished.connect(self._give)

    def show_value(self, value: str) -> None:
        self._stored = value
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(value)
            self._look(value)

    def _look(self, text: str) -> None:
        said = ""
        try:
            checked(self._key, text)
        except BadInput as problem:
            said = problem_words(problem)
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
        self.combo = QComboBox()
        _narrow(self.combo, context)
        words = CHOICES.get(row.key, {})
        for key in words or {choice: choice for choice in row.choices}:
            if not row.choices or key in row.choices:
                self.combo.addItem(words.get(key, wording.plain(key)), key)
        _row(self).addWidget(self.combo, 1)
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
        across = _row(self)
        across.addStretch()
        across.addWidget(self.box)
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
        self.combo = QComboBox()
        _narrow(self.combo, context)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setMaxVisibleItems(12)
        self._filled = False
        _row(self).addWidget(self.combo, 1)
        self.setFocusProxy(self.combo)
        self.combo.activated.connect(self._give)
        self.text = QLineEdit()
        self.combo.setLineEdit(self.text)
        self.text.textEdited.connect(self._look)
        self.text.editingFinished.connect(self._give)

    def show_value(self, value: str) -> None:
        self._fill()
        self._stored = value
        if not self.text.hasFocus():
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
            self.given.emit(value)


class ClockField(QLineEdit):
    """A time of day, typed as 9, 930 or 9:30 and kept as 09:30; `chosen` when it is another one."""

    chosen = Signal()
    typed = Signal()

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self._kept = ""
        self.setAccessibleName(name)
        self.setMinimumHeight(context.theme.px(32))
        self.setFixedWidth(context.theme.px(74))
        self.textEdited.connect(self._look)
        self.editingFinished.connect(self._leave)

    def show_minutes(self, minutes: int) -> None:
        self._kept = f"{minutes // 60:02}:{minutes % 60:02}"
        if not (self.hasFocus() and self.isModified()):
            self.setText(self._kept)
            self._mark(False)

    def minutes(self) -> int | None:
        """Minutes since midnight, up to 24:00; None for what is no time."""
        found = _CLOCK.fullmatch(self.text().strip())
        if found is None:
            return None
        minutes = int(found[1]) * 60 + int(found[2] or 0)
        return minutes if minutes <= DAY_MINUTES and int(found[2] or 0) < 60 else None

    def _look(self) -> None:
        self._mark(self.minutes() is None)
        self.typed.emit()

    def _leave(self) -> None:
        minutes = self.minutes()
        self.setModified(False)
        if minutes is None:
            return
        before = self._kept
        self.show_minutes(minutes)
        if self._kept != before:
            self.chosen.emit()

    def _mark(self, wrong: bool) -> None:
        self.setProperty("wrong", wrong)
        self.style().polish(self)


def no_time(text: str) -> str:
    return _("“{text}” is no time such as 09:00.").format(text=text)


class WeekEditor(Editor):
    """Hours of each weekday: on or off, from, to. An end at 00:00 is midnight, the end of that day."""

    wide = True
    wrong = Signal(str)

    def __init__(self, context: Context, _row_: SettingRow) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 6, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        self.days: list[tuple[QCheckBox, ClockField, ClockField]] = []
        self._stored = ""
        for n, name in enumerate(_DAYS):
            box = QCheckBox(name)
            opens = ClockField(context, _("{day}, from").format(day=name))
            closes = ClockField(context, _("{day}, to").format(day=name))
            off = Label(context.theme, _("to"), 12, tone="muted")
            grid.addWidget(box, n, 0)
            grid.addWidget(opens, n, 1)
            grid.addWidget(off, n, 2)
            grid.addWidget(closes, n, 3)
            box.clicked.connect(self._give)
            for edit in (opens, closes):
                edit.chosen.connect(self._give)
                edit.typed.connect(self._look)
            self.days.append((box, opens, closes))
        grid.setColumnStretch(4, 1)
        grid.setColumnMinimumWidth(0, context.theme.px(130))
        self.setFocusProxy(self.days[0][0])

    def show_value(self, value: str) -> None:
        self._stored = value
        for (box, opens, closes), span in zip(self.days, week_of(value), strict=True):
            box.setChecked(span is not None)
            begin, end = span or _USUAL
            for edit, minute in ((opens, begin), (closes, end)):
                edit.setEnabled(span is not None)
                edit.show_minutes(minute)
        self.wrong.emit("")

    def _look(self) -> str:
        """Say what is wrong with what stands there; "" when nothing is."""
        said = ""
        for n, (box, opens, closes) in enumerate(self.days):
            opens.setEnabled(box.isChecked())
            closes.setEnabled(box.isChecked())
            begin, end = opens.minutes(), closes.minutes()
            if not box.isChecked():
                continue
            if begin is None or end is None:
                said = no_time(opens.text() if begin is None else closes.text())
            elif begin >= end:
                said = _("{day} ends before it begins.").format(day=_DAYS[n])
        if not any(box.isChecked() for box, _opens, _closes in self.days):
            said = _("Work on one day at least, or no answer would ever be due.")
        self.wrong.emit(said)
        return said

    def _give(self) -> None:
        if self._look():
            return
        week = [
            (opens.minutes() or 0, closes.minutes() or 0) if box.isChecked() else None
            for box, opens, closes in self.days
        ]
        if (value := week_text(week)) != self._stored:
            self._stored = value
            self.given.emit(value)

    def name_it(self, name: str, about: str) -> None:
        self.setAccessibleName(name)
        self.setAccessibleDescription(about)


class DaysEditor(Editor):
    """Days as chips, each with a cross; a date field adds one."""

    wide = True

    def __init__(self, context: Context, _row_: SettingRow) -> None:
        super().__init__()
        self._context, self._days = context, list[str]()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(8)
        self.none = Label(context.theme, _("None yet"), 12, tone="muted")
        column.addWidget(self.none)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(6)
        column.addLayout(self._grid)
        across = QHBoxLayout()
        across.setSpacing(8)
        self.date = QDateEdit(QDate.fromString(context.now().date().isoformat(), Qt.DateFormat.ISODate))
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("ddd d MMM yyyy")
        self.date.setMinimumHeight(context.theme.px(32))
        self.date.setAccessibleName(_("A day on which nobody works"))
        self.add = Button(context.paints, _("Add day"), icon="plus")
        self.add.clicked.connect(self._add)
        across.addWidget(self.date)
        across.addWidget(self.add)
        across.addStretch()
        column.addLayout(across)
        self.setFocusProxy(self.date)

    def show_value(self, value: str) -> None:
        days = [day for day in value.split(",") if day]
        if days == self._days and self._grid.count():
            return
        self._days = days
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for n, day in enumerate(days):
            shown = wording.locale().toString(QDate.fromString(day, Qt.DateFormat.ISODate), "ddd d MMM yyyy")
            chip = Chip(self._context.paints, "", shown, removable=True)
            chip.setToolTip(_("Remove this day"))
            chip.clicked.connect(partial(self._drop, day))
            self._grid.addWidget(chip, n // 4, n % 4)
        self._grid.setColumnStretch(4, 1)
        self.none.setVisible(not days)

    def chips(self) -> list[Chip]:
        return self.findChildren(Chip)

    def name_it(self, name: str, about: str) -> None:
        self.setAccessibleName(name)
        self.setAccessibleDescription(about)

    def _add(self) -> None:
        day = self.date.date().toString(Qt.DateFormat.ISODate)
        if day not in self._days:
            self.given.emit(",".join(sorted({*self._days, day})))

    def _drop(self, day: str) -> None:
        self.given.emit(",".join(one for one in self._days if one != day))


class SpanEditor(Editor):
    """Off, or from one clock time to another."""

    wrong = Signal(str)

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        one = row.kind == "clock"
        self._usual = _DIGEST if one else _QUIET
        self.box = QCheckBox()
        self.edits = [ClockField(context, row.label if one else _("Quiet from"))]
        if not one:
            self.edits.append(ClockField(context, _("Quiet until")))
        across = _row(self)
        across.addStretch()
        across.addWidget(self.box)
        for n, edit in enumerate(self.edits):
            if n:
                across.addWidget(Label(context.theme, _("to"), 12, tone="muted"))
            across.addWidget(edit)
            edit.chosen.connect(self._give)
            edit.typed.connect(self._look)
        self.box.clicked.connect(self._give)
        self.setFocusProxy(self.box)

    def show_value(self, value: str) -> None:
        self.box.setChecked(bool(value))
        for edit, text in zip(self.edits, (value or self._usual).split("-"), strict=True):
            edit.setEnabled(bool(value))
            edit.show_minutes(int(text[:2]) * 60 + int(text[3:]))
        self.wrong.emit("")

    def _look(self) -> str:
        said = ""
        times = [edit.minutes() for edit in self.edits]
        for edit, minutes in zip(self.edits, times, strict=True):
            edit.setEnabled(self.box.isChecked())
            if minutes is None or minutes == DAY_MINUTES:
                said = no_time(edit.text())
        if len(set(times)) < len(times):
            said = _("From and until are the same time.")
        said = said if self.box.isChecked() else ""
        self.wrong.emit(said)
        return said

    def _give(self) -> None:
        if not self._look():
            times = "-".join(edit.text() for edit in self.edits)
            self.given.emit(times if self.box.isChecked() else "")


_EDITORS: dict[str, Callable[[Context, SettingRow], Editor]] = {
    "zone": ZoneEditor, "week": WeekEditor, "days": DaysEditor, "flag": FlagEditor, "choice": ChoiceEditor,
    "size": ChoiceEditor, "span": SpanEditor, "clock": SpanEditor,
}  # fmt: skip


class SettingLine(QWidget):
    """One setting: what it is, its editor, and below it what is wrong with what stands there."""

    given = Signal(str, str)  # key, value

    def __init__(self, context: Context, row: SettingRow) -> None:
        super().__init__()
        self.key = row.key
        theme = context.theme
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 5, 0, 5)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(2)
        grid.addWidget(Label(theme, row.label, 13, 500), 0, 0)
        grid.addWidget(wrapped(theme, row.help, 12, "muted"), 1, 0)
        make = _EDITORS.get("choice" if row.choices and row.kind not in _EDITORS else row.kind, TextEditor)
        self.editor = make(context, row)
        self.editor.setObjectName(row.key)
        self.editor.name_it(row.label, row.help)
        self.problem = wrapped(theme, "", 12, "bad")
        self.problem.hide()
        if self.editor.wide:
            grid.addWidget(self.editor, 2, 0, 1, 2)
        else:
            grid.addWidget(self.editor, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.problem, 3, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self.editor.given.connect(self._give)
        wrong = getattr(self.editor, "wrong", None)
        if wrong is not None:
            wrong.connect(self._say)
        self.editor.show_value(row.value)

    def show_row(self, row: SettingRow) -> None:
        self.editor.show_value(row.value)

    def _give(self, value: str) -> None:
        self.given.emit(self.key, value)

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
