"""The small dialogs of the daily verbs: a task, a note."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from PySide6.QtCore import QDateTime, QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QTextCharFormat
from PySide6.QtWidgets import (
    QApplication,
    QCalendarWidget,
    QDateTimeEdit,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from pqldesk.services.basics.texts import _
from pqldesk.services.rows import TaskRow
from pqldesk.views import wording
from pqldesk.views.containers import scrolled
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

_AROUND = 4  # edges of the sheet and of what scrolls in it


def field_label(context: Context, text: str, field: QWidget) -> Label:
    """A small label that names its field to everyone."""
    label = Label(context.theme, text, 12, 500, "muted")
    label.setBuddy(field)
    field.setAccessibleName(text)
    return label


def moment_edit(context: Context, at: datetime) -> QDateTimeEdit:
    """An editor of a local moment with a calendar."""
    edit = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(int(at.timestamp())))
    edit.setLocale(wording.locale())
    edit.setCalendarPopup(True)
    show_as_read(edit, wording.date_pattern(clock=True))
    edit.setMinimumHeight(context.theme.px(34))
    return edit


def show_as_read(edit: QDateTimeEdit, pattern: str) -> None:
    """Show what *edit* holds by *pattern*. Where one reads from right to left Qt would turn its parts round, and 15:00
    into 00:15: dates are written there as everywhere, so the field is."""
    edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    edit.setDisplayFormat(pattern)
    edit.installEventFilter(_CalendarKeys(edit))


class _CalendarKeys(QObject):
    """Opens the calendar of a date field with Alt and the arrow down, or F4, as every list that drops down; Qt opens it
    to the mouse alone, and would take a year off."""

    _is_dressed = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and not self._is_dressed:
            self._is_dressed = True
            self._dress(cast("QDateTimeEdit", watched))
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            alone = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            with_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if (event.key() == Qt.Key.Key_Down and with_alt) or (event.key() == Qt.Key.Key_F4 and alone):
                self._open(cast("QDateTimeEdit", watched))
                return True
        return False

    def _dress(self, edit: QDateTimeEdit) -> None:
        """Before it opens first: arrows that follow the colour of the texts, and weekends that are not red."""
        calendar = edit.calendarWidget()
        if calendar is None:
            return
        for name, arrow, said in (
            ("qt_calendar_prevmonth", "‹", _("Month before")), ("qt_calendar_nextmonth", "›", _("Next month")),
        ):  # fmt: skip
            if (button := calendar.findChild(QToolButton, name)) is not None:
                button.setIcon(QIcon())
                button.setText(arrow)
                button.setAccessibleName(said)
        calendar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else it has no edge
        calendar.setContentsMargins(1, 1, 1, 1)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            calendar.setWeekdayTextFormat(day, QTextCharFormat())

    def _open(self, edit: QDateTimeEdit) -> None:
        """Press on the arrow, which stands at the right in every field of ours."""
        if not (edit.calendarPopup() and edit.isEnabled() and not edit.isReadOnly()):
            return
        at = QPointF(edit.width() - edit.height() / 4, edit.height() / 2)
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        for kind, held in (
            (QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
        ):  # fmt: skip
            QApplication.sendEvent(edit, QMouseEvent(kind, at, edit.mapToGlobal(at), left, held, none))


def moment_of(edit: QDateTimeEdit) -> datetime:
    """What an editor holds, in UTC."""
    return datetime.fromtimestamp(edit.dateTime().toSecsSinceEpoch(), UTC)


def next_working_morning(now: datetime) -> datetime:
    """The next working day at 10:00 in the reader's zone."""
    at = now.astimezone().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at


class SmallSheet(Sheet):
    """A head, a column of fields, Cancel and one named action."""

    def __init__(self, context: Context, title: str, note: str, action: str) -> None:
        super().__init__(context)
        self.head(title, note)
        self._body = QWidget()
        self.fields = QVBoxLayout(self._body)
        self.fields.setContentsMargins(17, 13, 17, 13)
        self.fields.setSpacing(6)
        # for the largest text in the smallest window: fields squeezed together stand on each other's names
        self._area = scrolled(self._body, title)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.outer.addWidget(self._area, 1)
        cancel = Button(context.paints, _("Cancel"))
        cancel.clicked.connect(self.step_out)
        self.confirm = Button(context.paints, action, shown_keys("Ctrl+Return"), "primary")
        self.confirm.clicked.connect(self.submit)
        self.foot(cancel, self.confirm)

    def minimumSizeHint(self) -> QSize:
        wide = self._body.minimumSizeHint().width() + _AROUND
        return super().minimumSizeHint().expandedTo(QSize(wide, 0))

    def whole_height(self, width: int) -> int:
        fields = self.fields.totalMinimumHeightForWidth(width - _AROUND)  # -1 where no text breaks its lines
        inside = max(fields, self.fields.totalMinimumSize().height())
        around = max(super().whole_height(width), self.outer.totalMinimumSize().height())
        return around - self._area.minimumSizeHint().height() + inside + _AROUND

    def scrolls(self) -> bool:
        """Whether there is more in it than it has room for."""
        return self._area.verticalScrollBar().maximum() > 0

    def add(self, label: str, field: QWidget, stretch: int = 0) -> None:
        if not isinstance(field, QPlainTextEdit):
            field.setMinimumHeight(self.context.theme.px(34))  # an editor of moments is that high by itself
        self.fields.addWidget(field_label(self.context, label, field))
        self.fields.addWidget(field, stretch)
        self.fields.addSpacing(6)


