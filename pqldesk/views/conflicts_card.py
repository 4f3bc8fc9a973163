"""Conflicts on the Sources page: what PQLDesk and a CRM both changed, with base, mine and theirs, and the decision."""

import secrets
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.connectors import title_of
from pqldesk.services.crm.conflict_rows import ConflictRow, MasterRow, shown
from pqldesk.views import wording
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet
from pqldesk.views.source_card import SourceCard

_NOTHING = "–"
_KINDS = {"person": _("Person"), "company": _("Company"), "deal": _("Deal")}


FIELDS = {
    "name": _("Name"), "job_title": _("Job title"), "owner": _("Owner"), "company": _("Company"),
    "pql_score": _("PQL score"), "activation_score": _("Activation score"), "pql_state": _("PQL state"),
    "signup_date": _("Signup date"), "signup_source": _("Signup source"), "plan_type": _("Plan type"),
    "last_activity_at": _("Last activity at"), "features_activated": _("Features activated"),
    "milestones_completed": _("Milestones completed"), "pqldesk_id": _("PQLDesk ID"), "value": _("Value"),
    "stage": _("Stage"), "score": _("Score"), "claimed_by": _("Claimed by"), "claimed_at": _("Claimed at"),
    "phone": _("Phone"), "country": _("Country"), "domain": _("Domain"), "close_date": _("Close date"),
}  # fmt: skip


def field_words(field: str) -> str:
    """``person.job_title`` -> Person: Job title."""
    kind, _dot, name = field.partition(".")
    words = FIELDS.get(name) or wording.plain(name)
    return _("{kind}: {field}").format(kind=_KINDS.get(kind, kind), field=words)


def _columns(context: Context) -> tuple[Column[ConflictRow], ...]:
    def value(title: str, name: str, tone: str) -> Column[ConflictRow]:
        return Column(
            title, lambda r: shown(getattr(r, name)) or _NOTHING, 150, stretch=2,
            hint=lambda r: shown(getattr(r, name)) or _("Nothing"), mark=lambda r: Mark(tone=tone),
        )  # fmt: skip

    return (
        Column(
            _("Lead"), lambda r: r.lead_name or r.company, 190, stretch=3,
            hint=lambda r: r.url or r.lead_name, mark=lambda r: Mark(second=field_words(r.field)),
        ),
        value(_("Last agreed"), "base", "muted"), value(p_("value", "Mine"), "mine", ""),
        value(p_("value", "Theirs"), "theirs", ""),
        Column(_("CRM"), lambda r: title_of(r.system), 100, mark=lambda r: Mark(tone="muted")),
        Column(
            p_("conflict", "Found"), lambda r: wording.ago(r.found_at, context.now()), 110, order=lambda r: r.found_at,
            hint=lambda r: wording.exact(r.found_at), mark=lambda r: Mark(tone="muted"),
        ),
    )  # fmt: skip


class OtherValueSheet(SmallSheet):
    """Neither mine nor theirs: a third value for both sides."""

    given = Signal(str)

    def __init__(self, context: Context, row: ConflictRow) -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(context, _("Another value"), field_words(row.field), _("Write it on both sides"))
        self.value = QLineEdit(shown(row.mine))
        self.value.selectAll()
        self.add(_("The value for both sides"), self.value)
        self.fields.addStretch()
        self.value.textEdited.connect(self._look)

    def first_field(self) -> QWidget:
        return self.value

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self.value.text().strip())
            self.close_sheet()

    def _look(self, text: str) -> None:
        self.confirm.setEnabled(bool(text.strip()))


