"""The cards of the Settings page that are no plain settings: bands, names, keys, the workspace's files, About."""

from __future__ import annotations

import platform
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk import __version__
from pqldesk.services.problems import Problem
from pqldesk.services.resources import resource
from pqldesk.services.source_rows import EVENT, LABEL, BackupRow, NameRow, WorkspaceFacts
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.keys import COMMANDS, shown_keys
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button, Card, Label, wrapped
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet

if TYPE_CHECKING:
    from pqldesk.services.figure_rows import ModelShown

KEY = "key."  # before a command's id: the setting with its key
_FORMATS = "CSV (*.csv);;Excel (*.xlsx);;JSON (*.json);;JSON Lines (*.jsonl)"


class SettingsHost(Page):
    """What a card may ask of its page."""

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


class BandsCard(SettingsCard):
    """The bands of the live model. They belong to its version, so they are changed with it."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Bands"), " ")
        self.bands = Facts(self.context.paints, _("Bands"))
        self.body.addWidget(self.bands)
        foot = QHBoxLayout()
        foot.addWidget(
            wrapped(self.page.theme, _("They belong to the scoring model and change with it."), 12, "muted"),
            1,
        )
        change = self.button(_("Open Scoring"))
        change.clicked.connect(partial(self.context.wishes.open_page.emit, "scoring"))
        foot.addWidget(change)
        self.body.addLayout(foot)

    def ask(self) -> None:
        self.page.read(self.context.desk.model_shown).then(self._show)

    def _show(self, model: ModelShown) -> None:
        self.note.setText(
            _("{name} v{version}, a lead qualifies at {cut}").format(
                name=model.name, version=model.version, cut=wording.number(model.cut)
            )
        )
        above: str | None = None
        facts = []
        for key, label, least in model.bands:
            name = wording.BANDS.get(key, label)
            if above is None:
                words = _("{least} and more").format(least=wording.number(least))
            elif least:
                words = _("{least} to below {above}").format(least=wording.number(least), above=above)
            else:
                words = _("below {above}").format(above=above)
            above = wording.number(least)
            tone = {"hot": "ok", "qualified": "accent", "warming": "warn"}.get(key, "neutral")
            facts.append(Fact(words, pill=(name, tone)))
        self.bands.show_rows(tuple(facts))


class NameSheet(SmallSheet):
    """What one key of a source is called here."""

    given = Signal(str, str)  # setting, label

    def __init__(self, context: Context, row: NameRow | None) -> None:
        self.size_wanted = QSize(460, 280)
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
        sheet = NameSheet(self.context, row)
        sheet.given.connect(self.page.store)
        self.context.wishes.sheet.emit(sheet)


class KeysCard(SettingsCard):
    """Every command with its key; Enter asks for another one, which is refused where it clashes."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__(page, _("Keys"), _("Enter or a double click changes one"))
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


def size_words(size: int) -> str:
    """Bytes as people read them: 1.5 MB."""
    return wording.locale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


