"""The leads behind a mark of a chart."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.figure_rows import LeadRow, LeadRows
from pqldesk.views import wording
from pqldesk.views.account_panel import band_of
from pqldesk.views.labels import Label
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

COLUMNS = (
    Column[LeadRow](
        _("Person"), lambda r: r.name, 200, stretch=3,
        mark=lambda r: Mark("avatar", second=r.company or "", key=r.lead_id),
    ),
    Column[LeadRow](
        _("Score"), lambda r: wording.number(r.score), 70, order=lambda r: r.score,
        mark=lambda r: Mark("score", tone=band_of(r.score)),
    ),
    Column[LeadRow](
        _("State"), lambda r: wording.LEAD_STATES.get(r.state, wording.plain(r.state)), 120,
        mark=lambda _r: Mark("pill"), pills=tuple(wording.LEAD_STATES.values()),
    ),
    Column[LeadRow](_("Owner"), lambda r: wording.person(r.owner), 130, stretch=1, order=lambda r: r.owner),
    Column[LeadRow](_("Signed up"), lambda r: wording.day(r.signed_up_at), 100, order=lambda r: r.signed_up_at),
)  # fmt: skip


class LeadsSheet(Sheet):
    """A list of leads; Enter opens one. It is there at once, the rows come when they are read."""

    only_looks = True
    lead_wanted = Signal(str)

    def __init__(self, context: Context, title: str, at_least: int = 0) -> None:
        """*at_least* so many are there, where it is known and only some of them are asked for."""
        self.size_wanted = QSize(780, 560)
        super().__init__(context)
        self._at_least = at_least
        self.head(title, " ")
        self.note.show()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 10, 17, 10)
        self.table = RowTable(COLUMNS, key=lambda row: row.lead_id)
        self.rows = RowView(self.table, context.paints, title, 44)
        self.table.setParent(self.rows)
        self.rows.opened.connect(self._open)
        column.addWidget(self.rows, 1)
        self.outer.addWidget(body, 1)
        close = Button(context.paints, _("Close"))
        close.clicked.connect(self.close_sheet)
        self.foot(close, note=Label(context.theme, _("Enter opens a lead"), 12, tone="muted"))

    def show_rows(self, found: LeadRows) -> None:
        """All are counted, the best are listed."""
        total = max(found.total, self._at_least)
        words = n_("{n} lead", "{n} leads", total).replace(str(total), wording.number(total))
        if total > len(found.rows):
            words += " · " + _("the best {n} are listed").format(n=wording.number(len(found.rows)))
        self.note.setText(words)
        self.table.show(found.rows)
        if found.rows:
            self.rows.setCurrentIndex(self.table.index(0, 0))

    def first_field(self) -> QWidget:
        return self.rows

    def _open(self, row: LeadRow) -> None:
        self.close_sheet()
        self.lead_wanted.emit(row.lead_id)