class ConflictsCard(SourceCard):
    """What waits for a person; M keeps mine, T takes theirs, with Shift for all of them."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Conflicts"), " ")
        self.table = RowTable(_columns(self.context), key=lambda row: row.conflict_id)
        self.view = RowView(self.table, self.paints, _("Conflicts with a CRM"))
        self.view.moved.connect(self._fit_buttons)
        self.body.addWidget(self.view)
        self.none = wrapped(page.theme, _(
            "PQLDesk and the CRMs agree. A value that both sides change waits here, and theirs stays until you decide."
        ), 13, "muted")  # fmt: skip
        self.body.addWidget(self.none)
        key = self.context.key_of
        self.mine = Button(self.paints, _("Keep mine"), partial(key, "conflicts.mine"))
        self.mine.setToolTip(_("Write our value over theirs, once more compared before it goes out"))
        self.mine.clicked.connect(partial(self.decide, "mine"))
        self.theirs = Button(self.paints, _("Take theirs"), partial(key, "conflicts.theirs"))
        self.theirs.setToolTip(_("Their value becomes ours, and ours is not written again"))
        self.theirs.clicked.connect(partial(self.decide, "theirs"))
        self.other = Button(self.paints, _("Another value…"), partial(key, "conflicts.other"))
        self.other.setToolTip(_("A third value for both sides"))
        self.other.clicked.connect(self.choose_other)
        self.context.rights.hold(self.mine, "conflicts.mine")
        self.context.rights.hold(self.theirs, "conflicts.theirs")
        self.context.rights.hold(self.other, "conflicts.other")
        foot = QHBoxLayout()
        foot.addStretch()
        for button in (self.mine, self.theirs, self.other):
            foot.addWidget(button)
        self.body.addLayout(foot)
        for widget in (self.view, self.none, self.mine, self.theirs, self.other):
            widget.hide()  # until it is known which of them are wanted
        self._bulk: tuple[str, int] = ("", 0)

    def refresh(self) -> None:
        self.page.read(self.context.desk.conflicts).then(self._show)

    def decide(self, decision: str, _checked: bool = False) -> None:
        """Keep mine or take theirs of the conflict under the cursor, or of the only one."""
        row = self._chosen()
        if row is not None:
            self._decide(row, decision, "")

    def decide_all(self, decision: str) -> None:
        """The same for all that are listed: one undo takes all of them back."""
        ids = [row.conflict_id for row in self.table.rows()]
        if ids and not self._bulk[1]:
            self._bulk = (decision, secrets.randbits(62))
            self._step(ids, 0)

    def choose_other(self) -> None:
        """Ask for a third value."""
        row = self._chosen()
        if row is not None:
            sheet = OtherValueSheet(self.context, row)
            sheet.given.connect(partial(self._decide, row, "other"))
            self.context.wishes.sheet.emit(sheet)

    def _chosen(self) -> ConflictRow | None:
        rows = self.table.rows()
        row = self.view.current() or (rows[0] if len(rows) == 1 else None)
        if row is None and rows:
            self.context.wishes.told.emit(_("Choose a conflict first"), 0)
        return row

    def _decide(self, row: ConflictRow, decision: str, value: str) -> None:
        kept = {"mine": shown(row.mine), "theirs": shown(row.theirs)}.get(decision, value)
        told = _("{field} is “{value}”").format(field=field_words(row.field), value=kept)
        self.page.act(
            self.context.desk.resolve_conflict, row.conflict_id, decision, value, self.context.rep, told=told
        )

    def _step(self, ids: list[str], done: int) -> None:
        decision, bulk = self._bulk
        job = self.page.write(self.context.desk.resolve_conflicts, ids, decision, self.context.rep, bulk)
        job.then(partial(self._stepped, ids, done)).otherwise(self._broken)

    def _stepped(self, ids: list[str], done: int, step: object) -> None:
        taken, decided = int(getattr(step, "taken", 0)), int(getattr(step, "done", 0))
        left, done = ids[taken:], done + decided
        if left and taken:
            self._step(left, done)
            return
        self._bulk = ("", 0)
        told = n_("{n} conflict decided", "{n} conflicts decided", done)
        self.context.wishes.told.emit(told, 1 if done else 0)

    def _broken(self, problem: object) -> None:
        self._bulk = ("", 0)
        self.context.background.problem.emit(problem)

    def _show(self, rows: list[ConflictRow]) -> None:
        if rows:
            self.show()
        else:  # without a CRM there is nobody to agree with
            self.page.read(self.context.desk.masters).then(self._show_with_crm)
        self.table.show(rows)
        self.note.setText(n_("{n} to decide", "{n} to decide", len(rows)) if rows else "")
        self.none.setVisible(not rows)
        for widget in (self.view, self.mine, self.theirs, self.other):
            widget.setVisible(bool(rows))
        self.view.fit_rows()
        self._fit_buttons()

    def _show_with_crm(self, fields: list[MasterRow]) -> None:
        self.setVisible(bool(fields) or bool(self.table.rowCount()))

    def _fit_buttons(self, _row: object = None) -> None:
        is_one = self.view.current() is not None or self.table.rowCount() == 1
        for button in (self.mine, self.theirs, self.other):
            button.setEnabled(is_one)
