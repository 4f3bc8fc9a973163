"""How the values of an imported file are read: times, dates and numbers, each asked only where it matters."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.rows import SettingRow
from pqldesk.views.choice import Choice
from pqldesk.views.desk import ImportChoices, ImportLook
from pqldesk.views.page import Context
from pqldesk.views.setting_editors import ZoneEditor
from pqldesk.views.small_sheets import field_label

_DATES = ((None, _("found out")), (True, _("day first")), (False, _("month first")))
_NUMBERS = ((False, "1,234.5"), (True, "1.234,5"))


class ImportReading(QWidget):
    """The zone of times that name none, the order of dates, the sign of decimals; `changed` when one is chosen."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._asked = frozenset[str]()
        self._chosen = dict[str, object]()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.zone = ZoneEditor(context, SettingRow("zone", "", "", "", "zone"))
        self.zone.given.connect(partial(self._choose, "zone"))
        self.dates = self._combo(_DATES, "dates")
        self.numbers = self._combo(_NUMBERS, "numbers")
        self._fields: dict[str, tuple[QWidget, QWidget]] = {}
        for key, text, field, hint in (
            ("zone", _("Times without a zone"), self.zone,
             _("Where the clock stood that wrote times without a zone. Kept for files with these columns.")),
            ("dates", _("Dates such as 02/01"), self.dates, _("Kept for files with these columns.")),
            ("numbers", _("Numbers"), self.numbers, _("Kept for files with these columns.")),
        ):  # fmt: skip
            label = field_label(context, text, field)
            field.setToolTip(hint)
            row.addWidget(label)
            row.addWidget(field)
            self._fields[key] = (label, field)
        self.zone.name_it(_("Times without a zone"), "")
        row.addStretch(1)
        self.forget()

    def forget(self) -> None:
        """Another file: nothing is chosen or in question yet."""
        self._asked, self._chosen = frozenset(), {}
        self._ask()

    def show_look(self, look: ImportLook) -> None:
        """Ask what is in question in the file, and show how it was read."""
        self._asked |= frozenset(look.in_question)
        self._ask()
        if look.zone:
            self.zone.show_value(look.zone)
        self.dates.setCurrentIndex(self.dates.findData(look.day_first))
        self.numbers.setCurrentIndex(self.numbers.findData(look.decimal_comma))

    def choices(self, mapping: tuple[tuple[str, str], ...]) -> ImportChoices:
        """What was chosen here, together with the *mapping* of the columns."""
        zone, dates, numbers = (self._chosen.get(key) for key in ("zone", "dates", "numbers"))
        return ImportChoices(
            mapping,
            zone if isinstance(zone, str) else None,
            dates if isinstance(dates, bool) else None,
            numbers if isinstance(numbers, bool) else None,
        )

    def _ask(self) -> None:
        for key, widgets in self._fields.items():
            for widget in widgets:
                widget.setVisible(key in self._asked)
        self.setVisible(bool(self._asked))

    def _combo(self, choices: tuple[tuple[bool | None, str], ...], key: str) -> QComboBox:
        combo = Choice()
        for value, text in choices:
            combo.addItem(text, value)
        combo.activated.connect(partial(self._chosen_in, combo, key))
        return combo

    def _chosen_in(self, combo: QComboBox, key: str, _index: int) -> None:
        self._choose(key, combo.currentData())

    def _choose(self, key: str, value: object) -> None:
        self._chosen[key] = value
        self.changed.emit()
