"""Edits one part of a filter where its chip stands: field, operator, value, further lines joined by or; or as text."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.filters.language import (
    Clause,
    Either,
    Node,
    either,
    every,
    filter_text,
    parse_filter,
    parts_of,
)
from pqldesk.services.view_spec import ViewSpec
from pqldesk.views.clause_row import ClauseRow
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.popover import Popover

_SOON_MS = 120  # typing rests this long before the leads are counted


class FilterEditor(Popover):
    """Says the part of the filter that was made, and meanwhile how many leads match it."""

    given = Signal(object)  # a Node

    def __init__(
        self,
        context: Context,
        anchor: QWidget,
        spec: ViewSpec,
        search: str,
        others: Sequence[Node],
        part: Node | None,
    ) -> None:
        super().__init__(anchor)
        self._context, self._spec, self._search, self._others = context, spec, search, list(others)
        self._count_job: Any = None
        self._choices: dict[str, tuple[tuple[str, str], ...]] = {}
        self.setAccessibleName(_("Filter"))
        self._rows: list[ClauseRow] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.column.addLayout(self._lines)
        self.text = QLineEdit()
        self.text.setAccessibleName(_("Filter as text"))
        self.text.setPlaceholderText("company contains acme or (score >= 60 and owner is nobody)")
        self.text.setMinimumWidth(context.theme.px(520))
        self.text.textChanged.connect(self._edited)
        self.column.addWidget(self.text)
        self.says = wrapped(context.theme, "", 12, "muted")
        self.column.addWidget(self.says)
        foot = QHBoxLayout()
        foot.setSpacing(10)
        self.more = QPushButton(_("+ or"))
        self.more.setObjectName("link")
        self.more.setToolTip(_("Another line; one of them is enough"))
        self.more.clicked.connect(self._add_row)
        self.as_text = QPushButton()
        self.as_text.setObjectName("link")
        self.as_text.clicked.connect(self._switch)
        self.count = Label(context.theme, "", 12, 500)
        cancel = Button(context.paints, _("Cancel"), "Esc")
        cancel.clicked.connect(self.leave)
        self.apply = Button(context.paints, _("Apply"), shown_keys("Return"), "primary")
        self.apply.clicked.connect(self.submit)
        foot.addWidget(self.more)
        foot.addWidget(self.as_text)
        foot.addStretch()
        foot.addWidget(self.count)
        foot.addWidget(cancel)
        foot.addWidget(self.apply)
        self.column.addLayout(foot)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._ask)
        clauses = list(part.parts) if isinstance(part, Either) else [] if part is None else [part]
        self._writes = any(not isinstance(one, Clause) for one in clauses)
        if self._writes and part is not None:
            self.text.setText(filter_text(part))
        for clause in [None] if part is None else [] if self._writes else clauses:
            self._put_row(clause if isinstance(clause, Clause) else None)
        self._fit()
        self._edited()

    def first_field(self) -> QWidget:
        if self._writes:
            return self.text
        row = self._rows[0]
        return row.field if self._is_new() else row.value if row.value.isVisibleTo(row) else row.op

    def node(self) -> Node | None:
        """What was put together; None while it cannot be used."""
        if self._writes:
            try:
                found = parse_filter(self.text.text())
            except BadInput:
                return None
            return found if found.parts else None
        if any(row.wrong() for row in self._rows):
            return None
        return either([row.clause() for row in self._rows])

    def submit(self) -> None:
        node = self.node()
        if node is None:
            self._edited()
            return
        self.leave()
        self.given.emit(node)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.window().focusWidget()
            if isinstance(focus, QPushButton | Button) and focus is not self.apply:
                focus.click()
            else:
                self.submit()
        else:
            super().keyPressEvent(event)

    def _is_new(self) -> bool:
        return self.property("new") is not False

    def _put_row(self, clause: Clause | None) -> None:
        row = ClauseRow(self._context, clause, removable=bool(self._rows))
        row.edited.connect(self._edited)
        row.dropped.connect(self._drop_row)
        row.choices_wanted.connect(self._ask_choices)
        self.setProperty("new", clause is None)
        for field, values in self._choices.items():
            row.offer(field, values)
        self._rows.append(row)
        self._lines.addWidget(row)
        self._align()
        if not self._choices:
            self._ask_choices(str(row.field.currentData()))

    def _align(self) -> None:
        for row in self._rows:
            row.keep_room(len(self._rows) > 1)

    def _add_row(self) -> None:
        self._put_row(self._rows[-1].clause() if self._rows else None)
        self._rows[-1].show()
        self.place()
        self._rows[-1].value.setFocus()
        self._edited()

    def _drop_row(self, row: object) -> None:
        if isinstance(row, ClauseRow) and len(self._rows) > 1:
            self._rows.remove(row)
            row.hide()
            row.deleteLater()
            self._lines.removeWidget(row)
            self._align()
            self._rows[-1].value.setFocus()
            self.place()
            self._edited()

    def _switch(self) -> None:
        """From rows to text, and back where the text is clauses joined by or."""
        if not self._writes:
            made = self.node()
            self.text.setText(filter_text(made) if made is not None else "")
        else:
            made = self.node()
            parts = self._as_clauses(made)
            for row in self._rows:
                row.hide()
                row.deleteLater()
                self._lines.removeWidget(row)
            self._rows = []
            wanted: list[Clause | None] = [*parts] or [None]
            for clause in wanted:
                self._put_row(clause)
                self._rows[-1].show()
        self._writes = not self._writes
        self._fit()
        self.place()
        self._edited()
        self.first_field().setFocus()

    @staticmethod
    def _as_clauses(node: Node | None) -> list[Clause]:
        inner = node if node is None or len(parts_of(node)) != 1 else parts_of(node)[0]
        parts = inner.parts if isinstance(inner, Either) else (inner,)
        return [part for part in parts if isinstance(part, Clause)] if len(parts) else []

    def _fit(self) -> None:
        self.text.setVisible(self._writes)
        self.more.setVisible(not self._writes)
        for row in self._rows:
            row.setVisible(not self._writes)
        self.as_text.setText(_("Choose from lists") if self._writes else _("Write it as text"))

    def _edited(self) -> None:
        wrong = ""
        if self._writes:
            try:
                parse_filter(self.text.text())
            except BadInput as problem:
                wrong = f"{problem.what} {problem.remedy}".strip()
        else:
            wrong = next((said for row in self._rows if (said := row.wrong())), "")
        self.says.setText(wrong)
        self.says.setVisible(bool(wrong))
        self.apply.setEnabled(self.node() is not None)
        self.count.setText("")
        if self.isVisible():
            self.place()
        self._soon.start()

    def _ask(self) -> None:
        node = self.node()
        if self._count_job is not None:
            self._count_job.cancel()
        if node is None:
            return
        spec = replace(self._spec, filter=filter_text(every(*self._others, node)))
        job = self._context.background.read(self._context.desk.count_leads, spec, self._search)
        self._count_job = job
        job.then(self._counted)
        job.otherwise(self._not_counted)

    def _counted(self, many: int) -> None:
        self._count_job = None
        self.count.setText(n_("{n} matches", "{n} match", many))

    def _not_counted(self, problem: Exception) -> None:
        self._count_job = None
        if isinstance(problem, BadInput):  # a signal or band that is not there
            self.says.setText(f"{problem.what} {problem.remedy}".strip())
            self.says.show()
            self.apply.setEnabled(False)
            self.place()
        else:
            self._context.background.problem.emit(problem)

    def _ask_choices(self, field: str) -> None:
        self._context.background.read(self._context.desk.filter_choices, field).then(self._offer)

    def _offer(self, choices: Any) -> None:
        self._choices[choices.field] = choices.values
        for row in self._rows:
            row.offer(choices.field, choices.values)
