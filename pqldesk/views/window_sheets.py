"""The sheets that can be asked for on every page. Each is imported when it is first opened."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.keys import Keys
from pqldesk.views.page import Context, Page
from pqldesk.views.undoing import Undoing

RECENT = 6  # commands that the palette offers first


class WindowSheets(QObject):
    """Opens them over the page, and passes on what is chosen there."""

    def __init__(
        self,
        context: Context,
        keys: Keys,
        undoing: Undoing,
        current: Callable[[], Page],
        memory: QSettings | None,
        window: QWidget,
    ) -> None:
        """*current* is the page in sight; *memory* keeps what the palette was last used for, None forgets it."""
        super().__init__(window)
        self._context, self._keys, self._undoing = context, keys, undoing
        self._current, self._memory = current, memory
        kept: Any = memory.value("palette/recent") if memory is not None else None
        self._recent = [one for one in str(kept or "").split(",") if one]
        context.wishes.rekey.connect(self.key)

    def palette(self) -> None:
        """People, companies, commands and pages by name."""
        from pqldesk.views.command_palette import PaletteSheet

        wishes = self._context.wishes
        sheet = PaletteSheet(self._context, self._keys, self._recent)
        sheet.command_wanted.connect(self._run_recent)
        sheet.lead_wanted.connect(wishes.open_lead)
        sheet.company_wanted.connect(partial(wishes.open_view.emit, "all"))
        wishes.sheet.emit(sheet)

    def history(self) -> None:
        """What was done, to be taken back or done again."""
        from pqldesk.views.history_sheet import HistorySheet

        sheet = HistorySheet(self._context, self._keys)
        sheet.undo_wanted.connect(self._undoing.undo)
        sheet.redo_wanted.connect(self._undoing.redo)
        self._context.wishes.sheet.emit(sheet)

    def help(self) -> None:
        """Every key."""
        from pqldesk.views.help_sheet import HelpSheet

        self._context.wishes.sheet.emit(HelpSheet(self._context, self._keys))

    def add_lead(self) -> None:
        """A lead entered by hand."""
        from pqldesk.views.add_lead_dialog import AddLeadSheet

        sheet = AddLeadSheet(self._context)
        sheet.open_wanted.connect(self._context.wishes.open_lead)
        self._context.wishes.sheet.emit(sheet)

    def import_file(self) -> None:
        """A file of leads, companies, usage or trials."""
        if self._context.desk.preview_import is not None:
            from pqldesk.views.import_wizard import ImportSheet

            self._context.wishes.sheet.emit(ImportSheet(self._context))

    def key(self, command: str) -> None:
        """Another key for a command."""
        from pqldesk.views.key_sheet import KeySheet

        sheet = KeySheet(self._context, self._keys, command)
        sheet.given.connect(self._store_key)
        self._context.wishes.sheet.emit(sheet)

    def _run_recent(self, command: str) -> None:
        """Carry out what the palette gave, and offer it first the next time, after a restart too."""
        self._recent = [command, *(one for one in self._recent if one != command)][:RECENT]
        if self._memory is not None:
            self._memory.setValue("palette/recent", ",".join(self._recent))
        self._context.wishes.run.emit(command)

    def _store_key(self, command: str, keys: str) -> None:
        desk, rep = self._context.desk, self._context.rep
        self._current().act(desk.set_setting, f"key.{command}", keys, rep, told=_("Key changed"))
