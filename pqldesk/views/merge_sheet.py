"""Two leads that may be one person, field by field, before anybody decides."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.record_rows import MergeField, MergePreview
from pqldesk.views import wording
from pqldesk.views.containers import line, scrolled
from pqldesk.views.keys import shown_keys
from pqldesk.views.labels import Label
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button

FIELDS = {
    "name": _("Name"), "email": _("E-mail"), "job_title": _("Job title"), "phone": _("Phone"),
    "company_name": _("Company"), "domain": _("Domain"), "country": _("Country"), "region": _("Region"),
    "plan": _("Plan"), "source": _("Source"), "placement": _("Placement"), "signup_at": _("Signed up"),
    "hand_raised_at": _("Raised a hand"), "state": _("State"), "owner": _("Owner"), "score": _("Score"),
}  # fmt: skip


class MergeSheet(Sheet):
    """Shows what each lead has and what the merged one will have; the rep decides."""

    decided = Signal(str, bool)  # suggestion id, whether they are one person

    def __init__(self, context: Context, preview: MergePreview) -> None:
        self.size_wanted = QSize(760, 560)
        super().__init__(context)
        self._preview = preview
        self.head(_("Are these one person?"), preview.reason)
        self.fields: dict[str, tuple[str, str, str]] = {}
        self.outer.addWidget(scrolled(self._table(preview), _("Field by field")), 1)
        apart = Button(context.paints, _("Keep apart"))
        apart.setToolTip(_("They are two people; this pair is not suggested again"))
        apart.clicked.connect(self._keep_apart)
        cancel = Button(context.paints, _("Decide later"))
        cancel.clicked.connect(self.close_sheet)
        self.merge = Button(context.paints, _("Merge"), shown_keys("Ctrl+Return"), "primary")
        self.merge.setToolTip(_("Make them one lead; can be taken apart at any time"))
        self.merge.clicked.connect(self.submit)
        self.foot(apart, cancel, self.merge, note=Label(context.theme, self._goes_over(), 12, tone="muted"))

    def first_field(self) -> QWidget:
        return self.merge

    def submit(self) -> None:
        self.decided.emit(self._preview.suggestion_id, True)
        self.close_sheet()

    def _keep_apart(self) -> None:
        self.decided.emit(self._preview.suggestion_id, False)
        self.close_sheet()

    def _table(self, preview: MergePreview) -> QWidget:
        theme, body = self.context.theme, QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(17, 12, 17, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(7)
        heads = ("", _("{name} stays").format(name=preview.lead_name),
                 _("{name} joins").format(name=preview.other_name), _("One lead"))  # fmt: skip
        for column, words in enumerate(heads):
            grid.addWidget(Label(theme, words, 12, 600, "muted", elide=True), 0, column)
            grid.setColumnStretch(column, 3 if column else 0)
        grid.addWidget(line(), 1, 0, 1, 4)
        for n, field in enumerate(preview.fields, 2):
            texts = (_plain(field.key, field.kept), _plain(field.key, field.other), self._result(field))
            self.fields[field.key] = texts
            grid.addWidget(Label(theme, FIELDS.get(field.key, field.key), 12.5, 500, "muted"), n, 0)
            differ = field.kept not in (None, field.other) and field.other is not None
            for column, text in enumerate(texts, 1):
                lost = column == 2 and differ and field.merged != field.other and field.key != "score"
                weight = 600 if column == 3 and field.merged != field.kept else 400
                label = Label(
                    theme, text, 13, weight, "muted" if lost or text == wording.NONE else "", elide=True
                )
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                grid.addWidget(label, n, column)
        grid.setRowStretch(len(preview.fields) + 2, 1)
        return body

    def _result(self, field: MergeField) -> str:
        if field.key == "score":
            return _("from the usage of both")
        return _plain(field.key, field.merged)

    def _goes_over(self) -> str:
        counts = {
            "usage_event": lambda n: n_("{n} usage event", "{n} usage events", n),
            "identity": lambda n: n_("{n} identity", "{n} identities", n),
            "submission": lambda n: n_("{n} form", "{n} forms", n),
            "trial": lambda n: n_("{n} trial", "{n} trials", n),
            "task": lambda n: n_("{n} task", "{n} tasks", n),
            "note": lambda n: n_("{n} note", "{n} notes", n),
        }
        words = ", ".join(counts[name](many) for name, many in self._preview.moves if name in counts)
        if not words:
            return _("Nothing hangs on {name}.").format(name=self._preview.other_name)
        return _("Goes over: {things}. Taking the merge apart later puts each one back.").format(things=words)


def _plain(key: str, value: Any) -> str:
    if value is None:
        return wording.NONE
    if isinstance(value, datetime):
        return wording.moment(value)
    if key == "state":
        return wording.LEAD_STATES.get(str(value), wording.plain(str(value)))
    if key == "owner":
        return wording.person(str(value))
    return wording.number(value) if isinstance(value, int | float) else str(value)
