"""Writing an event rule, with what it would change about the events received last shown while one writes."""

import re
from functools import partial

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.connectors import title_of
from pqldesk.services.events.rule_rows import PreviewRow, RuleDraft, RulePreview
from pqldesk.services.events.rules import NOTHING_OF_IT
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.containers import scrolled
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label, stand, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Page
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import field_label

KINDS = (
    "login", "feature_activated", "team_invited", "integration_connected", "data_imported", "signed_up",
    "trial_started", "trial_ended", NOTHING_OF_IT,
)  # fmt: skip
SOON_MS = 250


def _counted(event: tuple[str, str | None, str]) -> str:
    kind, key, amount = event
    if kind == NOTHING_OF_IT:
        return _("Not stored")
    return " ".join(filter(None, (wording.plain(kind), key, "" if amount in ("", "1") else f"× {amount}")))


def _columns() -> tuple[Column[PreviewRow], ...]:
    return (
        Column(
            _("Event"), lambda r: r.name, 180, stretch=2, hint=lambda r: r.properties,
            mark=lambda r: Mark(second=title_of(r.source)),
        ),
        Column(_("Counts as"), lambda r: _counted(r.before), 150, stretch=2, mark=lambda r: Mark(tone="muted")),
        Column(
            _("Would count as"), lambda r: _counted(r.after), 150, stretch=2,
            mark=lambda r: Mark(tone="accent" if r.before != r.after else "", strong=r.before != r.after),
        ),
    )  # fmt: skip


