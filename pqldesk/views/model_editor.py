"""The scoring model being edited: signals, fit, exclusions, bands and the cut, each change checked as it is typed."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.modelling.replay_figures import SignalReplayed
from pqldesk.services.modelling.words import check_model, number_of
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.containers import Card, line
from pqldesk.views.edit_table import EditTable, EditView
from pqldesk.views.labels import Label, stand, wrapped
from pqldesk.views.model_parts import PARTS, Field, Line, Part, lines_of, text_of, value_of
from pqldesk.views.page import Context
from pqldesk.views.parts import Button, sized
from pqldesk.views.small_sheets import field_label
from pqldesk.views.tabs import Tabs

_USUAL = 6  # signals of the model that everybody begins with


class ModelEditor(Card):
    """A table of one part, the fields of its current row, and a sentence that says what is wrong."""

    changed = Signal(object)  # the whole document, valid

    def __init__(self, context: Context) -> None:
        super().__init__(context.theme)
        self.context = context
        self._document: dict[str, Any] = {}
        self._live: Mapping[str, Any] = {}
        self._replayed: Mapping[str, SignalReplayed] = {}
        self._kinds: tuple[str, ...] = ()
        self._part: Part = PARTS[0]
        self._wrong = ""
        self.body.setContentsMargins(12, 10, 12, 12)

    def parts(self) -> Iterator[None]:
        """Build it, a table at a time; until then it shows nothing."""
        theme, paints = self.context.theme, self.context.paints
        self.tabs = Tabs(paints)
        self.tabs.chosen.connect(self._turn_to)
        top = QHBoxLayout()
        top.addWidget(self.tabs, 1, Qt.AlignmentFlag.AlignVCenter)
        self.add_button = Button(paints, _("Add signal"), icon="plus")
        self.add_button.clicked.connect(self.add_row)
        self.context.offer(self.add_button, "model.add")
        top.addWidget(self.add_button)
        self.body.addLayout(top)
        self._hold = QVBoxLayout()
        self.body.addLayout(self._hold)
        self.tables: dict[str, EditTable[Line]] = {}
        self.views: dict[str, EditView] = {}
        for part in PARTS:
            yield
            table: EditTable[Line] = EditTable(part.columns, key=lambda row: row.values["key"])
            table.locked = self._is_barred
            view = EditView(table, paints, part.title, 42 if part is PARTS[0] else 38)
            table.setParent(view)
            table.edited.connect(self._commit)
            view.typed.connect(self._look)
            view.moved.connect(self._fill)
            stand(view, part is self._part)
            if part is PARTS[0]:
                view.fit_rows(expected=_USUAL)
            yield
            self.tables[part.key], self.views[part.key] = table, view
            self._hold.addWidget(view)
        yield
        self.nothing = wrapped(theme, "", 13, "muted")
        self.nothing.hide()
        self.body.addWidget(self.nothing)
        self.body.addLayout(self._total_row())
        self.body.addWidget(line())
        self.form = QWidget()
        self.body.addWidget(self.form)
        self.context.rights.hold(self.form, "model.add")
        self.context.rights.hold(self.cut, "model.add")
        self._grid = QGridLayout(self.form)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        self.sentence = wrapped(theme, "", 12, "bad")
        self.sentence.stand_only_with_words()
        self.body.addWidget(self.sentence)
        self.body.addStretch(1)
        yield
        yield from self._form_parts()

    def show_model(
        self, document: Mapping[str, Any], live: Mapping[str, Any], kinds: tuple[str, ...]
    ) -> None:
        """Show a model; what is being typed stays."""
        self._live, self._kinds = live, kinds
        if self._wrong or document == self._document:
            self._show_rows()
            return
        self._document = deepcopy(dict(document))
        self._show_rows()
        self._fill(self.current())

    def show_replayed(self, signals: Mapping[str, SignalReplayed]) -> None:
        """What the replay found out about each signal."""
        self._replayed = signals
        self._show_rows()

    def _is_barred(self) -> bool:
        return bool(self.context.rights.why_not("model.add"))

    def document(self) -> dict[str, Any]:
        """The model as it stands."""
        return deepcopy(self._document)

    def current(self) -> Line | None:
        row: Line | None = self.views[self._part.key].current()
        return row

    def view(self) -> EditView:
        """The table in front."""
        return self.views[self._part.key]

    def add_row(self) -> None:
        """A new row at the end of the part in front, under the keyboard."""
        if self._part.new is None or not self._document:
            return
        rows = self._document.setdefault(self._part.key, [])
        taken = {one["key"] for one in rows}
        number = next(n for n in range(1, len(rows) + 2) if self._part.new(n)["key"] not in taken)
        self._take([*rows, self._part.new(number)])
        self.view().setCurrentIndex(self.tables[self._part.key].index(len(rows), 0))
        self.view().setFocus()

    def remove_row(self) -> None:
        """Take the current row out of the draft."""
        if (row := self.current()) is None:
            self.context.wishes.told.emit(_("Choose a row first"), 0)
            return
        rows = self._document[self._part.key]
        self._take(rows[: row.place] + rows[row.place + 1 :])

    def move_row(self, by: int) -> None:
        """Move the current row up or down."""
        row = self.current()
        rows = list(self._document.get(self._part.key, ()))
        if row is None:
            self.context.wishes.told.emit(_("Choose a row first"), 0)
            return
        if not 0 <= row.place + by < len(rows):
            self.context.wishes.told.emit(_("It is the first") if by < 0 else _("It is the last"), 0)
            return
        rows.insert(row.place + by, rows.pop(row.place))
        self._take(rows)

    def _take(self, rows: list[dict[str, Any]]) -> None:
        """Put these rows into the document if it is sound with them."""
        candidate = {**self._document, self._part.key: rows}
        self._say(check_model(candidate))
        if not self._wrong:
            self._store(candidate)

    def _store(self, document: dict[str, Any]) -> None:
        self._document = document
        self._show_rows()
        self._fill(self.current())
        self.changed.emit(deepcopy(document))

    def _with(self, key: object, name: str, value: Any) -> dict[str, Any]:
        candidate = deepcopy(self._document)
        for row in candidate.get(self._part.key, ()):
            if row["key"] == key:
                row[name] = value
        return candidate

    def _field(self, name: str) -> Field:
        return next(one for one in self._part.fields if one.key == name)

    def _value(self, key: object, name: str, text: str) -> Any:
        one = self._field(name)
        if one.kind != "fit":
            return value_of(text, one)
        row = next(row for row in self._document[self._part.key] if row["key"] == key)
        if row["operator"] == "one_of":
            return value_of(text, Field(name, "", "list"))
        return value_of(text, Field(name, "", "number" if row["operator"].startswith("at_") else "text"))

    def _look(self, key: object, name: str, text: str) -> None:
        """While somebody types: say what is wrong, keep nothing."""
        self._say(check_model(self._with(key, name, self._value(key, name, text))))

    def _commit(self, key: object, name: str, text: str) -> None:
        value = self._value(key, name, text)
        candidate = self._with(key, name, value)
        wrong = check_model(candidate)
        self._say(wrong)
        if not wrong and candidate != self._document:
            self._store(candidate)
        elif wrong:
            self._say("")  # what stood there stands again
            self._fill(self.current())
            self.context.wishes.told.emit(_("Not kept: {why}").format(why=wrong), 0)

    def _say(self, wrong: str) -> None:
        self._wrong = wrong
        self.sentence.setText(wrong)
        for widget in self.fields.values():
            widget.setProperty("wrong", bool(wrong) and widget.hasFocus())
            widget.style().polish(widget)

    # building

    def _total_row(self) -> QHBoxLayout:
        theme = self.context.theme
        row = QHBoxLayout()
        row.setSpacing(6)
        self.total = Label(theme, "", 12, tone="muted")
        self.cut = QLineEdit()
        self.cut.setAlignment(Qt.AlignmentFlag.AlignRight)
        sized(self.cut, theme, width=56)
        self.cut.textEdited.connect(self._look_at_cut)
        self.cut.editingFinished.connect(self._commit_cut)
        row.addWidget(self.total)
        row.addStretch()
        row.addWidget(field_label(self.context, _("Qualified at"), self.cut))
        row.addWidget(self.cut)
        return row

    def _look_at_cut(self, text: str) -> None:
        self._say(check_model({**self._document, "cut": number_of(text)}))

    def _commit_cut(self) -> None:
        candidate = {**self._document, "cut": number_of(self.cut.text())}
        wrong = check_model(candidate)
        self._say("")
        if wrong:
            self.cut.setText(str(self._document.get("cut", "")))
        elif candidate != self._document and self._document:
            self._store(candidate)

    def _build_form(self) -> None:
        for _part in self._form_parts():
            pass

    def _form_parts(self) -> Iterator[None]:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = {}
        across = 4 if len(self._part.fields) > 5 else len(self._part.fields)
        for n, one in enumerate(self._part.fields):
            widget = self._editor(one)
            widget.setToolTip(one.hint)
            down, right = divmod(n, across)
            label = field_label(self.context, one.label, widget)
            label.setContentsMargins(
                0, 7 if down else 0, 0, 0
            )  # nearer to its own field than to the one above
            self._grid.addWidget(label, 2 * down, right)
            self._grid.addWidget(widget, 2 * down + 1, right)
            # names of events are longer than numbers, in some languages much
            self._grid.setColumnStretch(
                right, max(self._grid.columnStretch(right), 1 if one.kind == "number" else 2)
            )
            self.fields[one.key] = widget
            yield
        if self._part.new is not None:
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addStretch()
            for words, hint, what, command in (
                (_("Up"), _("Move this row up"), self._up, "model.up"),
                (_("Down"), _("Move this row down"), self._down, "model.down"),
                (_("Remove"), _("Take this row out of the draft"), self.remove_row, "model.remove"),
            ):
                button = Button(self.context.paints, words)
                button.setToolTip(hint)
                button.clicked.connect(what)
                self.context.offer(button, command)
                row.addWidget(button)
            holder = QWidget()
            holder.setLayout(row)
            row.setContentsMargins(0, 6, 0, 0)
            self._grid.addWidget(holder, 20, 0, 1, across)

    def _up(self) -> None:
        self.move_row(-1)

    def _down(self) -> None:
        self.move_row(1)

    def _editor(self, one: Field) -> QLineEdit | QComboBox:
        if one.kind in ("choice", "flag"):
            box = Choice()
            for value, words in one.choices.items():
                box.addItem(words, value)
            box.setProperty("field", one.key)
            if one.kind == "choice":  # events may have long names; the two of a flag are read whole
                box.setMinimumContentsLength(6)
                box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setCurrentIndex(-1)  # nothing is chosen before there is a row
            box.activated.connect(self._choose)
            return box
        edit = QLineEdit()
        edit.setProperty("field", one.key)
        edit.setPlaceholderText(one.empty)
        edit.textEdited.connect(self._type)
        edit.editingFinished.connect(self._finish)
        return edit

    def _type(self, text: str) -> None:
        row, name = self.current(), str(self.sender().property("field"))
        if row is not None:
            self._look(row.values["key"], name, text)

    def _finish(self) -> None:
        edit, row = self.sender(), self.current()
        if row is None or not isinstance(edit, QLineEdit) or not edit.isModified():
            return
        edit.setModified(False)
        self._commit(row.values["key"], str(edit.property("field")), edit.text())

    def _choose(self, at: int) -> None:
        box, row = self.sender(), self.current()
        if row is None or not isinstance(box, QComboBox):
            return
        candidate = self._with(row.values["key"], str(box.property("field")), box.itemData(at))
        self._mend(candidate, row.values["key"], str(box.property("field")))
        wrong = check_model(candidate)
        self._say(wrong)
        if not wrong and candidate != self._document:
            self._store(candidate)

    def _mend(self, candidate: dict[str, Any], key: object, name: str) -> None:
        """Another rule or comparison needs another kind of value: begin with one that holds."""
        row = next(row for row in candidate[self._part.key] if row["key"] == key)
        if name == "rule":
            needs = row["rule"] in ("internal_domains", "test_accounts")
            row["values"] = row["values"] or (["example.com"] if needs else [])
            session = row["rule"] == "single_session"
            row["events"], row["minutes"] = (row["events"] or 20, row["minutes"] or 30) if session else (0, 0)
        if name == "operator":
            words = text_of(row["value"], Field("value", ""))
            kind = {"one_of": "list", "at_least": "number", "at_most": "number"}.get(row["operator"], "text")
            value = value_of(words or "1", Field("value", "", kind))
            if kind == "number" and isinstance(value, str):
                value = 1
            row["value"] = None if row["operator"] == "is_set" else value

    # showing

    def _turn_to(self, key: str) -> None:
        self._part = next(part for part in PARTS if part.key == key)
        self._say("")
        self._build_form()
        self._show_rows()
        self._fill(self.current())

    def _show_rows(self) -> None:
        self.tabs.show_tabs([
            (part.key, part.title, str(len(self._document.get(part.key, ())))) for part in PARTS
        ])  # fmt: skip
        for part in PARTS:
            table, view = self.tables[part.key], self.views[part.key]
            table.show(lines_of(part, self._document, self._live, self._replayed))
            is_front = part is self._part
            view.setVisible(is_front and table.rowCount() > 0)
            if is_front:
                view.fit_rows()
                if not view.currentIndex().isValid() and table.rowCount():
                    view.setCurrentIndex(table.index(0, 0))
        rows = self.tables[self._part.key].rowCount()
        self.nothing.setText("" if rows else self._part.empty)
        self.nothing.setVisible(not rows and bool(self._part.empty))
        self.form.setVisible(rows > 0)
        self.add_button.setVisible(self._part.new is not None)
        self.add_button.setText(self._part.add)
        self.add_button.updateGeometry()
        weights = [one["weight"] for one in self._document.get("signals", ()) if one["weight"] > 0]
        self.total.setText(_("Weights total {n}").format(n=wording.number(sum(weights))))
        if not self.cut.hasFocus() and self._document:
            self.cut.setText(str(self._document["cut"]))

    def _fill(self, row: Line | None) -> None:
        """The fields of the current row."""
        if row is None or row.values not in self._document.get(self._part.key, ()):
            return
        for one in self._part.fields:
            widget, value = self.fields[one.key], row.values.get(one.key)
            if isinstance(widget, QComboBox):
                if one.key == "kind":
                    widget.clear()
                    widget.addItem(_("any usage"), None)
                    for kind in dict.fromkeys((*self._kinds, *filter(None, (value,)))):
                        widget.addItem(wording.plain(kind), kind)
                widget.setCurrentIndex(widget.findData(value))
            elif not (widget.hasFocus() and widget.isModified()):
                widget.setText(text_of(value, one))
                widget.setCursorPosition(0)
                widget.setModified(False)
        if self._part.key == "exclusions":
            session = row.values["rule"] == "single_session"
            self.fields["values"].setEnabled(not session and row.values["rule"] != "bots")
            self.fields["events"].setEnabled(session)
            self.fields["minutes"].setEnabled(session)
