"""One clause of a filter: field, operator and value, each from a list or typed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.filters.fields import FIELDS, KEYED, ME, NOBODY, UNITS, VERBS, Kind
from pqldesk.services.filters.language import (
    Clause,
    check_clause,
    verbs_of,
)
from pqldesk.views.choice import Choice
from pqldesk.views.filter_words import VERB_WORDS
from pqldesk.views.labels import stand
from pqldesk.views.page import Context

_RELATIVE = ("last", "not last", "next", "not next")


class ClauseRow(QWidget):
    """Field, operator and value of one clause."""

    edited = Signal()
    choices_wanted = Signal(str)
    dropped = Signal(object)

    def __init__(self, context: Context, clause: Clause | None, *, removable: bool) -> None:
        super().__init__()
        self._choices: dict[str, tuple[tuple[str, str], ...]] = {}
        self._filling = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.field, self.op, self.unit = Choice(), Choice(), Choice()
        self.value = Choice()
        self.value.setEditable(True)
        self.value.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        px = context.theme.px
        for widget, name, width in (
            (self.field, _("Field"), 138), (self.op, _("Operator"), 160), (self.value, _("Value"), 210),
            (self.unit, _("Unit"), 100),
        ):  # fmt: skip
            widget.setAccessibleName(name)
            widget.setMinimumWidth(px(width))
            widget.setMaxVisibleItems(16)
            row.addWidget(widget, 1 if widget is self.value else 0)
        for field in FIELDS.values():
            self.field.addItem(field.label, field.key)
        for unit in UNITS:
            self.unit.addItem(_(unit), unit)
        self.unit.setCurrentIndex(1)
        self.drop = QPushButton("×")
        self.drop.setObjectName("link")
        self.drop.setAccessibleName(_("Remove this line"))
        self.drop.setToolTip(_("Remove this line"))
        stand(self.drop, removable)
        self.drop.clicked.connect(self._dropped)
        row.addWidget(self.drop)
        self.field.currentIndexChanged.connect(self._field_chosen)
        self.op.currentIndexChanged.connect(self._op_chosen)
        self.value.editTextChanged.connect(self._edited)
        self.unit.currentIndexChanged.connect(self._edited)
        self._show(clause or Clause("score", ">=", ("60",)))

    def keep_room(self, wanted: bool) -> None:
        """Whether there is room for the × also where there is none, so that lines stand under each other."""
        keeps = self.drop.sizePolicy()
        keeps.setRetainSizeWhenHidden(wanted)
        self.drop.setSizePolicy(keeps)

    def clause(self) -> Clause:
        """What the row says, right or wrong."""
        field, op = str(self.field.currentData()), str(self.op.currentData())
        key = ""
        values: tuple[str, ...] = ()
        said = self._said()
        if field in KEYED:
            key = said
        elif op in _RELATIVE:
            values = (said, str(self.unit.currentData()))
        elif op in ("any", "none"):
            values = tuple(self._key_of(part.strip()) for part in said.split(",") if part.strip())
        elif VERBS[op].values:
            values = (said,)
        return Clause(field, op, values, key)

    def wrong(self) -> str:
        """Why the row cannot be used; "" when it can."""
        clause = self.clause()
        empty = (clause.field in KEYED and not clause.key) or (
            VERBS[clause.op].values and not any(clause.values)
        )
        return "" if not empty and not check_clause(clause) else self._needs(clause)

    def offer(self, field: str, values: tuple[tuple[str, str], ...]) -> None:
        """Offer these values for a field, keeping what is written."""
        self._choices[field] = values
        if field == self.field.currentData():
            self._fill(self._said())

    def _needs(self, clause: Clause) -> str:
        field = FIELDS[clause.field]
        if clause.op in _RELATIVE:
            return _("{field}: a whole number is needed.").format(field=field.label)
        return _("{field}: {hint} is needed.").format(field=field.label, hint=field.hint)

    def _show(self, clause: Clause) -> None:
        self._filling = True
        self.field.setCurrentIndex(self.field.findData(clause.field))
        self._fill_ops()
        self.op.setCurrentIndex(max(0, self.op.findData(clause.op)))
        if clause.op in _RELATIVE:
            self.unit.setCurrentIndex(self.unit.findData(clause.values[1]))
        said = clause.key or (clause.values[0] if clause.op in _RELATIVE else ", ".join(clause.values))
        self._filling = False
        self._fill(said)
        self._fit()

    def _said(self) -> str:
        text = self.value.currentText().strip()
        return text if self.op.currentData() in ("any", "none") else self._key_of(text)

    def _key_of(self, text: str) -> str:
        """The key of a choice that is shown under its label."""
        known = self._choices.get(str(self.field.currentData()), ())
        return next((key for key, label in known if label.casefold() == text.casefold()), text)

    def _label_of(self, key: str) -> str:
        known = self._choices.get(str(self.field.currentData()), ())
        return next((label for one, label in known if one == key), key)

    def _fill_ops(self) -> None:
        field = FIELDS[str(self.field.currentData())]
        self.op.clear()
        for op in verbs_of(field):
            self.op.addItem(VERB_WORDS[op].replace("{value}", "…").strip(" …") or VERB_WORDS[op], op)

    def _fill(self, said: str) -> None:
        key = str(self.field.currentData())
        field = FIELDS[key]
        if (
            key not in self._choices
            and not field.choices
            and field.kind not in (Kind.NUMBER, Kind.TIME, Kind.FLAG)
        ):
            self._choices[key] = ()
            self.choices_wanted.emit(key)
        offered = [(one, one) for one in field.choices] or list(self._choices.get(key, ()))
        if field.kind is Kind.PERSON:
            offered = [(NOBODY, _("nobody")), (ME, _("me")), *offered]
        if field.kind is Kind.TIME and self.op.currentData() not in _RELATIVE:
            offered = [(day, _(day)) for day in ("today", "yesterday", "tomorrow")]
        self._choices[key] = tuple(offered)
        was, self._filling = self._filling, True
        self.value.clear()
        for one, label in offered:
            self.value.addItem(label, one)
        self.value.setEditText(self._label_of(said))
        edit = self.value.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(field.hint if self.op.currentData() not in _RELATIVE else _("how many"))
        self._filling = was

    def _fit(self) -> None:
        op = str(self.op.currentData())
        field = str(self.field.currentData())
        self.value.setVisible(bool(VERBS[op].values) or field in KEYED)
        self.unit.setVisible(op in _RELATIVE)

    def _field_chosen(self) -> None:
        if self._filling:
            return
        self._filling = True
        self._fill_ops()
        self._filling = False
        usual = {"score": "60", "active": "7", "trial ends": "7", "owner": NOBODY}
        self._fill(usual.get(str(self.field.currentData()), ""))
        self._op_chosen()

    def _op_chosen(self) -> None:
        if self._filling or self.op.currentData() is None:
            return
        if FIELDS[str(self.field.currentData())].kind is Kind.TIME:
            said = self._said()
            keeps = said.isdecimal() == (self.op.currentData() in _RELATIVE)
            self._fill(said if keeps else "")
        self._fit()
        self.edited.emit()

    def _edited(self) -> None:
        if not self._filling:
            self.edited.emit()

    def _dropped(self) -> None:
        self.dropped.emit(self)
