"""How leads are given out, on the Settings page: the rules in their order, who would get a lead, and the ledger."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.filters.language import parse_filter
from pqldesk.views import wording
from pqldesk.views.containers import scrolled
from pqldesk.views.filter_words import sentence
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import sized
from pqldesk.views.rights import MANAGES
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.setting_cards import SettingsCard, SettingsHost
from pqldesk.views.team_cards import AskingSheet, TeamCard

if TYPE_CHECKING:
    from pqldesk.services.routes import RouteRow
    from pqldesk.services.routing import Turn
    from pqldesk.services.team.team import MemberRow

WHY = {
    "turn": _("it was their turn"), "account": _("has somebody of the company"),
    "pool": _("left in the pool"), "nobody": _("nobody can take it now"),
}  # fmt: skip
NOT = {
    "away": _("away"), "off_hours": _("outside their hours"), "full": _("holds as many as they take"),
    "let_lapse": _("let their claim on it lapse"), "not_on_the_team": _("not on the team any more"),
}  # fmt: skip
_HEAVIEST = 1_000
_TURNS = 30  # of the ledger; all of it: pqldesk route ledger


class RouteSheet(AskingSheet):
    """One rule: which leads, among whom, in which shares."""

    def __init__(self, context: Context, row: RouteRow | None, members: list[MemberRow]) -> None:
        self.size_wanted = QSize(540, min(560, 396 + 36 * max(len(members), 1)))
        title = _("Add a rule") if row is None else row.name
        super().__init__(
            context, title, _("The first rule that lets a lead through gives it out."), _("Save")
        )
        self.name_field = QLineEdit(row.name if row else "")
        self.name_field.setReadOnly(row is not None)
        self.name_field.setPlaceholderText("EMEA")
        self.filter = QLineEdit(row.filter if row else "")
        self.filter.setPlaceholderText(_("every lead, or: country is DE or plan is Team"))
        self.filter.setCursorPosition(0)  # a long one is read from its beginning
        self.add(_("Name"), self.name_field)
        self.add(_("Which leads"), self.filter)
        self.account_owner = QCheckBox(_("First to whoever has somebody of the company"))
        self.account_owner.setChecked(row.account_owner if row else True)
        self.any_hours = QCheckBox(_("Also outside working hours"))
        self.any_hours.setChecked(row.any_hours if row else False)
        self.active = QCheckBox(_("In force"))
        self.active.setChecked(row.active if row else True)
        for box in (self.account_owner, self.any_hours, self.active):
            self.fields.addWidget(box)
        self.fields.addSpacing(6)
        self.fields.addWidget(
            Label(context.theme, _("Among whom; 0 is not at all, 2 gets twice what 1 gets"), 12, 500, "muted")
        )
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        weights = {email: weight for email, weight, _n, _owed in row.shares} if row else {}
        self.weights: dict[str, QLineEdit] = {}
        for email in dict.fromkeys([*(member.email for member in members), *weights]):
            share = QLineEdit(str(weights.get(email, 0)))
            share.setValidator(QIntValidator(0, _HEAVIEST, share))
            share.setAlignment(Qt.AlignmentFlag.AlignRight)
            sized(share, context.theme, 72, 30)
            share.setAccessibleName(_("Share of {name}").format(name=wording.person(email)))
            self.weights[email] = share
            across = QHBoxLayout()
            across.addWidget(Label(context.theme, wording.person(email), 13, elide=True), 1)
            across.addWidget(share)
            column.addLayout(across)
        if not self.weights:
            column.addWidget(
                wrapped(context.theme, _("Nobody is on the team: its leads stay in the pool."), 13, "muted")
            )
        column.addStretch()
        self.fields.addWidget(scrolled(inner, _("Among whom")), 1)
        self.fields.addWidget(self.wrong)

    def first_field(self) -> QLineEdit:
        return self.filter if self.name_field.isReadOnly() else self.name_field

    def values(self) -> dict[str, object]:
        """What is to be stored."""
        return {
            "filter": self.filter.text().strip(),
            "to": {
                email: int(share.text()) for email, share in self.weights.items() if share.text().strip("0")
            },
            "any_hours": self.any_hours.isChecked(),
            "account_owner": self.account_owner.isChecked(),
            "active": self.active.isChecked(),
        }


def leads_words(text: str) -> str:
    """A rule's filter in the words of the queue's chips; as it is written where it cannot be read any more."""
    if not text:
        return _("every lead")
    try:
        return sentence(parse_filter(text), {})
    except Problem:
        return text


class RoutesCard(TeamCard):
    """The rules in the order in which they are asked."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Rules"), _("the first that lets a lead through decides"))
        self.table: RowTable[RouteRow] = RowTable(
            (
                Column(_("Rule"), lambda r: r.name, 130, stretch=1,
                       mark=lambda r: Mark() if r.active else Mark(tone="muted", second=_("not in force"))),
                Column(_("Which leads"), lambda r: leads_words(r.filter), 200, stretch=2,
                       hint=lambda r: r.filter, mark=lambda r: Mark(tone="" if r.filter else "muted")),
                Column(_("Among whom"), _shares, 220, stretch=2, hint=_owed),
                Column(_("Given"), lambda r: wording.number(sum(s[2] for s in r.shares)), 70, right=True, weak=1,
                       order=lambda r: sum(s[2] for s in r.shares)),
            ),
            key=lambda row: row.name,
        )  # fmt: skip
        self.rows = RowView(self.table, self.context.paints, _("Rules"))
        self.rows.opened.connect(self.change)
        self.rows.moved.connect(self._moved)
        self.none = wrapped(
            page.theme, _("No rule: every lead waits in the pool until somebody claims it."), 13, "muted"
        )
        self.body.addWidget(self.none)
        self.body.addWidget(self.rows)
        self.rows.hide()
        self.remove = self.tool(_("Remove"), _("Its turns stay in the ledger"), self._remove)
        self.earlier = self.tool(_("Ask earlier"), _("One place up"), self._ask_earlier)
        self.add = self.tool(_("Add a rule…"), _("Which leads go to whom"), self._add, "primary")
        self.body.addLayout(self.foot)
        self._routes: list[RouteRow] = []
        self._members: list[MemberRow] = []
        self._moved(None)

    def ask(self) -> None:
        self.page.read(self.context.desk.team_rows).then(self._know)
        self.page.read(self.context.desk.route_rows).then(self._show)

    def change(self, row: RouteRow | None) -> None:
        """Open the sheet for a rule, or for a new one."""
        if not self.context.may(MANAGES):
            return
        sheet = RouteSheet(self.context, row, self._members)
        sheet.given.connect(partial(self._save, sheet))
        self.context.wishes.sheet.emit(sheet)

    def _save(self, sheet: RouteSheet) -> None:
        name = sheet.name_field.text().strip()
        told = _("The rule {name} is set").format(name=name)
        self.keep(sheet, told, self.context.desk.set_route, name, sheet.values(), self.context.rep)

    def open_first(self) -> None:
        """Open the sheet for the first row, or for a new one where there is none."""
        self.rows.setCurrentIndex(self.table.index(0, 0))
        self.change(self.rows.current())

    def _add(self) -> None:
        self.change(None)

    def _ask_earlier(self) -> None:
        row = self.rows.current()
        place = next((n for n, one in enumerate(self._routes) if row is not None and one.name == row.name), 0)
        if row is not None and place:
            told = _("{name} is asked earlier").format(name=row.name)
            self.page.act(
                self.context.desk.set_route, row.name, {"position": place}, self.context.rep, told=told
            )

    def _remove(self) -> None:
        if (row := self.rows.current()) is not None:
            told = _("The rule {name} is removed").format(name=row.name)
            self.page.act(self.context.desk.remove_route, row.name, self.context.rep, told=told)

    def _know(self, rows: list[MemberRow]) -> None:
        self._members = rows

    def _show(self, rows: list[RouteRow]) -> None:
        self._routes = rows
        self.table.show(rows)
        self.rows.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.rows.fit_rows()
        self._moved(self.rows.current())
        self.show_settings()

    def _moved(self, row: RouteRow | None) -> None:
        self.remove.setEnabled(row is not None)
        self.earlier.setEnabled(row is not None and bool(self._routes) and row.name != self._routes[0].name)


