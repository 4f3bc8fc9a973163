"""Asks before a person is erased for good: what would go from where, by name; then tells what has gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.containers import line, scrolled
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Page
from pqldesk.views.parts import Button

if TYPE_CHECKING:
    from pqldesk.services.rows import QueueRow

# What the rows of the database are to a reader, in the order in which they are told.
_KINDS = (
    (_("Name, addresses and keys"), ("lead", "identity", "identity_link", "suggestion", "merge")),
    (
        _("Usage, trials and scores"),
        ("usage_event", "usage_day", "usage_total", "event_set_aside", "score_event", "trial"),
    ),
    (_("Forms and the way they took"), ("submission", "hop", "raw_item")),
    (_("Tasks, notes and claims"), ("task", "note", "claim")),
    (_("Handoffs and writes to other systems"), ("handoff", "handoff_draft", "outbox_item")),
    (_("Lines of the history, emptied of the person"), ("action",)),
)
_OTHER = _("Other rows")


class EraseSheet(Sheet):
    """Looks first, changes nothing until its one red button is pressed, and stays to tell the result."""

    def __init__(self, page: Page, lead: QueueRow) -> None:
        super().__init__(page.context)
        self.size_wanted = QSize(560, 470)
        self._page, self._lead = page, lead
        self._is_erasing = False
        self.head(_("Erase {name}").format(name=lead.name), lead.email or lead.lead_id)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(17, 14, 17, 14)
        self._column.setSpacing(8)
        self._column.addStretch()
        self.outer.addWidget(scrolled(body, _("What is erased")), 1)
        self.leave = Button(page.context.paints, _("Cancel"))
        self.leave.clicked.connect(self.close_sheet)
        self.erase = Button(
            page.context.paints, _("Erase {name} for good").format(name=lead.name), kind="danger"
        )
        self.erase.setToolTip(_("Cannot be undone"))
        self.erase.setEnabled(False)
        self.erase.clicked.connect(self.submit)
        self._foot = Label(
            page.context.theme, _("Looking for everything there is of {name}…").format(name=lead.name), 12
        )
        self.foot(self.leave, self.erase, note=self._foot)
        self._look = Beside(page, "erase", lead.lead_id, "--dry-run")
        self._look.came.connect(self._found)
        self._look.failed.connect(self._refused)

    def first_field(self) -> QWidget:
        return self.leave  # Enter must not erase

    def submit(self) -> None:
        """Erase, once it is known what."""
        if not self.erase.isEnabled():
            return
        self._is_erasing = True
        self.erase.setEnabled(False)
        self._say(_("Erasing…"))
        run = Beside(self._page, "erase", self._lead.lead_id)
        run.reported.connect(self._report)
        run.came.connect(self._erased)
        run.failed.connect(self._refused)
        run.failed.connect(self._page.context.background.problem)  # the sheet may be closed by then

    def told(self) -> list[str]:
        """The lines that are shown."""
        return [label.full_text() for label in self.findChildren(Label) if label.isVisibleTo(self)]

    def hideEvent(self, event: QHideEvent) -> None:
        if not self._is_erasing:
            self._look.stop()
        super().hideEvent(event)

    def _found(self, found: Mapping[str, Any]) -> None:
        self._show(found, _("Found in this workspace"))
        self._say(
            _("This cannot be undone. The next import or sync does not bring this person back."), "warn"
        )
        self.erase.setEnabled(True)

    def _erased(self, found: Mapping[str, Any]) -> None:
        self._is_erasing = False
        self._show(found, _("Erased from this workspace"))
        left = len(found["elsewhere"]) + len(found["left"])
        self._say(
            n_("Erased. {n} thing is left for you to do.", "Erased. {n} things are left for you to do.", left)
            if left
            else _("Erased. Nothing is left to do."),
            "warn" if left else "",
        )
        self.erase.hide()
        self.leave.setText(_("Close"))
        self._page.context.wishes.told.emit(_("{name} is erased").format(name=self._lead.name), 0)

    def _refused(self, problem: object) -> None:
        self._is_erasing = False
        self._say(str(problem), "bad")

    def _report(self, _done: int, part: str) -> None:
        words = {
            "rows": _("Rows are erased; files are next…"), "files": _("Files are erased; backups are next…"),
            "backups": _("Backups are written anew; freed pages are next…"), "pages": _("Freed pages are emptied…"),
        }  # fmt: skip
        self._say(words.get(part, part))

    def _say(self, words: str, tone: str = "") -> None:
        self._foot.setText(words)
        self._foot.set_tone(tone)

    def _show(self, found: Mapping[str, Any], title: str) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        rows = dict(found["rows"])
        self._part(
            title,
            [
                _("{what}: {many}").format(what=name, many=wording.number(many))
                for name, many in grouped(rows)
            ],
        )
        files = [*found["files_deleted"], *found["files_rewritten"]]
        self._part(_("Files that go, and backups and logs that are written anew"), files)
        self._part(_("Written once and not found now; delete what is left of them"), found["files_missing"])
        elsewhere = [
            f"{title_of(one['system'])}: {one['url'] or one['remote_id']}" for one in found["elsewhere"]
        ]
        self._part(_("In other systems, where PQLDesk deletes nobody by itself"), elsewhere)
        if not elsewhere:
            self._part(_("In other systems"), [_("Nothing of this person was written there.")])
        self._part(_("Still to do"), found["left"])
        self._column.addStretch()

    def _part(self, title: str, lines: Sequence[str]) -> None:
        if not lines:
            return
        theme = self.context.theme
        if self._column.count():
            self._column.addWidget(line())
        self._column.addWidget(Label(theme, title, 12, 600, "muted"))
        for text in lines:
            self._column.addWidget(wrapped(theme, text))


def grouped(rows: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts of tables as counts of what a reader knows."""
    left = dict(rows)
    found = [(name, sum(left.pop(table, 0) for table in tables)) for name, tables in _KINDS]
    return [(name, many) for name, many in [*found, (_OTHER, sum(left.values()))] if many]
