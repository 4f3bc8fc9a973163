"""Who takes leads, on the Settings page: hours, load and absence of each; Enter changes one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.settings.working_time import week_example, week_words
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.flow import Flow
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.rights import ADMINS, MANAGES
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.setting_cards import SettingsCard, SettingsHost
from pqldesk.views.small_sheets import SmallSheet, moment_edit, moment_of

if TYPE_CHECKING:
    from pqldesk.services.team.team import MemberRow

KEPT = _("The database keeps everybody to their role, whatever program they use.")
SAID = _(
    "In a file a role says what somebody does and keeps nobody from anything; a PostgreSQL workspace keeps everybody"
    " to theirs."
)


def role_choice(chosen: str) -> QComboBox:
    """The roles, to choose one."""
    box = Choice()
    for key, label in wording.ROLES.items():
        box.addItem(label, key)
    box.setCurrentIndex(box.findData(chosen))
    return box


class AskingSheet(SmallSheet):
    """Stays open, with what was typed, until the command has taken it; a refusal is told in its foot."""

    given = Signal()

    def __init__(self, context: Context, title: str, note: str, action: str) -> None:
        super().__init__(context, title, note, action)
        self.wrong = wrapped(context.theme, "", 12, "bad")
        self.wrong.stand_only_with_words()

    def close_fields(self) -> None:
        """Call once all fields are added."""
        self.fields.addStretch()
        self.fields.addWidget(self.wrong)

    def refused(self, problem: object) -> None:
        self.wrong.setText(str(problem))

    def submit(self) -> None:
        self.given.emit()


class MemberSheet(AskingSheet):
    """Somebody of the team: zone, hours and how many leads they take."""

    def __init__(self, context: Context, row: MemberRow | None) -> None:
        self.size_wanted = QSize(480, 0)
        self._role = row.role if row else "rep"
        title = _("Add somebody to the team") if row is None else wording.person(row.email)
        super().__init__(context, title, _("Who takes leads, when, and how many."), _("Save"))
        self.email = QLineEdit(row.email if row else "")
        self.email.setReadOnly(row is not None)
        self.email.setPlaceholderText("kim@example.com")
        self.role = role_choice(self._role)
        self.hours = QLineEdit(week_words((row.working_hours if row else None) or ""))
        self.hours.setPlaceholderText(_("as the workspace, or {example}").format(example=week_example()))
        self.zone = QLineEdit((row.timezone if row else None) or "")
        self.zone.setPlaceholderText(_("as the workspace, or {example}").format(example="Europe/Berlin"))
        self.capacity = QLineEdit("" if row is None or row.capacity is None else str(row.capacity))
        self.capacity.setPlaceholderText(_("no limit"))
        self.add(_("E-mail"), self.email)
        self.add(_("Role"), self.role)
        self.add(_("Working hours"), self.hours)
        self.add(_("Time zone"), self.zone)
        self.add(_("Most leads at a time"), self.capacity)
        self.close_fields()

    def first_field(self) -> QLineEdit:
        return self.hours if self.email.isReadOnly() else self.email

    def values(self) -> dict[str, str | None]:
        """What is to be stored; None is as the workspace has it. The role is named only where it changes."""
        fields = {"working_hours": self.hours, "timezone": self.zone, "capacity": self.capacity}
        given = {name: field.text().strip() or None for name, field in fields.items()}
        role = str(self.role.currentData())
        return given if role == self._role else {**given, "role": role}


class InviteSheet(AskingSheet):
    """A login for somebody, and then the URL to hand over; it is shown this once."""

    def __init__(self, context: Context, row: MemberRow | None) -> None:
        self.size_wanted = QSize(520, 0)
        note = _("A URL of their own; inviting again gives a new one.")
        super().__init__(context, _("Invite to the workspace"), note, _("Invite"))
        self.email = QLineEdit(row.email if row else "")
        self.email.setPlaceholderText("kim@example.com")
        self.role = role_choice(row.role if row else "rep")
        self.url = QLineEdit()
        self.url.setReadOnly(True)
        self.copy = Button(context.paints, _("Copy"), icon="copy")
        self.copy.clicked.connect(self._copy)
        self.add(_("E-mail"), self.email)
        self.add(_("Role"), self.role)
        self.add(_("URL to hand over, shown only now"), self.url)
        self.fields.addWidget(self.copy)
        self.copy.setEnabled(False)
        self.close_fields()

    def first_field(self) -> QLineEdit:
        return self.email

    def show_url(self, url: str) -> None:
        """The login is there."""
        self.wrong.setText("")
        self.url.setText(url)
        self.url.setFocus()
        self.url.selectAll()
        self.confirm.setEnabled(False)
        self.copy.setEnabled(True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.url.text())
        self.context.wishes.told.emit(_("Copied; it opens the workspace for whoever has it"), 0)


class AwaySheet(AskingSheet):
    """From when until when somebody takes no leads."""

    def __init__(self, context: Context, row: MemberRow) -> None:
        self.size_wanted = QSize(480, 0)
        name = wording.person(row.email)
        super().__init__(
            context, _("{name} is away").format(name=name), _("Their leads stay theirs."), _("Mark as away")
        )
        now = context.now()
        self.since = moment_edit(context, row.away_from or now)
        self.until = moment_edit(context, row.away_until or now + timedelta(days=7))
        self.open_end = QCheckBox(_("Until they are back"))
        self.open_end.setChecked(row.away_from is not None and row.away_until is None)
        self.open_end.toggled.connect(self.until.setDisabled)
        self.until.setDisabled(self.open_end.isChecked())
        self.add(p_("day", "From"), self.since)
        self.add(_("Until"), self.until)
        self.fields.addWidget(self.open_end)
        self.close_fields()

    def first_field(self) -> Any:
        return self.until if self.until.isEnabled() else self.since

    def span(self) -> tuple[datetime, datetime | None]:
        return moment_of(self.since), None if self.open_end.isChecked() else moment_of(self.until)


class TeamCard(SettingsCard):
    """A card that managers and admins change, and reps look at."""

    def __init__(self, page: SettingsHost, title: str, note: str = "") -> None:
        super().__init__(page, title, note)
        self.tools: list[Button] = []
        self.may_look = Label(page.theme, "", 12, tone="muted", elide=True)
        self.foot = QHBoxLayout()
        self.foot.addWidget(self.may_look, 1)
        self._buttons = Flow(gap=8, at_end=True)
        self.foot.addLayout(self._buttons, 2)
        self.may_look.hide()
        self.context.rights.changed.connect(self.show_settings)

    def tool(
        self, text: str, hint: str, run: Callable[[], None], kind: str = "plain", need: str = MANAGES
    ) -> Button:
        button = self.button(text, kind)
        button.setToolTip(hint)
        button.clicked.connect(run)
        self.context.rights.hold(button, need)
        self.tools.append(button)
        self._buttons.addWidget(button)
        return button

    def show_settings(self) -> None:
        why = self.context.rights.why_not(MANAGES)
        self.may_look.setText(why)
        self.may_look.setVisible(bool(why))

    def keep(self, sheet: AskingSheet, told: str, command: Callable[..., Any], *args: object) -> None:
        """Store what a sheet was given; it closes once that is done, and says what was wrong otherwise."""
        job = self.page.write(command, *args)
        job.then(partial(self._kept, sheet, told)).otherwise(sheet.refused)

    def _kept(self, sheet: AskingSheet, told: str, _answer: object) -> None:
        sheet.close_sheet()
        self.context.wishes.told.emit(told, 1)


class MembersCard(TeamCard):
    """Everybody who takes leads."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Team"), _("Enter or a double click changes one"))
        self.table: RowTable[MemberRow] = RowTable(
            (
                Column(_("Who"), lambda r: wording.person(r.email), 180, stretch=1,
                       mark=lambda r: Mark(second=r.email)),
                Column(_("Role"), lambda r: wording.ROLES.get(r.role, r.role), 96, weak=3, order=lambda r: r.role,
                       mark=lambda r: Mark("pill", tone="accent" if r.role == "admin" else "neutral"),
                       pills=tuple(wording.ROLES.values()),
                       hint=lambda r: KEPT if r.kept else SAID),
                Column(_("Holds"), _load, 76, right=True, order=lambda r: r.holds, hint=_load_hint),
                Column(_("Hours"), lambda r: _hours(r)[0], 164, stretch=1, weak=2,
                       mark=lambda r: Mark(second=_hours(r)[1], tone="" if r.working_hours else "muted"),
                       hint=lambda r: "\n".join(filter(None, _hours(r)))),
                Column(_("Away"), self._away, 110, mark=lambda r: Mark("pill", tone="warn"),
                       order=lambda r: str(r.away_from or "~"),
                       pills=(_("until {day}").format(day=wording.day(page.context.now())),)),
                Column(_("Rules"), lambda r: ", ".join(r.routes) or wording.NONE, 150, stretch=2, weak=1,
                       mark=lambda r: Mark(tone="muted"), hint=lambda r: "\n".join(r.routes)),
            ),
            key=lambda row: row.email,
        )  # fmt: skip
        self.rows = RowView(self.table, self.context.paints, _("Team"))
        self.rows.opened.connect(self.change)
        self.rows.moved.connect(self._moved)
        self.none = wrapped(
            page.theme,
            _("Nobody is on the team yet. Add those who take leads; until then every lead waits in the pool."),
            13, "muted",
        )  # fmt: skip
        self.body.addWidget(self.none)
        self.body.addWidget(self.rows)
        self.rights = wrapped(page.theme, "", 12, "muted")
        self.body.addWidget(self.rights)
        self.remove = self.tool(_("Remove"), _("Off the team; their leads stay theirs"), self._remove)
        self.away = self.tool(_("Away…"), _("No leads for a while"), self._ask_away)
        self.invite = self.tool(
            _("Invite…"), _("A login of their own, in a team workspace"), self._ask_invite, need=ADMINS
        )
        self.add = self.tool(_("Add somebody…"), _("Add somebody to the team"), self._add, "primary")
        self.body.addLayout(self.foot)
        self.rows.hide()
        self._moved(None)

    def ask(self) -> None:
        self.page.read(self.context.desk.team_rows).then(self._show)

    def change(self, row: MemberRow | None) -> None:
        """Open the sheet for somebody, or for somebody new."""
        if not self.context.may(MANAGES):
            return
        sheet = MemberSheet(self.context, row)
        sheet.given.connect(partial(self._save, sheet))
        self.context.wishes.sheet.emit(sheet)

    def _save(self, sheet: MemberSheet) -> None:
        email = sheet.email.text().strip()
        told = _("{name} is on the team").format(name=wording.person(email))
        if sheet.email.isReadOnly():
            told = _("Changed for {name}").format(name=wording.person(email))
        self.keep(sheet, told, self.context.desk.set_member, email, sheet.values(), self.context.rep)

    def open_first(self) -> None:
        """Open the sheet for the first row, or for a new one where there is none."""
        self.rows.setCurrentIndex(self.table.index(0, 0))
        self.change(self.rows.current())

    def _add(self) -> None:
        self.change(None)

    def _ask_invite(self) -> None:
        sheet = InviteSheet(self.context, self.rows.current())
        sheet.given.connect(partial(self._invite, sheet))
        self.context.wishes.sheet.emit(sheet)

    def _invite(self, sheet: InviteSheet) -> None:
        given = (sheet.email.text().strip(), str(sheet.role.currentData()), self.context.rep)
        job = self.page.write(self.context.desk.invite, *given)
        job.then(partial(self._invited, sheet)).otherwise(sheet.refused)

    def _invited(self, sheet: InviteSheet, made: Any) -> None:
        sheet.show_url(made.url)

    def _ask_away(self) -> None:
        row = self.rows.current()
        if row is None:
            return
        if row.away_from is not None:
            told = _("{name} takes leads again").format(name=wording.person(row.email))
            self.page.act(self.context.desk.set_away, row.email, None, None, self.context.rep, told=told)
            return
        sheet = AwaySheet(self.context, row)
        sheet.given.connect(partial(self._set_away, sheet, row))
        self.context.wishes.sheet.emit(sheet)

    def _set_away(self, sheet: AwaySheet, row: MemberRow) -> None:
        told = _("{name} takes no leads for a while").format(name=wording.person(row.email))
        self.keep(sheet, told, self.context.desk.set_away, row.email, *sheet.span(), self.context.rep)

    def _remove(self) -> None:
        if (row := self.rows.current()) is not None:
            told = _("{name} is off the team").format(name=wording.person(row.email))
            self.page.act(self.context.desk.remove_member, row.email, self.context.rep, told=told)

    def _show(self, rows: list[MemberRow]) -> None:
        self.table.show(rows)
        self.rows.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.rights.setText(KEPT if any(row.kept for row in rows) else SAID)
        self.rights.setVisible(bool(rows))
        self.rows.fit_rows()
        self._moved(self.rows.current())
        self.show_settings()

    def _moved(self, row: MemberRow | None) -> None:
        self.remove.setEnabled(row is not None)
        self.away.setEnabled(row is not None)
        self.away.setText(_("Back") if row is not None and row.away_from is not None else _("Away…"))

    def _away(self, row: MemberRow) -> str:
        if row.away_from is None or (row.away_until is not None and row.away_until <= self.context.now()):
            return ""
        if row.away_from > self.context.now():
            return _("from {day}").format(day=wording.day(row.away_from))
        return _("until {day}").format(day=wording.day(row.away_until)) if row.away_until else _("away")


def _hours(row: MemberRow) -> tuple[str, str]:
    """When somebody works, in two lines: what they have of most days, and what is otherwise and where."""
    most, *other = (week_words(row.working_hours or "") or _("as the workspace")).split(", ")
    return most, ", ".join(filter(None, (*other, row.timezone)))


def _load(row: MemberRow) -> str:
    held = wording.number(row.holds)
    return (
        held if row.capacity is None else _("{n} of {most}").format(n=held, most=wording.number(row.capacity))
    )


def _load_hint(row: MemberRow) -> str:
    words = n_("{n} open lead is theirs", "{n} open leads are theirs", row.holds)
    if row.capacity is None:
        return words
    return f"{words}; " + _("no more than {most} at a time").format(most=wording.number(row.capacity))