class TaskSheet(SmallSheet):
    given = Signal(str, str, object)  # lead id, title, due

    def __init__(self, context: Context, lead_id: str, name: str) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, _("Add a task"), name, _("Add task"))
        self._lead_id, self.keeps = lead_id, f"task:{lead_id}"
        self.name_field = QLineEdit(_("Follow up"))
        self.name_field.selectAll()
        self.due = moment_edit(context, next_working_morning(context.now()))
        self.add(_("What to do"), self.name_field)
        self.add(_("Due"), self.due)
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.name_field

    def writing(self) -> Mapping[str, QWidget]:
        return {"title": self.name_field, "due": self.due}

    def submit(self) -> None:
        if text := self.name_field.text().strip():
            self.keep_words()
            self.given.emit(self._lead_id, text, moment_of(self.due))
            self.close_sheet()


class NoteSheet(SmallSheet):
    given = Signal(str, str)  # lead id, text

    def __init__(self, context: Context, lead_id: str, name: str) -> None:
        self.size_wanted = QSize(520, 330)
        super().__init__(context, _("Add a note"), name, _("Add note"))
        self._lead_id, self.keeps = lead_id, f"note:{lead_id}"
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.add(_("Note"), self.text, 1)

    def first_field(self) -> QWidget:
        return self.text

    def writing(self) -> Mapping[str, QWidget]:
        return {"text": self.text}

    def submit(self) -> None:
        if text := self.text.toPlainText().strip():
            self.keep_words()
            self.given.emit(self._lead_id, text)
            self.close_sheet()


class MomentSheet(SmallSheet):
    """A day and a time for one thing."""

    given = Signal(str, object)  # the thing's id, the moment

    def __init__(
        self, context: Context, thing: str, title: str, note: str, label: str, action: str, start: datetime
    ) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, title, note, action)
        self._thing = thing
        self.due = moment_edit(context, start)
        self.add(label, self.due)
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.due

    def submit(self) -> None:
        self.given.emit(self._thing, moment_of(self.due))
        self.close_sheet()


class RescheduleSheet(MomentSheet):
    def __init__(self, context: Context, row: TaskRow) -> None:
        now = context.now()
        start = row.due_at if row.due_at is not None and row.due_at > now else next_working_morning(now)
        super().__init__(
            context, row.task_id, _("Give the task another time"), f"{row.title} · {row.lead_name}", _("Due"),
            _("Reschedule"), start,
        )  # fmt: skip


class AmountSheet(SmallSheet):
    """An amount of money, or none."""

    given = Signal(object)  # the amount, None for nothing

    def __init__(self, context: Context, title: str, note: str, label: str, action: str) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, title, note, action)
        self.amount = QLineEdit()
        self.amount.setMinimumHeight(context.theme.px(34))
        self.amount.setPlaceholderText(_("not known"))
        self.problem = Label(context.theme, "", 12, tone="bad")
        self.add(label, self.amount)
        self.fields.addWidget(self.problem)
        self.problem.stand_only_with_words()
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.amount

    def submit(self) -> None:
        try:
            amount = wording.amount_in(self.amount.text())
        except ValueError:
            self.problem.setText(wording.no_amount(self.amount.text()))
            return
        self.given.emit(amount)
        self.close_sheet()


class TextSheet(SmallSheet):
    """One line of text about one thing."""

    given = Signal(str, str)  # the thing's id, the text

    def __init__(
        self,
        context: Context,
        thing: str,
        title: str,
        note: str,
        label: str,
        action: str,
        text: str = "",
        hint: str = "",
    ) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, title, note, action)
        self._thing, self._before = thing, text
        self.field = QLineEdit(text)
        self.field.setMinimumHeight(context.theme.px(34))
        self.field.selectAll()
        self.field.textChanged.connect(self._check)
        self.add(label, self.field)
        if hint:
            self.fields.addWidget(wrapped(context.theme, hint, 12, "muted"))
        self.fields.addStretch()
        self._check(text)

    def first_field(self) -> QWidget:
        return self.field

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self._thing, self.field.text().strip())
            self.close_sheet()

    def _check(self, text: str) -> None:
        self.confirm.setEnabled(text.strip() not in ("", self._before))
