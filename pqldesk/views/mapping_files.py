"""A mapping written into a file, and taken from one: what would change is shown before it does."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.views.file_dialog import FileDialog
from pqldesk.views.mapping_words import our_words
from pqldesk.views.page import Page
from pqldesk.views.question import Question

_FILES = _("Mappings (*.json)")


class MappingFiles:
    """The files of one system's mapping; *changed* is called with what was done."""

    def __init__(
        self,
        sheet: QWidget,
        page: Page,
        system: str,
        title: str,
        question: Question,
        changed: Callable[[str, object], None],
    ) -> None:
        self._sheet = sheet
        self._page, self._system, self._title = page, system, title
        self._question = question
        self._changed = changed

    def ask_export(self) -> None:
        """Ask where to write it."""
        place = Path.home() / f"{self._system}-mapping.json"
        FileDialog(self._sheet, _("Export"), self.export_to, place=place, filters=_FILES, saves_as="json")

    def export_to(self, file: str) -> None:
        """Write the mapping into *file*."""
        job = self._page.read(self._page.context.desk.export_mapping, self._system, file)
        job.then(partial(self._exported, file)).otherwise(self._explain)

    def _exported(self, file: str, names: int) -> None:
        told = n_("{n} name is written to {file}", "{n} names are written to {file}", names)
        self._question.say(told.format(file=file), "muted")

    def ask_import(self) -> None:
        """Ask which file says it."""
        FileDialog(self._sheet, _("Import"), self.import_from, place=Path.home(), filters=_FILES)

    def import_from(self, file: str) -> None:
        """Show what *file* would change, and offer to do it."""
        job = self._page.read(
            self._page.context.desk.import_mapping, self._system, file, self._page.context.rep, True
        )
        job.then(partial(self._would_change, file)).otherwise(self._explain)

    def _would_change(self, file: str, taken: object) -> None:
        changed = getattr(taken, "changed", ())
        if not changed:
            self._question.say(_("The file says what is so already."), "muted")
            return
        nothing = _("nothing")
        lines = [
            f"{our_words(name)}: {before or nothing} → {after or nothing}" for name, before, after in changed
        ]
        more = [_("and {n} more").format(n=len(lines) - 6)] if len(lines) > 6 else []
        head = n_("{n} name would change", "{n} names would change", len(changed))
        self._question.ask(
            "\n".join([head, *lines[:6], *more]), _("Map as the file says"), partial(self._import, file)
        )

    def _import(self, file: str) -> None:
        desk = self._page.context.desk
        job = self._page.write(desk.import_mapping, self._system, file, self._page.context.rep, False)
        told = _("{system} is mapped as the file says").format(system=self._title)
        job.then(partial(self._changed, told)).otherwise(self._explain)

    def _explain(self, problem: object) -> None:
        self._question.say(str(problem), "bad")
