"""The cards of the Settings page that are no plain settings: bands, names, keys, the workspace's files, About."""

from __future__ import annotations

import platform
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from pqldesk import __version__
from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.resources import resource
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import EVENT, LABEL, NameRow, WorkspaceFacts
from pqldesk.views import wording
from pqldesk.views.commands import COMMANDS
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.containers import Card
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.layouts import widgets_in
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button
from pqldesk.views.rights import ACTS, MANAGES
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet

KEY = "key."  # before a command's id: the setting with its key


class SettingsHost(Page):
    """What a card may ask of its page."""

    def setting(self, key: str) -> str:
        """A stored value, "" where there is none."""
        raise NotImplementedError

    def settings_with(self, prefix: str) -> dict[str, str]:
        """What users named themselves: name after *prefix* -> value."""
        raise NotImplementedError

    def store(self, key: str, value: str) -> None:
        """Keep a value, and say so with an offer to undo it."""
        raise NotImplementedError


class SettingsCard(Card):
    """A card of the page: `ask` when its section is opened, `show_settings` when a setting has changed."""

    def __init__(self, page: SettingsHost, title: str, note: str = "") -> None:
        super().__init__(page.theme, title, note)
        self.page, self.context = page, page.context

    def ask(self) -> None:
        return

    def show_settings(self) -> None:
        return

    def button(self, text: str, kind: str = "plain") -> Button:
        return Button(self.context.paints, text, kind=kind)


class NameSheet(SmallSheet):
    """What one key of a source is called here."""

    given = Signal(str, str)  # setting, label

    def __init__(self, context: Context, row: NameRow | None) -> None:
        self.size_wanted = QSize(460, 0)
        super().__init__(
            context, _("What a feature is called"), _("In handoff notes and lists of features."), _("Save")
        )
        self._row = row
        self.key = QLineEdit(row.key if row else "")
        self.key.setReadOnly(row is not None)
        self.key.setPlaceholderText("sso_login")
        self.label = QLineEdit(row.label if row else "")
        self.label.setPlaceholderText(_("Single sign-on"))
        self.add(_("Key in the usage"), self.key)
        self.add(_("Called here; empty for the key itself"), self.label)
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.label if self._row else self.key

    def submit(self) -> None:
        key = self.key.text().strip()
        if key:
            self.given.emit(self._row.setting if self._row else LABEL + key, self.label.text().strip())
            self.close_sheet()


