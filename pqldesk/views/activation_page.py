"""Activation: how far new users come, how fast, and who has stopped on the way."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.figure_rows import ActivationFigures, ActivationStep, StalledLead
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.accounts_page import band_of
from pqldesk.views.chart_card import ChartCard
from pqldesk.views.day_charts import MilestoneCurves
from pqldesk.views.key_figure import KeyFigure
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Card, Label, scrolled
from pqldesk.views.row_table import Column, Mark, RowTable, RowView


def _days(days: float | None) -> str:
    return wording.NONE if days is None else _("{n} d").format(n=wording.number(round(days, 1)))


STEPS = (
    Column[ActivationStep](_("Milestone"), lambda r: r.label, 150, stretch=2),
    Column[ActivationStep](
        _("Reached by"), lambda r: wording.percent(r.reached / r.of if r.of else None), 160,
        mark=lambda r: Mark("bar", tone="accent", share=r.reached / r.of if r.of else 0),
        hint=lambda r: _("{n} of {of} leads").format(n=wording.number(r.reached), of=wording.number(r.of)),
        order=lambda r: r.reached,
    ),
    Column[ActivationStep](_("Median"), lambda r: _days(r.median_days), 80, right=True, order=lambda r: r.median_days),
)  # fmt: skip
STALLED = (
    Column[StalledLead](
        _("Person"), lambda r: r.name, 200, stretch=2,
        mark=lambda r: Mark("avatar", second=r.company or "", key=r.lead_id),
    ),
    Column[StalledLead](_("Last milestone"), lambda r: r.last_milestone, 160, stretch=1),
    Column[StalledLead](
        _("Stalled for"), lambda r: n_("{n} day", "{n} days", r.days_stalled), 110, order=lambda r: r.days_stalled,
        mark=lambda r: Mark("pill", tone="bad" if r.days_stalled > 14 else "warn"),
    ),
    Column[StalledLead](
        _("Score"), lambda r: wording.number(r.score), 80, order=lambda r: r.score,
        mark=lambda r: Mark("score", tone=band_of(r.score)),
    ),
)  # fmt: skip


class ActivationPage(Page):
    topics = frozenset({Topic.USAGE, Topic.LEADS, Topic.MODEL})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 13, 16, 16)
        column.setSpacing(12)
        column.addWidget(Label(self.theme, _("Activation"), 15, 600))
        self.rate = KeyFigure(context, _("Activated"), _("Leads of the cohort that reached every milestone"))
        self.median = KeyFigure(
            context, _("Median time to value"), _("Days from signup to the first value milestone")
        )
        self.slow = KeyFigure(
            context, _("Nine in ten within"), _("90th percentile of the days to first value")
        )
        self.stuck = KeyFigure(
            context, _("Stalled"), _("Leads without a new milestone although some are missing")
        )
        figures = QHBoxLayout()
        figures.setSpacing(12)
        for figure in (self.rate, self.median, self.slow, self.stuck):
            figures.addWidget(figure, 1)
        column.addLayout(figures)
        self.curves = MilestoneCurves(self.theme, self.paints)
        self.steps = RowTable(STEPS, key=lambda row: row.milestone)
        self.steps_view = RowView(self.steps, self.paints, _("Milestones"), 36)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(ChartCard(context, _("Milestones by day after signup"), self.curves), 3)
        steps_card = Card(self.theme, _("Milestones"))
        steps_card.body.addWidget(self.steps_view, 1)
        middle.addWidget(steps_card, 2)
        column.addLayout(middle)
        self.stalled = RowTable(STALLED, key=lambda row: row.lead_id)
        self.stalled_view = RowView(self.stalled, self.paints, _("Stalled leads"))
        self.stalled_view.opened.connect(self._open)
        card = Card(self.theme, _("Stalled leads"), _("a nudge may help; Enter opens the lead"))
        card.body.addWidget(self.stalled_view)
        column.addWidget(card)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def refresh(self) -> None:
        self.read(self.context.desk.activation).then(self._show)

    def _show(self, figures: ActivationFigures) -> None:
        share = figures.activated / figures.cohort_size if figures.cohort_size else None
        of = _("{n} of {of} leads").format(
            n=wording.number(figures.activated), of=wording.number(figures.cohort_size)
        )
        self.rate.say(wording.percent(share), of)
        self.median.say(_days(figures.median_days_to_value), _("half of those who got there"))
        self.slow.say(_days(figures.p90_days_to_value), _("the slow tenth takes longer"))
        self.stuck.say(wording.number(len(figures.stalled)), _("listed below"))
        self.curves.show_steps(figures.steps)
        self.steps.show(figures.steps)
        self.stalled.show(figures.stalled)
        self.stalled_view.fit_rows()

    def _open(self, row: StalledLead) -> None:
        self.context.wishes.open_lead.emit(row.lead_id)
