"""The cards of the Settings page about the workspace: where it is, its copies, what can be taken out or put in."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath
from typing import Any

from PySide6.QtCore import QLocale, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import BackupRow, WorkspaceFacts
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.file_dialog import FileDialog
from pqldesk.views.flow import Flow
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.rights import ADMINS
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.setting_cards import SettingsCard, SettingsHost

_FORMATS = "CSV (*.csv);;Excel (*.xlsx);;JSON (*.json);;JSON Lines (*.jsonl)"


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
        self.back_up_button = copies.button(_("Back up now"), "primary")
        self.back_up_button.clicked.connect(self.back_up)
        self.restore = copies.button(_("Put this one back…"))
        self.restore.setEnabled(False)
        self.restore.clicked.connect(self._restore_current)
        self.context.rights.hold(self.restore, ADMINS)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self.restore)
        foot.addWidget(self.back_up_button)
        copies.body.addLayout(foot)
        self.copies = copies
        column.addWidget(copies)

        out = SettingsCard(page, _("Export and import"))
        self.export = out.button(_("Export all leads…"))
        self.export.clicked.connect(self.ask_export)
        self.context.offer(self.export, "data.export")
        self.context.offer(self.back_up_button, "data.backup")
        importing = out.button(_("Import a file or your own export…"))
        importing.clicked.connect(partial(self.context.wishes.run.emit, "import"))
        self.context.rights.hold(importing, "import")
        out.body.addWidget(
            wrapped(
                theme,
                _("An export holds every lead with score, signals and outcome, and can be imported again."),
                12, "muted",
            )
        )  # fmt: skip
        both = Flow(gap=8, at_end=True)
        both.addWidget(self.export)
        both.addWidget(importing)
        out.body.addLayout(both)
        out.body.addSpacing(6)
        out.body.addWidget(wrapped(theme, _(
            "The whole workspace in one file, all but its secrets. A workspace that was never used can be filled from"
            " it, and then holds the same."
        ), 12, "muted"))  # fmt: skip
        self.archive = out.button(_("Export the workspace…"))
        self.archive.clicked.connect(self.ask_archive)
        self.refill = out.button(_("Fill from such a file…"))
        self.refill.clicked.connect(self.ask_refill)
        self._way_on = Label(theme, "", 12, tone="muted", elide=True)
        self.context.offer(self.archive, "data.archive")
        self.context.offer(self.refill, "data.refill")
        both = Flow(gap=8, at_end=True)
        both.addWidget(self.archive)
        both.addWidget(self.refill)
        out.body.addLayout(both)
        out.body.addWidget(self._way_on)
        self._way_on.stand_only_with_words()
        column.addWidget(out)

        helping = SettingsCard(page, _("File for support"))
        helping.body.addWidget(
            wrapped(
                theme,
                _(
                    "Checks, versions, settings, states and the log of bugs in one file, for whoever helps. Leads,"
                    " names, addresses and secrets are left out; read it before you send it."
                ),
                12, "muted",
            )
        )  # fmt: skip
        self.bundle = helping.button(_("Write the file…"))
        self.bundle.clicked.connect(self._ask_bundle)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.bundle)
        helping.body.addLayout(row)
        column.addWidget(helping)

        self.sample = SettingsCard(page, _("Sample data"))
        drop = self.sample.button(_("Remove sample"), "danger")
        drop.clicked.connect(self._ask_remove_sample)
        self.context.offer(drop, "sample.remove")
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

    def back_up(self, _checked: bool = False) -> None:
        """Copy the workspace beside its daily backups."""
        if self.context.desk.back_up_now is not None:
            self.back_up_button.setEnabled(False)
            job = self.context.background.run(self.context.desk.back_up_now)
            job.then(self._backed_up).otherwise(self._failed)

    def _backed_up(self, file: Path) -> None:
        self.back_up_button.setEnabled(True)
        self.context.wishes.told.emit(_("Backed up as {file}").format(file=file.name), 0)
        self.ask()

    def _failed(self, problem: Exception) -> None:
        self.back_up_button.setEnabled(True)
        self.export.setEnabled(True)
        self.bundle.setEnabled(True)
        self.context.background.problem.emit(problem)

    def _restore_current(self) -> None:
        if (row := self.rows.current()) is not None:
            self._ask_restore(row)

    def _ask_restore(self, row: BackupRow) -> None:
        sheet = ConfirmSheet(
            self.context,
            _("Put back the workspace of {moment}").format(moment=wording.moment(row.at)),
            _(
                "The window closes and opens again with it. What was done since, and its undo, is not in it; what is"
                " there now is kept beside it: {file}"
            ).format(file=f"{PurePath(self.place.full_text()).name}.before-restore-…"),
            _("Put it back"),
            danger=True,
        )
        sheet.confirmed.connect(partial(self.context.wishes.restore.emit, row.file))
        self.context.wishes.sheet.emit(sheet)

    def ask_export(self, _checked: bool = False) -> None:
        """Ask for the file that every lead is written into."""
        place = Path.home() / "leads.csv"
        FileDialog(self, _("Export all leads"), self.export_to, place=place, filters=_FORMATS, saves_as="csv")

    def export_to(self, file: str) -> None:
        """Write every lead into *file*, in the form that its ending names."""
        if self.context.desk.export_leads is not None:
            self.export.setEnabled(False)
            job = self.context.background.run(self.context.desk.export_leads, file, ())
            job.then(self._exported).otherwise(self._failed)

    def _exported(self, said: str) -> None:
        self.export.setEnabled(True)
        self.context.wishes.told.emit(_("Exported: {what}").format(what=said), 0)

    def ask_archive(self, _checked: bool = False) -> None:
        """Ask for the file that the whole workspace is written into."""
        FileDialog(
            self, _("Export the workspace"), self.archive_to, place=Path.home() / "workspace.pqldesk.zip",
            filters=_("Archives (*.zip)"), saves_as="zip",
        )  # fmt: skip

    def archive_to(self, file: str) -> None:
        """Write the whole workspace into *file*, which is not there yet."""
        self._take_over("export", "all", file).came.connect(partial(self._archived, file))

    def _archived(self, file: str, answer: Any) -> None:
        rows = wording.number(answer["rows"])
        told = _("The workspace is in {file}: {rows} rows").format(file=Path(file).name, rows=rows)
        self._taken(told)

    def ask_refill(self, _checked: bool = False) -> None:
        """Ask for the export that this workspace, which was never used, is filled from."""
        FileDialog(
            self, _("Fill from an export of a workspace"), self.refill_from, place=Path.home(),
            filters=_("Archives (*.zip)"),
        )  # fmt: skip

    def refill_from(self, file: str) -> None:
        """Fill the workspace from *file*, all or nothing; one that holds data is left alone, and it is said."""
        self._take_over("import", "all", file).came.connect(self._refilled)

    def _refilled(self, answer: Any) -> None:
        self._taken(_("{rows} rows are here. Connect other systems again: secrets are not in an export.").format(
            rows=wording.number(answer["rows"])
        ))  # fmt: skip
        self.context.background.changed.emit(Changes.to(*Topic))

    def _take_over(self, *words: str) -> Beside:
        for button in (self.archive, self.refill):
            button.setEnabled(False)
        run = Beside(self.page, *words)
        run.reported.connect(self._report)
        run.failed.connect(self._not_taken)
        return run

    def _report(self, done: int, _what: str) -> None:
        self._way_on.setText(n_("{n} row", "{n} rows", done))

    def _taken(self, told: str) -> None:
        self._way_on.setText("")
        for button in (self.archive, self.refill):
            button.setEnabled(True)
        if told:
            self.context.wishes.told.emit(told, 0)

    def _not_taken(self, problem: Exception) -> None:
        self._taken("")
        self.context.background.problem.emit(problem)

    def _ask_bundle(self) -> None:
        FileDialog(
            self,
            _("File for support"),
            self.bundle_to,
            place=Path.home() / "pqldesk-help.zip",
            filters=_("Archives (*.zip)"),
            saves_as="zip",
        )

    def bundle_to(self, file: str) -> None:
        """Write what a helper has to know into *file*."""
        self.bundle.setEnabled(False)
        run = Beside(self.page, "doctor", "--bundle", file)
        run.came.connect(partial(self._bundled, file))
        run.failed.connect(self._failed)

    def _bundled(self, file: str, _checks: object) -> None:
        self.bundle.setEnabled(True)
        self.context.wishes.told.emit(_("Written: {file}").format(file=Path(file).name), 0)

    def _ask_remove_sample(self) -> None:
        sheet = ConfirmSheet.of_sample(self.context)
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
