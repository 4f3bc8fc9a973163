"""The funnel: how many come how far, how fast, and whether the score tells winners apart."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.figure_rows import FunnelFigures, FunnelStep, RepRow, SpeedToLead
from pqldesk.services.texts import _
from pqldesk.views import wording
from pqldesk.views.chart_card import ChartCard
from pqldesk.views.charts import BandChart, FunnelChart, Sparkline
from pqldesk.views.day_charts import CohortMap, DayHistogram
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Card, Label, Pill, scrolled
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

REP_COLUMNS = (
    Column[RepRow](_("Rep"), lambda r: wording.person(r.rep), 120, stretch=2, mark=lambda r: Mark("avatar", key=r.rep)),
    Column[RepRow](_("Claimed"), lambda r: wording.number(r.claimed), 66, right=True, order=lambda r: r.claimed),
    Column[RepRow](
        _("First touch"), lambda r: wording.hours(r.median_first_touch_hours), 84, right=True,
        order=lambda r: r.median_first_touch_hours,
    ),
    Column[RepRow](_("Won"), lambda r: wording.number(r.won), 48, right=True, order=lambda r: r.won),
)  # fmt: skip


class KeyFigure(Card):
    """One number with its change against the period before."""

    def __init__(self, context: Context, title: str, hint: str) -> None:
        super().__init__(context.theme)
        theme = context.theme
        self.setToolTip(hint)
        self.body.setContentsMargins(14, 11, 12, 11)
        self.body.setSpacing(2)
        self.body.addWidget(Label(theme, title, 12, tone="muted"))
        row = QHBoxLayout()
        self.value = Label(theme, wording.NONE, 22, 600)
        self.change = Pill(context.paints)
        row.addWidget(self.value)
        row.addStretch()
        row.addWidget(self.change, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.note = Label(theme, "", 12, tone="muted", elide=True)
        self.body.addWidget(self.note)
        self.body.addStretch(1)

    def say(self, value: str, note: str, change: str = "", good: bool | None = None) -> None:
        self.value.setText(value)
        self.note.setText(note)
        self.change.say(change, "neutral" if good is None else "ok" if good else "bad")
        self.setAccessibleName(f"{value} {note}")


class FunnelPage(Page):
    topics = frozenset({Topic.LEADS, Topic.TRIALS, Topic.OUTBOX, Topic.TASKS})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 10, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._head())
        figures = QHBoxLayout()
        figures.setSpacing(12)
        self.signups = KeyFigure(context, _("Signups"), _("Leads who signed up in the period"))
        self.activation = KeyFigure(
            context, _("Activation rate"), _("Share of signups with every milestone reached")
        )
        self.pql = KeyFigure(
            context, _("PQL rate"), _("Share of signups that qualified by score or hand-raise")
        )
        self.speed = KeyFigure(
            context, _("Speed to lead"), _("Median time from qualification to the first touch")
        )
        self.won = KeyFigure(
            context, _("PQL → handed off"), _("Of the qualified leads, the share handed to sales")
        )
        self.spark = Sparkline(self.theme)
        self.signups.body.replaceWidget(self.signups.note, self.spark)
        self.signups.note.hide()
        for figure in (self.signups, self.activation, self.pql, self.speed, self.won):
            figures.addWidget(figure, 1)
        column.addLayout(figures)
        self.funnel_chart = FunnelChart(self.theme)
        self.bands = BandChart(self.theme)
        self.cohorts = CohortMap(self.theme)
        self.days = DayHistogram(self.theme)
        self.reps = RowTable(REP_COLUMNS, key=lambda row: row.rep)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        self.funnel_card = ChartCard(context, _("Signup to won"), self.funnel_chart, " ")
        middle.addWidget(self.funnel_card, 13)
        middle.addWidget(ChartCard(context, _("Win rate by score band"), self.bands), 10)
        column.addLayout(middle)
        lower = QGridLayout()
        lower.setSpacing(12)
        lower.addWidget(ChartCard(context, _("Weekly retention by signup week, %"), self.cohorts), 0, 0)
        lower.addWidget(ChartCard(context, _("Days from signup to first value"), self.days), 0, 1)
        lower.addWidget(self._reps_card(), 0, 2)
        for n in range(3):
            lower.setColumnStretch(n, 1)
        column.addLayout(lower)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def refresh(self) -> None:
        self.read(
            self.context.desk.funnel,
            self.period.currentData(),
            self.source.currentData(),
            self.rep.currentData(),
        ).then(self._show)

    def status(self) -> str:
        return ""

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(Label(self.theme, _("Funnel"), 15, 600))
        row.addStretch()
        self.period, self.source, self.rep = QComboBox(), QComboBox(), QComboBox()
        for weeks in (4, 8, 13, 26, 52):
            self.period.addItem(_("Last {n} weeks").format(n=weeks), weeks)
        self.period.setCurrentIndex(1)
        self.source.addItem(_("All sources"), None)
        self.rep.addItem(_("All reps"), None)
        for combo, name in ((self.period, _("Period")), (self.source, _("Source")), (self.rep, _("Rep"))):
            combo.setObjectName("quiet")
            combo.setAccessibleName(name)
            combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            combo.activated.connect(self._chosen)
            row.addWidget(combo)
        self.source.hide()
        return row

    def show_sources(self, sources: list[str]) -> None:
        """Offer these lead sources in the filter."""
        for name in sources:
            if self.source.findData(name) < 0:
                self.source.addItem(wording.plain(name), name)
        self.source.setVisible(self.source.count() > 1)

    def _reps_card(self) -> Card:
        card = Card(self.theme, _("Reps"))
        self.reps_view = RowView(self.reps, self.paints, _("Reps"), 38)
        card.body.addWidget(self.reps_view, 1)
        return card

    def _chosen(self) -> None:
        self.refresh()

    def _show(self, figures: FunnelFigures) -> None:
        self.funnel_chart.show_steps(figures.steps)
        since = f"{wording.day(figures.since)} – {wording.day(figures.until)}"
        self.funnel_card.note.setText(_("people who signed up {period}").format(period=since))
        self.bands.show_bands(figures.bands)
        self.cohorts.show_cohorts(figures.cohorts)
        self.days.show_days(figures.days_to_first_value, figures.median_days_to_value)
        self.reps.show(figures.reps)
        known = [self.rep.itemData(n) for n in range(self.rep.count())]
        for row in figures.reps:
            if row.rep not in known:
                self.rep.addItem(wording.person(row.rep), row.rep)
        self._show_figures(figures)

    def _show_figures(self, figures: FunnelFigures) -> None:
        now, before = _by_step(figures.steps), _by_step(figures.previous)
        signups, signups_before = now.get("signed_up"), before.get("signed_up")
        if signups:
            old = signups_before.n if signups_before else 0
            growth = (signups.n - old) / old if old else None
            change = "" if growth is None else f"{growth * 100:+.1f}%".replace("-", "−")
            if growth is not None and growth >= 2:
                change = _("×{n}").format(n=f"{growth + 1:.1f}")
            self.signups.say(wording.number(signups.n), "", change, None if growth is None else growth >= 0)
            self.spark.show_values(tuple(map(float, figures.weekly_signups)), _("Signups a week"))
        for figure, key in ((self.activation, "activated"), (self.pql, "qualified")):
            _say_rate(figure, now.get(key), before.get(key))
        self._say_speed(figures.speed, figures.speed_before)
        qualified, handed = now.get("qualified"), now.get("handed_off")
        if qualified and handed and qualified.n:
            was_q, was_h = before.get("qualified"), before.get("handed_off")
            share = handed.n / qualified.n
            better = share - was_h.n / was_q.n if was_q and was_h and was_q.n else None
            note = _("{n} of {of}").format(n=wording.number(handed.n), of=wording.number(qualified.n))
            self.won.say(wording.rate(share, qualified.n), note, *_moved(better))

    def _say_speed(self, now: SpeedToLead, before: SpeedToLead) -> None:
        change, faster = "", None
        if now.median_hours is not None and before.median_hours is not None:
            moved = now.median_hours - before.median_hours
            if abs(moved) > 1 / 120:
                change = ("−" if moved < 0 else "+") + wording.hours(abs(moved))
                faster = moved < 0
        note = _("over {n} leads").format(n=wording.number(now.n))
        self.speed.say(wording.hours(now.median_hours), note, change, faster)


def _by_step(steps: tuple[FunnelStep, ...]) -> dict[str, FunnelStep]:
    found = {step.step: step for step in steps}
    if "pql" in found:
        found.setdefault("qualified", found["pql"])
    return found


def _say_rate(figure: KeyFigure, now: FunnelStep | None, before: FunnelStep | None) -> None:
    if now is None or now.rate is None:
        figure.say(wording.NONE, "")
        return
    note = _("{n} of {of}").format(n=wording.number(now.n), of=wording.number(now.of))
    if now.low is not None and now.high is not None:
        note += f" · {wording.percent(now.low, 1)} – {wording.percent(now.high, 1)}"
    moved = now.rate - before.rate if before and before.rate is not None else None
    figure.say(wording.rate(now.rate, now.of, 1), note, *_moved(moved))


def _moved(share: float | None) -> tuple[str, bool | None]:
    """A change in percentage points, and whether it is good."""
    if share is None or abs(share) < 0.0005:
        return "", None
    return _("{points} pt").format(points=f"{share * 100:+.1f}".replace("-", "−")), share > 0
