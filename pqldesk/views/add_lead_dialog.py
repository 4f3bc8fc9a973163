"""Enter a lead by hand. What is wrong is said while typing; a lead that exists is opened instead."""

import re
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from pqldesk.services.basics.problems import Problem
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import KnownAlready, LeadDraft
from pqldesk.views.choice import Choice
from pqldesk.views.containers import scrolled
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label
from pqldesk.views.notices import problem_words
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.small_sheets import field_label

KINDS = (
    ("manual", _("Met or researched by us")), ("hand_raise", _("Asked to talk to sales")),
    ("trial", _("Asked for a trial")), ("signup", _("Signed up")), ("contact", _("Wrote to us")),
)  # fmt: skip
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")


def check_fields(draft: LeadDraft) -> dict[str, str]:
    """What is wrong with a draft as far as it can be seen without the database: field -> sentence."""
    wrong: dict[str, str] = {}
    if draft.email and not _ADDRESS.fullmatch(draft.email):
        wrong["email"] = _("“{text}” is not an e-mail address.").format(text=draft.email)
    if not draft.email and not (draft.last_name or draft.first_name):
        wrong["email"] = _("A lead needs an e-mail address or a name.")
    if draft.domain and ("@" in draft.domain or "." not in draft.domain):
        wrong["domain"] = _("Write the domain like example.com.")
    return wrong


