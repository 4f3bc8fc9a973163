"""Hand a lead to sales: what will be written, where, and the note made of facts; all editable before."""

import re
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.rows import HandoffDraft, WriteStep
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.containers import line, scrolled
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.small_sheets import field_label, moment_edit, moment_of

_UNREAD = re.compile(r" \[pqd:\w+\]$")  # by which a task is found again: nothing that a rep needs to read


def _breakable(text: str, letters: int = 20) -> str:
    """*text* that may break inside addresses, so that a long one does not widen the column, and after its dots."""
    text = text.replace(" · ", "\u00a0· ")
    for sign in "@._":
        text = text.replace(sign, f"{sign}\u200b")
    return re.sub(rf"([^\s\u200b]{{{letters}}})(?=[^\s\u200b]{{3}})", "\\1\u200b", text)


class HandoffSheet(Sheet):
    given = Signal(object)  # the edited HandoffDraft
    kept = Signal(object)  # the same, to be kept for later
    size_wanted = QSize(960, 760)

    def __init__(self, context: Context, draft: HandoffDraft) -> None:
        super().__init__(context)
        self._draft, self.keeps = draft, f"handoff:{draft.lead_id}"
        where = (
            _("will be written to {system}").format(system=title_of(draft.system))
            if draft.system
            else _("no CRM connected")
        )
        if draft.saved_at is not None:
            where = _("draft of {when}").format(when=wording.moment(draft.saved_at))
        parts = (draft.company, _("score {n}").format(n=wording.number(draft.score)), where)
        self.head(
            _("Hand off {name} to sales").format(name=draft.lead_name),
            " · ".join(part for part in parts if part),
        )
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._fields(), 2)
        body.addWidget(self._steps(), 1)
        self.outer.addLayout(body, 1)
        cancel = Button(context.paints, _("Cancel"))
        cancel.clicked.connect(self.step_out)
        self.confirm = Button(context.paints, _("Hand off"), shown_keys("Ctrl+Return"), "primary")
        self.confirm.clicked.connect(self.submit)
        self.keep = Button(context.paints, _("Save draft"), shown_keys("Ctrl+S"))
        self.keep.setToolTip(_("Keep what is written here; it waits on the Handoffs page"))
        self.keep.clicked.connect(self.save)
        self.problem = Label(context.theme, draft.problem or "", 12, tone="warn")
        self.foot(cancel, self.keep, self.confirm, note=self.problem)
        self._check()

    def first_field(self) -> QWidget:
        return self.note_text

    def draft(self) -> HandoffDraft:
        """The draft as it stands in the fields."""
        return replace(
            self._draft,
            deal_name=self.deal_name.text().strip(),
            deal_value=wording.amount_in(self.value.text()),
            stage=self.stage.currentText(),
            assignee=self.owner.currentData(),
            note=self.note_text.toPlainText(),
            task=self.task.text().strip(),
            task_due_at=moment_of(self.due),
        )

    def writing(self) -> Mapping[str, QWidget]:
        return {
            "deal_name": self.deal_name, "value": self.value, "stage": self.stage, "owner": self.owner,
            "note": self.note_text, "task": self.task, "due": self.due,
        }  # fmt: skip

    def step_out(self) -> None:
        """Close without sending. What can be a draft waits as one; an amount that is none, until the window closes."""
        if self.is_written() and self.keep.isEnabled():
            self.save()
        else:
            super().step_out()

    def save(self) -> None:
        """Keep it for later and leave."""
        if self.keep.isEnabled():
            self.keep_words()
            self.kept.emit(self.draft())
            self.close_sheet()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_S and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.save()
        else:
            super().keyPressEvent(event)

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.keep_words()
            self.given.emit(self.draft())
            self.close_sheet()

    def _fields(self) -> QWidget:
        context, draft = self.context, self._draft
        self.deal_name = QLineEdit(draft.deal_name)
        self.value = QLineEdit("" if draft.deal_value is None else wording.number(draft.deal_value))
        self.value.setPlaceholderText(_("not known"))
        self.stage = Choice()
        self.stage.addItems(draft.stages or (draft.stage,))
        self.stage.setCurrentText(draft.stage)
        self.owner = Choice()
        for address, name in draft.members:
            self.owner.addItem(name, address)
        if draft.assignee and self.owner.findData(draft.assignee) < 0:
            self.owner.addItem(wording.person(draft.assignee), draft.assignee)
        if draft.assignee:
            self.owner.setCurrentIndex(self.owner.findData(draft.assignee))
        self.note_text = QPlainTextEdit(draft.note)
        self.note_text.setTabChangesFocus(True)
        self.task = QLineEdit(draft.task)
        self.task.setCursorPosition(0)  # a long one is read from its beginning
        self.due = moment_edit(context, draft.task_due_at)
        side = QWidget()
        grid = QGridLayout(side)
        grid.setContentsMargins(17, 14, 17, 14)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(5)

        def put(text: str, field: QWidget, row: int, column: int, span: int) -> None:
            grid.addWidget(field_label(context, text, field), row, column, 1, span)
            grid.addWidget(field, row + 1, column, 1, span)
            field.setMinimumHeight(context.theme.px(34))

        put(_("Deal name"), self.deal_name, 0, 0, 6)
        grid.setRowMinimumHeight(2, 8)
        put(_("Value, {currency}").format(currency=draft.currency), self.value, 3, 0, 2)
        put(_("Stage"), self.stage, 3, 2, 2)
        put(_("Owner"), self.owner, 3, 4, 2)
        grid.setRowMinimumHeight(5, 8)
        put(_("Handoff note"), self.note_text, 6, 0, 6)
        grid.setRowStretch(7, 1)
        grid.setRowMinimumHeight(8, 8)
        put(_("Follow-up task"), self.task, 9, 0, 4)
        put(_("Due"), self.due, 9, 4, 2)
        self.due.ensurePolished()
        self.due.setMinimumWidth(
            self.due.sizeHint().width() + context.theme.px(10)
        )  # of which Qt forgets a padding
        for column in range(6):
            grid.setColumnStretch(column, 1)
        self.deal_name.textChanged.connect(self._check)
        self.value.textChanged.connect(self._check)
        return side

    def _steps(self) -> QWidget:
        theme, draft = self.context.theme, self._draft
        side = QWidget()
        side.setObjectName("sheetside")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(side)
        outer.setContentsMargins(17, 15, 17, 14)
        head = QHBoxLayout()
        head.addWidget(Label(theme, _("What will be written"), 12, 600, "muted", elide=True), 1)
        head.addWidget(Label(theme, n_("{n} step", "{n} steps", len(draft.steps)), 12, 600, "muted"))
        outer.addLayout(head)
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 4, 0, 0)
        rows.setSpacing(8)
        for n, step in enumerate(draft.steps, 1):
            rows.addLayout(self._step(n, step))
            rows.addWidget(line())
        where = title_of(draft.system) if draft.system else _("the CRM")
        rows.addWidget(wrapped(theme, _(
            "Queued on this computer first. If {system} cannot be reached it is sent later, once, and never twice."
        ).format(system=where), 12, "muted"))  # fmt: skip
        rows.addStretch()
        outer.addWidget(scrolled(inner, _("What will be written")), 1)
        return side

    def _step(self, number: int, step: WriteStep) -> QHBoxLayout:
        theme = self.context.theme
        row = QHBoxLayout()
        row.setSpacing(9)
        badge = Label(theme, str(number), 11, 600)
        badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        badge.setFixedSize(theme.px(17), theme.px(17))
        t = theme.tokens
        badge.setStyleSheet(
            f"background: {t.accent}; color: {t.on_accent}; border-radius: {theme.px(17) // 2}px"
        )
        row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        letters = 20 if theme.scale <= 1 else int(16 / theme.scale)
        title = Label(theme, _breakable(_UNREAD.sub("", step.title), letters), 13, 500)
        title.setWordWrap(True)
        words.addWidget(title)
        words.addWidget(wrapped(theme, _breakable(step.detail, letters), 12, "muted"))
        row.addLayout(words, 1)
        return row

    def _check(self) -> None:
        """A deal needs a name, and its value must be an amount."""
        wrong = ""
        try:
            wording.amount_in(self.value.text())
        except ValueError:
            wrong = wording.no_amount(self.value.text())
        if not self.deal_name.text().strip():
            wrong = _("The deal needs a name.")
        self.value.setProperty("wrong", bool(wrong) and bool(self.deal_name.text().strip()))
        self.value.style().polish(self.value)
        self.confirm.setEnabled(not wrong)
        self.keep.setEnabled(not wrong)
        self.problem.setText(wrong or self._draft.problem or "")
        self.problem.set_tone("bad" if wrong else "warn")