class NamesCard(SettingsCard):
    """Features and mapped events with what they are called; Enter changes one."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Names of features and events"), _("Enter or a double click changes one"))
        self.table: RowTable[NameRow] = RowTable(
            (
                Column(_("Key in the usage"), lambda r: r.key, 200, stretch=1),
                Column(
                    _("Called here"), lambda r: r.label or wording.NONE, 220, stretch=1,
                    mark=lambda r: Mark(tone="" if r.label else "muted"),
                ),
                Column(_("What it is"), lambda r: _("Feature") if r.is_feature else _("Event"), 100,
                       mark=lambda r: Mark(tone="muted")),
            ),
            key=lambda row: row.setting,
        )  # fmt: skip
        self.rows = RowView(self.table, self.context.paints, _("Names of features and events"), 32)
        self.rows.opened.connect(self._open)
        self.none = wrapped(
            page.theme, _("No feature has been used yet. What is imported appears here."), 13, "muted"
        )
        self.body.addWidget(self.none)
        self.body.addWidget(self.rows)
        add = self.button(_("Name a feature…"))
        add.clicked.connect(partial(self._open, None))
        self.context.rights.hold(add, MANAGES)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(add)
        self.body.addLayout(foot)

    def ask(self) -> None:
        self.page.read(self.context.desk.own_names).then(self._show)

    show_settings = ask

    def _show(self, rows: list[NameRow]) -> None:
        self.table.show(rows)
        self.rows.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.rows.fit_rows()

    def _open(self, row: NameRow | None) -> None:
        if row is not None and row.setting.startswith(EVENT):
            return  # what an event counts as is asked for at its import
        if not self.context.may(MANAGES):
            return
        sheet = NameSheet(self.context, row)
        sheet.given.connect(self.page.store)
        self.context.wishes.sheet.emit(sheet)


class KeysCard(SettingsCard):
    """Every command with its key; Enter asks for another one, which is refused where it clashes."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("All commands"), _("Enter or a double click changes one"))
        self.table: RowTable[tuple[str, str, str, str, bool]] = RowTable(
            (
                Column(
                    _("Command"), lambda row: row[1], 200, stretch=1, hint=lambda row: f"{row[1]}\n{row[2]}"
                ),
                Column(_("Key"), lambda row: row[3], 140, mark=lambda row: Mark(strong=row[4])),
                Column(
                    " ",
                    lambda row: _("yours") if row[4] else "",
                    90,
                    mark=lambda _r: Mark("pill", tone="accent"),
                ),
            ),
            key=lambda row: row[0],
        )
        self.rows = RowView(self.table, self.context.paints, _("Keys"), 32)
        self.rows.opened.connect(self._open)
        self.body.addWidget(self.rows)
        self.reset = self.button(_("All keys as usual"))
        self.reset.clicked.connect(self._ask_reset)
        self.context.rights.hold(self.reset, ACTS)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self.reset)
        self.body.addLayout(foot)
        self.show_settings()

    def show_settings(self) -> None:
        own = {key: value for key, value in self.page.settings_with(KEY).items() if value}
        self.table.show(
            [
                (c.id, c.label, c.group, shown_keys(own.get(c.id) or ", ".join(c.keys)), c.id in own)
                for c in COMMANDS
            ]
        )
        self.rows.fit_rows()
        self.reset.setEnabled(bool(own))

    def _open(self, row: tuple[str, str, str, str, bool]) -> None:
        self.context.wishes.rekey.emit(row[0])

    def _ask_reset(self) -> None:
        own = [key for key, value in self.page.settings_with(KEY).items() if value]
        sheet = ConfirmSheet(
            self.context,
            _("All keys as usual"),
            n_("{n} key of your own is given up.", "{n} keys of your own are given up.", len(own)),
            _("Give them up"),
        )
        sheet.confirmed.connect(partial(self._give_up, own))
        self.context.wishes.sheet.emit(sheet)

    def _give_up(self, commands: list[str]) -> None:
        self.page.act_on(
            self.context.desk.set_setting,
            [(KEY + command, "", self.context.rep) for command in commands],
            told=lambda n: n_("{n} key is as usual again", "{n} keys are as usual again", n),
            unchanged=_("Nothing has changed"),
        )


class AboutCard(SettingsCard):
    """Version, licences, where things are, and what is never done."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, "PQLDesk", _("version {version}").format(version=__version__))
        theme = page.theme
        self.body.addWidget(
            wrapped(theme, _("Product-qualified leads on your desk: scored, claimed, handed to sales."), 13)
        )
        self.body.addWidget(
            wrapped(
                theme,
                _(
                    "No telemetry, no update check. PQLDesk talks to nobody but the systems you connect, and only"
                    " when you have connected them."
                ),
                13,
            )
        )
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        buttons = QHBoxLayout()
        self.licences = self.button(_("Licences"))
        self.licences.clicked.connect(self._open_licences)
        self.log = self.button(_("Open the log's folder"))
        self.log.clicked.connect(self._open_log)
        buttons.addWidget(self.licences)
        buttons.addWidget(self.log)
        buttons.addStretch()
        self.body.addLayout(buttons)
        self._log = ""

    def ask(self) -> None:
        if self.context.desk.workspace_facts is not None:
            self.context.background.run(self.context.desk.workspace_facts).then(self._show)

    def _show(self, facts: WorkspaceFacts) -> None:
        from PySide6 import __version__ as qt

        self._log = facts.log
        lines = (
            (_("Workspace"), facts.place),
            (_("Log of bugs"), facts.log),
            (_("Fonts, icons, sample"), str(resource())),
            (_("Runs on"), f"Python {platform.python_version()}, Qt {qt}, {platform.system()}"),
            (_("Licence"), _("MIT; parts of others under theirs: Qt LGPL-3, Inter OFL, Lucide ISC")),
        )
        for old in widgets_in(self._grid):
            old.deleteLater()
        for n, (name, text) in enumerate(lines):
            for column, label in enumerate(
                (Label(self.page.theme, name, 12, tone="muted"), Label(self.page.theme, text, 13, elide=True))
            ):
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._grid.addWidget(label, n, column)

    def _open_licences(self) -> None:
        for folder in (resource(), resource().parent):
            if (found := folder / "THIRD_PARTY.md").is_file():
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(found)))
                return
        self.context.background.problem.emit(
            Problem(_("The page of licences is not here."), _("It is THIRD_PARTY.md of the source."))
        )

    def _open_log(self) -> None:
        if self._log:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._log).parent)))
