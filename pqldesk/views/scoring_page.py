"""The live scoring model: what it measures, what each signal is worth, how many leads reach it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.figure_rows import ModelShown, ModelSignalRow
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.funnel_page import KeyFigure
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Card, Label, Pill, scrolled, wrapped
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

_MEASURES = {
    "count": _("count of {kind}"), "sum": _("sum over {kind}"), "distinct": _("distinct keys of {kind}"),
    "distinct_keys": _("distinct keys of {kind}"), "days": _("distinct days with {kind}"),
    "distinct_days": _("distinct days with {kind}"),
}  # fmt: skip


def _measure(row: ModelSignalRow) -> str:
    kind = row.kind or _("any usage")
    return _MEASURES.get(row.measure, row.measure + " {kind}").format(kind=kind)


def _window(row: ModelSignalRow) -> str:
    return _("ever") if row.window_days is None else n_("{n} day", "{n} days", row.window_days)


def _needed(row: ModelSignalRow) -> str:
    sign = _("up to") if row.proportional else "≥"
    return f"{sign} {wording.number(row.threshold)}"


COLUMNS = (
    Column[ModelSignalRow](_("Signal"), lambda r: r.label, 170, stretch=2, mark=lambda r: Mark(strong=True)),
    Column[ModelSignalRow](_("Measured as"), _measure, 200, stretch=2, mark=lambda r: Mark(tone="muted")),
    Column[ModelSignalRow](_("Window"), _window, 84, order=lambda r: r.window_days),
    Column[ModelSignalRow](_("Threshold"), _needed, 90, order=lambda r: r.threshold),
    Column[ModelSignalRow](
        _("Weight"), lambda r: wording.number(r.weight), 150, order=lambda r: r.weight,
        mark=lambda r: Mark("bar", tone="accent" if r.weight >= 0 else "bad", share=abs(float(r.weight)) / 25),
        hint=lambda r: n_("{n} point", "{n} points", int(r.weight)),
    ),
    Column[ModelSignalRow](
        _("Reached by"), lambda r: wording.percent(r.reached_by), 100, right=True, order=lambda r: r.reached_by,
        hint=lambda r: _("Share of scored leads that meet it"),
    ),
)  # fmt: skip


class ScoringPage(Page):
    topics = frozenset({Topic.MODEL, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 13, 16, 16)
        column.setSpacing(12)
        head = QHBoxLayout()
        self.name = Label(self.theme, _("Scoring model"), 15, 600)
        self.live = Pill(self.paints)
        head.addWidget(self.name)
        head.addWidget(self.live)
        head.addStretch()
        column.addLayout(head)
        figures = QHBoxLayout()
        figures.setSpacing(12)
        self.scored = KeyFigure(context, _("Leads scored"), _("Every lead that is not erased"))
        self.qualified = KeyFigure(context, _("Qualified"), _("At or over the cut, or raised a hand"))
        self.cut = KeyFigure(context, _("Cut"), _("From this score on a lead is product qualified"))
        self.total = KeyFigure(context, _("Points in all"), _("What a lead earns that reaches every signal"))
        for figure in (self.scored, self.qualified, self.cut, self.total):
            figures.addWidget(figure, 1)
        column.addLayout(figures)
        self.signals = RowTable(COLUMNS, key=lambda row: row.key)
        self.view = RowView(self.signals, self.paints, _("Signals of the live model"))
        table = Card(self.theme, _("Signals"))
        table.body.addWidget(self.view)
        table.body.addWidget(wrapped(self.theme, _(
            "A signal earns its whole weight at or over its threshold, else nothing. "
            "The points of a lead are their sum; press Enter on a lead to see it added up."
        ), 12, "muted"))  # fmt: skip
        table.body.addStretch()
        bands = Card(self.theme, _("Bands"))
        self.bands = Facts(self.paints, _("Bands"))
        bands.body.addWidget(self.bands)
        bands.body.addStretch()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(table, 3)
        row.addWidget(bands, 1)
        column.addLayout(row)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def refresh(self) -> None:
        self.read(self.context.desk.model_shown).then(self._show)

    def _show(self, model: ModelShown) -> None:
        self.name.setText(model.name)
        self.live.say(_("Live · v{n}").format(n=model.version), "ok")
        self.live.setToolTip(_("Published {at}").format(at=wording.moment(model.published_at)))
        share = model.qualified / model.leads_scored if model.leads_scored else None
        self.scored.say(wording.number(model.leads_scored), _("by version {n}").format(n=model.version))
        self.qualified.say(
            wording.number(model.qualified), _("{share} of all").format(share=wording.percent(share, 1))
        )
        self.cut.say(wording.number(model.cut), _("points and more"))
        self.total.say(
            wording.number(model.total_weight), n_("{n} signal", "{n} signals", len(model.signals))
        )
        self.signals.show(model.signals)
        self.view.fit_rows()
        tones = {"hot": "ok", "qualified": "accent", "warming": "warn"}
        self.bands.show_rows(tuple(
            Fact(_("from {n} points").format(n=wording.number(least)), pill=(label, tones.get(key, "neutral")))
            for key, label, least in model.bands
        ))  # fmt: skip