class AddLeadSheet(Sheet):
    """Checks while typing; `open_wanted` carries the id of the new lead or of the one that was there."""

    open_wanted = Signal(str)
    keeps = "add_lead"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.size_wanted = QSize(640, 640)  # with room for a sentence above the buttons
        self._existing, self._touched, self._sending, self._more = "", False, False, False
        self._is_same = False  # who is here already has the very address: there is nothing to add
        self._found_company = ""  # what was filled in by the domain, until somebody writes another name
        self.head(_("Add a lead"), _("A lead that is already here is opened instead."))
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(17, 14, 17, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self.fields: dict[str, QLineEdit] = {}
        for n, (key, label, hint) in enumerate((
            ("email", _("E-mail"), "jane@example.com"), ("company", _("Company"), "Example, Inc."),
            ("first_name", _("First name"), ""), ("last_name", _("Last name"), ""),
            ("job_title", _("Job title"), ""), ("phone", _("Phone"), ""),
            ("domain", _("Company domain"), "example.com"), ("country", _("Country"), ""),
        )):  # fmt: skip
            field = QLineEdit()
            field.setPlaceholderText(hint)
            field.setMinimumHeight(context.theme.px(34))
            field.setObjectName(key)
            field.textChanged.connect(self._typed)
            self.fields[key] = field
            row, side = n // 2 * 3, n % 2
            grid.addWidget(field_label(context, label, field), row, side)
            grid.addWidget(field, row + 1, side)
            grid.setRowMinimumHeight(row + 2, 6)
        self.kind = Choice()
        for value, text in KINDS:
            self.kind.addItem(text, value)
        self.kind.setMinimumHeight(context.theme.px(34))
        grid.addWidget(field_label(context, _("How it came"), self.kind), 12, 0, 1, 2)
        grid.addWidget(self.kind, 13, 0, 1, 2)
        grid.setRowMinimumHeight(14, 6)
        self.comment = QPlainTextEdit()
        self.comment.setTabChangesFocus(True)
        grid.addWidget(field_label(context, _("What they asked for"), self.comment), 15, 0, 1, 2)
        grid.addWidget(self.comment, 16, 0, 1, 2)
        grid.setRowStretch(16, 1)
        self.outer.addWidget(scrolled(body, _("Add a lead")), 1)
        self.problem = Label(context.theme, "", 12, tone="bad")
        self.open_existing = QPushButton(_("Open instead"))
        self.open_existing.clicked.connect(self._open_existing)
        self.open_existing.hide()
        cancel = Button(context.paints, _("Cancel"))
        cancel.clicked.connect(self.step_out)
        self.confirm = Button(context.paints, _("Add lead"), shown_keys("Ctrl+Return"), "primary")
        self.confirm.clicked.connect(self.submit)
        self.next = Button(context.paints, _("Add and next"), shown_keys("Ctrl+Shift+Return"))
        self.next.clicked.connect(self._submit_and_go_on)
        self.foot(self.open_existing, cancel, self.next, self.confirm, note=self.problem)
        self._soon = QTimer(self, singleShot=True, interval=250)
        self._soon.timeout.connect(self._look)

    def first_field(self) -> QWidget:
        return self.fields["email"]

    def writing(self) -> Mapping[str, QWidget]:
        return {**self.fields, "kind": self.kind, "comment": self.comment}

    def draft(self) -> LeadDraft:
        texts = {key: field.text().strip() for key, field in self.fields.items()}
        kind, comment = self.kind.currentData(), self.comment.toPlainText().strip()
        return replace(LeadDraft(kind=kind, comment=comment), **texts)  # type: ignore[arg-type]

    def submit(self) -> None:
        self._touched = True
        self._soon.stop()  # the answer to this says more than a look at what is typed
        if self._sending:
            return
        if wrong := self._say():
            self.fields[next(iter(wrong))].setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        if self._is_same:
            self._offer_existing()
            return
        self._sending = True
        self._allow(False)
        job = self.context.background.write(self.context.desk.add_lead, self.draft(), self.context.rep)
        job.then(self._added).otherwise(self._explain)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & both == both:
            self._submit_and_go_on()
        else:
            super().keyPressEvent(event)

    def _submit_and_go_on(self) -> None:
        self._more = True
        self.submit()
        self._more = self._sending

    def _allow(self, yes: bool) -> None:
        self.confirm.setEnabled(yes)
        self.next.setEnabled(yes)

    def _typed(self) -> None:
        self.open_existing.hide()
        self._existing, self._is_same = "", False
        self._soon.start()

    def _look(self) -> None:
        """Say what is wrong, then ask what is here already."""
        draft = self.draft()
        self._say()
        if draft.email or draft.last_name or draft.domain:
            self.context.background.read(self.context.desk.known_already, draft).then(self._show_known)

    def _show_known(self, known: KnownAlready) -> None:
        field = self.fields["company"]
        if known.company and field.text().strip() in {"", self._found_company} and not field.hasFocus():
            self._found_company = known.company
            field.blockSignals(True)
            field.setText(known.company)
            field.blockSignals(False)
            field.setToolTip(_("Found by the domain {domain}").format(domain=known.domain))
        if self._soon.isActive() or self.problem.full_text():
            return  # more was typed since, or something is wrong that comes first
        self._existing, self._is_same = known.lead_id, known.is_same and bool(known.lead_id)
        self.open_existing.setVisible(bool(known.lead_id))
        if not known.lead_id:
            return
        who = " · ".join(filter(None, (known.lead_name, known.lead_company)))
        if known.is_same:
            self._allow(False)
            self.problem.set_tone("bad")
            self.problem.setText(_("{who} is here already with that address.").format(who=who))
        else:
            self.problem.set_tone("warn")
            self.problem.setText(_("Somebody of that name is here already: {who}.").format(who=who))

    def _say(self) -> dict[str, str]:
        """Mark what is wrong; an empty form is not told off before it was sent."""
        draft = self.draft()
        wrong = {} if draft == LeadDraft(kind=draft.kind) and not self._touched else self._faults(draft)
        for key, field in self.fields.items():
            field.setProperty("wrong", key in wrong)
            field.setToolTip(wrong.get(key, ""))
            field.style().polish(field)
        self.problem.set_tone("bad")
        self.problem.setText(next(iter(wrong.values()), ""))
        self._allow(not wrong)
        return wrong

    def _faults(self, draft: LeadDraft) -> dict[str, str]:
        wrong = check_fields(draft)
        if self.context.desk.check_draft is not None:
            wrong = self.context.desk.check_draft(draft) | wrong
        return wrong

    def _added(self, answer: object) -> None:
        self.context.kept.forget(self.keeps)
        self.context.wishes.told.emit(_("Lead added"), 1)
        if self._more:
            self._begin_again()
            return
        lead_id = str(getattr(answer, "lead_id", ""))
        self.close_sheet()
        if lead_id:
            self.open_wanted.emit(lead_id)

    def _begin_again(self) -> None:
        """Ready for the next one; how they came stays chosen."""
        added = self.draft()
        self._sending = self._more = self._touched = False
        self._existing, self._is_same, self._found_company = "", False, ""
        self.afresh.hide()
        self.comment.clear()
        for field in self.fields.values():
            field.blockSignals(True)
            field.clear()
            field.blockSignals(False)
        self._soon.stop()
        self._say()
        who = " ".join(filter(None, (added.first_name, added.last_name))) or added.email
        self.note.setText(_("{who} is added. The next one:").format(who=who))
        self.first_field().setFocus(Qt.FocusReason.OtherFocusReason)

    def _explain(self, problem: Exception) -> None:
        self._sending = self._more = False
        self._allow(True)  # what went wrong may be over
        if not isinstance(problem, Problem):
            self.step_out()
            self.context.background.problem.emit(problem)
            return
        self.problem.setText(problem_words(problem))
        self._existing = str(getattr(problem, "lead_id", "") or "")
        self._is_same = bool(self._existing)
        self.open_existing.setVisible(self._is_same)
        if self._is_same:
            self._offer_existing()

    def _offer_existing(self) -> None:
        """Nothing to add: Enter opens who is here."""
        self._allow(False)
        self.open_existing.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _open_existing(self) -> None:
        self.context.kept.forget(self.keeps)
        self.close_sheet()
        self.open_wanted.emit(self._existing)
