"""Trials: time left, activation, pace; the ones that need a call stand out."""

from datetime import datetime
from functools import partial
from typing import Any

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.figure_rows import TrialRow
from pqldesk.views import wording
from pqldesk.views.ordered_page import OrderedPage
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark
from pqldesk.views.trial_sheets import CloseTrialSheet, ExtendSheet

_RUNNING = frozenset({"active", "extended"})


def _spent(row: TrialRow) -> float:
    """The share of the trial's days that has passed."""
    if row.state not in _RUNNING or row.starts_at is None or row.ends_at is None:
        return 1.0
    days = max(1, (row.ends_at - row.starts_at).days)
    return min(1.0, max(0.0, 1 - row.days_left / days))


def _time(row: TrialRow) -> Mark:
    tone = "bad" if _at_risk(row) else "accent"
    if row.state not in _RUNNING:
        tone = {"converted": "ok"}.get(row.state, "cold")
    return Mark("bar", second=wording.trial(row.state, row.days_left)[0], tone=tone, share=_spent(row))


def _dates(row: TrialRow) -> str:
    return f"{wording.day(row.starts_at)} – {wording.day(row.ends_at)}"


def _pace(row: TrialRow) -> tuple[str, str]:
    if row.pace:
        return wording.plain(row.pace), wording.PACES.get(row.pace, "neutral")
    return wording.trial(row.state, row.days_left)


def _pace_hint(row: TrialRow) -> str:
    """What the activation is held against, with how many trials that is the median of."""
    if row.state not in _RUNNING:
        at = wording.exact(row.outcome_at or row.converted_at or row.ends_at)
        return _("{state} {at}, noted by itself").format(state=_pace(row)[0], at=at)
    if row.usual is None:
        return n_(
            "{n} converted trial to compare with; from 30 on a pace is told",
            "{n} converted trials to compare with; from 30 on a pace is told",
            row.usual_of,
        )
    return _(
        "{mine}% on day {day}, in days of 24 hours from its start; usual is {usual}%,"
        " the median of {n} converted trials"
    ).format(mine=row.activation, day=row.day, usual=wording.number(row.usual), n=row.usual_of)


def _seen(row: TrialRow, now: datetime) -> tuple[str, str]:
    """When anybody was last active, and whether that is too long ago."""
    if row.quiet_days:
        return n_("Quiet {n} d", "Quiet {n} d", row.quiet_days), "bad" if row.days_left <= 5 else "warn"
    return wording.age(row.last_active_at, now), "neutral"


def _at_risk(row: TrialRow) -> bool:
    return row.pace == "at risk" or row.quiet_days > 0


def _extensions(row: TrialRow) -> str:
    return n_(" · {n} extension", " · {n} extensions", row.extensions) if row.extensions else ""


def _columns(context: Context) -> tuple[Column[TrialRow], ...]:
    now = context.now
    return (
        Column(
            _("Company"), lambda r: r.company or r.email or wording.NONE, 220, stretch=3,
            mark=lambda r: Mark(second=r.domain or r.email or " "), by="company",
        ),
        Column(
            _("Trial"), lambda r: r.plan or _("Trial"), 120, weak=1,
            mark=lambda r: Mark(second=_dates(r)),
            hint=lambda r: f"{r.plan or _('Trial')}, {_dates(r)}{_extensions(r)}", by="ends",
        ),
        Column(
            _("Time left"), lambda r: wording.trial(r.state, r.days_left)[0], 112, mark=_time, stretch=1,
            hint=lambda r: f"{wording.trial(r.state, r.days_left)[0]}, {_dates(r)}{_extensions(r)}", by="left",
        ),
        Column(
            _("Activation"), lambda r: wording.percent(r.activation / 100), 86,
            mark=lambda r: Mark(second=_usual(r)), hint=_pace_hint, by="activation",
        ),
        Column(
            _("Milestones"), lambda r: f"{sum(r.milestones)}/{len(r.milestones)}", 98, weak=2,
            mark=lambda r: Mark("dots", bits=r.milestones), by="activation",
        ),
        Column(
            _("Pace"), lambda r: _pace(r)[0], 88, mark=lambda r: Mark("pill", tone=_pace(r)[1]), hint=_pace_hint,
            by="pace", pills=tuple(wording.plain(pace) for pace in wording.PACES),
        ),
        Column(
            _("Last seen"), lambda r: _seen(r, now())[0], 96,
            mark=lambda r: Mark("pill", tone=_seen(r, now())[1]) if r.quiet_days else Mark(tone="muted"),
            hint=lambda r: _("Last active {at}; day {day} of the trial").format(
                at=wording.exact(r.last_active_at), day=r.day), by="seen",
            pills=(n_("Quiet {n} d", "Quiet {n} d", 14),),
        ),
        Column(
            _("Users"), lambda r: wording.number(r.active_users), 58, weak=4,
            hint=lambda r: n_("{n} person active in 14 days", "{n} people active in 14 days", r.active_users),
            by="users",
        ),
        Column(
            _("Score"), lambda r: wording.number(r.score), 62, mark=lambda r: Mark("score", tone=r.band),
            hint=lambda r: _("{band}: the best score among its people").format(band=wording.BANDS.get(r.band, r.band)),
            by="score",
        ),
        Column(
            _("Owner"), lambda r: wording.person(r.owner) if r.owner else _("Unclaimed"), 116, stretch=1, weak=3,
            mark=lambda r: Mark("avatar", key=r.owner) if r.owner else Mark(tone="muted"), by="owner",
        ),
    )  # fmt: skip


