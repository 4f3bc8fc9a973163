"""Trials: time left, activation, pace; the ones that need a call stand out."""

from datetime import datetime

from pqldesk.services.changes import Topic
from pqldesk.services.figure_rows import TrialRow
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable
from pqldesk.views.small_sheets import ExtendSheet

_RUNNING = frozenset({"active", "extended"})


def _spent(row: TrialRow) -> float:
    """The share of the trial's days that has passed."""
    if row.state not in _RUNNING or row.starts_at is None or row.ends_at is None:
        return 1.0
    days = max(1, (row.ends_at - row.starts_at).days)
    return min(1.0, max(0.0, 1 - row.days_left / days))


def _time(row: TrialRow) -> Mark:
    tone = "accent" if row.pace != "at risk" else "bad"
    if row.state not in _RUNNING:
        tone = {"converted": "ok"}.get(row.state, "cold")
    return Mark("bar", second=wording.trial(row.state, row.days_left)[0], tone=tone, share=_spent(row))


def _dates(row: TrialRow) -> str:
    return f"{wording.day(row.starts_at)} – {wording.day(row.ends_at)}"


def _pace(row: TrialRow) -> tuple[str, str]:
    if row.pace:
        return wording.plain(row.pace), wording.PACES.get(
            row.pace, "bad" if row.pace == "at risk" else "neutral"
        )
    return wording.trial(row.state, row.days_left)


COLUMNS = (
    Column[TrialRow](
        _("Company"), lambda r: r.company or r.email or wording.NONE, 170, stretch=2,
        mark=lambda r: Mark(second=r.domain or r.email or " "),
    ),
    Column[TrialRow](
        _("Trial"), lambda r: r.plan or _("Trial"), 150, mark=lambda r: Mark(second=_dates(r)),
        order=lambda r: r.ends_at,
    ),
    Column[TrialRow](
        _("Time left"), lambda r: wording.trial(r.state, r.days_left)[0], 190, mark=_time, stretch=1,
        order=lambda r: r.days_left if r.state in _RUNNING else None,
        hint=lambda r: f"{wording.trial(r.state, r.days_left)[0]}, {_dates(r)}",
    ),
    Column[TrialRow](_("Activation"), lambda r: f"{r.activation}%", 96, order=lambda r: r.activation),
    Column[TrialRow](
        _("Milestones"), lambda r: f"{sum(r.milestones)}/{len(r.milestones)}", 116,
        mark=lambda r: Mark("dots", bits=r.milestones), order=lambda r: sum(r.milestones),
    ),
    Column[TrialRow](_("Active users"), lambda r: wording.number(r.active_users), 106, order=lambda r: r.active_users),
    Column[TrialRow](
        _("Best score"), lambda r: wording.number(r.score), 96, mark=lambda r: Mark("score", tone=r.band),
        order=lambda r: r.score, hint=lambda r: wording.BANDS.get(r.band, r.band),
    ),
    Column[TrialRow](_("Pace"), lambda r: _pace(r)[0], 100, mark=lambda r: Mark("pill", tone=_pace(r)[1])),
    Column[TrialRow](
        _("Owner"), lambda r: wording.person(r.owner) if r.owner else _("Unclaimed"), 140, stretch=1,
        mark=lambda r: Mark("avatar", key=r.owner) if r.owner else Mark(tone="muted"),
    ),
)  # fmt: skip


class TrialsPage(ListPage):
    topics = frozenset({Topic.TRIALS, Topic.LEADS, Topic.USAGE})

    def __init__(self, context: Context) -> None:
        super().__init__(context, RowTable(COLUMNS, key=lambda row: row.trial_id), _("Trials"), "clock")
        self.title.hide()
        self.filters(
            active=(_("Active"), lambda row: row.state in _RUNNING),
            ending=(_("Ending this week"), lambda row: row.state in _RUNNING and row.days_left <= 7),
            risk=(_("At risk"), lambda row: row.pace == "at risk"),
            converted=(_("Converted"), lambda row: row.state == "converted"),
            expired=(_("Expired"), lambda row: row.state in {"expired", "lost"}),
        )
        self.extend = Button(self.paints, _("Extend…"))
        self.extend.setEnabled(False)
        self.extend.setToolTip(_("Give the chosen trial more days"))
        self.extend.clicked.connect(self._extend)
        self.head.addWidget(self.extend)
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)

    def refresh(self) -> None:
        self.read(self.context.desk.trials).then(self.take)

    def status(self) -> str:
        return n_("{n} trial", "{n} trials", self.table.rowCount())

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(_("No trial under this tab"), _("Choose another tab to see the others."))
        else:
            self.empty.say(
                _("No trials yet"), _("Trials come with a file of trials or from a connected source.")
            )

    def _moved(self, row: TrialRow | None) -> None:
        self.extend.setEnabled(row is not None and row.state in _RUNNING | {"expired"})

    def _open(self, row: TrialRow) -> None:
        if row.lead_id:
            self.context.wishes.open_lead.emit(row.lead_id)

    def _extend(self) -> None:
        row: TrialRow | None = self.rows.current()
        if row is not None:
            end = row.ends_at if row.ends_at and row.ends_at > self.context.now() else self.context.now()
            sheet = ExtendSheet(self.context, row.trial_id, row.company or row.email or "", end)
            sheet.given.connect(self._extended)
            self.context.wishes.sheet.emit(sheet)

    def _extended(self, trial_id: str, until: datetime, reason: str) -> None:
        told = _("Trial extended to {day}").format(day=wording.day(until))
        self.act(self.context.desk.extend_trial, trial_id, until, reason, self.context.rep, told=told)
