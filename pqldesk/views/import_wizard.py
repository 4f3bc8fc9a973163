"""Import a file: choose it, see what was understood and what would happen, correct it, then do it."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.child import Stop
from pqldesk.services.files.fields import Kind
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.containers import EmptyState
from pqldesk.views.desk import ImportChoices, ImportLook
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.file_dialog import FileDialog
from pqldesk.views.import_columns import ImportColumns
from pqldesk.views.import_events import ImportEvents
from pqldesk.views.import_fields import field_words, missing_words
from pqldesk.views.import_reading import ENCODINGS, ImportReading
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.notices import problem_words
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, Pill

KINDS = (
    (Kind.LEADS, _("Leads")), (Kind.EVENTS, _("Usage events")), (Kind.COMPANIES, _("Companies")),
    (Kind.TRIALS, _("Trials")),
)  # fmt: skip
_HINTS = {
    Kind.EVENTS: ("event", "usage", "track", "log"),
    Kind.COMPANIES: ("compan", "account", "org"),
    Kind.TRIALS: ("trial", "subscription"),
}
_PATTERNS = "*.csv *.tsv *.txt *.xlsx *.xls *.json *.jsonl *.ndjson *.parquet *.gz *.bz2"
_DELIMITERS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}


def guess_kind(path: str) -> Kind:
    """What a file most likely holds, from its name; leads unless the name says otherwise."""
    name = Path(path).name.lower()
    return next((kind for kind, hints in _HINTS.items() if any(hint in name for hint in hints)), Kind.LEADS)


def understood(look: ImportLook) -> str:
    """How the file was read, in one line."""
    parts = [n_("{n} row", "{n} rows", look.rows)] if look.rows or not look.missing else []
    if look.sheet:
        parts.append(_("sheet {name}").format(name=look.sheet))
    if look.encoding:
        parts.append(dict(ENCODINGS).get(look.encoding, look.encoding))
    if look.delimiter:
        parts.append(_("separated by {sign}").format(sign=_DELIMITERS.get(look.delimiter, look.delimiter)))
    if look.header_line:
        parts.append(_("names in line {n}").format(n=look.header_line))
    return " · ".join(parts)


def _why_left_out(line: int, reason: str) -> Fact:
    """A row that is left out: why, and where it stands."""
    field, _colon, why = reason.partition(": ")
    where = _("line {n}").format(n=line)
    if not why or not field.isidentifier():
        return Fact(reason, where, hint=reason)
    return Fact(f"{why[:1].upper()}{why[1:]}", second=f"{field_words(field)} · {where}", hint=reason)


class ImportSheet(Sheet):
    """Three states on one sheet: choose, check, import."""

    size_wanted = QSize(900, 660)
    _reported = Signal(int, str)  # emitted by the importing thread

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._path, self._chosen, self._rows = "", dict[str, str](), 0
        self._looks = 0  # asked for so far; only the last one counts
        self._is_first = False  # the look that is awaited is the first at this file
        self._stop: Stop | None = None  # of the import that runs
        self.head(
            _("Import a file"),
            _("CSV, TSV, Excel, JSON, JSONL or Parquet; nothing is stored before you say so."),
        )
        self._steps = QStackedWidget()
        self._steps.addWidget(self._choose_step())
        self._steps.addWidget(self._check_step())
        self.outer.addWidget(self._steps, 1)
        self.problem = Label(context.theme, "", 12, tone="bad")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Progress of the import"))
        self.progress.hide()
        across = QHBoxLayout()
        across.setContentsMargins(17, 0, 17, 10)
        across.addWidget(self.progress)
        self.outer.addLayout(across)
        self.cancel = Button(context.paints, _("Cancel"))
        self.cancel.clicked.connect(self._cancel)
        self.confirm = Button(context.paints, _("Import"), shown_keys("Ctrl+Return"), "primary")
        self.confirm.clicked.connect(self.submit)
        self.confirm.setEnabled(False)
        self.foot(self.cancel, self.confirm, note=self.problem)
        self.setAcceptDrops(True)
        self._soon = QTimer(self, singleShot=True, interval=250)
        self._soon.timeout.connect(self._preview)
        self._reported.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)

    def first_field(self) -> QWidget:
        return self._empty.action

    def choose(self, path: str) -> None:
        """Look at a file; nothing is stored."""
        self._path, self._chosen, self._is_first = path, {}, True
        self.reading.forget()
        self.events.forget()
        self._steps.setCurrentIndex(0)
        self.title.setText(_("Import {file}").format(file=Path(path).name))
        self.note.setText(_("Nothing is stored before you say so."))
        self.kind.setCurrentIndex(self.kind.findData(guess_kind(path)))
        self._preview()

    def submit(self) -> None:
        run = self.context.desk.run_import
        if not self.confirm.isEnabled() or run is None:
            return
        self.show_running(0, "")
        self._stop = Stop(gently=True)
        job = self.context.background.run(
            run, self._path, str(self.kind.currentData()), self._choices(), self._report, self._stop
        )
        job.then(self._imported).otherwise(self._explain)

    def show_running(self, done: int, words: str) -> None:
        """How far the import is, in rows and in words."""
        self.confirm.setEnabled(False)
        self._let_choose(False)
        self.progress.setRange(0, self._rows)
        self.progress.show()
        self.cancel.setText(_("Stop"))
        self._show_progress(done, words)

    def _let_choose(self, may: bool) -> None:
        """Whether how the file is read may be changed: not while it is imported so."""
        for part in (self.reading, self.columns, self.events):
            part.setEnabled(may)

    def _cancel(self) -> None:
        """Before the import leave; while it runs stop it after the batch it is in."""
        if self._stop is None:
            self.close_sheet()
            return
        self.cancel.setEnabled(False)
        self.cancel.setText(_("Stopping"))
        self._stop.ask()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.choose(files[0])

    # steps

    def _choose_step(self) -> QWidget:
        self._empty = EmptyState(self.context.theme, "upload")
        self._empty.setObjectName("dropzone")
        self._invite()
        self._empty.acted.connect(self._browse)
        step = QWidget()
        around = QVBoxLayout(step)
        around.setContentsMargins(17, 14, 17, 14)
        around.addWidget(self._empty)
        return step

    def _invite(self) -> None:
        self._empty.say(
            _("Drop a file here"),
            _("Encoding, separator and columns are found out; you see what would happen before it does."),
            _("Choose a file…"),
        )

    def _check_step(self) -> QWidget:
        theme = self.context.theme
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(17, 14, 17, 10)
        column.setSpacing(10)
        self.kind = Choice()
        for value, text in KINDS:
            self.kind.addItem(text, value)
        self.kind.activated.connect(self._kind_chosen)
        self.reading = ImportReading(self.context, self.kind)
        self.reading.changed.connect(self._soon_again)
        column.addWidget(self.reading)
        said = QVBoxLayout()
        said.setSpacing(3)
        self.read_as = Label(theme, "", 12, tone="muted", elide=True)
        said.addWidget(self.read_as)
        self.notes = wrapped(theme, "", 12, "muted")
        self.notes.hide()
        said.addWidget(self.notes)
        column.addLayout(said)
        self._results = QHBoxLayout()
        self._results.setSpacing(6)
        column.addLayout(self._results)
        across = QHBoxLayout()
        across.setSpacing(20)
        self.columns = ImportColumns(self.context)
        self.columns.chosen.connect(self._field_chosen)
        across.addWidget(self.columns, 1)
        side = QVBoxLayout()
        side.setSpacing(6)
        self._left_out = Label(theme, _("Rows that would be left out"), 12, 600, "muted")
        side.addWidget(self._left_out)
        self.rejects = Facts(self.context.paints, _("Rows that would be left out"))
        side.addWidget(self.rejects)
        self._more = wrapped(theme, "", 12, "muted")
        side.addWidget(self._more)
        self.events = ImportEvents(self.context)
        self.events.changed.connect(self._soon_again)
        side.addWidget(self.events)
        side.addStretch(1)
        across.addLayout(side, 1)
        column.addLayout(across, 1)
        return page

    def _browse(self) -> None:
        filters = _("Data files ({patterns})").format(patterns=_PATTERNS)
        FileDialog(self, _("Choose a file"), self.choose, place=Path.home(), filters=filters)

    def _kind_chosen(self) -> None:
        self._chosen = {}
        self.events.forget()
        self._preview()

    def _field_chosen(self, column: str, field: str) -> None:
        self._chosen[column] = field
        self._soon_again()

    def _soon_again(self) -> None:
        """Look again once the choosing pauses; what is shown now is of the choices before."""
        self.confirm.setEnabled(False)
        self._soon.start()

    # asking and showing

    def _choices(self) -> ImportChoices:
        return replace(self.reading.choices(tuple(self._chosen.items())), events=self.events.chosen())

    def _preview(self) -> None:
        preview = self.context.desk.preview_import
        if preview is not None and self._path:
            self.confirm.setEnabled(False)
            words = _("Reading {file}…").format(file=Path(self._path).name)
            self._empty.say(words, _("Nothing is stored yet."))
            self.problem.set_tone("muted")
            self.problem.setText(words if self._steps.currentIndex() else "")
            job = self.context.background.run(
                preview, self._path, str(self.kind.currentData()), self._choices()
            )
            self._looks += 1
            job.then(partial(self._show_last, self._looks)).otherwise(
                partial(self._explain_last, self._looks)
            )

    def _show_last(self, number: int, look: ImportLook) -> None:
        if number == self._looks:  # an earlier look is of choices that no longer hold
            self._show(look)

    def _explain_last(self, number: int, problem: Exception) -> None:
        if number == self._looks:
            self._invite()
            self._explain(problem)

    def _show(self, look: ImportLook) -> None:
        self._rows = look.rows
        self._steps.setCurrentIndex(1)
        self.problem.setText("")
        self.read_as.setText(understood(look))
        self.notes.setText("\n".join(look.notes))
        self.notes.setVisible(bool(look.notes))
        self.reading.show_look(look)
        self.events.show_look(look)
        self._show_results(look)
        self.columns.show_look(look, Kind(self.kind.currentData()))
        self.rejects.show_rows(tuple(_why_left_out(line, reason) for line, reason in look.rejects[:8]))
        self._left_out.setVisible(not look.missing)
        rest = look.rejected - min(8, len(look.rejects))
        words = _("None: every row can be taken.") if not (look.rejected or look.missing) else ""
        if rest > 0:
            words = n_(
                "and {n} more; all are written beside the file.",
                "and {n} more; all are written beside the file.",
                rest,
            )
        self._more.setText(words)
        self.confirm.setEnabled(look.created + look.updated + look.set_aside > 0)
        if self._is_first:  # the button that opened the file is gone, and Enter must not meet Cancel
            self._is_first = False
            wanted = self.columns.left_out() if look.missing else None
            (wanted or self.kind).setFocus(Qt.FocusReason.OtherFocusReason)
        if look.missing:
            self.problem.set_tone("bad")
            self.problem.setText(missing_words(look.missing))
        elif look.refused:
            self.problem.set_tone("bad")
            self.problem.setText(_("No row of this file can be used as it is read now."))
        elif not self.confirm.isEnabled():
            self.problem.setText(_("Nothing in this file is new."))

    def _show_results(self, look: ImportLook) -> None:
        while (item := self._results.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for count, one, tone in (
            (look.created, _("{n} new"), "ok"), (look.updated, _("{n} updated"), "accent"),
            (look.duplicates, _("{n} already here"), "neutral"), (look.set_aside, _("{n} set aside"), "warn"),
            (look.rejected, _("{n} left out"), "bad"),
        ):  # fmt: skip
            if count:
                self._results.addWidget(Pill(self.context.paints, one.format(n=wording.number(count)), tone))
        self._results.addStretch()

    def _report(self, done: int, words: str) -> None:
        """From the importing thread."""
        self._reported.emit(done, words)

    def _show_progress(self, done: int, words: str) -> None:
        self.progress.setValue(min(done, self.progress.maximum()))
        if 0 < done <= self._rows:
            words = _("{done} of {all} rows").format(
                done=wording.number(done), all=wording.number(self._rows)
            )
        self.problem.set_tone("muted")
        self.problem.setText(words)

    def _imported(self, look: ImportLook) -> None:
        taken = look.created + look.updated
        told = n_("Imported {n} row", "Imported {n} rows", taken)
        if look.rejected:
            told += _(", {n} left out: see {file}").format(
                n=look.rejected, file=look.rejects_file or self._path
            )
        self.context.wishes.told.emit(told, 0)
        self.close_sheet()

    def _explain(self, problem: Exception) -> None:
        self.progress.hide()
        self._let_choose(True)
        self._stop = None
        self.cancel.setText(_("Close"))
        self.cancel.setEnabled(True)
        if not isinstance(problem, Problem):
            self.close_sheet()
            self.context.background.problem.emit(problem)
            return
        self.problem.set_tone("bad")
        self.problem.setText(problem_words(problem))