def _usual(row: TrialRow) -> str:
    return "" if row.usual is None else _("usual {n}%").format(n=wording.number(row.usual))


class TrialsPage(OrderedPage):
    topics = frozenset({Topic.TRIALS, Topic.LEADS, Topic.USAGE})

    def __init__(self, context: Context) -> None:
        tabs = {
            "active": p_("trials", "Active"), "ending": _("Ending this week"), "risk": p_("trials", "At risk"),
            "converted": p_("trials", "Converted"), "expired": p_("trials", "Expired"),
        }  # fmt: skip
        super().__init__(context, _columns(context), lambda row: row.trial_id, _("Trials"), "clock", tabs)
        self.title.hide()
        self.close_lost = Button(self.paints, _("Close…"), partial(context.key_of, "trials.close"))
        self.close_lost.setToolTip(
            _("Nobody will convert it: close the chosen trial as lost, with the reason")
        )
        self.close_lost.clicked.connect(self._close)
        self.extend = Button(self.paints, _("Extend…"), partial(context.key_of, "trials.extend"), "primary")
        self.extend.setToolTip(_("Give the chosen trial more days, with the reason"))
        self.extend.clicked.connect(self._extend)
        context.rights.hold(self.close_lost, "trials.close")
        context.rights.hold(self.extend, "trials.extend")
        for button in (self.close_lost, self.extend):
            button.setEnabled(False)
            self.head.addWidget(button)
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        desk = self.context.desk
        return self.read_long(self.with_rows(desk.trial_order, desk.trial_rows), tab, by, descending)

    def ask_at_hand(self, tab: str, by: str, descending: bool) -> Any:
        desk = self.context.desk
        return self.read(self.with_rows(desk.trial_order_at_hand, desk.trial_rows), tab, by, descending)

    def ask_keys(self) -> Any:
        return self.context.background.read_long(self.context.desk.trial_keys)

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        return self.read(self.context.desk.trial_rows, ids)

    def _order_taken(self) -> None:
        self._moved(self.rows.current())

    def _rows_arrived(self) -> None:
        self._moved(self.rows.current())

    def run(self, command: str) -> bool:
        if command == "trials.extend":
            self._extend()
        elif command == "trials.close":
            self._close()
        else:
            return super().run(command)
        return True

    def status(self) -> str:
        return n_("{n} trial", "{n} trials", self.table.rowCount())

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(_("No trial under this tab"), _("Choose another tab to see the others."))
        else:
            self.say_none_yet(
                _("No trials yet"), _("Trials come with a file of trials or from a connected source."),
                _("Import a file"), "import",
            )  # fmt: skip

    def _moved(self, row: TrialRow | None) -> None:
        self.extend.setEnabled(row is not None and row.state in _RUNNING | {"expired"})
        self.close_lost.setEnabled(row is not None and row.state in _RUNNING | {"expired"})

    def _open(self, row: TrialRow) -> None:
        if row.lead_id:
            self.context.wishes.open_lead.emit(row.lead_id)
        elif row.company:
            self.context.wishes.open_view.emit("all", row.domain or row.company)

    def _extend(self) -> None:
        row: TrialRow | None = self.rows.current()
        if row is None or not self.extend.isEnabled():
            return
        if row.extendable_until is None:
            words = _("The trial of {company} was extended as often as it may be.").format(
                company=row.company or ""
            )
            self.context.wishes.told.emit(words, 0)
            return
        sheet = ExtendSheet(self.context, row)
        sheet.given.connect(self._extended)
        self.context.wishes.sheet.emit(sheet)

    def _extended(self, trial_id: str, until: datetime, reason: str) -> None:
        told = _("Trial extended to {day}").format(day=wording.day(until))
        self.act(self.context.desk.extend_trial, trial_id, until, reason, self.context.rep, told=told)

    def _close(self) -> None:
        row: TrialRow | None = self.rows.current()
        if row is not None and self.close_lost.isEnabled():
            sheet = CloseTrialSheet(self.context, row)
            sheet.given.connect(self._closed)
            self.context.wishes.sheet.emit(sheet)

    def _closed(self, trial_id: str, reason: str) -> None:
        told = _("Trial closed as lost")
        self.act(self.context.desk.close_trial, trial_id, reason, self.context.rep, told=told)
