"""How an imported file is read: times, dates, numbers, letters and sheet, each asked only where it matters."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.rows import SettingRow
from pqldesk.views.choice import Choice
from pqldesk.views.desk import ImportChoices, ImportLook
from pqldesk.views.flow import Flow
from pqldesk.views.page import Context
from pqldesk.views.setting_editors import ZoneEditor
from pqldesk.views.small_sheets import field_label

_DATES = ((None, _("found out")), (True, _("day first")), (False, _("month first")))
_NUMBERS = ((False, "1,234.5"), (True, "1.234,5"))
ENCODINGS = (
    ("utf-8", "UTF-8"), ("cp1252", _("Western (Windows)")), ("cp1250", _("Central European (Windows)")),
    ("cp1251", _("Cyrillic (Windows)")), ("cp1253", _("Greek (Windows)")), ("cp1254", _("Turkish (Windows)")),
    ("mac_roman", _("Western (Mac)")), ("cp850", _("Western (DOS)")), ("shift_jis", _("Japanese")),
    ("gb18030", _("Chinese, simplified")), ("big5", _("Chinese, traditional")), ("euc_kr", _("Korean")),
)  # fmt: skip


class ImportReading(QWidget):
    """What the file holds, the zone of times that name none, the order of dates, the sign of decimals; `changed` when
    one of all but the first is chosen."""

    changed = Signal()

    def __init__(self, context: Context, kind: QWidget) -> None:
        """*kind* is where it is chosen what the file holds; it comes first and is always asked."""
        super().__init__()
        self._asked = frozenset[str]()
        self._chosen = dict[str, object]()
        row = Flow(self, 12)
        self.zone = ZoneEditor(context, SettingRow("zone", "", "", "", "zone"))
        self.zone.given.connect(partial(self._choose, "zone"))
        self.dates = self._combo(_DATES, "dates")
        self.numbers = self._combo(_NUMBERS, "numbers")
        self.encoding = self._combo(ENCODINGS, "encoding")
        self.sheet = self._combo((), "sheet")
        self._fields: dict[str, QWidget] = {}
        for key, text, field, hint in (
            ("kind", _("What it holds"), kind, ""),
            ("zone", _("Times without a zone"), self.zone,
             _("Where the clock stood that wrote times without a zone. Kept for files with these columns.")),
            ("dates", _("Dates such as 02/01"), self.dates, _("Kept for files with these columns.")),
            ("numbers", _("Numbers"), self.numbers, _("Kept for files with these columns.")),
            ("encoding", _("Letters"), self.encoding, _("Choose another where letters look wrong.")),
            ("sheet", _("Sheet"), self.sheet, ""),
        ):  # fmt: skip
            label = field_label(context, text, field)
            field.setToolTip(hint)
            pair = QWidget()  # so that a line is never broken between a name and its field
            beside = QHBoxLayout(pair)
            beside.setContentsMargins(0, 0, 0, 0)
            beside.setSpacing(8)
            beside.addWidget(label)
            beside.addWidget(field)
            row.addWidget(pair)
            self._fields[key] = pair
        self.zone.name_it(_("Times without a zone"), "")
        self.forget()

    def forget(self) -> None:
        """Another file: nothing is chosen or in question yet."""
        self._asked, self._chosen = frozenset({"kind"}), {}
        self.sheet.clear()
        self._ask()

    def show_look(self, look: ImportLook) -> None:
        """Ask what is in question in the file, and show how it was read."""
        self._asked |= frozenset(look.in_question)
        self._ask()
        if look.zone:
            self.zone.show_value(look.zone)
        self.dates.setCurrentIndex(self.dates.findData(look.day_first))
        self.numbers.setCurrentIndex(self.numbers.findData(look.decimal_comma))
        self._show_choice(self.encoding, look.encoding)
        for name in look.sheets:
            if self.sheet.findData(name) < 0:
                self.sheet.addItem(name, name)
        self._show_choice(self.sheet, look.sheet)

    def choices(self, mapping: tuple[tuple[str, str], ...]) -> ImportChoices:
        """What was chosen here, together with the *mapping* of the columns."""
        zone, dates, numbers = (self._chosen.get(key) for key in ("zone", "dates", "numbers"))
        encoding, sheet = (self._chosen.get(key) for key in ("encoding", "sheet"))
        return ImportChoices(
            mapping,
            zone if isinstance(zone, str) else None,
            dates if isinstance(dates, bool) else None,
            numbers if isinstance(numbers, bool) else None,
            encoding if isinstance(encoding, str) else None,
            sheet if isinstance(sheet, str) else None,
        )

    def _ask(self) -> None:
        for key, pair in self._fields.items():
            pair.setVisible(key in self._asked)

    def _show_choice(self, combo: QComboBox, value: str | None) -> None:
        """What the file was read as, though it may be none that is usually offered."""
        if value is None:
            return
        if combo.findData(value) < 0:
            combo.addItem(value, value)
        combo.setCurrentIndex(combo.findData(value))

    def _combo(self, choices: Sequence[tuple[object, str]], key: str) -> QComboBox:
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
