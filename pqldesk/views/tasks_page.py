"""Tasks: what is due, to whom it belongs; finished, put off or given another time without leaving the list."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.rows import TaskRow
from pqldesk.views import wording
from pqldesk.views.lead_actions import LeadActions, Named
from pqldesk.views.ordered_page import OrderedPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark
from pqldesk.views.until_menu import ask_until


def _columns(context: Context) -> tuple[Column[TaskRow], ...]:
    def due(row: TaskRow) -> tuple[str, str]:
        if row.done_at:
            return _("done {day}").format(day=wording.day(row.done_at)), "ok"
        return wording.due(row.due_at, context.now())

    return (
        Column(
            _("Task"), lambda r: r.title, 320, stretch=5,
            mark=lambda r: Mark("tick", share=1.0 if r.done_at else 0.0, tone="muted" if r.done_at else ""),
            by="title",
        ),
        Column(
            _("Lead"), lambda r: r.lead_name, 220, stretch=2, by="lead",
            mark=lambda r: Mark("avatar", second=r.company or "", key=r.lead_id),
        ),
        Column(
            _("Due"), lambda r: due(r)[0], 160, mark=lambda r: Mark("pill", tone=due(r)[1]),
            hint=lambda r: wording.exact(r.due_at),
            by="due",
        ),
        Column(
            _("Assigned to"), lambda r: wording.person(r.assignee), 150, stretch=1, weak=1,
            mark=lambda r: Mark("avatar", key=r.assignee) if r.assignee else Mark(tone="muted"),
            by="assignee",
        ),
    )  # fmt: skip


_OF_LEAD = frozenset({"task", "note", "handoff"})  # as in the queue, on the lead of the task under the cursor


class TasksPage(OrderedPage):
    topics = frozenset({Topic.TASKS, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        tabs = {
            "mine": p_("tasks", "Mine"), "overdue": p_("tasks", "Overdue"), "today": _("Today"),
            "upcoming": p_("tasks", "Upcoming"), "team": _("Team"), "done": p_("tasks", "Done"),
        }  # fmt: skip
        super().__init__(
            context, _columns(context), lambda row: row.task_id, _("Tasks"), "square-check", tabs
        )
        self.title.hide()
        self._actions: LeadActions | None = None
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
            context.rights.hold(button, command)
            button.setEnabled(False)
            self.head.addWidget(button)
            self.buttons[command] = button
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        midnight = self.context.now().astimezone().replace(
            hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(days=1)
        desk = self.context.desk
        order = self.with_rows(desk.task_order, desk.task_rows)
        return self.read_long(order, self.context.rep, midnight, tab, by, descending)

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        return self.read(self.context.desk.task_rows, ids)

    def _order_taken(self) -> None:
        self._moved(self.rows.current())

    def _rows_arrived(self) -> None:
        self._moved(self.rows.current())

    def status(self) -> str:
        return n_("{n} task", "{n} tasks", self.table.rowCount())

    def run(self, command: str) -> bool:
        if command not in self._runs and command not in _OF_LEAD:
            return super().run(command)
        row: TaskRow | None = self.rows.current()
        if row is None:
            self.context.wishes.told.emit(_("No task is under the cursor"), 0)
        elif command in _OF_LEAD:
            self._lead_actions().run(command)
        elif row.done_at is None:
            self._runs[command](row)
        else:
            self.context.wishes.told.emit(_("“{title}” is done already").format(title=row.title), 0)
        return True

    def _lead_actions(self) -> LeadActions:
        """What can be done with the lead of the task under the cursor without leaving the list."""
        if self._actions is None:
            self._actions = LeadActions(
                self, self._lead, self._leads, self._no_place, self.context.wishes.sheet.emit
            )
        return self._actions

    def _lead(self) -> Named | None:
        row: TaskRow | None = self.rows.current()
        return None if row is None else Named(row.lead_id, row.lead_name)

    def _leads(self) -> list[Named]:
        lead = self._lead()
        return [] if lead is None else [lead]

    def _no_place(self, _command: str) -> QPoint:
        return self.mapToGlobal(QPoint(0, 0))  # none of these opens a menu

    def explain(self, some: bool) -> None:
        if not some:
            self.say_none_yet(
                _("No tasks yet"), _("Press T on a lead to add one; it appears here with its due time."),
                _("Open the queue"), "go.queue",
            )  # fmt: skip
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

    def _moved(self, row: TaskRow | None) -> None:
        for button in self.buttons.values():
            button.setEnabled(row is not None and row.done_at is None)

    def _open(self, row: TaskRow) -> None:
        self.context.wishes.open_lead.emit(row.lead_id)

    def _finish(self, row: TaskRow) -> None:
        told = _("Finished “{title}”").format(title=row.title)
        self.act(self.context.desk.finish_task, row.task_id, self.context.rep, told=told)

    def _snooze(self, row: TaskRow) -> None:
        button = self.buttons["tasks.snooze"]
        below = button.mapToGlobal(QPoint(0, button.height() + 4))
        about = f"{row.title} · {row.lead_name}"
        take = partial(self._put_off, row.task_id)
        menu = ask_until(self, "snooze", _("Put off"), about, take, below)
        menu.move(QPoint(menu.x(), below.y()))

    def _put_off(self, task_id: str, until: datetime) -> None:
        told = _("Put off until {day}").format(day=wording.moment(until))
        self.act(self.context.desk.snooze_task, task_id, until, self.context.rep, told=told)

    def _reschedule(self, row: TaskRow) -> None:
        from pqldesk.views.small_sheets import RescheduleSheet

        sheet = RescheduleSheet(self.context, row)
        sheet.given.connect(self._rescheduled)
        self.context.wishes.sheet.emit(sheet)

    def _rescheduled(self, task_id: str, due_at: datetime) -> None:
        told = _("Due {when} now").format(when=wording.moment(due_at))
        self.act(self.context.desk.reschedule_task, task_id, due_at, self.context.rep, told=told)
