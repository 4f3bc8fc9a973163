"""What was done, newest first, with undo of the own last action and redo."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.basics.texts import _
from pqldesk.services.rows import ActionRow
from pqldesk.views import wording
from pqldesk.views.action_words import detail_words
from pqldesk.views.keys import Keys
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

_SHOWN = 200


def _about(row: ActionRow) -> str:
    return detail_words(row.action, row.detail)


class HistorySheet(Sheet):
    """`undo_wanted` and `redo_wanted` ask the window; the list follows what then changes."""

    only_looks = True
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, context: Context, keys: Keys) -> None:
        super().__init__(context)
        _px, now = context.theme.px, context.now
        self.size_wanted = QSize(860, 560)
        self.head(_("What was done"), _("Newest first, by everybody. Undo takes back your own last action."))
        self.table: RowTable[ActionRow] = RowTable(
            (
                Column(
                    _("Action"), lambda r: wording.plain(r.action), 240, stretch=1,
                    mark=lambda r: Mark(second=_about(r) or " ", strong=r.can_undo), hint=_about,
                ),
                Column(
                    " ", lambda r: _("next undo") if r.can_undo else "", 60,
                    mark=lambda _r: Mark("pill", tone="accent"), pills=(_("next undo"),),
                ),
                Column(_("By"), lambda r: wording.person(r.actor), 130, mark=lambda r: Mark("avatar", key=r.actor)),
                Column(
                    _("When"), lambda r: wording.ago(r.at, now()), 110, hint=lambda r: wording.exact(r.at),
                    mark=lambda _r: Mark(tone="muted"),
                ),
            ),
            key=lambda row: (row.at, row.action, row.detail),
        )  # fmt: skip
        self.rows = RowView(self.table, context.paints, _("What was done"))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 8, 17, 8)
        column.addWidget(self.rows)
        self.outer.addWidget(body, 1)
        close = Button(context.paints, _("Close"))
        close.clicked.connect(self.close_sheet)
        self.redo = Button(context.paints, _("Redo"), keys.first("redo"))
        self.redo.clicked.connect(self.redo_wanted)
        self.undo = Button(context.paints, _("Undo"), keys.first("undo"), "primary")
        self.undo.clicked.connect(self.undo_wanted)
        self.undo.setEnabled(False)
        self.foot(close, self.redo, self.undo)
        context.background.changed.connect(self._on_changed)
        self._ask()

    def first_field(self) -> QWidget:
        return self.rows

    def submit(self) -> None:
        """Enter looks, it does not undo."""

    def _ask(self) -> None:
        self.context.background.read(self.context.desk.history, _SHOWN, self.context.rep).then(self._show)

    def _on_changed(self, changes: Changes) -> None:
        if changes.touch(frozenset(Topic)):
            self._ask()

    def _show(self, rows: list[ActionRow]) -> None:
        self.table.show(rows)
        self.undo.setEnabled(any(row.can_undo for row in rows))
