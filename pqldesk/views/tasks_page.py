"""Tasks: what is due, to whom it belongs; finished, put off or given another time without leaving the list."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.rows import TaskRow
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.number_menu import number_menu, snooze_choices
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable


def _columns(context: Context) -> tuple[Column[TaskRow], ...]:
    def due(row: TaskRow) -> tuple[str, str]:
        if row.done_at:
            return _("done {day}").format(day=wording.day(row.done_at)), "ok"
        return wording.due(row.due_at, context.now())

    return (
        Column(
            _("Task"), lambda r: r.title, 320, stretch=3,
            mark=lambda r: Mark("tick", share=1.0 if r.done_at else 0.0, tone="muted" if r.done_at else ""),
        ),
        Column(_("Lead"), lambda r: r.lead_name, 220, stretch=2, mark=lambda r: Mark("avatar", key=r.lead_id)),
        Column(
            _("Due"), lambda r: due(r)[0], 190, mark=lambda r: Mark("pill", tone=due(r)[1]),
            order=lambda r: r.due_at, hint=lambda r: wording.exact(r.due_at),
        ),
        Column(
            _("Assigned to"), lambda r: wording.person(r.assignee), 180, stretch=1, weak=1,
            mark=lambda r: Mark("avatar", key=r.assignee) if r.assignee else Mark(tone="muted"),
        ),
    )  # fmt: skip


class TasksPage(ListPage):
    topics = frozenset({Topic.TASKS, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        table = RowTable(_columns(context), key=lambda row: row.task_id)
        super().__init__(context, table, _("Tasks"), "square-check")
        self.title.hide()
        self.filters(
            mine=(_("Mine"), self._mine),
            overdue=(_("Overdue"), lambda row: self._mine(row) and self._when(row) < 0),
            today=(_("Today"), lambda row: self._mine(row) and self._when(row) == 0),
            upcoming=(_("Upcoming"), lambda row: self._mine(row) and self._when(row) > 0),
            team=(_("Team"), lambda row: row.done_at is None),
            done=(_("Done"), lambda row: row.done_at is not None),
        )
        self._runs: dict[str, Callable[[TaskRow], None]] = {
            "tasks.done": self._finish, "tasks.snooze": self._snooze, "tasks.reschedule": self._reschedule,
        }  # fmt: skip
        self.buttons: dict[str, Button] = {}
        for command, text, hint, kind in (
            ("tasks.snooze", _("Snooze"), _("Put it off: tomorrow, in three days, next Monday"), "plain"),
            ("tasks.reschedule", _("Reschedule"), _("Give it another day and time"), "plain"),
            ("tasks.done", _("Finish"), _("It is done; a touch of its lead"), "primary"),
        ):  # fmt: skip
            button = Button(self.paints, text, partial(context.key_of, command), kind)
            button.setToolTip(f"{hint}  {context.key_of(command)}".strip())
            button.clicked.connect(partial(self.run, command))
            button.setEnabled(False)
            self.head.addWidget(button)
            self.buttons[command] = button
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)

    def refresh(self) -> None:
        self.ask(self.context.desk.task_list).then(self.take)

    def status(self) -> str:
        return n_("{n} task", "{n} tasks", self.table.rowCount())

    def run(self, command: str) -> bool:
        if command in self._runs:
            row: TaskRow | None = self.rows.current()
            if row is not None and row.done_at is None:
                self._runs[command](row)
            return True
        return super().run(command)

    def explain(self, some: bool) -> None:
        if not some:
            self.empty.say(
                _("No tasks yet"), _("Press T on a lead to add one; it appears here with its due time.")
            )
            return
        words = {
            "mine": _("Every task of yours is done. Team shows what others have."),
            "overdue": _("Nothing of yours is late."),
            "today": _("Nothing more is due today."),
            "upcoming": _("Nothing of yours is due on a later day."),
            "team": _("Every task is done."),
            "done": _("What is finished appears here."),
        }
        tab = self.tabs.current() or ""
        self.empty.say(_("Nothing to do here"), words.get(tab, ""), "", "circle-check")

    def _mine(self, row: TaskRow) -> bool:
        return row.done_at is None and row.assignee == self.context.rep

    def _when(self, row: TaskRow) -> int:
        """-1 for what is late, 0 for what is due later today, 1 for another day or none."""
        now = self.context.now()
        if row.due_at is None:
            return 1
        if row.due_at < now:
            return -1
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return 0 if row.due_at < midnight else 1

    def _moved(self, row: TaskRow | None) -> None:
        for button in self.buttons.values():
            button.setEnabled(row is not None and row.done_at is None)

    def _open(self, row: TaskRow) -> None:
        self.context.wishes.open_lead.emit(row.lead_id)

    def _finish(self, row: TaskRow) -> None:
        told = _("Finished “{title}”").format(title=row.title)
        self.act(self.context.desk.finish_task, row.task_id, self.context.rep, told=told)

    def _snooze(self, row: TaskRow) -> None:
        del row
        button = self.buttons["tasks.snooze"]
        below = button.mapToGlobal(QPoint(0, button.height() + 4))
        menu = number_menu(self, "snooze", snooze_choices(self.context.now()), self._put_off, below)
        menu.move(QPoint(menu.x(), below.y()))

    def _put_off(self, action: QAction) -> None:
        row: TaskRow | None = self.rows.current()
        until = action.data()
        if row is not None and isinstance(until, datetime):
            told = _("Put off until {day}").format(day=wording.moment(until))
            self.act(self.context.desk.snooze_task, row.task_id, until, self.context.rep, told=told)

    def _reschedule(self, row: TaskRow) -> None:
        from pqldesk.views.small_sheets import RescheduleSheet

        sheet = RescheduleSheet(self.context, row)
        sheet.given.connect(self._rescheduled)
        self.context.wishes.sheet.emit(sheet)

    def _rescheduled(self, task_id: str, due_at: datetime) -> None:
        told = _("Due {when} now").format(when=wording.moment(due_at))
        self.act(self.context.desk.reschedule_task, task_id, due_at, self.context.rep, told=told)
