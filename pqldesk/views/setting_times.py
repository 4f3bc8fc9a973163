"""Editors of settings that are times: a clock, working hours by weekday, days off, quiet hours."""

import re
from functools import partial

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
)  # fmt: skip

from pqldesk.services.basics.texts import _
from pqldesk.services.basics.weekdays import whole_days
from pqldesk.services.rows import SettingRow
from pqldesk.services.settings.working_time import DAY_MINUTES, week_of, week_text
from pqldesk.views import wording
from pqldesk.views.labels import Label
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, Chip, sized
from pqldesk.views.setting_editors import Editor, editor_row
from pqldesk.views.small_sheets import show_as_read

_DAYS = whole_days()
_USUAL = (9 * 60, 17 * 60)
_CLOCK = re.compile(r"(\d{1,2}?):?(\d\d)?")
_QUIET = "18:00-08:00"
_DIGEST = "09:00"


class ClockField(QLineEdit):
    """A time of day, typed as 9, 930 or 9:30 and kept as 09:30; `chosen` when it is another one."""

    chosen = Signal()
    typed = Signal()

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self._kept = ""
        self.setAccessibleName(name)
        self.setMinimumHeight(context.theme.px(32))
        sized(self, context.theme, width=74)
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
        self.date.setLocale(wording.locale())
        self.date.setCalendarPopup(True)
        show_as_read(self.date, wording.date_pattern())
        sized(self.date, context.theme, width=192)  # its own hint forgets the arrow
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
            shown = wording.locale().toString(
                QDate.fromString(day, Qt.DateFormat.ISODate), wording.date_pattern()
            )
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
        across = editor_row(self)
        across.addWidget(self.box)
        for n, edit in enumerate(self.edits):
            if n:
                across.addWidget(Label(context.theme, _("to"), 12, tone="muted"))
            across.addWidget(edit)
            edit.chosen.connect(self._give)
            edit.typed.connect(self._look)
        across.addStretch()
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
