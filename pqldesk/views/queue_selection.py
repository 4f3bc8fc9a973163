"""What is done with the selected leads of the queue together: bulks with progress, copying, export, print.

A selection of everything that matches is held as the filter: which leads it is, is asked when something is done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from pqldesk.services.basics.texts import _, n_
from pqldesk.views import wording

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from pqldesk.views.bulk_run import BulkResult, BulkRun
    from pqldesk.views.lead_cells import LeadLine
    from pqldesk.views.lead_model import LeadModel
    from pqldesk.views.lead_table import LeadTable
    from pqldesk.views.page import Page
    from pqldesk.views.queue_head import QueueHead
    from pqldesk.views.selection_bar import SelectionBar

TITLES = {
    "claim": _("Claim"), "release": _("Release"), "assign": _("Assign"), "snooze": _("Snooze"),
    "disqualify": _("Disqualify"), "nurture": _("Leave to marketing"), "reopen": _("Reopen"),
    "won": _("Mark as won"), "lost": _("Mark as lost"),
}  # fmt: skip
UNDER_WAY = {
    "claim": _("Claiming"), "release": _("Releasing"), "assign": _("Assigning"), "snooze": _("Snoozing"),
    "disqualify": _("Disqualifying"), "nurture": _("Leaving to marketing"), "reopen": _("Reopening"),
    "won": _("Marking as won"), "lost": _("Marking as lost"),
}  # fmt: skip


class QueueSelection(QObject):
    """Watches the table's selection; its bar is made when several leads are first selected."""

    def __init__(
        self, page: Page, head: QueueHead, table: LeadTable, leads: LeadModel, keys: Callable[[str], str]
    ) -> None:
        """*keys* answers with the key of a command."""
        super().__init__(page)
        self._page, self._head, self._table, self._leads, self._keys = page, head, table, leads, keys
        self._bar: SelectionBar | None = None
        self._run: BulkRun | None = None
        self._many: Callable[[str], str] = str
        self._last: BulkResult | None = None
        self._table.selectionModel().selectionChanged.connect(self._changed)
        self._table.model().modelReset.connect(self._changed)

    def bar(self) -> SelectionBar | None:
        """The bar, once several leads were selected."""
        return self._bar

    def anchor(self, command: str) -> QPoint | None:
        return self._bar.anchor(command) if self._bar is not None and self._bar.isVisible() else None

    def run(self, command: str) -> bool:
        """Carry out a command about the selection or the whole list if it is one."""
        runs: dict[str, Callable[[], object]] = {
            "select_all": self._select_all, "select_matching": self._select_matching, "copy_rows": self._copy,
            "export_list": self._export, "print_list": self._print, "bulk_result": self._show_last,
        }  # fmt: skip
        if command not in runs:
            return False
        runs[command]()
        return True

    def bulk(self, verb: str, argument: object, many: str) -> bool:
        """Take a verb over where several leads are selected; *many* is the sentence of its toast with {n}."""
        if self._run is not None:
            self._say(_("Another bulk is under way"))
            return True
        whole = self._table.choice.is_whole
        ids = [] if whole else self._table.choice.ids()
        if not whole and len(ids) < 2:
            return False
        from pqldesk.views.bulk_run import BulkRun

        run = BulkRun(self._page, TITLES[verb], verb, argument, _number())
        run.moved.connect(partial(self._moved, UNDER_WAY[verb]))
        run.ended.connect(self._ended)
        self._run, self._many = run, lambda shown: many.format(n=shown)
        if whole:
            spec, desk = self._head.spec, self._page.context.desk
            self._page.read(desk.matching_ids, spec, self._head.search).then(run.start)
        else:
            run.start(ids)
        return True

    # the selection

    def _changed(self, *_: object) -> None:
        if self._run is not None:
            return
        table, count = self._table, self._table.choice.count()
        several = count > 1 or table.choice.is_whole
        if several and self._bar is None:
            from pqldesk.views.selection_bar import SelectionBar

            self._bar = SelectionBar(table, self._page.context, self._keys)
            self._bar.wanted.connect(self._page.run)
            self._bar.cancelled.connect(self._cancel)
        if self._bar is not None:
            if several:
                self._bar.show_selection(count, self._leads.lead_count(), whole=table.choice.is_whole)
            else:
                self._bar.hide()
        self._page.context.wishes.counted.emit()

    def _select_all(self) -> None:
        """What is on screen; when that is selected already, everything that matches."""
        if not self._table.choose_page():
            self._select_matching()

    def _select_matching(self) -> None:
        self._table.choice.choose_whole()
        self._changed()

    # a bulk under way

    def _moved(self, words: str, done: int, all_of: int) -> None:
        if self._bar is not None and all_of > done:
            said = _("{words} {done} of {all}").format(
                words=words, done=wording.number(done), all=wording.number(all_of)
            )
            self._bar.show_progress(said, done, all_of)

    def _cancel(self) -> None:
        if self._run is not None:
            self._run.cancel()

    def _ended(self, result: BulkResult) -> None:
        from pqldesk.views.bulk_run import bulk_words

        self._run, self._last = None, result
        self._table.choice.clear()
        self._changed()
        done = result.count("done")
        if done or result.count("skipped"):
            self._page.context.wishes.told.emit(bulk_words(result, self._many), 1 if done else 0)
        else:
            self._say(_("Nothing has changed"))
        if result.count("skipped"):
            self._show_last()

    def _show_last(self) -> None:
        if self._last is None:
            self._say(_("Nothing was done to several leads yet"))
            return
        from pqldesk.views.bulk_sheet import BulkSheet

        self._page.context.wishes.sheet.emit(BulkSheet(self._page.context, self._last))

    # out of the window

    def _ids(self, most: int) -> Sequence[int]:
        """The selected leads, or the one under the cursor; at most so many."""
        table = self._table
        chosen = self._leads.lead_ids() if table.choice.is_whole else table.choice.ids()
        if not len(chosen) and (current := table.current_id()) is not None:
            chosen = [current]
        return chosen[:most]

    def _copy(self) -> None:
        from pqldesk.views import list_text

        self._read(self._ids(list_text.MOST_COPIED), self._copied)

    def _copied(self, lines: list[LeadLine]) -> None:
        from pqldesk.views import list_text

        if lines:
            QGuiApplication.clipboard().setText(list_text.tsv(lines, self._table.shown_columns()))
            self._say(n_("Copied {n} row", "Copied {n} rows", len(lines)))

    def _print(self) -> None:
        from pqldesk.views import list_text

        self._read(self._leads.lead_ids()[: list_text.MOST_PRINTED], self._printed)

    def _printed(self, lines: list[LeadLine]) -> None:
        from pqldesk.views.list_text import print_list

        head, columns = self._head, self._table.shown_columns()
        view = head.tabs.view(head.key)
        title = view.label if view is not None else _("Queue")
        page, total = self._page, self._leads.lead_count()
        print_list(page.context, page.window(), title, head.bar.chips(), lines, columns, total)

    def _read(self, ids: Sequence[int], then: Callable[[list[LeadLine]], None]) -> None:
        from pqldesk.views.list_text import read_lines

        context = self._page.context
        self._page.read(read_lines, context.desk.lead_rows, tuple(ids), context.now()).then(then)

    def _export(self) -> None:
        from pqldesk.views.file_dialog import FileDialog

        if self._page.context.desk.export_leads is None:
            return
        FileDialog(
            self._page.window(),
            _("Export this list"),
            self.export_to,
            place=Path.home() / f"pqldesk-{self._head.key}.csv",
            filters="CSV (*.csv);;Excel (*.xlsx);;JSON Lines (*.jsonl)",
            saves_as="csv",
        )

    def export_to(self, path: str) -> None:
        """Write every lead of the view into a file, in a child process."""
        context = self._page.context
        if context.desk.export_leads is None:
            return
        spec, search = self._head.spec, f"{self._head.spec.search} {self._head.search}".strip()
        options = [
            f"--view={spec.scope}",
            f"--filter={spec.filter}",
            f"--search={search}",
            f"--sort={spec.sort}",
        ]
        self._say(_("Exporting to {path}").format(path=path))
        context.background.run(context.desk.export_leads, path, options).then(self._say)

    def _say(self, words: str) -> None:
        self._page.context.wishes.told.emit(words, 0)


def _number() -> int:
    """A number that no other run has: by the system, as loading `secrets` for it would be seen in the start."""
    return int.from_bytes(os.urandom(8)) >> 2
