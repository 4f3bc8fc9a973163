"""Asks before an import is taken back, by naming what of it would go and what stays."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.rows import ImportRow
from pqldesk.views.beside import Beside
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.page import Page


def going(removed: Mapping[str, int]) -> list[str]:
    """What an undo removes, in words; what of it there is none is left out."""
    words = {
        "leads": lambda n: n_("{n} lead", "{n} leads", n),
        "companies": lambda n: n_("{n} company", "{n} companies", n),
        "events": lambda n: n_("{n} event", "{n} events", n),
        "set_aside": lambda n: n_("{n} event that is set aside", "{n} events that are set aside", n),
        "submissions": lambda n: n_("{n} submission", "{n} submissions", n),
        "trials": lambda n: n_("{n} trial", "{n} trials", n),
        "identities": lambda n: n_("{n} identity", "{n} identities", n),
    }
    return [words[key](n) for key, n in removed.items() if n and key in words]


class ImportUndoSheet(ConfirmSheet):
    """The button waits until a rehearsal in another process has said what goes."""

    def __init__(self, page: Page, row: ImportRow, name: str) -> None:
        super().__init__(
            page.context,
            _("Take back the import of {file}").format(file=name),
            _("Working out what would go …"),
            _("Undo import"),
            danger=True,
        )
        self.size_wanted = QSize(540, 300)
        self.confirm.setEnabled(False)
        self._rehearsal = Beside(page, "import", "undo", row.batch_id, "--dry-run")
        self._rehearsal.came.connect(self._show)
        self._rehearsal.failed.connect(self._refused)
        self.closed.connect(self._rehearsal_over)

    def submit(self) -> None:
        if self.confirm.isEnabled():
            super().submit()

    def _show(self, answer: Any) -> None:
        parts = going(answer["removed"])
        if not parts:
            words = _("Nothing of it is left that would go.")
        else:
            words = _("These go: {what}.").format(what=", ".join(parts))
        stays = _(
            "Leads that people have worked on, or that another file or system names too, stay; fields that the file"
            " changed go back to what they held. It cannot be undone, but the file can be imported again."
        )
        self.words.setText(f"{words}\n\n{stays}")
        self.confirm.setEnabled(True)

    def _refused(self, problem: object) -> None:
        self.words.setText(str(problem))

    def _rehearsal_over(self) -> None:
        if self._rehearsal is not None and not self._rehearsal.is_stopped:
            self._rehearsal.stop()
