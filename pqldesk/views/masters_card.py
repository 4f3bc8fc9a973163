"""Which side is master of which field, on the Sources page; Enter changes it."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.crm.conflict_rows import MasterRow
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.conflicts_card import field_words
from pqldesk.views.page import Context, Page
from pqldesk.views.rights import MANAGES
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet, field_label
from pqldesk.views.source_card import SourceCard

PHASES = {"free": _("Unclaimed"), "claimed": _("Claimed"), "sales": _("With sales")}
MASTERS = {
    "pqldesk": _("PQLDesk"),
    "crm": _("The CRM"),
    "both": _("Whoever changed it; both, you decide"),
}
_SHORT = {"pqldesk": _("PQLDesk"), "crm": _("CRM"), "both": _("Both")}


def _columns(system: Callable[[MasterRow], str]) -> tuple[Column[MasterRow], ...]:
    """*system*: of which CRM a field is, where there are several."""

    def phase(name: str) -> Column[MasterRow]:
        return Column(
            PHASES[name],
            lambda r: _SHORT[r.masters[name]],
            130,
            hint=lambda r: MASTERS[r.masters[name]],
            mark=lambda r: Mark(tone="accent" if name in r.chosen else ""),
        )

    return (
        Column(
            _("Field"), lambda r: field_words(r.field), 240, stretch=3, mark=lambda r: Mark(second=system(r))
        ),
        *(phase(name) for name in PHASES),
    )


class MasterSheet(SmallSheet):
    """Choose the master of a field in each phase."""

    given = Signal(object)  # phase -> master, of those that were changed

    def __init__(self, context: Context, row: MasterRow) -> None:
        self.size_wanted = QSize(480, 0)
        title = _("Who is master of this field?")
        super().__init__(context, title, f"{row.title} · {field_words(row.field)}", _("Keep"))
        self.choices: dict[str, QComboBox] = {}
        self._before = dict(row.masters)
        for phase, words in PHASES.items():
            box = Choice()
            for master, told in MASTERS.items():
                box.addItem(told, master)
            box.setCurrentIndex(list(MASTERS).index(row.masters[phase]))
            box.setMinimumHeight(context.theme.px(32))
            self.choices[phase] = box
            self.add(words, box)
        self.fields.addStretch()

    def first_field(self) -> QWidget:
        return self.choices["free"]

    def submit(self) -> None:
        chosen = {phase: str(box.currentData()) for phase, box in self.choices.items()}
        self.given.emit({p: master for p, master in chosen.items() if master != self._before[p]})
        self.close_sheet()


class MasterBoxes(QWidget):
    """The master of one field in each phase, beside each other; hidden where only one side holds the field."""

    def __init__(self, context: Context, changed: Callable[[str, str], None]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.boxes: dict[str, QComboBox] = {}
        self._changed = changed
        for phase, words in PHASES.items():
            column = QVBoxLayout()
            column.setSpacing(3)
            box = Choice()
            for master, short in _SHORT.items():
                box.addItem(short, master)
            box.setToolTip(_("Whose value counts while the lead is so: {phase}").format(phase=words))
            box.setMinimumHeight(context.theme.px(30))
            box.setMinimumContentsLength(4)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(partial(self._tell, phase))
            name = _("Master, {phase}").format(phase=wording.in_sentence(words))
            label = field_label(context, name if not self.boxes else words, box)
            box.setAccessibleName(name)
            column.addWidget(label)
            column.addWidget(box)
            row.addLayout(column, 1)
            self.boxes[phase] = box
        self.hide()

    def show_masters(self, masters: Mapping[str, str] | None) -> None:
        self.setVisible(masters is not None)
        for phase, box in self.boxes.items():
            if masters is not None:
                box.setCurrentIndex(list(_SHORT).index(masters[phase]))

    def _tell(self, phase: str, _at: int) -> None:
        self._changed(phase, str(self.boxes[phase].currentData()))


class MastersCard(SourceCard):
    """Every field that both sides hold, for each connected CRM."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Who is master of which field"), _("Enter changes it"))
        self._of_one = ""  # the only CRM
        self.table = RowTable(_columns(self._system), key=lambda row: f"{row.system} {row.field}")
        self.view = RowView(self.table, self.paints, _("Masters of fields"))
        self.view.opened.connect(self.change)
        self.body.addWidget(self.view)

    def refresh(self) -> None:
        self.page.read(self.context.desk.masters).then(self._show)

    def change(self, row: MasterRow) -> None:
        """Open the sheet for a field."""
        if not self.context.may(MANAGES):
            return
        sheet = MasterSheet(self.context, row)

        def keep(chosen: dict[str, str]) -> None:
            if chosen:
                told = _("Kept for {field}").format(field=field_words(row.field))
                self.page.act(
                    self.context.desk.set_masters, row.system, row.field, chosen, self.context.rep, told=told
                )

        sheet.given.connect(keep)
        self.context.wishes.sheet.emit(sheet)

    def _system(self, row: MasterRow) -> str:
        return "" if self._of_one else row.title

    def _show(self, rows: list[MasterRow]) -> None:
        titles = {row.title for row in rows}
        self._of_one = next(iter(titles)) if len(titles) == 1 else ""
        self.note.setText(" · ".join(filter(None, (self._of_one, _("Enter changes it")))))
        self.view.set_height(32 if self._of_one else 44)
        self.table.show(rows)
        self.setVisible(bool(rows))
        self.view.fit_rows()
