"""Activation: how far new users come, how fast, and who has stopped on the way."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.rates import ENOUGH, rate
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.figure_rows import ActivationFigures, ActivationStep, StalledLead
from pqldesk.views import wording
from pqldesk.views.abreast import Abreast
from pqldesk.views.account_panel import band_of
from pqldesk.views.beside import Beside
from pqldesk.views.chart_card import ChartCard, chart_command
from pqldesk.views.containers import Card, ScrolledColumn
from pqldesk.views.day_charts import MilestoneCurves
from pqldesk.views.key_figure import KeyFigure, say_rate
from pqldesk.views.milestone_map import MilestoneMap
from pqldesk.views.milestone_sheet import MilestoneSheet
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button, page_title
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

_USUALLY = 6  # milestones: so high is their table until it is known how many there are


def _days(days: float | None) -> str:
    return wording.NONE if days is None else _("{n} d").format(n=wording.number(round(days, 1)))


def _apart(row: ActivationStep) -> tuple[str, str]:
    """How many points more of those that reached it were won, and what that is made of."""
    some, others = row.won_with, row.won_without
    if some is None or others is None or row.difference is None:
        return wording.NONE, _("There are no decided leads on both sides")
    words = _("won: {n} of {of} that had reached it, {m} of {om} that had not").format(
        n=some.n, of=some.of, m=others.n, om=others.of
    )
    if min(some.of, others.of) < ENOUGH:
        return _("not enough yet"), words
    mid, low, high = (f"{100 * value:+.0f}".replace("-", "−") for value in row.difference)
    chance = (
        ""
        if not row.difference[1] <= 0 <= row.difference[2]
        else "\n" + _("The interval holds 0: it may be chance")
    )
    return _("{points} pt").format(points=mid), f"{words}\n" + _("95 % interval {low} to {high}").format(
        low=low, high=high
    ) + chance


STEPS = (
    Column[ActivationStep](_("Milestone"), lambda r: wording.label(r.label), 150, stretch=1),
    Column[ActivationStep](
        _("Reached by"), lambda r: wording.rate(r.reached / r.of if r.of else None, r.of), 112,
        mark=lambda r: Mark("bar", tone="accent", share=r.reached / r.of if r.of else 0),
        hint=lambda r: wording.of_leads(rate(r.reached, r.of)), order=lambda r: r.reached,
    ),
    Column[ActivationStep](
        _("Win-rate gap"), lambda r: _apart(r)[0], 118, right=True,
        hint=lambda r: _apart(r)[1], order=lambda r: r.difference[0] if r.difference else None,
    ),
    Column[ActivationStep](
        _("Median"), lambda r: _days(r.median_days), 80, right=True, order=lambda r: r.median_days,
        hint=lambda _r: _("Days from signup, of those that reached it"),
    ),
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
        self._kinds: tuple[str, ...] = ()
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        column = ScrolledColumn(self, _("Activation"))
        column.add(page_title(self.theme, _("Activation")))
        yield
        self.rate = KeyFigure(
            context, p_("leads", "Activated"), _("Leads of the cohort that reached every milestone")
        )
        yield
        self.median = KeyFigure(
            context, _("Median time to value"), _("Days from signup to the first value milestone")
        )
        yield
        self.slow = KeyFigure(
            context, _("Nine in ten within"), _("90th percentile of the days to first value")
        )
        yield
        self.stuck = KeyFigure(
            context, _("Stalled"), _("Leads without a new milestone although some are missing")
        )
        yield
        figures = Abreast(self.theme, 170, self.rate, self.median, self.slow, self.stuck)
        yield
        column.add(figures)
        yield
        self.curves = MilestoneCurves(self.theme, self.paints)
        yield
        self.steps = RowTable(STEPS, key=lambda row: row.milestone)
        self.steps_view = RowView(self.steps, self.paints, _("Milestones"), 36)
        self.steps_view.fit_rows(expected=_USUALLY)
        yield
        self.curve_card = ChartCard(
            context,
            _("Milestones by days since signup"),
            self.curves,
            _("days of 24 hours"),
            "activation",
        )
        self.curve_card.head.addStrut(self.theme.px(32))  # its title stands in line with the one beside it
        self.curve_card.note.set_hint(_("Each lead counts for the whole days that it has been here"))
        yield
        steps_card = Card(self.theme, _("Milestones"))
        context.rights.hint(steps_card.note, _("Enter edits one"), "activation.edit")
        self.add_button = Button(self.paints, _("Add…"), partial(context.key_of, "activation.add"))
        self.add_button.setToolTip(_("Add a milestone"))
        self.add_button.clicked.connect(self.add_milestone)
        self.remove_button = Button(self.paints, _("Remove"), partial(context.key_of, "activation.remove"))
        self.remove_button.setToolTip(_("Take the milestone under the cursor away; undo brings it back"))
        self.remove_button.clicked.connect(self.remove_milestone)
        context.rights.hold(self.add_button, "activation.add")
        context.rights.hold(self.remove_button, "activation.remove")
        steps_card.head.addWidget(self.add_button)
        steps_card.head.addWidget(self.remove_button)
        self.steps_view.opened.connect(self.edit_milestone)
        yield
        self.map = MilestoneMap(self.theme, self.paints)
        self.map_card = ChartCard(
            context, _("Reached by signup week"), self.map, _("counts under 30"), "activation"
        )
        yield
        steps_card.body.addWidget(self.steps_view, 1)
        yield
        both = Abreast(self.theme, 430, self.curve_card, steps_card)
        yield
        column.add(both)
        yield
        column.add(self.map_card)
        for chart in (self.curves, self.map):
            chart.opened.connect(self.open_mark)
        yield
        self.stalled = RowTable(STALLED, key=lambda row: row.lead_id)
        self.stalled_view = RowView(self.stalled, self.paints, _("Stalled leads"))
        self.stalled_view.opened.connect(self._open)
        yield
        card = Card(self.theme, _("Stalled leads"), _("a nudge may help; Enter opens the lead"))
        card.body.addWidget(self.stalled_view)
        yield
        column.add(card)

    def refresh(self) -> None:
        self.read_long(self.context.desk.activation).then(self._show)

    def run(self, command: str) -> bool:
        if command in {"next", "previous"}:
            view = self.stalled_view if self.stalled_view.hasFocus() else self.steps_view
            view.step(1 if command == "next" else -1)
            view.setFocus()
        elif command == "activation.add":
            self.add_milestone()
        elif command == "activation.edit":
            row: ActivationStep | None = self.steps_view.current()
            if row is not None:
                self.edit_milestone(row)
        elif command == "activation.remove":
            self.remove_milestone()
        else:
            return chart_command(command, (self.curve_card, self.map_card))
        return True

    def _show(self, figures: ActivationFigures) -> None:
        say_rate(self.rate, rate(figures.activated, figures.cohort_size), None)
        for figure, days, words in (
            (self.median, figures.median_days_to_value, _("waiting ones counted in")),
            (self.slow, figures.p90_days_to_value, _("the slow tenth takes longer")),
        ):
            figure.say(_days(days), "" if days is None else words)
        few = figures.stalled_in_all > len(figures.stalled)
        self.stuck.say(
            wording.number(figures.stalled_in_all),
            _("the nearest listed below") if few else _("listed below") if figures.stalled else "",
        )
        self.curves.show_steps(figures.steps)
        self.steps.show(figures.steps)
        self.steps_view.fit_rows()
        self._kinds = figures.kinds
        self.map.show_weeks(
            figures.weeks, tuple((step.milestone, wording.label(step.label)) for step in figures.steps)
        )
        for card in (self.curve_card, self.map_card):
            card.show_again()
        self.stalled.show(figures.stalled)
        self.stalled_view.fit_rows()

    def open_mark(self, mark: tuple[Any, ...]) -> None:
        """List the leads that a mark stands for."""
        from pqldesk.views.leads_sheet import LeadsSheet

        kind, *rest = mark
        label = next(
            (wording.label(row.label) for row in self.steps.rows() if row.milestone == rest[-1]),
            str(rest[-1]),
        )
        if kind == "week":
            label = _("{label}, signed up in the week of {day}").format(label=label, day=wording.day(rest[0]))
        sheet = LeadsSheet(self.context, label)
        sheet.lead_wanted.connect(self.context.wishes.open_lead)
        self.context.wishes.sheet.emit(sheet)
        self.read_first(self.context.desk.activation_rows, mark).then(sheet.show_rows)

    def _open(self, row: StalledLead) -> None:
        self.context.wishes.open_lead.emit(row.lead_id)

    def add_milestone(self) -> None:
        self._edit(None)

    def edit_milestone(self, row: ActivationStep) -> None:
        if not self.context.may("activation.edit"):
            return
        self._edit(row)

    def remove_milestone(self) -> None:
        """Take the milestone under the cursor away."""
        row: ActivationStep | None = self.steps_view.current()
        if row is not None:
            self._do(
                _("Milestone {label} removed").format(label=wording.label(row.label)),
                "milestone",
                "remove",
                row.milestone,
            )

    def _edit(self, row: ActivationStep | None) -> None:
        sheet = MilestoneSheet(self.context, None if row is None else row.rule, self._kinds)
        sheet.given.connect(self._set)
        self.context.wishes.sheet.emit(sheet)

    def _set(self, key: str, values: dict[str, Any]) -> None:
        words = ["--within", str(values["within_days"] or 0)]
        for name in ("label", "kind", "measure", "threshold"):
            words.append(f"--{name}={values[name]}")
        self._do(_("Milestone {label} kept").format(label=values["label"]), "milestone", "set", key, *words)

    def _do(self, told: str, *words: str) -> None:
        """Change the milestones in another process, which works out every lead anew."""
        self._told = told
        work = Beside(self, *words)
        work.came.connect(self._done)
        work.failed.connect(self.context.background.problem)

    def _done(self, _answer: object) -> None:
        self.context.wishes.told.emit(self._told, 1)
        self.refresh()
