"""The columns of an imported file: each with what stands first in it, and the field it fills."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.files.fields import Kind
from pqldesk.views.choice import Choice
from pqldesk.views.containers import scrolled
from pqldesk.views.desk import ImportLook
from pqldesk.views.import_fields import field_words, offered_fields
from pqldesk.views.labels import Label
from pqldesk.views.layouts import widgets_in
from pqldesk.views.page import Context


class ImportColumns(QWidget):
    """One line per column, in the order of the file; `chosen` carries a column and its field, "" to leave it out."""

    chosen = Signal(str, str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._theme = context.theme
        self._offered: tuple[str, ...] = ()
        self.examples: dict[str, Label] = {}  # by column: what stands first in it
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QGridLayout()
        head.setContentsMargins(0, 0, 12, 0)
        head.setHorizontalSpacing(12)
        for n, words in enumerate((_("Column of the file"), _("Fills the field"))):
            head.addWidget(Label(self._theme, words, 12, 600, "muted"), 0, n)
            head.setColumnStretch(n, 1)
        column.addLayout(head)
        self._host = QWidget()
        self._grid = QGridLayout(self._host)
        self._grid.setContentsMargins(0, 0, 12, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        for n in range(2):
            self._grid.setColumnStretch(n, 1)
        column.addWidget(scrolled(self._host, _("Columns")), 1)

    def show_look(self, look: ImportLook, kind: Kind) -> None:
        """Show what each column fills now. Built again only when the columns, or what they may fill, change."""
        fields, names = dict(look.mapping), tuple(offered_fields(kind))
        columns = list(look.examples)
        columns += [column for column in (*fields, *look.unmapped) if column and column not in columns]
        if [combo.objectName() for combo in self.combos()] != columns or self._offered != names:
            self._build(columns, names)
        for combo in self.combos():
            combo.setCurrentIndex(max(0, combo.findData(fields.get(combo.objectName(), ""))))
        for column, label in self.examples.items():
            label.setText(look.examples.get(column, ""))

    def left_out(self) -> QComboBox | None:
        """The first column that fills no field."""
        return next((combo for combo in self.combos() if not combo.currentData()), None)

    def combos(self) -> list[QComboBox]:
        """What each column fills; their names are those of the columns."""
        return [
            combo for combo in widgets_in(self._grid) if isinstance(combo, QComboBox) and combo.objectName()
        ]

    def _build(self, columns: list[str], names: tuple[str, ...]) -> None:
        self._offered, self.examples = names, {}
        for old in widgets_in(self._grid):
            self._grid.removeWidget(old)
            old.setObjectName("")
            old.hide()
            old.deleteLater()
        for n in range(self._grid.rowCount()):
            self._grid.setRowStretch(n, 0)
        for n, column in enumerate(columns):
            combo = Choice()
            combo.setObjectName(column)
            combo.setAccessibleName(_("Field for column {name}").format(name=column))
            combo.addItem(_("Leave out"), "")
            for name in names:
                combo.addItem(field_words(name), name)
            combo.activated.connect(self._choose)
            self._grid.addWidget(self._named(column), n, 0)
            self._grid.addWidget(combo, n, 1, Qt.AlignmentFlag.AlignVCenter)
            combo.show()  # now, not with the next turn: the keyboard may be wanted there
        self._grid.setRowStretch(len(columns), 1)

    def _named(self, column: str) -> QWidget:
        """The name of a column, and under it what stands first in it."""
        cell = QWidget()
        lines = QVBoxLayout(cell)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(1)
        lines.addWidget(Label(self._theme, column, 13, 500, elide=True))
        self.examples[column] = Label(self._theme, "", 12, tone="muted", elide=True)
        self.examples[column].stand_only_with_words()
        lines.addWidget(self.examples[column])
        return cell

    def _choose(self) -> None:
        combo = self.sender()
        if isinstance(combo, QComboBox):
            self.chosen.emit(combo.objectName(), str(combo.currentData() or ""))
