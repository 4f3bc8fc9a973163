"""One write beside the list: its last answer in full, the handoff it belongs to, and what can be done with it."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QVBoxLayout

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.handoffs.shown import DraftRow
from pqldesk.services.rows import OutboxRow
from pqldesk.views import handoff_rows, wording
from pqldesk.views.facts import Facts
from pqldesk.views.handoff_rows import ASSIGNABLE, DRAFT, RETRIABLE, STOPPABLE, STUCK
from pqldesk.views.labels import Heading, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, Pill, sized
from pqldesk.views.record_panel import RecordPanel


class HandoffPanel(RecordPanel):
    item_wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("Handoff"), 6)
        self._row: OutboxRow | None = None
        self._build()
        self._build_foot()
        self.show_row(None, [], None)

    def show_row(self, row: OutboxRow | None, rows: Iterable[OutboxRow], draft: DraftRow | None) -> None:
        """Show a write of a handoff with *rows*, as far as they are known, or a draft; None empties the panel."""
        self.show_anything(row is not None)
        if row is None:
            return
        now = self._context.now()
        by = wording.person(row.queued_by) if "@" in row.queued_by else row.queued_by
        what = handoff_rows.PLAYBOOKS.get(row.playbook, wording.plain(row.playbook))
        under = (
            _("Handoff not sent yet") if row.state == DRAFT
            else _("{what} to {system} · by {who}, {ago}").format(
                what=what, system=title_of(row.system), who=by, ago=wording.ago(row.created_at, now))
        )  # fmt: skip
        self.say_who(row.lead_name, row.lead_id or row.lead_name, under)
        self._state.say(*handoff_rows.state(row))
        self._what.setText(row.summary or wording.plain(row.kind))
        told = draft.note if draft is not None else handoff_rows.answer(row)
        self._told.setText(told)
        self._told.set_tone("bad" if row.state in STUCK else "")
        self._advice.setText(handoff_rows.advice(row))
        self._advice.setVisible(bool(self._advice.full_text()))
        self._facts.show_rows(
            handoff_rows.draft_facts(draft, now) if draft is not None else handoff_rows.facts(row, now)
        )
        steps = () if row.state == DRAFT else handoff_rows.steps(row, rows)
        self._steps.show_rows(steps)
        self._steps_head.setText(n_("{n} write, in this order", "{n} writes, in this order", len(steps)))
        for widget in (self._steps, self._steps_head):
            widget.setVisible(bool(steps))
        self._dress(row)

    def _build(self) -> None:
        theme = self._context.theme
        self._state = Pill(self._context.paints)
        self.build_head(self._state)
        quote = QFrame()
        quote.setObjectName("quote")
        box = QVBoxLayout(quote)
        box.setContentsMargins(12, 9, 12, 9)
        box.setSpacing(4)
        self._what = wrapped(theme, "", 12.5)
        self._told = wrapped(theme)
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._advice = wrapped(theme, "", 12, "muted")
        for label in (self._what, self._told, self._advice):
            box.addWidget(label)
        self.column.addSpacing(6)
        self.column.addWidget(quote)
        self.column.addSpacing(6)
        self._facts = Facts(self._context.paints, _("Delivery"))
        self.column.addWidget(self._facts)
        self.column.addSpacing(8)
        self._steps_head = Heading(theme, "", 12, tone="muted")
        self._steps = Facts(self._context.paints, _("Writes of this handoff"))
        self._steps.activated.connect(self._step_chosen)
        self.column.addWidget(self._steps_head)
        self.column.addWidget(self._steps)
        self.column.addStretch()

    def _build_foot(self) -> None:
        context = self._context
        self.retry = Button(context.paints, _("Try again"), partial(context.key_of, "handoffs.retry"))
        self.edit = Button(context.paints, _("Edit"), partial(context.key_of, "handoffs.edit"))
        self.assign = Button(context.paints, _("Assign"), partial(context.key_of, "handoffs.assign"))
        self.cancel = Button(
            context.paints, _("Cancel"), partial(context.key_of, "handoffs.cancel"), "danger"
        )
        for button, command, hint in (
            (self.retry, "handoffs.retry", _("Make it due now; a held handoff is looked at again as a whole")),
            (self.edit, "handoffs.edit", _("Change what it will write before it leaves")),
            (self.assign, "handoffs.assign", _("Give the deal and the task to somebody else, and try again")),
            (self.cancel, "handoffs.cancel", _("Give it up; the rest of the handoff goes out without it")),
        ):  # fmt: skip
            button.setObjectName(command)
            button.setToolTip(f"{hint}  {context.key_of(command)}".strip())
            button.clicked.connect(partial(self.wanted.emit, command))
            context.rights.hold(button, command)
            self.buttons.addWidget(button)
        self.more = QPushButton("…")
        self.more.setObjectName("more")
        self.more.setAccessibleName(_("More"))
        self.more.setToolTip(_("More"))
        sized(self.more, context.theme, width=38, height=32)
        self.more.setMenu(QMenu(self.more))
        self.more.menu().aboutToShow.connect(self._fill_menu)
        self.more.menu().triggered.connect(self._menu_chosen)
        self.buttons.addWidget(self.more)

    def _dress(self, row: OutboxRow) -> None:
        self._row = row
        draft = row.state == DRAFT
        self.retry.setVisible(row.state in RETRIABLE)
        self.retry.set_kind("primary" if row.state in STUCK else "plain")
        self.edit.setText(_("Go on") if draft else _("Edit"))
        self.edit.setVisible(draft or bool(row.edits))
        self.edit.set_kind("primary" if draft else "plain")
        self.edit.updateGeometry()
        self.assign.setVisible(row.state in STUCK and not row.edits)
        self.cancel.setText(_("Drop") if draft else _("Cancel"))
        self.cancel.setVisible(draft or row.state in STOPPABLE)
        self.cancel.updateGeometry()

    def _fill_menu(self) -> None:
        menu, row = self.more.menu(), self._row
        menu.clear()
        if row is None:
            return
        offers = [("open", _("Open the lead"))]
        if row.state in ASSIGNABLE:
            offers.append(("handoffs.assign", _("Assign to somebody else…")))
        if row.state == "pending":
            offers.append(("handoffs.hold", _("Hold it")))
        if row.remote_url:
            offers.append(("handoffs.remote", _("Open the record in the CRM")))
        if row.state in STUCK:
            offers.append(("handoffs.recheck", _("Ask the CRM again what it has")))
        offers.append(("handoffs.playbooks", _("Playbooks…")))
        for command, text in offers:
            action = menu.addAction(f"{text}\t{self._context.key_of(command)}")
            action.setData(command)
            self._context.rights.hold(action, command)

    def anchor(self) -> QPoint:
        """Where a menu of its foot belongs, in screen coordinates."""
        button = self.assign if self.assign.isVisible() else self.more
        return button.mapToGlobal(QPoint(0, -4))

    def _menu_chosen(self, action: object) -> None:
        self.wanted.emit(action.data())  # type: ignore[attr-defined]

    def _step_chosen(self, action: str) -> None:
        self.item_wanted.emit(action.partition(":")[2])
