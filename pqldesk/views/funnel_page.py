"""The funnel: how many come how far, how fast, and whether the score tells winners apart."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _
from pqldesk.services.figure_rows import WAITING, FunnelFigures, FunnelStep, GroupRow, RepRow, SpeedToLead
from pqldesk.views import wording
from pqldesk.views.abreast import Abreast
from pqldesk.views.chart_card import ChartCard, chart_command
from pqldesk.views.charts import Chart, Sparkline
from pqldesk.views.choice import Choice
from pqldesk.views.containers import Card, ScrolledColumn
from pqldesk.views.day_charts import CohortMap, DayHistogram, days_after_signup
from pqldesk.views.flow import Flow
from pqldesk.views.funnel_charts import BandChart, FunnelChart
from pqldesk.views.funnel_tables import (
    GROUP_COLUMNS,
    REP_COLUMNS,
    SPLIT_BY,
    SPLITS,
    STEPS,
    in_time_hint,
    interval_words,
    speed_hint,
)  # fmt: skip
from pqldesk.views.key_figure import KeyFigure, say_rate
from pqldesk.views.labels import wrapped
from pqldesk.views.leads_sheet import LeadsSheet
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import page_title
from pqldesk.views.row_table import RowTable, RowView
from pqldesk.views.speed_chart import SpeedChart


class FunnelPage(Page):
    topics = frozenset({Topic.LEADS, Topic.TRIALS, Topic.OUTBOX, Topic.TASKS, Topic.MODEL})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        self._column = column = ScrolledColumn(self, _("Funnel"))
        column.add(self._head())
        yield
        yield from self._figures(column)
        yield
        self.funnel_chart = FunnelChart(self.theme)
        self.bands = BandChart(self.theme)
        self.cohorts = CohortMap(self.theme)
        self.days = DayHistogram(self.theme)
        self.speeds = SpeedChart(self.theme)
        charts: tuple[Chart, ...] = (self.funnel_chart, self.bands, self.cohorts, self.days, self.speeds)
        for chart in charts:
            chart.opened.connect(self.open_mark)
        yield
        self.funnel_card = ChartCard(context, _("Signup to won"), self.funnel_chart, " ", "funnel")
        yield
        self.band_card = ChartCard(
            context, _("Win rate by score band"), self.bands, _("band at the outcome"), "funnel"
        )
        yield
        wide = Abreast(self.theme, 400, self.funnel_card, self.band_card, shares=(13, 10))
        yield
        column.add(wide)
        yield
        self.cohort_card = ChartCard(
            context, _("Weekly retention, %"), self.cohorts, _("counts under 30"), "funnel"
        )
        yield
        self.day_card = ChartCard(
            context, _("Days from signup to first value"), self.days, _("days of 24 hours"), "funnel"
        )
        yield
        self.speed_card = ChartCard(context, _("Speed to lead"), self.speeds, " ", "funnel")
        yield
        self.cards = (self.funnel_card, self.band_card, self.cohort_card, self.day_card, self.speed_card)
        three = Abreast(self.theme, 280, self.cohort_card, self.day_card, self.speed_card)
        yield
        column.add(three)
        yield
        groups = self._groups_card()
        yield
        reps = self._reps_card()
        yield
        for card in (groups, reps):  # below each other: side by side, neither has room for its columns
            column.add(card)

    def refresh(self) -> None:
        self.read_long(self.context.desk.funnel, *self._filter(), self.by.currentData()).then(self._show)

    def run(self, command: str) -> bool:
        choices = {
            "funnel.period": self.period, "funnel.source": self.source, "funnel.rep": self.rep,
            "funnel.split": self.by,
        }  # fmt: skip
        if (choice := choices.get(command)) is not None:
            self._column.area.ensureWidgetVisible(choice)
            choice.setFocus()
            choice.showPopup()
            return True
        if command not in {"next", "previous"}:
            return chart_command(command, self.cards)
        view = self.reps_view if self.reps_view.hasFocus() else self.groups_view
        view.step(1 if command == "next" else -1)
        view.setFocus()
        return True

    def open_mark(self, mark: object) -> None:
        """List the leads that a mark stands for."""
        title = _title(mark)
        sheet = LeadsSheet(self.context, title)
        sheet.lead_wanted.connect(self.context.wishes.open_lead)
        self.context.wishes.sheet.emit(sheet)
        self.read_first(self.context.desk.funnel_rows, mark, *self._filter()).then(sheet.show_rows)

    def _filter(self) -> tuple[object, ...]:
        return self.period.currentData(), self.source.currentData(), self.rep.currentData()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(page_title(self.theme, _("Funnel")), 0, Qt.AlignmentFlag.AlignTop)
        choices = Flow(None, 6, at_end=True)  # in several lines where large text leaves no room for one
        row.addLayout(choices, 1)
        self.period, self.source, self.rep = Choice(), Choice(), Choice()
        for weeks in (4, 8, 13, 26, 52):
            self.period.addItem(_("Last {n} weeks").format(n=weeks), weeks)
        self.period.setCurrentIndex(1)
        self.source.addItem(_("All sources"), None)
        self.rep.addItem(_("All reps"), None)
        named = (
            (self.period, _("Period"), "funnel.period"), (self.source, _("Source"), "funnel.source"),
            (self.rep, _("Rep"), "funnel.rep"),
        )  # fmt: skip
        for combo, name, command in named:
            _quiet(combo, name, self.context.key_of(command))
            combo.activated.connect(self.refresh)
            choices.addWidget(combo)
        return row

    def _figures(self, column: ScrolledColumn) -> Iterator[None]:
        context = self.context
        self.signups = KeyFigure(context, _("Signups"), _("Leads who signed up in the period"))
        yield
        self.activation = KeyFigure(
            context, _("Activation rate"), _("Share of signups with every milestone reached")
        )
        yield
        self.pql = KeyFigure(
            context, _("PQL rate"), _("Share of signups that qualified by score or hand-raise")
        )
        yield
        self.speed = KeyFigure(
            context,
            _("Speed to lead"),
            speed_hint(None),
        )
        yield
        self.deals = KeyFigure(
            context, _("PQL → opportunity"), _("Of the qualified leads, the share a deal was opened for")
        )
        yield
        self.spark = Sparkline(self.theme)
        self.signups.body.replaceWidget(self.signups.note, self.spark)
        self.signups.note.hide()
        row = Abreast(self.theme, 150, self.signups, self.activation, self.pql, self.speed, self.deals)
        yield
        column.add(row)

    def _groups_card(self) -> Card:
        card = Card(self.theme, _("Split"), _("share of signups; counts under 30"))
        self.by = Choice()
        for key, words in SPLIT_BY.items():
            self.by.addItem(words, key)
        _quiet(self.by, _("Split by"), self.context.key_of("funnel.split"))
        self.by.activated.connect(self.refresh)
        card.head.addWidget(self.by)
        self.groups = RowTable(GROUP_COLUMNS, key=lambda row: row.value)
        self.groups_view = RowView(self.groups, self.paints, _("Funnel, split"), 36)
        self.groups_view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.groups.setParent(self.groups_view)
        self.groups_view.opened.connect(self._open_group)
        card.body.addWidget(self.groups_view, 1)
        self.no_groups = wrapped(self.theme, "", 13, "muted")
        self.no_groups.stand_only_with_words()
        card.body.addWidget(self.no_groups)
        return card

    def _reps_card(self) -> Card:
        card = Card(self.theme, _("Reps"), _("claims of the period"))
        self.reps = RowTable(REP_COLUMNS, key=lambda row: row.rep)
        self.reps_view = RowView(self.reps, self.paints, _("Reps"), 38)
        self.reps.setParent(self.reps_view)
        self.reps_view.opened.connect(self._open_rep)
        card.body.addWidget(self.reps_view, 1)
        self.no_reps = wrapped(self.theme, "", 13, "muted")
        self.no_reps.stand_only_with_words()
        card.body.addWidget(self.no_reps)
        return card

    def _open_group(self, row: GroupRow) -> None:
        at = self.groups_view.currentIndex().column()
        step = STEPS[max(0, at - 1)]
        self.open_mark(("group", self.by.currentData(), row.value, step))

    def _open_rep(self, row: RepRow) -> None:
        self.open_mark(("rep", row.rep))

    def _show(self, figures: FunnelFigures) -> None:
        self.funnel_chart.show_steps(figures.steps, figures.previous)
        since = f"{wording.day(figures.since)} – {wording.day(figures.until)}"
        self.funnel_card.note.setText(_("people who signed up {period}").format(period=since))
        self.bands.show_bands(figures.bands)
        self.band_card.note.setText(_bands_note(figures))
        self.band_card.note.setToolTip(_bands_hint(figures))
        self.cohorts.show_cohorts(figures.cohorts)
        self.days.show_days(figures.days_to_first_value, figures.median_days_to_value)
        self.speeds.show_speed(figures.speed)
        in_time = figures.speed.in_time
        words = "" if in_time is None or not in_time.of else _("{share} in time").format(
            share=wording.rate(in_time.share, in_time.of)
        )  # fmt: skip
        self.speed_card.note.setText(words)
        self.speed_card.note.setToolTip(f"{interval_words(in_time)}\n{in_time_hint()}" if words else "")
        self.speed.setToolTip(speed_hint(figures.speed))
        self.groups.show(figures.groups)
        self.groups_view.fit_rows(12)
        self.groups_view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.no_groups.setText("" if figures.groups else _("Nobody has signed up in this period"))
        self.no_reps.setText("" if figures.reps else _("Nobody has claimed a lead in this period"))
        self.groups_view.setVisible(bool(figures.groups))
        self.reps_view.setVisible(bool(figures.reps))
        self.reps.show(figures.reps)
        self.reps_view.fit_rows()
        for card in self.cards:
            card.show_again()
        _offer(self.source, figures.sources, wording.plain)
        _offer(
            self.rep, tuple(dict.fromkeys((*figures.owners, *(r.rep for r in figures.reps)))), wording.person
        )
        self._show_figures(figures)

    def _show_figures(self, figures: FunnelFigures) -> None:
        now, before = _by_step(figures.steps), _by_step(figures.previous)
        signups, signups_before = now.get("signed_up"), before.get("signed_up")
        if signups:
            old = signups_before.n if signups_before else 0
            growth = (signups.n - old) / old if old else None
            change = "" if growth is None else _("{n}%").format(n=wording.signed(growth * 100))
            if growth is not None and growth >= 2:
                change = _("×{n}").format(n=wording.number(round(growth + 1, 1)))
            self.signups.say(wording.number(signups.n), "", change, None if growth is None else growth >= 0)
            self.spark.show_values(tuple(map(float, figures.weekly_signups)), _("Signups a week"))
        for figure, key in ((self.activation, "activated"), (self.pql, "qualified")):
            step, old_step = now.get(key), before.get(key)
            say_rate(figure, _rate_of(step), _rate_of(old_step))
        self._say_speed(figures.speed, figures.speed_before)
        say_rate(self.deals, figures.deals, figures.deals_before)

    def _say_speed(self, now: SpeedToLead, before: SpeedToLead) -> None:
        change, faster = "", None
        if now.median_hours is not None and before.median_hours is not None and before.n >= ENOUGH:
            moved = now.median_hours - before.median_hours
            if abs(moved) > 1 / 120:
                change = ("−" if moved < 0 else "+") + wording.hours(abs(moved))
                faster = moved < 0
        note = _("over {n} leads").format(n=wording.number(now.n)) if now.n else ""
        if now.waiting:
            note = _("{n} touched, {waiting} not yet").format(
                n=wording.number(now.n), waiting=wording.number(now.waiting)
            )
        self.speed.say(wording.hours(now.median_hours), note, change, faster)


def _quiet(combo: Choice, name: str, key: str) -> None:
    combo.setAccessibleName(name)
    combo.setToolTip(f"{name}  {key}".strip())
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    combo.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    combo.gives = True


def _offer(combo: QComboBox, values: tuple[str, ...], said: object) -> None:
    """Offer these values too; what was offered stays, so that nothing jumps under the pointer."""
    for value in values:
        if combo.findData(value) < 0 and callable(said):
            combo.addItem(said(value), value)


def _title(mark: object) -> str:
    """What a mark stands for, as a heading."""
    kind, *rest = mark if isinstance(mark, tuple) else ("", "")
    if kind == "step":
        return wording.FUNNEL_STEPS.get(str(rest[0]), wording.plain(str(rest[0])))
    if kind == "band":
        return _("Closed as {band}").format(band=wording.BANDS.get(str(rest[0]), str(rest[0])))
    if kind == "group":
        by, value, step = rest
        name = wording.FUNNEL_STEPS.get(step, step)
        return f"{SPLITS.get(by, by)} {_('none') if value is None else value} · {name}"
    if kind == "cohort":
        return _("Signed up in the week of {day}, active in week {n}").format(
            day=wording.day(rest[0]), n=rest[1]
        )
    if kind == "day":
        return _("First value {when}").format(when=days_after_signup(int(rest[0])))
    if kind == "speed":
        return _("Not touched yet") if rest[0] == WAITING else _("Touched after qualification")
    return _("Claimed by {rep}").format(rep=wording.person(str(rest[0])))


def _bands_note(figures: FunnelFigures) -> str:
    """How the bands of the outcomes are known, where they are not all stored."""
    some, left = figures.bands_worked_out, figures.bands_left_out
    if left:
        return _("band at the outcome; {n} left out").format(n=wording.number(left))
    if figures.bands_undated:
        return _("band at the outcome; {n} undated").format(n=wording.number(figures.bands_undated))
    if some:
        return _("band at the outcome; {n} worked out").format(n=wording.number(some))
    return _("band at the outcome")


def _bands_hint(figures: FunnelFigures) -> str:
    said = [_("Each lead is in the band of the score that it had when it was won or lost.")]
    if figures.bands_worked_out:
        said.append(
            _("{n} were decided before they came here: their score of then is worked out from usage.").format(
                n=wording.number(figures.bands_worked_out)
            )
        )
    if figures.bands_undated:
        said.append(
            _("{n} are in the band of today: when they were decided is not known.").format(
                n=wording.number(figures.bands_undated)
            )
        )
    if figures.bands_left_out:
        said.append(
            _("{n} more of these are left out: they are too many to work out while you wait.").format(
                n=wording.number(figures.bands_left_out)
            )
        )
    return "\n".join(said)


def _by_step(steps: tuple[FunnelStep, ...]) -> dict[str, FunnelStep]:
    return {step.step: step for step in steps}


def _rate_of(step: FunnelStep | None) -> Rate | None:
    return None if step is None else Rate(step.n, step.of, step.rate, step.low, step.high)
