"""The inbox: what PQLDesk tells the rep; Enter opens the lead, E marks read, S puts off, Z takes that back."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import QPoint

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.notices.rows import NoticeRow
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable
from pqldesk.views.until_menu import ask_until

KINDS = {
    "crossed": (_("Qualifies"), "ok"), "hand_raise": (_("Hand-raise"), "accent"), "respond": (_("Respond"), "warn"),
    "trial_ends": (_("Trial ends"), "warn"), "stopped": (_("Stopped"), "bad"),
    "stuck": (_("Stuck"), "bad"), "placement": (_("Button"), "warn"),
}  # fmt: skip


def _about(row: NoticeRow) -> str:
    return " · ".join(filter(None, (row.lead, row.company)))


def _columns(context: Context) -> tuple[Column[NoticeRow], ...]:
    def kind(row: NoticeRow) -> tuple[str, str]:
        return KINDS.get(row.kind, (wording.plain(row.kind), "neutral"))

    def when(row: NoticeRow) -> str:
        if row.snoozed_until is not None and row.snoozed_until > context.now():
            return _("until {day}").format(day=wording.day(row.snoozed_until))
        return wording.ago(row.at, context.now())

    return (
        Column(
            _("Kind"), lambda r: kind(r)[0], 118, mark=lambda r: Mark("pill", tone=kind(r)[1]),
            pills=tuple(words for words, _tone in KINDS.values()),
        ),
        Column(
            _("What"), lambda r: wording.readable(r.text), 240, stretch=1,
            mark=lambda r: Mark(strong=r.read_at is None, second=_about(r)),
            hint=lambda r: f"{wording.readable(r.text)}\n{_about(r)}".strip(),
        ),
        Column(
            _("When"), when, 118, order=lambda r: r.at,
            hint=lambda r: wording.exact(r.at), mark=lambda _r: Mark(tone="muted"),
        ),
    )  # fmt: skip


class InboxPage(ListPage):
    topics = frozenset({Topic.NOTICES, Topic.LEADS, Topic.SETTINGS})

    def __init__(self, context: Context) -> None:
        table = RowTable(_columns(context), key=lambda row: row.notice_id)
        super().__init__(context, table, _("Inbox"), "inbox")
        self.filters(
            unread=(p_("notices", "Unread"), self._is_unread),
            snoozed=(p_("notices", "Snoozed"), lambda row: row.read_at is None and not self._is_unread(row)),
            all=(p_("notices", "All"), lambda row: True),
        )
        self.title.hide()  # the tabs and the navigation say it
        self.mark = Button(self.paints, _("Mark read"), partial(context.key_of, "inbox.read"))
        self.mark.setEnabled(False)
        self.mark.clicked.connect(self._mark)
        self.snooze = Button(self.paints, _("Snooze"), partial(context.key_of, "inbox.snooze"))
        self.snooze.setToolTip(_("Put it off: it is unread again and pops up again at the time you choose"))
        self.snooze.setEnabled(False)
        self.snooze.clicked.connect(self._ask_until)
        self.mark_all = Button(self.paints, _("Mark all read"), partial(context.key_of, "inbox.read_all"))
        self.mark_all.setEnabled(False)
        self.mark_all.clicked.connect(self._mark_all)
        context.rights.hold(self.mark, "inbox.read")
        context.rights.hold(self.snooze, "inbox.snooze")
        context.rights.hold(self.mark_all, "inbox.read_all")
        self.head.addWidget(self.snooze)
        self.head.addWidget(self.mark)
        self.head.addWidget(self.mark_all)
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)

    def refresh(self) -> None:
        self.read(self.context.desk.notice_rows, self.context.rep).then(self._show)

    def status(self) -> str:
        return n_("{n} notice", "{n} notices", self.table.rowCount())

    def run(self, command: str) -> bool:
        runs = {
            "done": self._mark, "inbox.read": self._mark, "inbox.read_all": self._mark_all,
            "inbox.snooze": self._ask_until,
        }  # fmt: skip
        if command in runs:
            runs[command]()
            return True
        return super().run(command)

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(
                _("All read"), _("What you have read stays under All for 60 days."), "", "circle-check"
            )
        elif not self.context.rep:
            self.empty.say(
                _("Who are you?"), _("Give your e-mail under Settings, You: notices are for one person."), ""
            )
        else:
            self.empty.say(
                _("Nothing has happened yet"),
                _(
                    "Leads that qualify, hand-raises, first touches and trials that are due, and what has stopped"
                    " appear here. Settings, Notifications says which."
                ),
            )

    def _show(self, rows: list[NoticeRow]) -> None:
        self.mark_all.setEnabled(any(map(self._is_unread, rows)))
        at = self.rows.currentIndex().row()
        self.take(rows)
        if (
            at >= 0 and self.rows.current() is None and self.table.rowCount()
        ):  # what was read has left the tab
            self.rows.setCurrentIndex(self.table.index(min(at, self.table.rowCount() - 1), 0))

    def _moved(self, row: NoticeRow | None) -> None:
        for button in (self.mark, self.snooze):
            button.setEnabled(row is not None and row.read_at is None)

    def _is_unread(self, row: NoticeRow) -> bool:
        return row.is_unread(self.context.now())

    def _ask_until(self) -> None:
        if self.snooze.isEnabled():
            below = self.snooze.mapToGlobal(QPoint(0, self.snooze.height() + 4))
            row: NoticeRow = self.rows.current()
            take = partial(self._put_off, row.notice_id)
            menu = ask_until(self, "snooze", _("Put off"), wording.readable(row.text), take, below)
            menu.move(QPoint(menu.x(), below.y()))

    def _put_off(self, notice_id: str, until: datetime) -> None:
        told = _("Put off until {day}").format(day=wording.moment(until))
        self.act(self.context.desk.snooze_notices, [notice_id], until, self.context.rep, told=told)

    def _open(self, row: NoticeRow) -> None:
        """To where the notice leads; it counts as read, which is no action that needs an undo of its own."""
        if row.read_at is None:
            self.write(self.context.desk.mark_notices, [row.notice_id], self.context.rep, False)
        if row.lead_id:
            self.context.wishes.open_lead.emit(row.lead_id)
        else:
            self.context.wishes.open_page.emit("sources" if row.kind in ("stopped", "placement") else "queue")

    def _mark(self) -> None:
        row: NoticeRow | None = self.rows.current()
        if row is not None and row.read_at is None:
            ids = [row.notice_id]
            self.act(self.context.desk.mark_notices, ids, self.context.rep, True, told=_("Marked read"))

    def _mark_all(self) -> None:
        if not self.mark_all.isEnabled():
            self.context.wishes.told.emit(_("Nothing is unread"), 0)
            return
        self.act(self.context.desk.mark_notices, None, self.context.rep, True, told=_("All marked read"))
