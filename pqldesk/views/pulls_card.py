"""Pulled sources on the Sources page: how fresh each is, when it is pulled next, and pulling or stopping it now."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.source_rows import PullRow
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.column_sheet import ColumnSheet
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.source_card import SourceCard

_STATES = {
    "running": (_("Pulling"), "accent"),
    "ok": (_("Fresh"), "ok"),
    "waiting": (_("Tries again"), "warn"),
    "problem": (_("Needs you"), "bad"),
    "off": (_("On request"), "neutral"),
    "new": (_("Not yet pulled"), "neutral"),
}


def _rows(row: PullRow, many: int) -> str:
    return wording.NONE if row.state == "new" else wording.number(many)


def _columns(context: Context) -> tuple[Column[PullRow], ...]:
    def next_run(row: PullRow) -> str:
        if row.state == "running" or row.next_at is None:
            return ""
        wait = (row.next_at - context.now()).total_seconds()
        return _("due") if wait <= 0 else wording.ahead(wait)

    return (
        Column(
            _("Source"), lambda r: r.title, 260, stretch=3, hint=lambda r: r.problem or r.url,
            mark=lambda r: Mark(second=r.problem or r.saying or r.url),
        ),
        Column(
            _("State"), lambda r: _STATES[r.state][0], 160, mark=lambda r: Mark("pill", tone=_STATES[r.state][1]),
            hint=lambda r: r.problem or _STATES[r.state][0], pills=tuple(words for words, _tone in _STATES.values()),
        ),
        Column(
            _("As of"), lambda r: wording.ago(r.fresh_at, context.now()), 120, order=lambda r: r.fresh_at,
            hint=lambda r: _("Everything from before {at} is here").format(at=wording.exact(r.fresh_at))
            if r.fresh_at else _("No pull has come to its end yet"),
            mark=lambda r: Mark(tone="muted"),
        ),
        Column(_("Next"), next_run, 110, order=lambda r: r.next_at, hint=lambda r: wording.exact(r.next_at),
               mark=lambda r: Mark(tone="muted")),
        Column(_("Last pull"), lambda r: _rows(r, r.rows), 100, right=True, order=lambda r: r.rows,
               hint=lambda r: _("Rows of this pull or the last")),
        Column(_("In all"), lambda r: _rows(r, r.total), 110, right=True, order=lambda r: r.total,
               hint=lambda r: _("Rows since it was connected")),
    )  # fmt: skip


class PullsCard(SourceCard):
    """Every source that is pulled; Enter pulls it now."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Pulled sources"))
        self.context.rights.hint(self.note, _("Enter pulls one now"), "sources.pull")
        self.table = RowTable(_columns(self.context), key=lambda row: row.source)
        self.view = RowView(self.table, self.paints, _("Pulled sources"))
        self.view.opened.connect(self._pull_row)
        self.view.moved.connect(self._fit_buttons)
        self.body.addWidget(self.view)
        self.none = wrapped(page.theme, _(
            "No system is pulled yet. In a terminal: pqldesk connect posthog --set project=NUMBER"
            " --secret-env pull_token=NAME"
        ), 13, "muted")  # fmt: skip
        self.none.hide()  # until it is known that there is none
        self.view.hide()  # or some
        self.body.addWidget(self.none)
        key = self.context.key_of
        self.columns = Button(self.paints, _("Columns…"), partial(key, "sources.columns"))
        self.columns.setToolTip(_("Which columns of a warehouse or a portal's tables are read as what"))
        self.columns.clicked.connect(self.edit_columns)
        self.now = Button(self.paints, _("Pull now"), partial(key, "sources.pull"))
        self.now.setToolTip(_("Fetch what has come since, from the source under the cursor"))
        self.now.clicked.connect(self.pull)
        self.stop = Button(self.paints, _("Stop"), partial(key, "sources.stop"))
        self.stop.setToolTip(
            _("End the pull; what has been stored stays, and the next one goes on from there")
        )
        self.stop.clicked.connect(self.end)
        self.all = Button(self.paints, _("Pull all"), partial(key, "sources.pull_all"))
        self.all.clicked.connect(self.pull_all)
        self.context.rights.hold(self.now, "sources.pull")
        self.context.rights.hold(self.stop, "sources.stop")
        self.context.rights.hold(self.all, "sources.pull_all")
        foot = QHBoxLayout()
        foot.addWidget(self.columns)
        foot.addStretch()
        for button in (self.columns, self.now, self.stop, self.all):
            button.hide()  # until it is known what there is to pull
        for button in (self.now, self.stop, self.all):
            foot.addWidget(button)
        self.body.addLayout(foot)
        self._run: Beside | None = None

    def refresh(self) -> None:
        self.page.read(self.context.desk.pull_rows).then(self._show)

    def pull(self) -> None:
        """Pull the source under the cursor, or the only one."""
        rows = self.table.rows()
        row = self.view.current() or (rows[0] if len(rows) == 1 else None)
        if row is not None:
            self._pull_row(row)
        else:
            self._say_none(_("Choose a source first") if rows else _("No system is pulled yet"))

    def edit_columns(self) -> None:
        """Open what the source under the cursor is read by, or the only one that has columns to choose."""
        having = [one for one in self.table.rows() if one.has_columns]
        row = self.view.current()
        if row is None or not row.has_columns:
            row = having[0] if len(having) == 1 else None
        if row is not None:
            self.context.wishes.sheet.emit(ColumnSheet(self.page, row.source, row.title))
        elif having:
            self.context.wishes.told.emit(_("Choose a source first"), 0)
        else:
            self.context.wishes.told.emit(
                _("Only a warehouse and a portal's tables have columns to choose"), 0
            )

    def pull_all(self) -> None:
        """Pull every source; where there is none, it is said."""
        if self.table.rowCount():
            self._begin()
        else:
            self._say_none(_("No system is pulled yet"))

    def _say_none(self, words: str) -> None:
        self.context.wishes.told.emit(words, 0)

    def end(self) -> None:
        """Stop the pull of the source under the cursor, in whatever process it runs; of all where none is chosen."""
        row = self.view.current()
        names = (
            [row.source]
            if row is not None
            else [one.source for one in self.table.rows() if one.state == "running"]
        )
        if names:
            self.page.write(self.context.desk.stop_pulls, names).then(self._stopping)
        else:
            self.context.wishes.told.emit(_("No pull is running"), 0)

    def _stopping(self, _answer: object) -> None:
        self.context.wishes.told.emit(_("The pull stops; what has been stored stays"), 0)

    def _pull_row(self, row: PullRow) -> None:
        if row.state == "running":
            self.context.wishes.told.emit(_("{name} is being pulled").format(name=row.title), 0)
        else:
            self._begin(row.source)

    def _begin(self, *sources: str) -> None:
        if self._run is not None:
            self.context.wishes.told.emit(_("A pull is under way; this one can begin when it has ended"), 0)
            return
        self._run = Beside(self.page, "sync", *sources)
        self._run.came.connect(self._done)
        self._run.failed.connect(self._broken)
        self._fit_buttons()

    def _done(self, outcomes: object) -> None:
        self._run = None
        rows = sum(int(one["created"]) for one in outcomes) if isinstance(outcomes, list) else 0
        self.context.wishes.told.emit(n_("{n} new row", "{n} new rows", rows), 0)
        self.refresh()

    def _broken(self, problem: object) -> None:
        self._run = None
        self.context.background.problem.emit(problem)
        self.refresh()

    def _show(self, rows: list[PullRow]) -> None:
        self.table.show(rows)
        for widget in (self.view, self.now, self.stop, self.all):
            widget.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.columns.setVisible(any(row.has_columns for row in rows))
        self.view.fit_rows()
        self._fit_buttons()

    def _fit_buttons(self, _row: object = None) -> None:
        row = self.view.current()
        running = any(one.state == "running" for one in self.table.rows())
        is_idle = row is not None and row.state != "running"
        self.now.setEnabled(self._run is None and (is_idle or (row is None and self.table.rowCount() == 1)))
        self.stop.setEnabled(row.state == "running" if row is not None else running)
        self.all.setEnabled(bool(self.table.rowCount()) and self._run is None)
