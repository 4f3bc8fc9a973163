"""Handoffs: every write to another system, what became of it, and what to do where one is stuck."""

from datetime import datetime

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices

from pqldesk.services.changes import Topic
from pqldesk.services.connectors import title_of
from pqldesk.services.rows import OutboxRow
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, wrapped
from pqldesk.views.row_table import Column, Mark, RowTable

_WAITING = frozenset({"pending", "sending", "unknown"})
_STUCK = frozenset({"failed", "held"})


def _state(row: OutboxRow) -> tuple[str, str]:
    return wording.OUTBOX_STATES.get(row.state, (wording.plain(row.state), "neutral"))


def _answer(row: OutboxRow, now: datetime) -> str:
    """What is known of the delivery, in one sentence."""
    if row.error:
        return row.error
    if row.state == "done":
        return row.remote_url or row.remote_id or _("Written")
    if row.state == "pending" and not row.attempts:
        return _("Not tried yet")
    return wording.NONE


def _next(row: OutboxRow, now: datetime) -> str:
    if row.state not in _WAITING or row.next_attempt_at is None:
        return wording.NONE
    if row.next_attempt_at <= now:
        return _("now")
    return _("in {span}").format(span=wording.span((row.next_attempt_at - now).total_seconds()))


def _columns(context: Context) -> tuple[Column[OutboxRow], ...]:
    now = context.now
    return (
        Column(_("State"), lambda r: _state(r)[0], 104, mark=lambda r: Mark("pill", tone=_state(r)[1])),
        Column(
            _("Write"), lambda r: r.summary or wording.plain(r.kind), 260, stretch=3,
            mark=lambda r: Mark(second=f"{title_of(r.system)} · {wording.plain(r.kind)}"),
        ),
        Column(
            _("Lead"), lambda r: r.lead_name, 150, stretch=1,
            mark=lambda r: Mark("avatar", key=r.lead_id or r.lead_name),
        ),
        Column(_("Tries"), lambda r: wording.number(r.attempts), 64, right=True, order=lambda r: r.attempts),
        Column(
            _("Next try"), lambda r: _next(r, now()), 96, order=lambda r: r.next_attempt_at,
            hint=lambda r: wording.moment(r.next_attempt_at), mark=lambda r: Mark(tone="muted"),
        ),
        Column(
            _("Last answer"), lambda r: _answer(r, now()), 260, stretch=3,
            mark=lambda r: Mark(tone="bad" if r.state in _STUCK else "muted"),
        ),
        Column(
            _("Queued"), lambda r: wording.age(r.created_at, now()), 80, order=lambda r: r.created_at,
            hint=lambda r: wording.exact(r.created_at), mark=lambda r: Mark(tone="muted"),
        ),
    )  # fmt: skip


def _advice(row: OutboxRow) -> str:
    """The whole last answer and what the buttons would do about it."""
    todo = {
        "held": _(
            "Nothing is sent while it is held. Put right what it says, then Try again; or Cancel write."
        ),
        "failed": _("It is not tried again by itself. Try again once the reason is gone; or Cancel write."),
        "pending": _("It goes out by itself. Try again sends it now, Hold keeps it here."),
        "unknown": _("It may have arrived: PQLDesk looks in the CRM before it sends it once more."),
    }.get(row.state, "")
    return " ".join(filter(None, (row.error, todo)))


class HandoffsPage(ListPage):
    topics = frozenset({Topic.OUTBOX})

    def __init__(self, context: Context) -> None:
        table = RowTable(_columns(context), key=lambda row: row.item_id)
        super().__init__(context, table, _("Handoffs"), "arrow-right")
        self.title.hide()
        self.filters(
            all=(_("All"), lambda _row: True),
            waiting=(_("Waiting"), lambda row: row.state in _WAITING),
            stuck=(_("Needs you"), lambda row: row.state in _STUCK),
            done=(_("Written"), lambda row: row.state == "done"),
        )
        self.retry = Button(self.paints, _("Try again"), "R")
        self.hold = Button(self.paints, _("Hold"))
        self.cancel = Button(self.paints, _("Cancel write"), kind="danger")
        self.show_record = Button(self.paints, _("Open in CRM"), icon="external-link")
        for button, slot in (
            (self.show_record, self._open_record), (self.hold, self._hold), (self.cancel, self._cancel),
            (self.retry, self._retry),
        ):  # fmt: skip
            button.clicked.connect(slot)
            self.head.addWidget(button)
        self.whole = wrapped(self.theme, "", 12.5)
        self.whole.setObjectName("whole")
        self.whole.setContentsMargins(16, 10, 16, 10)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.column.addWidget(self.whole)
        self.rows.moved.connect(self._moved)
        self.rows.opened.connect(self._open)
        self._moved(None)

    def refresh(self) -> None:
        self.read(self.context.desk.outbox_list).then(self._show)

    def status(self) -> str:
        return n_("{n} write", "{n} writes", self.table.rowCount())

    def run(self, command: str) -> bool:
        if command == "refresh" and self.retry.isEnabled():
            self._retry()
            return True
        return super().run(command)

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(_("Nothing here"), _("No write is in this state."), "", "circle-check")
        else:
            self.empty.say(
                _("Nothing has been handed off yet"),
                _(
                    "Press H on a lead. Each write to the CRM appears here, kept until it arrived, and sent once."
                ),
            )

    def _show(self, rows: list[OutboxRow]) -> None:
        self.take(rows)
        self._moved(self.rows.current())

    def _moved(self, row: OutboxRow | None) -> None:
        state = row.state if row else ""
        self.retry.setEnabled(state in _STUCK | {"pending", "unknown"})
        self.hold.setEnabled(state == "pending")
        self.cancel.setEnabled(state in {"pending", "held", "failed"})
        self.show_record.setVisible(bool(row and row.remote_url))
        words = _advice(row) if row is not None and row.state != "done" else ""
        self.whole.setText(words)
        self.whole.setVisible(bool(words))

    def _open(self, row: OutboxRow) -> None:
        if row.lead_id:
            self.context.wishes.open_lead.emit(row.lead_id)

    def _open_record(self) -> None:
        row: OutboxRow | None = self.rows.current()
        if row is not None and row.remote_url and row.remote_url.startswith(("https://", "http://")):
            QDesktopServices.openUrl(QUrl(row.remote_url))

    def _retry(self) -> None:
        if (row := self.rows.current()) is not None:
            self.act(self.context.desk.retry_items, [row.item_id], self.context.rep, told=_("Due again now"))

    def _hold(self) -> None:
        if (row := self.rows.current()) is not None:
            self.act(
                self.context.desk.hold_item, row.item_id, self.context.rep, told=_("Held until you try again")
            )

    def _cancel(self) -> None:
        if (row := self.rows.current()) is not None:
            self.act(self.context.desk.cancel_item, row.item_id, self.context.rep, told=_("Write cancelled"))
