"""Whether the live model still does its work, for a manager who doubts the score: verdicts, and the figures behind."""

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _
from pqldesk.services.figures.model_health_rows import (
    BandHealth,
    CutHealth,
    GuardRule,
    HiddenLead,
    ModelHealth,
    Rejection,
    SignalDrift,
    verdicts,
)
from pqldesk.views import wording
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.rights import ADMINS
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.tabs import Tabs


def _share(rate: Rate) -> str:
    if rate.low is None or rate.high is None:
        return wording.NONE
    between = f"{wording.percent(rate.low)} – {wording.percent(rate.high)}"
    return f"{wording.percent(rate.share)}  ({between})" if rate.of >= ENOUGH else _("not enough yet")


def _counts(rate: Rate) -> str:
    return _("{n} of {of}").format(n=wording.number(rate.n), of=wording.number(rate.of))


def _share_mark(rate: Rate) -> Mark:
    return Mark(second=_counts(rate))


BANDS = (
    Column[BandHealth](_("Band when decided"), lambda r: wording.BANDS.get(r.band, r.label), 150, stretch=1,
                       mark=lambda _r: Mark(strong=True)),
    Column[BandHealth](_("Won, with 95 % interval"), lambda r: _share(r.won), 190, stretch=2,
                       mark=lambda r: _share_mark(r.won), order=lambda r: r.won.share),
)  # fmt: skip
CUTS = (
    Column[CutHealth](_("Cut"), lambda r: wording.number(r.cut), 60, order=lambda r: r.cut,
                      mark=lambda r: Mark(strong=not r.between.of)),
    Column[CutHealth](_("Won among PQLs"), lambda r: _share(r.flagged), 170, stretch=1,
                      mark=lambda r: _share_mark(r.flagged), order=lambda r: r.flagged.share),
    Column[CutHealth](_("Wins caught"), lambda r: wording.percent(r.caught.share), 90, stretch=1,
                      mark=lambda r: _share_mark(r.caught), order=lambda r: r.caught.share),
    Column[CutHealth](_("Won of those it adds or drops"), lambda r: _share(r.between), 190, stretch=1,
                      mark=lambda r: _share_mark(r.between), order=lambda r: r.between.share),
)  # fmt: skip
SIGNALS = (
    Column[SignalDrift](_("Signal"), lambda r: wording.label(r.label), 150, stretch=2,
                        mark=lambda _r: Mark(strong=True)),
    Column[SignalDrift](_("Before"), lambda r: wording.rate(r.before.share, r.before.of), 90, stretch=1,
                        mark=lambda r: _share_mark(r.before), order=lambda r: r.before.share),
    Column[SignalDrift](_("Last 4 weeks"), lambda r: wording.rate(r.lately.share, r.lately.of), 90, stretch=1,
                        mark=lambda r: _share_mark(r.lately), order=lambda r: r.lately.share),
    Column[SignalDrift](_("Change"), lambda r: _("shifted") if r.shifted else _("steady"), 100,
                        mark=lambda r: Mark("pill", tone="warn" if r.shifted else "neutral"),
                        order=lambda r: r.shifted, pills=(_("shifted"), _("steady"))),
)  # fmt: skip
GUARD = (
    Column[GuardRule](_("Exclusion"), lambda r: r.label, 180, stretch=2, mark=lambda _r: Mark(strong=True)),
    Column[GuardRule](_("Hides"), lambda r: wording.number(r.hidden), 80, right=True, order=lambda r: r.hidden),
    Column[GuardRule](_("Won all the same"), lambda r: wording.number(r.won), 130, right=True,
                      order=lambda r: r.won, mark=lambda r: Mark(tone="warn" if r.won else "")),
)  # fmt: skip
HIDDEN = (
    Column[HiddenLead](_("Person"), lambda r: r.name, 200, stretch=1,
                       mark=lambda r: Mark("avatar", second=r.company or "", key=r.lead_id)),
)  # fmt: skip
REJECTIONS = (
    Column[Rejection](_("Reason"), lambda r: r.reason, 150, stretch=2, mark=lambda _r: Mark(strong=True)),
    Column[Rejection](_("Leads"), lambda r: wording.number(r.leads), 60, right=True, order=lambda r: r.leads),
    Column[Rejection](_("A rule for it"), lambda r: r.what or _("nothing in common"), 200, stretch=3,
                      mark=lambda r: Mark(second=_price(r))),
)  # fmt: skip


def _price(row: Rejection) -> str:
    if row.proposal is None:
        return ""
    return _("spares {n} of {of}, hides {wins} won and {queued} qualified leads").format(
        n=wording.number(row.spares), of=wording.number(row.leads),
        wins=wording.number(row.wins), queued=wording.number(row.queued),
    )  # fmt: skip