class LedgerCard(SettingsCard):
    """Who would get a lead now, and who got the last ones and why."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Turns"), _("Enter opens the lead"))
        theme = page.theme
        self.lead = QLineEdit()
        self.lead.setPlaceholderText(_("An e-mail or a lead's number"))
        self.lead.setAccessibleName(_("Who would get this lead"))
        self.lead.setMinimumHeight(theme.px(32))
        self.lead.returnPressed.connect(self._try)
        self.preview = self.button(_("Who would get it"))
        self.preview.setToolTip(_("Nothing is given out by asking"))
        self.preview.clicked.connect(self._try)
        across = QHBoxLayout()
        across.addWidget(self.lead, 1)
        across.addWidget(self.preview)
        self.body.addLayout(across)
        self.answer = wrapped(theme, "", 13)
        self.answer.hide()
        self.body.addWidget(self.answer)
        self.table: RowTable[Turn] = RowTable(
            (
                Column(_("When"), lambda r: wording.ago(r.at, self.context.now()), 110, order=lambda r: r.at,
                       hint=lambda r: wording.exact(r.at)),
                Column(_("Lead"), lambda r: r.name or r.lead_id, 150, stretch=1, mark=lambda r: Mark(second=r.route)),
                Column(_("To"), lambda r: wording.person(r.chosen) if r.chosen else _("the pool"), 170, stretch=1,
                       mark=lambda r: Mark(second=WHY.get(r.why, r.why), tone="" if r.chosen else "muted")),
                Column(_("Passed over"), lambda r: passed_over(r) or wording.NONE, 190, stretch=2, weak=1,
                       hint=_before, mark=lambda r: Mark(tone="muted")),
            ),
            key=lambda row: (row.at, row.lead_id),
        )  # fmt: skip
        self.rows = RowView(self.table, self.context.paints, _("Turns"))
        self.rows.opened.connect(self._open)
        self.none = wrapped(theme, _("No lead was given out yet."), 13, "muted")
        self.body.addWidget(self.none)
        self.body.addWidget(self.rows)
        self.rows.hide()

    def ask(self) -> None:
        self.page.read(self.context.desk.route_ledger, _TURNS).then(self._show)

    def _show(self, rows: list[Turn]) -> None:
        self.table.show(rows)
        self.rows.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.rows.fit_rows()

    def _open(self, row: Turn) -> None:
        self.context.wishes.open_lead.emit(row.lead_id)

    def _try(self) -> None:
        if text := self.lead.text().strip():
            self.page.read(self.context.desk.route_tried, text).then(self._tell).otherwise(self._refuse)

    def _tell(self, turn: Turn) -> None:
        who = wording.person(turn.chosen) if turn.chosen else ""
        words = (
            _("{who} would get {lead}: {why}") if turn.chosen else _("{lead} would stay in the pool: {why}")
        ).format(who=who, lead=turn.name or turn.lead_id, why=WHY.get(turn.why, turn.why))
        if turn.route:
            words += " " + _("(rule {name})").format(name=turn.route)
        if turn.skipped:
            words += ". " + _("Passed over: {who}").format(who=passed_over(turn))
        self.answer.setText(f"{words}.")
        self.answer.set_tone("")
        self.answer.show()

    def _refuse(self, problem: object) -> None:
        self.answer.setText(str(problem))
        self.answer.set_tone("bad")
        self.answer.show()


def passed_over(turn: Turn) -> str:
    """Who stood before, and why they did not get it."""
    return ", ".join(f"{wording.person(email)} ({NOT.get(why, why)})" for email, why in turn.skipped)


def _before(turn: Turn) -> str:
    """What everybody was owed before the turn."""
    lines = [_("{who} was owed {n}").format(who=wording.person(email), n=wording.number(round(owed, 2)))
             for email, owed in sorted(turn.owed.items())]  # fmt: skip
    return "\n".join(filter(None, [passed_over(turn), *lines]))


def _shares(row: RouteRow) -> str:
    if not row.shares:
        return _("the pool")
    return ", ".join(
        wording.person(email) + (f" ×{weight}" if weight > 1 else "")
        for email, weight, _n, _owed in row.shares
    )


def _owed(row: RouteRow) -> str:
    return "\n".join(
        _("{who}: {n} received, {owed} owed").format(
            who=wording.person(email), n=wording.number(received), owed=wording.number(round(owed, 2))
        )
        for email, _weight, received, owed in row.shares
    )
