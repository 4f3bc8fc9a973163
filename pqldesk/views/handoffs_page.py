"""Handoffs: drafts, every write to another system, what became of it, and what to do where one is stuck."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.connectors import title_of
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.handoffs.shown import DraftRow, HandoffGroup, ItemEdit
from pqldesk.services.rows import OutboxRow
from pqldesk.views import wording
from pqldesk.views.handing_over import HandingOver
from pqldesk.views.handoff_panel import HandoffPanel
from pqldesk.views.handoff_rows import (
    ASSIGNABLE,
    DRAFT,
    RETRIABLE,
    STOPPABLE,
    STUCK,
    WAITING,
    answer,
    as_row,
    columns,
    state,
)
from pqldesk.views.ordered_page import OrderedPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

_TABS = {DRAFT: "drafts", **dict.fromkeys(WAITING, "send"), **dict.fromkeys(STUCK, "problems")}
_BEGIN = ("problems", "send", "drafts", "done")  # where somebody is needed


class HandoffsPage(OrderedPage):
    topics = frozenset({Topic.OUTBOX})

    def __init__(self, context: Context) -> None:
        tabs = {
            "drafts": _("Drafts"), "send": _("To send"), "problems": _("Problems"), "done": p_("writes", "Done"),
        }  # fmt: skip
        super().__init__(
            context, columns(context), lambda row: row.item_id, _("Handoffs"), "arrow-right", tabs
        )
        self.title.hide()
        self._drafts: dict[str, DraftRow] = {}
        self._group: HandoffGroup | None = None  # the handoff of the write in the panel
        self._group_job: Any = None
        self._shown: OutboxRow | None = None
        self._goes_to: int | None = None  # the write that is to come under the cursor
        self._has_chosen = False
        self._again = self._asked = ""  # the item that is tried, the system that is asked, once more
        self._tried: set[str] = set()  # items that were made due again and have not been heard of since
        self.playbooks = Button(self.paints, _("Playbooks…"), partial(context.key_of, "handoffs.playbooks"))
        self.playbooks.setToolTip(_("Rules that write by themselves: switch and dry run"))
        self.playbooks.clicked.connect(self._show_playbooks)
        self.head.addWidget(self.playbooks)
        self.rows.moved.connect(self._moved)
        self.rows.opened.connect(self._open)
        self._runs: dict[str, Callable[[], None]] = {
            "handoffs.retry": self._retry, "handoffs.edit": self._edit, "handoffs.hold": self._hold,
            "handoffs.assign": self._assign, "handoffs.cancel": self._cancel, "handoffs.remote": self._open_record,
            "handoffs.recheck": self._recheck, "handoffs.playbooks": self._show_playbooks,
        }  # fmt: skip
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        self.panel = HandoffPanel(context)
        self.panel.wanted.connect(self.run)
        self.panel.item_wanted.connect(self.go_to)
        yield
        self.put_beside(self.panel)

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        return self.read_long(self.context.desk.handoff_order, tab, by, descending)

    def ask_at_hand(self, tab: str, by: str, descending: bool) -> Any:
        return self.read(self.context.desk.handoff_order_at_hand, tab, by, descending)

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        return self.read(_rows_of, self.context.desk.handoff_rows, ids)

    def status(self) -> str:
        if self.tabs.current() == "drafts":
            return n_("{n} draft", "{n} drafts", self.table.rowCount())
        return n_("{n} write", "{n} writes", self.table.rowCount())

    def run(self, command: str) -> bool:
        if command in self._runs:
            self._runs[command]()
            return True
        return super().run(command)

    def go_to(self, item_id: str) -> None:
        """Bring that write of the handoff in the panel under the cursor, in the tab that has it."""
        rows = self._group.rows.items() if self._group is not None else ()
        for number, row in rows:
            if row.item_id == item_id:
                self._goes_to = number
                self.tabs.choose(_TABS.get(row.state, "done"))
                self._go()

    def _go(self) -> None:
        if self._goes_to is not None and (at := self.table.find(self._goes_to)) is not None:
            self._goes_to = None
            self.rows.setCurrentIndex(self.table.index(at, 0))
            self.rows.setFocus()

    def explain(self, some: bool) -> None:
        tab = self.tabs.current()
        if tab == "drafts" and some:
            self.empty.say(
                _("No draft waits"),
                _(
                    "Save draft in the handoff dialog keeps what you wrote; it waits here until you go on with it."
                ),
            )
        elif some:
            words = {
                "send": _("Everything that was queued has left."),
                "problems": _("Nothing is held and nothing was refused."),
            }
            self.empty.say(
                _("Nothing here"), words.get(tab or "", _("No write is in this state.")), "", "circle-check"
            )
        else:
            self.say_none_yet(
                _("Nothing has been handed off yet"),
                _(
                    "Press H on a lead. Each write to the CRM appears here, kept until it arrived, and sent once."
                ),
                _("Open the queue"),
                "go.queue",
            )

    def _fetch(self, ids: tuple[int, ...]) -> None:
        self.ask_rows(ids).then(partial(self._take_rows, ids, frozenset(self._tried)))

    def _take_rows(
        self,
        ids: tuple[int, ...],
        tried: frozenset[str],
        found: tuple[dict[int, OutboxRow], list[DraftRow]],
    ) -> None:
        rows, drafts = found
        self._tell_outcome([row for row in rows.values() if row.item_id in tried])
        self._drafts |= {draft.lead_id: draft for draft in drafts}
        self.table.take_rows(ids, rows)

    def _take_order(self, order: ListOrder, *, same_rows: bool = False) -> None:
        wanted = next((key for key in _BEGIN if order.counts[key]), None) if not self._has_chosen else None
        if wanted is None or wanted == (self.tabs.current() or next(iter(self._labels))):
            super()._take_order(order, same_rows=same_rows)
        else:
            super()._take_order(ListOrder(array("q"), order.counts))
            self.tabs.choose(wanted)
        self._has_chosen = self._has_chosen or wanted is not None

    def _order_taken(self) -> None:
        self._go()
        if not self.table.rowCount():
            self._moved(None)
        elif not self.rows.currentIndex().isValid():
            self.rows.setCurrentIndex(self.table.index(0, 0))
        else:
            self._moved(self.rows.current())

    def _rows_arrived(self) -> None:
        row = self.rows.current()
        if row != self._shown:
            self._moved(row)

    def _moved(self, row: OutboxRow | None) -> None:
        if row is None and self.table.rowCount():
            return  # it is on its way
        self._shown = row
        if self._group_job is not None:
            self._group_job.cancel()
            self._group_job = None
        handoff = row.handoff_id if row is not None else None
        if self._group is not None and self._group.handoff_id != handoff:
            self._group = None
        self._show_panel()
        if handoff is not None:
            self._group_job = self.read(self.context.desk.handoff_group, handoff)
            self._group_job.then(self._show_group)

    def _show_group(self, group: HandoffGroup) -> None:
        self._group = group
        self._show_panel()

    def _show_panel(self) -> None:
        row = self._shown
        draft = self._drafts.get(row.lead_id or "") if row is not None and row.state == DRAFT else None
        self.panel.show_row(row, self._group.rows.values() if self._group is not None else (), draft)

    def _open(self, row: OutboxRow) -> None:
        if row.state == DRAFT:
            self._edit()
        elif row.lead_id:
            self.context.wishes.open_lead.emit(row.lead_id)

    def _open_record(self) -> None:
        row: OutboxRow | None = self.rows.current()
        if row is not None and row.remote_url and row.remote_url.startswith(("https://", "http://")):
            QDesktopServices.openUrl(QUrl(row.remote_url))

    def _row(self) -> OutboxRow | None:
        """The write or draft under the cursor; where there is none, that is said."""
        row: OutboxRow | None = self.rows.current()
        if row is None:
            self._say(_("No write is under the cursor"))
        return row

    def _say(self, words: str) -> None:
        self.context.wishes.told.emit(words, 0)

    def _retry(self) -> None:
        if (row := self._row()) is None:
            return
        if row.state not in RETRIABLE:
            self._say(_("There is nothing to try again: {state}").format(state=state(row)[0]))
            return
        self._again = row.item_id
        self._try_again(None)

    def _tried_again(self, item_id: str, _changes: object) -> None:
        """It is no action of its own, so there is nothing to undo."""
        self._expect(item_id, None)
        self._say(_("It is tried again now"))

    def _tell_outcome(self, rows: Sequence[OutboxRow]) -> None:
        """Say where a new try has come to the same end as the last: the list alone would look untouched."""
        for row in rows:
            if row.state in STUCK:
                self._tried.discard(row.item_id)
                self._say(_("Tried again. {state}: {why}").format(state=state(row)[0], why=answer(row)))
            elif row.state in {"done", "cancelled"}:
                self._tried.discard(row.item_id)

    def _hold(self) -> None:
        if (row := self._row()) is None:
            return
        if row.state != "pending":
            self._say(_("There is nothing to hold: {state}").format(state=state(row)[0]))
            return
        self.act(
            self.context.desk.hold_item, row.item_id, self.context.rep, told=_("Held until you try again")
        )

    def _cancel(self) -> None:
        if (row := self._row()) is None:
            return
        desk, rep = self.context.desk, self.context.rep
        if row.state == DRAFT and row.lead_id:
            self.act(desk.drop_draft, row.lead_id, rep, told=_("Draft dropped"))
        elif row.state in STOPPABLE:
            self.act(desk.cancel_item, row.item_id, rep, told=_("Write cancelled"))
        else:
            self._say(_("There is nothing to cancel: {state}").format(state=state(row)[0]))

    def _edit(self) -> None:
        if (row := self._row()) is None:
            return
        if row.state == DRAFT and row.lead_id:
            HandingOver(self, self.context.wishes.sheet.emit).begin(row.lead_id)
        elif row.edits:
            self.read(self.context.desk.item_edit, row.item_id).then(self._show_edit)
        elif row.state in STUCK or row.state == "pending":
            self._say(_("This write follows the lead; the deal, the task and the note can be edited"))
        else:
            self._say(_("There is nothing to edit: {state}").format(state=state(row)[0]))

    def _assign(self) -> None:
        if (row := self._row()) is None:
            return
        if row.state in ASSIGNABLE:
            self.read(self.context.desk.assignees, row.item_id).then(partial(self._offer, row.item_id))
        else:
            self._say(_("There is nothing to assign: {state}").format(state=state(row)[0]))

    def _offer(self, item_id: str, people: Sequence[tuple[str, str]]) -> None:
        if not people:
            self._say(_("The CRM names nobody to assign to; ask it again with {key}").format(
                key=self.context.key_of("handoffs.recheck")
            ))  # fmt: skip
            return
        from pqldesk.views.rep_chooser import Rep, choose_rep

        reps = [Rep(name, email) for email, name in people]
        title = _("Assign the handoff to somebody else")
        choose_rep(self, title, reps, partial(self._assigned, item_id), self.panel.anchor())

    def _assigned(self, item_id: str, to: str) -> None:
        desk = self.context.desk
        told = _("Assigned to {name}; what was held is tried again").format(name=wording.person(to))
        job = self.act(desk.assign_writes, item_id, to, self.context.rep, told=told)
        job.then(partial(self._expect, item_id))

    def _expect(self, item_id: str, _changes: object) -> None:
        self._tried.add(item_id)

    def _show_edit(self, edit: ItemEdit) -> None:
        from pqldesk.views.write_edit_sheet import WriteEditSheet

        sheet = WriteEditSheet(self.context, edit)
        sheet.given.connect(self._edited)
        self.context.wishes.sheet.emit(sheet)

    def _edited(self, item_id: str, changes: Mapping[str, str], again: bool) -> None:
        desk, rep = self.context.desk, self.context.rep
        job = self.act(desk.edit_item, item_id, changes, rep, told=_("Write changed"))
        job.then(partial(self.context.kept.forget, f"write:{item_id}"))
        if again:
            self._again = item_id
            job.then(self._try_again)

    def _try_again(self, _changes: object) -> None:
        job = self.write(self.context.desk.retry_items, [self._again], self.context.rep)
        job.then(partial(self._tried_again, self._again))

    def _recheck(self) -> None:
        row: OutboxRow | None = self.rows.current()
        recheck = self.context.desk.recheck
        if row is not None and row.system and recheck is not None:
            self._asked = row.system
            self.context.background.start(recheck, row.system).then(self._rechecked)

    def _rechecked(self, _connected: object) -> None:
        told = _("{system} was asked again; try the write again").format(system=title_of(self._asked))
        self.context.wishes.told.emit(told, 0)

    def _show_playbooks(self) -> None:
        from pqldesk.views.playbooks_sheet import PlaybooksSheet

        self.context.wishes.sheet.emit(PlaybooksSheet(self))


def _rows_of(
    session: object,
    rows: Callable[[object, Sequence[int]], Mapping[int, OutboxRow | DraftRow]],
    ids: Sequence[int],
) -> tuple[dict[int, OutboxRow], list[DraftRow]]:
    """Rows as the list shows them, and the drafts among them."""
    found = rows(session, ids)
    shown = {n: as_row(row) if isinstance(row, DraftRow) else row for n, row in found.items()}
    return shown, [row for row in found.values() if isinstance(row, DraftRow)]