class HealthSheet(Sheet):
    """The verdicts above, the figures in tabs below. Enter opens a hidden lead, or takes a proposed rule."""

    only_looks = True
    lead_wanted = Signal(str)
    rule_wanted = Signal(object)  # the exclusion as model JSON

    def __init__(self, context: Context, found: ModelHealth) -> None:
        self.size_wanted = QSize(760, 640)
        super().__init__(context)
        note = _("{model} v{version}, cut {cut}: {won} of {decided} leads won in the last {days} days").format(
            model=found.model, version=found.version, cut=wording.number(found.cut),
            won=wording.number(found.won), decided=wording.number(found.decided), days=found.days,
        )  # fmt: skip
        self.head(_("Health of the model"), note)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 12, 17, 8)
        column.setSpacing(8)
        self.verdicts = wrapped(context.theme, "\n".join(f"•  {one}" for one in verdicts(found)), 13)
        column.addWidget(self.verdicts)
        self.tabs = Tabs(context.paints)
        self.stack = QStackedWidget()
        self.bands = self._list(_("Bands"), BANDS, found.bands, lambda row: row.band)
        self.cuts = self._list(_("Cuts"), CUTS, found.cuts, lambda row: row.cut)
        self.signals = self._list(_("Signals"), SIGNALS, found.drift, lambda row: row.key)
        self.guard = self._list(_("Exclusions"), GUARD, found.guard, lambda row: row.key)
        self.hidden = self._list(_("Leads that it hides"), HIDDEN, (), lambda row: row.lead_id, 42)
        self.rejections = self._list(_("Reasons"), REJECTIONS, found.rejections, lambda row: row.reason)
        shelter = QWidget()
        both = QVBoxLayout(shelter)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.guard, 2)
        both.addWidget(self.hidden, 3)
        self._pages = {
            "bands": (_("Bands"), self.bands, len(found.bands)),
            "cuts": (_("Other cuts"), self.cuts, 0),
            "signals": (_("Signals"), self.signals, sum(one.shifted for one in found.drift)),
            "guard": (_("Hidden"), shelter, sum(one.hidden for one in found.guard)),
            "rejections": (_("Turned away"), self.rejections, sum(one.leads for one in found.rejections)),
        }
        for _text, page, _count in self._pages.values():
            self.stack.addWidget(page)
        self.tabs.show_tabs(
            [
                (key, text, wording.number(count) if count and key != "bands" else "")
                for key, (text, _page, count) in self._pages.items()
            ]
        )
        self.tabs.chosen.connect(self._turn)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.outer.addWidget(body, 1)
        close = Button(context.paints, _("Close"))
        close.clicked.connect(self.close_sheet)
        self.take = Button(context.paints, _("Put the rule into the draft"), kind="primary")
        self.take.clicked.connect(self.submit)
        context.rights.hold(self.take, ADMINS)
        self.guard.moved.connect(self._show_hidden)
        self.hidden.opened.connect(self._open)
        self.rejections.moved.connect(self._offer)
        self.rejections.opened.connect(lambda _row: self.submit())
        self.about = Label(context.theme, " ", 12, tone="muted")
        self.foot(close, self.take, note=self.about)
        for view in (self.guard, self.rejections):
            if view.table.rowCount():
                view.setCurrentIndex(view.table.index(0, 0))
        self._turn("bands")

    def first_field(self) -> QWidget:
        return self.bands

    def submit(self) -> None:
        row: Rejection | None = self.rejections.current()
        if self.take.isVisible() and row is not None and row.proposal is not None:
            self.rule_wanted.emit(row.proposal)
            self.close_sheet()

    def _list(self, name: str, columns: Any, rows: Any, key: Any, height: int = 44) -> RowView:
        table = RowTable[Any](columns, key=key)
        table.show(rows)
        view = RowView(table, self.context.paints, name, height)
        table.setParent(view)
        return view

    def _turn(self, key: str) -> None:
        self.stack.setCurrentWidget(self._pages[key][1])
        self.take.setVisible(key == "rejections")
        self.about.setText(_ABOUT[key])

    def _show_hidden(self, row: GuardRule | None) -> None:
        self.hidden.table.show(() if row is None else row.leads)

    def _offer(self, row: Rejection | None) -> None:
        self.take.setEnabled(row is not None and row.proposal is not None)

    def _open(self, row: HiddenLead) -> None:
        self.lead_wanted.emit(row.lead_id)
        self.close_sheet()


_ABOUT = {
    "bands": _(
        "The band a lead had when it was won or lost; of one decided before it came here, by its usage."
    ),
    "cuts": _(
        "By the highest score before a lead was decided. Last: the leads between that cut and the one in force."
    ),
    "signals": _(
        "New leads that reach a signal in their first 14 days, by the weeks in which they signed up."
    ),
    "guard": _("Excluded leads are in no list and no rate. Enter opens one."),
    "rejections": _("Why reps disqualified leads, and what those leads have in common."),
}
