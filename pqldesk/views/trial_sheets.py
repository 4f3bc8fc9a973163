"""What a rep decides about a trial: more days within the cap, or that it is lost; each with the reason."""

from datetime import datetime, timedelta
from math import ceil

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.figure_rows import TrialRow
from pqldesk.views import wording
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet, moment_edit, moment_of, show_as_read

DAY = timedelta(days=1)
STEP = timedelta(days=7)


def whose(row: TrialRow) -> str:
    return " · ".join(filter(None, (row.company or row.email, row.plan)))


def _is_day(at: datetime) -> bool:
    """Whether a trial that ends then ends with a day: most do, and then the time of day says nothing."""
    return (at.astimezone().hour, at.astimezone().minute) == (0, 0)


def _end(at: datetime | None) -> str:
    return wording.moment(at) if at is None or not _is_day(at) else wording.dated(at)


class ExtendSheet(SmallSheet):
    given = Signal(str, object, str)  # trial id, new end, reason

    def __init__(self, context: Context, row: TrialRow) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, _("Extend the trial"), whose(row), _("Extend"))
        self._row = row
        now, last = context.now(), row.extendable_until
        end = row.ends_at if row.ends_at is not None else now
        days = (
            STEP.days if end > now else ceil((now - end) / DAY) + STEP.days - 1
        )  # whole days from the end it has
        until = end + timedelta(days=days)
        self.until = moment_edit(context, min(until, last) if last is not None else until)
        if _is_day(until):
            show_as_read(self.until, wording.date_pattern())
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(_("Asked for more time to import their data"))
        self.reason.setMinimumHeight(context.theme.px(34))
        self.add(_("New end"), self.until)
        self.add(_("Reason"), self.reason)
        self.note = wrapped(context.theme, "", 12, "muted")
        self.fields.addWidget(self.note)
        self.fields.addStretch()
        self.until.dateTimeChanged.connect(self._check)
        self.reason.textChanged.connect(self._check)
        self._check()

    def first_field(self) -> QWidget:
        return self.reason

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self._row.trial_id, moment_of(self.until), self.reason.text().strip())
            self.close_sheet()

    def _check(self, _changed: object = None) -> None:
        """It must end later than now, within the cap, and for a reason."""
        row, until = self._row, moment_of(self.until)
        used = _("Not extended before, 3 times are allowed; ")
        if row.extensions:
            used = n_(
                "Extended {n} time before, 3 are allowed; ",
                "Extended {n} times before, 3 are allowed; ",
                row.extensions,
            )
        words = used + _("it may run until {day}.").format(day=_end(row.extendable_until))
        if row.ends_at is not None and until > row.ends_at:
            days = ceil((until - row.ends_at) / DAY)
            more = n_("{n} day more: it ends {day}. ", "{n} days more: it ends {day}. ", days)
            ends = more.format(day=wording.day(row.ends_at + timedelta(days=days)))
            words = ends.replace("..", ".") + words  # some languages end the name of a month with one
        wrong = ""
        if row.extendable_until is not None and until > row.extendable_until:
            wrong = _("That is past {day}, the last day allowed.").format(day=_end(row.extendable_until))
        elif row.ends_at is not None and until <= row.ends_at:
            wrong = _("The new end must be later than {day}.").format(day=_end(row.ends_at))
        self.note.setText(wrong or words)
        self.note.set_tone("bad" if wrong else "muted")
        self.confirm.setEnabled(not wrong and bool(self.reason.text().strip()))


class CloseTrialSheet(SmallSheet):
    given = Signal(str, str)  # trial id, reason

    def __init__(self, context: Context, row: TrialRow) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, _("Close the trial as lost"), whose(row), _("Close as lost"))
        self._row = row
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(_("Chose another tool"))
        self.reason.setMinimumHeight(context.theme.px(34))
        self.reason.textChanged.connect(self._check)
        self.add(_("Reason"), self.reason)
        self.fields.addStretch()
        self._check("")

    def first_field(self) -> QWidget:
        return self.reason

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self._row.trial_id, self.reason.text().strip())
            self.close_sheet()

    def _check(self, text: str) -> None:
        self.confirm.setEnabled(bool(text.strip()))