class RuleSheet(Sheet):
    """A draft for a kept rule changes it; one of a preset, or of a name, becomes a new rule."""

    def __init__(self, page: Page, draft: RuleDraft, sources: list[str], kinds: list[str]) -> None:
        context = page.context
        self.size_wanted = QSize(820, 690)
        super().__init__(context)
        self._page, self._draft, self._asked = page, draft, 0
        is_change = draft.rule_id is not None
        self.head(
            _("Change a rule") if is_change else _("What does this event mean?"),
            _("What is received from now on follows it; apply it to what was received afterwards."),
        )
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 14, 17, 14)
        column.setSpacing(10)
        column.addLayout(self._fields(draft, sources, kinds))
        self.said = wrapped(context.theme, "", 12.5, "muted")
        column.addWidget(self.said)
        self.table = RowTable(_columns(), key=lambda row: (row.source, row.name, row.at, row.properties))
        self.view = RowView(self.table, context.paints, _("Events received last that it fits"))
        self.view.setMinimumHeight(context.theme.px(150))
        column.addWidget(self.view, 1)
        self.outer.addWidget(scrolled(body, _("Rule")), 1)
        cancel = Button(context.paints, _("Cancel"))
        cancel.clicked.connect(self.close_sheet)
        words = _("Keep the rule") if is_change else _("Add the rule")
        self.confirm = Button(context.paints, words, shown_keys("Ctrl+Return"), "primary")
        self.confirm.clicked.connect(self.submit)
        self.foot(cancel, self.confirm)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._ask)
        self._later()

    def first_field(self) -> QWidget:
        return self.kind if self.pattern.text() else self.pattern

    def draft(self) -> RuleDraft:
        """The rule as it is written now."""
        chosen = self.kind.currentText().strip()
        known = self.kind.findText(chosen)
        kind = str(self.kind.itemData(known)) if known >= 0 else re.sub(r"[\s-]+", "_", chosen.lower())
        return RuleDraft(
            self.pattern.text(), kind, str(self.source.currentData()), self.when.text(), self.key.text(),
            self.quantity.text(), self.plan.text(), self.trial.text(), self._draft.rule_id, self.first.isChecked(),
        )  # fmt: skip

    def submit(self) -> None:
        if not self.confirm.isEnabled():
            return
        draft = self.draft()
        told = _("{name} counts as {kind} from now on").format(
            name=draft.pattern, kind=wording.plain(draft.kind)
        )
        job = self._page.write(self.context.desk.keep_rule, draft, self.context.rep)
        job.then(partial(self._kept, told)).otherwise(self._explain)

    def _kept(self, told: str, _answer: object) -> None:
        self.context.wishes.told.emit(told, 1)
        self.close_sheet()

    # What is written

    def _fields(self, draft: RuleDraft, sources: list[str], kinds: list[str]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self.pattern, self.when = QLineEdit(draft.pattern), QLineEdit(draft.when)
        self.pattern.setPlaceholderText("invite*")
        self.when.setPlaceholderText("seats>=5; plan!=free")
        self.key, self.quantity = QLineEdit(draft.key_from), QLineEdit(draft.quantity_from)
        self.plan, self.trial = QLineEdit(draft.plan_from), QLineEdit(draft.trial)
        self.trial.setPlaceholderText("ends_at=trial_end_date")
        for free, example in ((self.key, "feature"), (self.quantity, "rows"), (self.plan, "plan")):
            free.setPlaceholderText(_("a property, such as {name}").format(name=example))
        self.source, self.kind = Choice(), Choice()
        self.source.addItem(_("Every source"), "*")
        for name in sources:
            self.source.addItem(title_of(name), name)
        self.source.setCurrentIndex(max(0, self.source.findData(draft.source)))
        self.kind.setEditable(True)
        if (line := self.kind.lineEdit()) is not None:
            line.setPlaceholderText(_("a kind of usage, or a name of your own"))
        for kind in dict.fromkeys((*KINDS, *kinds)):
            self.kind.addItem(_("Not stored") if kind == NOTHING_OF_IT else wording.plain(kind), kind)
        self.kind.setCurrentIndex(self.kind.findData(draft.kind))
        fields: tuple[tuple[str, QWidget, str], ...] = (
            (_("Event, * for any letters"), self.pattern, ""),
            (_("Sent by"), self.source, ""),
            (_("Counts as"), self.kind, _("One of the kinds, or a name of your own")),
            (
                _("Only when"),
                self.when,
                _("Properties: plan=pro, plan!=free, name~sso, seats>=5, plan, !plan"),
            ),
            (_("Key from"), self.key, _("The property that says which feature or integration it was")),
            (_("Quantity from"), self.quantity, _("The property that says how many")),
            (_("Plan from"), self.plan, _("The property that says the person's plan")),
            (_("Trial from"), self.trial, _("Fields of a trial, such as ends_at=PROPERTY or state==expired")),
        )
        for n, (words, field, hint) in enumerate(fields):
            field.setMinimumHeight(self.context.theme.px(32))
            if hint:
                field.setToolTip(hint)
            label: Label = field_label(self.context, words, field)
            label.setContentsMargins(
                0, 7 if n > 1 else 0, 0, 0
            )  # nearer to its own field than to the one above
            grid.addWidget(label, n // 2 * 2, n % 2)
            grid.addWidget(field, n // 2 * 2 + 1, n % 2)
            if isinstance(field, QLineEdit):
                field.textChanged.connect(self._later)
        self.kind.editTextChanged.connect(self._later)
        self.source.currentIndexChanged.connect(self._later)
        self.first = QCheckBox(_("Ask it before the other rules"))
        self.first.setChecked(draft.first)
        stand(self.first, draft.rule_id is None)
        self.first.toggled.connect(self._later)
        grid.setRowMinimumHeight(len(fields), 4)
        grid.addWidget(self.first, len(fields) + 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    # What it would change

    def _later(self, _what: object = None) -> None:
        draft = self.draft()
        is_whole = bool(draft.pattern.strip() and draft.kind)
        self.confirm.setEnabled(is_whole)
        if is_whole:
            self._soon.start()
        else:
            self._soon.stop()
            self.table.show(())
            self._say(_("Name an event and say what it counts as; what would change is shown here."), "muted")

    def _ask(self) -> None:
        self._asked += 1
        asked = self._asked
        job = self._page.read(self.context.desk.preview_rule, self.draft())
        job.then(partial(self._show, asked)).otherwise(self._explain)

    def _show(self, asked: int, found: RulePreview) -> None:
        if asked != self._asked:
            return
        self.table.show(found.rows)
        words = _("{fit} of the last {all} events fit, {changed} of them would count otherwise.")
        numbers = {"fit": found.fit, "all": found.looked_at, "changed": found.changed}
        self._say(words.format(**{name: wording.number(n) for name, n in numbers.items()}), "muted")

    def _explain(self, problem: object) -> None:
        self.table.show(())
        self._say(str(problem), "bad")

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        self.said.set_tone(tone)
