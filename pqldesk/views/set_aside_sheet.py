"""Events that were set aside, with the reason: looked through, and counted after all, one or all of them."""

from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import AsideRow, SetAside
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.id_words import said_id
from pqldesk.views.labels import wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Page
from pqldesk.views.parts import Button
from pqldesk.views.question import Question
from pqldesk.views.rights import RELEASE
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

COLUMNS = (
    Column[AsideRow](
        _("Event"), lambda r: wording.plain(r.event), 130, stretch=1,
        mark=lambda r: Mark(second=r.key or ""),
    ),
    Column[AsideRow](
        _("Of"), lambda r: said_id(*r.identity.split(":", 1)), 140, stretch=1, hint=lambda r: r.identity
    ),
    Column[AsideRow](
        _("Occurred"), lambda r: wording.moment(r.occurred_at), 172, order=lambda r: r.occurred_at,
        hint=lambda r: wording.exact(r.occurred_at),
    ),
    Column[AsideRow](_("Why"), lambda r: _(r.reason).rstrip("."), 330, stretch=2, mark=lambda _r: Mark(tone="muted"),
                     hint=lambda r: _(r.reason)),
)  # fmt: skip


_MOST = 10  # rows in sight; the others scroll


class SetAsideSheet(Sheet):
    """Enter, or the button, counts the event under the cursor; another one counts all of them."""

    only_looks = True  # each is counted at once, nothing is written here

    def __init__(self, page: Page) -> None:
        self.size_wanted = QSize(900, 0)
        super().__init__(page.context)
        self._page = page
        self.head(_("Events that are set aside"), " ")
        self.note.show()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 8, 17, 8)
        column.setSpacing(8)
        self.table: RowTable[AsideRow] = RowTable(COLUMNS, key=lambda row: row.event_id)
        self.rows = RowView(self.table, page.context.paints, _("Events that are set aside"), 44)
        self.table.setParent(self.rows)
        self.rows.opened.connect(self._count)
        self.rows.moved.connect(self._moved)
        column.addWidget(self.rows)
        self.rows.fit_rows(expected=1)
        self.none = wrapped(page.theme, _("No event is set aside."), 13, "muted")
        self.none.hide()
        column.addWidget(self.none)
        self.question = Question(page.context)
        column.addWidget(self.question)
        self.outer.addWidget(body, 1)
        close = Button(page.context.paints, _("Close"))
        close.clicked.connect(self.close_sheet)
        self.all = Button(page.context.paints, _("Count all…"))
        self.all.setToolTip(_("All that is set aside counts from the time at which it occurred"))
        self.all.clicked.connect(self._ask_all)
        self.one = Button(page.context.paints, _("Count this one"), "↵", "primary")
        self.one.setToolTip(_("The event under the cursor counts from the time at which it occurred"))
        self.one.clicked.connect(self._count_current)
        for button in (self.all, self.one):
            button.setEnabled(False)
            page.context.rights.hold(button, RELEASE)
        self.foot(close, self.all, self.one)
        self._total = 0
        self._ask()

    def first_field(self) -> QWidget:
        return self.rows

    def _ask(self) -> None:
        self._page.read(self.context.desk.set_aside).then(self._show)

    def _show(self, found: SetAside) -> None:
        self._total = found.total
        words = n_("{n} event does not count yet", "{n} events do not count yet", found.total)
        if found.total > len(found.rows):
            words += " · " + _("the oldest {n} are listed").format(n=wording.number(len(found.rows)))
        self.note.setText(words)
        self.table.show(found.rows)
        self.rows.fit_rows(_MOST)
        self.rows.setVisible(bool(found.rows))
        self.none.setVisible(not found.rows)
        self.all.setEnabled(bool(found.rows))
        if found.rows and self.rows.current() is None:
            self.rows.setCurrentIndex(self.table.index(0, 0))
        self._moved(self.rows.current())

    def _moved(self, row: AsideRow | None) -> None:
        self.one.setEnabled(row is not None)

    def _count_current(self) -> None:
        if (row := self.rows.current()) is not None:
            self._count(row)

    def _count(self, row: AsideRow) -> None:
        if self.context.may(RELEASE):
            self._release(row.event_id)

    def _ask_all(self) -> None:
        self.question.ask(
            n_(
                "{n} event counts from then on, and scores follow. This cannot be undone.",
                "{n} events count from then on, and scores follow. This cannot be undone.",
                self._total,
            ),
            _("Count all"),
            self._release,
        )

    def _release(self, *events: str) -> None:
        """In a process of its own: of a file with a wrong clock it may be a million."""
        self.all.setEnabled(False)
        self.one.setEnabled(False)
        run = Beside(self._page, "events", "set-aside", "release", *events)
        run.came.connect(self._released)
        run.failed.connect(self._refused)

    def _released(self, answer: Any) -> None:
        self.context.wishes.told.emit(
            n_("{n} event counts now", "{n} events count now", int(answer["released"])), 0
        )
        self._ask()

    def _refused(self, problem: object) -> None:
        self.question.say(str(problem), "bad")
        self._ask()
