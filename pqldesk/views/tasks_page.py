"""Tasks: what is due, to whom it belongs; E finishes."""

from datetime import datetime

from pqldesk.services.changes import Topic
from pqldesk.services.rows import TaskRow
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
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
            _("Assigned to"), lambda r: wording.person(r.assignee), 180, stretch=1,
            mark=lambda r: Mark("avatar", key=r.assignee) if r.assignee else Mark(tone="muted"),
        ),
    )  # fmt: skip


class TasksPage(ListPage):
    topics = frozenset({Topic.TASKS, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        table = RowTable(_columns(context), key=lambda row: row.task_id)
        super().__init__(context, table, _("Tasks"), "square-check")
        self.title.hide()
        rep = context.rep
        self.filters(
            mine=(_("Mine"), lambda row: row.done_at is None and row.assignee == rep),
            today=(_("Due today or late"), self._due),
            open=(_("All open"), lambda row: row.done_at is None),
            done=(_("Done"), lambda row: row.done_at is not None),
        )
        self.finish = Button(self.paints, _("Finish"), "E")
        self.finish.setEnabled(False)
        self.finish.clicked.connect(self._finish)
        self.head.addWidget(self.finish)
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)

    def refresh(self) -> None:
        self.read(self.context.desk.task_list).then(self.take)

    def status(self) -> str:
        return n_("{n} task", "{n} tasks", self.table.rowCount())

    def run(self, command: str) -> bool:
        if command == "done":
            self._finish()
            return True
        return super().run(command)

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(
                _("Nothing to do here"),
                _("Tasks of this tab are done or belong to others."),
                "",
                "circle-check",
            )
        else:
            self.empty.say(
                _("No tasks yet"), _("Press T on a lead to add one; it appears here with its due time.")
            )

    def _due(self, row: TaskRow) -> bool:
        end = self.context.now().astimezone().replace(hour=23, minute=59, second=59)
        return row.done_at is None and isinstance(row.due_at, datetime) and row.due_at <= end

    def _moved(self, row: TaskRow | None) -> None:
        self.finish.setEnabled(row is not None and row.done_at is None)

    def _open(self, row: TaskRow) -> None:
        self.context.wishes.open_lead.emit(row.lead_id)

    def _finish(self) -> None:
        row: TaskRow | None = self.rows.current()
        if row is not None and row.done_at is None:
            told = _("Finished “{title}”").format(title=row.title)
            self.act(self.context.desk.finish_task, row.task_id, self.context.rep, told=told)
