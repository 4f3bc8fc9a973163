"""Imported files on the Sources page: their rejected rows, and taking one back."""

from functools import partial
from pathlib import Path, PurePath
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.rows import ImportRow
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.source_card import SourceCard


def _rejected(row: ImportRow) -> str:
    return "" if not row.rejected else n_("{n} rejected", "{n} rejected", row.rejected)


def _columns(context: Context) -> tuple[Column[ImportRow], ...]:
    def count(title: str, value: str) -> Column[ImportRow]:
        return Column(
            title,
            lambda r: wording.number(getattr(r, value)),
            92,
            right=True,
            order=lambda r: getattr(r, value),
        )

    return (
        Column(
            _("File"), lambda r: PurePath(r.file).name, 240, stretch=3, hint=lambda r: r.file,
            mark=lambda r: Mark(second=_("{kind}, batch {batch}").format(kind=wording.plain(r.kind), batch=r.batch_id)),
        ),
        Column(
            _("Imported"), lambda r: wording.ago(r.at, context.now()), 120, order=lambda r: r.at,
            hint=lambda r: wording.exact(r.at), mark=lambda r: Mark(tone="muted"),
        ),
        count(_("Rows"), "rows"), count(p_("rows", "New"), "created"), count(p_("rows", "Updated"), "updated"),
        count(p_("rows", "Duplicates"), "duplicates"),
        Column(" ", lambda r: "", 24),
        Column(
            p_("rows", "Rejected"), _rejected, 130, mark=lambda r: Mark("pill", tone="warn"),
            order=lambda r: r.rejected, hint=lambda r: r.rejects_file or _("No row was rejected"),
            pills=(n_("{n} rejected", "{n} rejected", 100),),
        ),
    )  # fmt: skip


class ImportsCard(SourceCard):
    """Every imported file with what became of its rows."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Imported files"), _("Enter opens the rows that were rejected"))
        self.table = RowTable(_columns(self.context), key=lambda row: row.batch_id)
        self.view = RowView(self.table, self.paints, _("Imported files"))
        self.view.opened.connect(self._open_rejects)
        self.view.moved.connect(self._moved)
        self.body.addWidget(self.view)
        self.no_import = wrapped(page.theme, _(
            "Nothing has been imported yet. Files of leads, companies, usage events and trials appear here."
        ), 13, "muted")  # fmt: skip
        self.body.addWidget(self.no_import)
        key = self.context.key_of
        self.rejects = Button(self.paints, _("Rejected rows…"), partial(key, "imports.rejects"))
        self.rejects.setToolTip(_("Open the file with the rows that were not taken, each with its reason"))
        self.rejects.clicked.connect(self.open_rejects)
        self.undo = Button(self.paints, _("Undo import…"), partial(key, "imports.undo"))
        self.undo.setToolTip(
            _("Remove what only the file under the cursor brought; what would go is named first")
        )
        self.undo.clicked.connect(self.ask_undo)
        self.context.rights.hold(self.undo, "imports.undo")
        self.foot = QWidget()
        foot = QHBoxLayout(self.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addStretch()
        foot.addWidget(self.rejects)
        foot.addWidget(self.undo)
        self.body.addWidget(self.foot)
        for widget in (self.view, self.no_import, self.foot):
            widget.hide()  # until it is known which of them is wanted

    def refresh(self) -> None:
        self.page.read(self.context.desk.imports).then(self._show)

    def _show(self, rows: list[ImportRow]) -> None:
        self.table.show(rows)
        self.view.setVisible(bool(rows))
        self.no_import.setVisible(not rows)
        self.view.fit_rows()
        self.foot.setVisible(bool(rows))
        if rows and self.view.current() is None:
            self.view.setCurrentIndex(self.table.index(0, 0))
        self._moved(self.view.current())

    def _moved(self, row: ImportRow | None) -> None:
        self.rejects.setEnabled(row is not None and bool(row.rejects_file))
        self.undo.setEnabled(row is not None)

    def open_rejects(self, _checked: bool = False) -> None:
        """Open the rows of the import under the cursor that were rejected."""
        if (row := self.view.current()) is not None:
            self._open_rejects(row)

    def ask_undo(self, _checked: bool = False) -> None:
        """Say what would go with the import under the cursor, and take it back once that is confirmed."""
        from pqldesk.views.import_undo_sheet import ImportUndoSheet

        row = self.view.current()
        if row is None:
            self.context.wishes.told.emit(_("No import is under the cursor"), 0)
            return
        sheet = ImportUndoSheet(self.page, row, PurePath(row.file).name)
        sheet.confirmed.connect(partial(self._undo, row))
        self.context.wishes.sheet.emit(sheet)

    def _undo(self, row: ImportRow) -> None:
        """In a process of its own: a file may have brought ten million events."""
        name = PurePath(row.file).name
        self.context.wishes.told.emit(_("Taking {file} back …").format(file=name), 0)
        run = Beside(self.page, "import", "undo", row.batch_id)
        run.came.connect(partial(self._undone, name))
        run.failed.connect(self.context.background.problem)

    def _undone(self, name: str, answer: Any) -> None:
        from pqldesk.views.import_undo_sheet import going

        gone = ", ".join(going(answer["removed"])) or _("nothing")
        self.context.wishes.told.emit(_("{file} is taken back; gone: {what}").format(file=name, what=gone), 0)
        self.refresh()

    def _open_rejects(self, row: ImportRow) -> None:
        """The file of rejected rows, in what the system opens such files with."""
        if not row.rejects_file:
            self.context.wishes.told.emit(
                _("No row of {file} was rejected").format(file=PurePath(row.file).name), 0
            )
        elif not Path(row.rejects_file).is_file():
            self.context.background.problem.emit(
                Problem(
                    _("{file} is not there any more.").format(file=row.rejects_file),
                    _("Import the file again to have its rejected rows written anew."),
                )
            )
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(row.rejects_file))