class DataCards(QWidget):
    """Where the workspace is, its copies, and what can be taken out or put in."""

    def __init__(self, page: SettingsHost) -> None:
        super().__init__()
        self.page, self.context = page, page.context
        theme, paints = page.theme, page.paints
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        where = SettingsCard(page, _("The workspace"), " ")
        self.size_note = where.note
        self.place = Label(theme, "", 13, elide=True)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder = where.button(_("Open its folder"))
        self.folder.clicked.connect(self._open_folder)
        across = QHBoxLayout()
        across.addWidget(self.place, 1)
        across.addWidget(self.folder)
        where.body.addLayout(across)
        column.addWidget(where)

        copies = SettingsCard(
            page, _("Backups"), _("one a day while the window is open, the newest seven stay")
        )
        self.table: RowTable[BackupRow] = RowTable(
            (
                Column(_("Made"), lambda r: wording.moment(r.at), 170, stretch=1, order=lambda r: r.at,
                       hint=lambda r: f"{wording.exact(r.at)}\n{r.file}"),
                Column(_("What"), lambda r: _kind(r), 170, stretch=1, mark=lambda _r: Mark(tone="muted"),
                       hint=lambda r: r.file),
                Column(_("Size"), lambda r: size_words(r.size), 100, right=True, order=lambda r: r.size),
            ),
            key=lambda row: row.file,
        )  # fmt: skip
        self.rows = RowView(self.table, paints, _("Backups"), 32)
        self.rows.moved.connect(self._moved)
        self.rows.opened.connect(self._ask_restore)
        self.no_copy = wrapped(theme, _("None yet."), 13, "muted")
        copies.body.addWidget(self.no_copy)
        copies.body.addWidget(self.rows)
        self.back_up = copies.button(_("Back up now"), "primary")
        self.back_up.clicked.connect(self._back_up)
        self.restore = copies.button(_("Put this one back…"))
        self.restore.setEnabled(False)
        self.restore.clicked.connect(self._restore_current)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self.restore)
        foot.addWidget(self.back_up)
        copies.body.addLayout(foot)
        self.copies = copies
        column.addWidget(copies)

        out = SettingsCard(page, _("Out and in"))
        self.export = out.button(_("Export all leads…"))
        self.export.clicked.connect(self._ask_export)
        importing = out.button(_("Import a file or an own export…"))
        importing.clicked.connect(partial(self.context.wishes.run.emit, "import"))
        out.body.addWidget(
            wrapped(
                theme,
                _("An export holds every lead with score, signals and outcome, and can be imported again."),
                12, "muted",
            )
        )  # fmt: skip
        row = QHBoxLayout()
        row.addWidget(self.export)
        row.addWidget(importing)
        row.addStretch()
        out.body.addLayout(row)
        column.addWidget(out)

        self.sample = SettingsCard(page, _("Sample data"))
        drop = self.sample.button(_("Remove sample"), "danger")
        drop.clicked.connect(self._ask_remove_sample)
        row = QHBoxLayout()
        row.addWidget(wrapped(theme, _("The made-up people and all that hangs on them."), 12, "muted"), 1)
        row.addWidget(drop)
        self.sample.body.addLayout(row)
        self.sample.hide()
        column.addWidget(self.sample)

    def ask(self) -> None:
        if self.context.desk.workspace_facts is not None:
            self.context.background.run(self.context.desk.workspace_facts).then(self._show)
        self.page.read(self.context.desk.nav_counts).then(self._counted)

    def show_settings(self) -> None:
        return

    def _counted(self, counts: object) -> None:
        self.sample.setVisible(bool(getattr(counts, "sample", False)))

    def _show(self, facts: WorkspaceFacts) -> None:
        self._facts = facts
        self.place.setText(facts.place)
        self.size_note.setText(
            size_words(facts.size) if facts.is_file else _("on a server, which backs it up")
        )
        self.folder.setVisible(facts.is_file)
        self.copies.setVisible(facts.is_file)
        self.table.show(facts.backups)
        self.rows.setVisible(bool(facts.backups))
        self.no_copy.setVisible(not facts.backups)
        self.rows.fit_rows()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.place.full_text()).parent)))

    def _moved(self, row: object) -> None:
        self.restore.setEnabled(isinstance(row, BackupRow))

    def _back_up(self) -> None:
        if self.context.desk.back_up_now is not None:
            self.back_up.setEnabled(False)
            job = self.context.background.run(self.context.desk.back_up_now)
            job.then(self._backed_up).otherwise(self._failed)

    def _backed_up(self, file: Path) -> None:
        self.back_up.setEnabled(True)
        self.context.wishes.told.emit(_("Backed up as {file}").format(file=file.name), 0)
        self.ask()

    def _failed(self, problem: Exception) -> None:
        self.back_up.setEnabled(True)
        self.export.setEnabled(True)
        self.context.background.problem.emit(problem)

    def _restore_current(self) -> None:
        if (row := self.rows.current()) is not None:
            self._ask_restore(row)

    def _ask_restore(self, row: BackupRow) -> None:
        sheet = ConfirmSheet(
            self.context,
            _("Put back the workspace of {moment}").format(moment=wording.moment(row.at)),
            _(
                "The window closes and opens again with it. What is there now is kept beside it, so that nothing"
                " is lost: {file}"
            ).format(file=f"{PurePath(self.place.full_text()).name}.before-restore"),
            _("Put it back"),
            danger=True,
        )
        sheet.confirmed.connect(partial(self.context.wishes.restore.emit, row.file))
        self.context.wishes.sheet.emit(sheet)

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, _("Export all leads"), str(Path.home() / "leads.csv"), _FORMATS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.export_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, file: str) -> None:
        """Write every lead into *file*, in the form that its ending names."""
        if self.context.desk.export_leads is not None:
            self.export.setEnabled(False)
            job = self.context.background.run(self.context.desk.export_leads, file, ())
            job.then(self._exported).otherwise(self._failed)

    def _exported(self, said: str) -> None:
        self.export.setEnabled(True)
        self.context.wishes.told.emit(_("Exported: {what}").format(what=said), 0)

    def _ask_remove_sample(self) -> None:
        sheet = ConfirmSheet(
            self.context,
            _("Remove the sample data"),
            _("Every made-up person goes, with usage, tasks and notes. This cannot be undone."),
            _("Remove sample"),
            danger=True,
        )
        sheet.confirmed.connect(self._remove_sample)
        self.context.wishes.sheet.emit(sheet)

    def _remove_sample(self) -> None:
        desk = self.context.desk
        self.page.write(desk.remove_sample, self.context.rep).then(self._sample_gone)

    def _sample_gone(self, _answer: object) -> None:
        self.sample.hide()
        self.context.wishes.told.emit(_("The sample data is gone"), 0)


def _kind(row: BackupRow) -> str:
    name = PurePath(row.file).name
    if row.daily:
        return _("Daily")
    if ".before-restore" in name:
        return _("Before a restore")
    return _("Before an update") if ".before-" in name else _("By hand")


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
        for n, (name, text) in enumerate(lines):
            for column, label in enumerate(
                (Label(self.page.theme, name, 12, tone="muted"), Label(self.page.theme, text, 13, elide=True))
            ):
                item = self._grid.itemAtPosition(n, column)
                if item is not None and (old := item.widget()) is not None:
                    old.deleteLater()
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
