"""One activation milestone being edited: an event, how it counts, how much of it, and by when."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.services.modelling.words import number_of
from pqldesk.services.scoring.milestones import check_milestone
from pqldesk.views import wording
from pqldesk.views.choice import Choice
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context
from pqldesk.views.small_sheets import SmallSheet

MEASURES = {"count": _("events"), "sum": _("their sum"), "distinct_keys": _("different keys")}


class MilestoneSheet(SmallSheet):
    """Checks while it is typed; Save is there once it holds."""

    given = Signal(str, object)  # key, values

    def __init__(self, context: Context, known: Mapping[str, Any] | None, kinds: tuple[str, ...]) -> None:
        self.size_wanted = QSize(460, 0)
        title = _("Add a milestone") if known is None else _("Edit the milestone")
        super().__init__(context, title, _("Every lead is worked out anew; undo brings it back"), _("Save"))
        self._known = known
        values = known or {"label": "", "kind": None, "measure": "count", "threshold": 1, "within_days": None}
        self.name_field = QLineEdit(str(values["label"]))
        self.kind = Choice()
        for kind in dict.fromkeys((*filter(None, (values["kind"],)), *kinds)):
            self.kind.addItem(wording.plain(kind), kind)
        self.measure = Choice()
        for key, words in MEASURES.items():
            self.measure.addItem(words, key)
        self.measure.setCurrentIndex(self.measure.findData(values["measure"]))
        self.threshold = QLineEdit(str(values["threshold"]))
        self.within = QLineEdit("" if values["within_days"] is None else str(values["within_days"]))
        self.within.setPlaceholderText(_("at any time"))
        self.add(_("Name"), self.name_field)
        self.add(_("Event"), self.kind)
        self.add(_("Counts"), self.measure)
        self.add(_("At least"), self.threshold)
        self.add(_("Within days of signup"), self.within)
        self.wrong = wrapped(context.theme, "", 12, "bad")
        self.fields.addWidget(self.wrong)
        self.wrong.stand_only_with_words()
        self.fields.addStretch()
        for edit in (self.name_field, self.threshold, self.within):
            edit.textEdited.connect(self._check)
        self._check()

    def first_field(self) -> QWidget:
        return self.name_field

    def key(self) -> str:
        """The key of the milestone; a new one takes it from its name."""
        if self._known is not None:
            return str(self._known["key"])
        words = self.name_field.text().strip().lower()
        return "_".join("".join(c if c.isalnum() else " " for c in words).split())

    def values(self) -> dict[str, Any]:
        """What was typed, as the definitions hold it."""
        within = self.within.text().strip()
        return {
            "label": self.name_field.text().strip(),
            "kind": self.kind.currentData(),
            "measure": self.measure.currentData(),
            "threshold": number_of(self.threshold.text()),
            "within_days": number_of(within) if within else None,
        }

    def submit(self) -> None:
        if self._check():
            self.given.emit(self.key(), self.values())
            self.close_sheet()

    def _check(self) -> bool:
        wrong = check_milestone({"key": self.key(), **self.values()})
        # Nothing typed yet is no mistake; it only cannot be saved.
        self.wrong.setText(wrong if self.name_field.text().strip() else "")
        self.confirm.setEnabled(not wrong)
        return not wrong
