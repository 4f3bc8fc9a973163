"""Handoffs: drafts, every write to another system, what became of it, and what to do where one is stuck."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.handoffs.shown import DraftRow, ItemEdit
from pqldesk.services.rows import OutboxRow
from pqldesk.views.handing_over import HandingOver
from pqldesk.views.handoff_panel import HandoffPanel
from pqldesk.views.handoff_rows import DRAFT, RETRIABLE, STOPPABLE, STUCK, WAITING, as_row, columns
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import RowTable


class HandoffsPage(ListPage):
    topics = frozenset({Topic.OUTBOX})

    def __init__(self, context: Context) -> None:
        table = RowTable(columns(context), key=lambda row: row.item_id)
        super().__init__(context, table, _("Handoffs"), "arrow-right")
        self.title.hide()
        self._drafts: dict[str, DraftRow] = {}
        self._has_chosen = False
        self._again = self._asked = ""  # the item that is tried, the system that is asked, once more
        self.filters(
            drafts=(_("Drafts"), lambda row: row.state == DRAFT),
            send=(_("To send"), lambda row: row.state in WAITING),
            problems=(_("Problems"), lambda row: row.state in STUCK),
            done=(_("Done"), lambda row: row.state in {"done", "cancelled"}),
        )
        self.playbooks = Button(self.paints, _("Playbooks…"), partial(context.key_of, "handoffs.playbooks"))
        self.playbooks.setToolTip(_("Rules that write by themselves: switch and dry run"))
        self.playbooks.clicked.connect(self._show_playbooks)
        self.head.addWidget(self.playbooks)
        self.rows.moved.connect(self._moved)
        self.rows.opened.connect(self._open)
        self._runs: dict[str, Callable[[], None]] = {
            "handoffs.retry": self._retry, "handoffs.edit": self._edit, "handoffs.hold": self._hold,
            "handoffs.cancel": self._cancel, "handoffs.remote": self._open_record,
            "handoffs.recheck": self._recheck, "handoffs.playbooks": self._show_playbooks,
        }  # fmt: skip
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        self.panel = HandoffPanel(context)
        self.panel.wanted.connect(self.run)
        self.panel.item_wanted.connect(self.go_to)
        yield
        self.put_beside(self.panel)

    def refresh(self) -> None:
        desk = self.context.desk
        self.read(_everything, desk.outbox_list, desk.drafts).then(self._show)

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
        """Bring that write under the cursor, in the tab that has it."""
        row = next((row for row in self._all if row.item_id == item_id), None)
        if row is None:
            return
        self.tabs.choose(next(key for key, (_label, keeps) in self._filters.items() if keeps(row)))
        if (at := self.table.find(item_id)) is not None:
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
            self.empty.say(
                _("Nothing has been handed off yet"),
                _(
                    "Press H on a lead. Each write to the CRM appears here, kept until it arrived, and sent once."
                ),
            )

    def take_first_tab(self) -> None:
        """Begin where somebody is needed: problems, else what waits, else drafts."""
        counts = {key: sum(map(keeps, self._all)) for key, (_label, keeps) in self._filters.items()}
        self.tabs.choose(next((key for key in ("problems", "send", "drafts", "done") if counts[key]), "send"))

    def _show(self, answer: tuple[list[OutboxRow], list[DraftRow]]) -> None:
        rows, drafts = answer
        self._drafts = {draft.lead_id: draft for draft in drafts}
        self.take([*map(as_row, drafts), *rows])
        if not self._has_chosen and self._all:
            self._has_chosen = True
            self.take_first_tab()
        self._moved(self.rows.current())

    def _filter(self, key: str) -> None:
        super()._filter(key)
        if self.table.rowCount() and not self.rows.currentIndex().isValid():
            self.rows.setCurrentIndex(self.table.index(0, 0))
        elif not self.table.rowCount():
            self._moved(None)

    def _moved(self, row: OutboxRow | None) -> None:
        draft = self._drafts.get(row.lead_id or "") if row is not None and row.state == DRAFT else None
        self.panel.show_row(row, self._all, draft)

    def _open(self, row: OutboxRow) -> None:
        if row.state == DRAFT:
            self._edit()
        elif row.lead_id:
            self.context.wishes.open_lead.emit(row.lead_id)

    def _open_record(self) -> None:
        row: OutboxRow | None = self.rows.current()
        if row is not None and row.remote_url and row.remote_url.startswith(("https://", "http://")):
            QDesktopServices.openUrl(QUrl(row.remote_url))

    def _retry(self) -> None:
        if (row := self.rows.current()) is not None and row.state in RETRIABLE:
            self.act(self.context.desk.retry_items, [row.item_id], self.context.rep, told=_("Due again now"))

    def _hold(self) -> None:
        if (row := self.rows.current()) is not None and row.state == "pending":
            self.act(
                self.context.desk.hold_item, row.item_id, self.context.rep, told=_("Held until you try again")
            )

    def _cancel(self) -> None:
        row: OutboxRow | None = self.rows.current()
        if row is None:
            return
        desk, rep = self.context.desk, self.context.rep
        if row.state == DRAFT and row.lead_id:
            self.act(desk.drop_draft, row.lead_id, rep, told=_("Draft dropped"))
        elif row.state in STOPPABLE:
            self.act(desk.cancel_item, row.item_id, rep, told=_("Write cancelled"))

    def _edit(self) -> None:
        row: OutboxRow | None = self.rows.current()
        if row is None:
            return
        if row.state == DRAFT and row.lead_id:
            HandingOver(self, self.context.wishes.sheet.emit).begin(row.lead_id)
        elif row.edits:
            self.read(self.context.desk.item_edit, row.item_id).then(self._show_edit)

    def _show_edit(self, edit: ItemEdit) -> None:
        from pqldesk.views.write_edit_sheet import WriteEditSheet

        sheet = WriteEditSheet(self.context, edit)
        sheet.given.connect(self._edited)
        self.context.wishes.sheet.emit(sheet)

    def _edited(self, item_id: str, changes: Mapping[str, str], again: bool) -> None:
        desk, rep = self.context.desk, self.context.rep
        job = self.act(desk.edit_item, item_id, changes, rep, told=_("Write changed"))
        if again:
            self._again = item_id
            job.then(self._try_again)

    def _try_again(self, _changes: object) -> None:
        self.write(self.context.desk.retry_items, [self._again], self.context.rep)

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


def _everything(
    session: object,
    outbox: Callable[[object], list[OutboxRow]],
    drafts: Callable[[object], list[DraftRow]],
) -> tuple[list[OutboxRow], list[DraftRow]]:
    return outbox(session), drafts(session)
