"""Which column fills which of our fields, for a warehouse or a portal's own tables; read there when it is opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.containers import line
from pqldesk.views.find_field import FindField
from pqldesk.views.import_fields import field_words
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Page
from pqldesk.views.parts import Button
from pqldesk.views.rights import ADMINS
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

if TYPE_CHECKING:
    from pqldesk.services.crm.source_columns import ColumnsShown, OurField
    from pqldesk.services.pulls.puller import TheirColumn


def _state(row: OurField) -> tuple[str, str]:
    if row.theirs is not None:
        return (_("By its name"), "neutral") if row.by_itself else (_("Chosen"), "ok")
    return (_("Needed"), "bad") if row.is_needed else (_("Empty"), "neutral")


def _ours(row: OurField) -> str:
    return field_words(row.name)


_OURS = (
    Column["OurField"](
        _("Ours"), _ours, 180, stretch=2, mark=lambda r: Mark(second=wording.plain(r.part) if r.part else "")
    ),
    Column["OurField"](
        _("There"), lambda r: r.theirs or wording.NONE, 150, stretch=2,
        mark=lambda r: Mark(tone="" if r.theirs else "muted"),
    ),
    Column["OurField"](
        _("State"), lambda r: _state(r)[0], 112, mark=lambda r: Mark("pill", tone=_state(r)[1]),
        pills=(_("By its name"), _("Chosen"), _("Needed"), _("Empty")),
    ),
)  # fmt: skip


class ColumnSheet(Sheet):
    """Enter on a field of ours goes to the columns, Enter on a column lets it fill the field."""

    def __init__(self, page: Page, system: str, title: str) -> None:
        self.size_wanted = QSize(980, 640)
        super().__init__(page.context)
        self._page, self._system, self._title = page, system, title
        self._shown: ColumnsShown | None = None
        self.head(
            _("What is read from {system}").format(system=title),
            _("A change counts from the next pull on; what is here stays."),
        )
        body = QWidget()
        sides = QHBoxLayout(body)
        sides.setContentsMargins(17, 12, 17, 12)
        sides.setSpacing(14)
        sides.addLayout(self._our_side(), 6)
        sides.addLayout(self._their_side(), 5)
        self.outer.addWidget(body, 1)
        self.outer.addWidget(line())
        self._feet()
        self._look()

    def first_field(self) -> QWidget:
        return self.ours

    def submit(self) -> None:
        """Enter while finding goes to what was found."""
        if self.find_ours.hasFocus():
            self.ours.setFocus(Qt.FocusReason.TabFocusReason)

    def _our_side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(8)
        self.find_ours = FindField(self.context.theme, _("Find a field of ours"))
        self.find_ours.textChanged.connect(self._show_ours)
        side.addWidget(self.find_ours)
        self.our_table: RowTable[OurField] = RowTable(_OURS, key=lambda row: (row.part, row.name))
        self.ours = RowView(self.our_table, self.context.paints, _("Ours"), 40)
        self.ours.moved.connect(self._choose)
        self.ours.opened.connect(self._go_there)
        side.addWidget(self.ours, 1)
        return side

    def _their_side(self) -> QVBoxLayout:
        theme, paints = self.context.theme, self.context.paints
        side = QVBoxLayout()
        side.setSpacing(8)
        self.chosen = Label(theme, " ", 13, 600, elide=True)
        side.addWidget(self.chosen)
        columns = (
            Column["TheirColumn"](
                _("Column"), lambda r: r.name, 170, stretch=2, mark=lambda r: Mark(second=r.kind)
            ),
            Column["TheirColumn"](
                _("Fills"), self._filled_by, 130, stretch=1, mark=lambda _r: Mark(tone="muted")
            ),
        )
        self.their_table: RowTable[TheirColumn] = RowTable(columns, key=lambda row: (row.part, row.name))
        self.theirs = RowView(self.their_table, paints, _("Columns there"), 40)
        self.theirs.opened.connect(self._take)
        side.addWidget(self.theirs, 1)
        self.read = Button(paints, _("Read it from there"), "↵")
        self.read.setToolTip(_("Let the column under the cursor fill the field"))
        self.read.clicked.connect(self._take_current)
        self.leave = Button(paints, _("Leave out"))
        self.leave.setToolTip(_("Fill the field from no column"))
        self.leave.clicked.connect(partial(self._set, ""))
        for button in (self.read, self.leave):
            self.context.rights.hold(button, ADMINS)
        across = QHBoxLayout()
        across.addWidget(self.read)
        across.addWidget(self.leave)
        across.addStretch()
        side.addLayout(across)
        return side

    def _feet(self) -> None:
        bar = QWidget()
        across = QHBoxLayout(bar)
        across.setContentsMargins(17, 11, 17, 12)
        across.setSpacing(8)
        self.again = Button(self.context.paints, _("Ask {system} again").format(system=self._title))
        self.again.clicked.connect(self._look)
        self.said = wrapped(self.context.theme, "", 12.5, "muted")
        close = Button(self.context.paints, _("Close"), "Esc")
        close.clicked.connect(self.close_sheet)
        across.addWidget(self.again)
        across.addWidget(self.said, 1)
        across.addWidget(close)
        self.outer.addWidget(bar)

    # What is shown

    def _look(self) -> None:
        ask = self.context.desk.source_columns
        if ask is None:
            return
        self._say(_("Asking {name}").format(name=self._title), "muted")
        self.again.setEnabled(False)
        self.context.background.start(ask, self._system).then(self._show).otherwise(self._explain)

    def _show(self, shown: ColumnsShown) -> None:
        self._shown = shown
        self.again.setEnabled(True)
        self._say("", "muted")
        self._show_ours()
        if self.ours.current() is None and self.our_table.rowCount():
            self.ours.setCurrentIndex(self.our_table.index(0, 0))
        self._choose(self.ours.current())

    def _show_ours(self, _text: str = "") -> None:
        fields = self._shown.fields if self._shown else ()
        self.our_table.show(
            [row for row in fields if self.find_ours.fits(_ours(row), row.name, row.part, row.theirs or "")]
        )

    def _choose(self, row: OurField | None) -> None:
        for button in (self.read, self.leave):
            button.setEnabled(row is not None)
        if row is None:
            self.chosen.setText(" ")
            self.their_table.show([])
            return
        self.leave.setEnabled(row.theirs is not None and not row.is_needed)
        part = f"{wording.plain(row.part)}: " if row.part else ""
        self.chosen.setText(f"{part}{_ours(row)}")
        columns = self._shown.columns if self._shown else ()
        self.their_table.show([one for one in columns if one.part == row.part])
        at = self.their_table.find((row.part, row.theirs))
        if at is not None:
            self.theirs.setCurrentIndex(self.their_table.index(at, 0))

    def _filled_by(self, column: TheirColumn) -> str:
        fields = self._shown.fields if self._shown else ()
        return ", ".join(_ours(one) for one in fields if (one.part, one.theirs) == (column.part, column.name))

    # What is done

    def _go_there(self, _row: OurField) -> None:
        self.theirs.setFocus(Qt.FocusReason.TabFocusReason)

    def _take_current(self) -> None:
        if (column := self.theirs.current()) is not None:
            self._take(column)

    def _take(self, column: TheirColumn) -> None:
        self._set(column.name)

    def _set(self, theirs: str, _checked: bool = False) -> None:
        row = self.ours.current()
        if row is None or not self.context.may(ADMINS):
            return
        told = _("{field} is mapped otherwise").format(field=_ours(row))
        job = self._page.write(
            self.context.desk.set_column, self._system, row.part, row.name, theirs, self.context.rep
        )
        job.then(partial(self._changed, told)).otherwise(self._explain)

    def _changed(self, told: str, _answer: object) -> None:
        self.context.wishes.told.emit(told, 1)
        self.ours.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look()

    def _explain(self, problem: object) -> None:
        self.again.setEnabled(True)
        self._say(str(problem), "bad")

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        self.said.set_tone(tone)
