"""What the draft would change: figures of both models over past weeks, the lift curve, and the leads that flip."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy

from pqldesk.services.basics.progress import Progress
from pqldesk.services.basics.rates import ENOUGH, Rate
from pqldesk.services.basics.texts import _
from pqldesk.services.modelling.replay_figures import Flip, ModelReplayed, ReplayAgainst, separates_words
from pqldesk.views import wording
from pqldesk.views.chart_card import ChartCard
from pqldesk.views.choice import Choice
from pqldesk.views.containers import Card
from pqldesk.views.key_figure import FigureCard
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.lift_chart import LiftChart
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

OUTCOMES = {"won": (_("Won"), "ok"), "lost": (_("Lost"), "neutral")}
FLIPS = (
    Column[Flip](
        _("Person"), lambda r: r.name, 150, stretch=3,
        mark=lambda r: Mark("avatar", second=r.company or "", key=r.lead_id),
    ),
    Column[Flip](
        _("Score"), lambda r: f"{wording.number(r.score)} → {wording.number(r.draft_score)}", 96,
        order=lambda r: r.draft_score,
    ),
    Column[Flip](
        _("Under the draft"), lambda r: _("qualifies") if r.qualifies else _("no longer"), 110, stretch=1,
        mark=lambda r: Mark("pill", tone="ok" if r.qualifies else "warn"), order=lambda r: r.qualifies,
        pills=(_("qualifies"), _("no longer")),
    ),
    Column[Flip](
        _("Outcome"), lambda r: OUTCOMES.get(r.outcome, ("", ""))[0], 84,
        mark=lambda r: Mark("pill", tone=OUTCOMES.get(r.outcome, ("", "neutral"))[1]), order=lambda r: r.outcome,
        pills=tuple(words for words, _tone in OUTCOMES.values()),
    ),
)  # fmt: skip


class Tile(FigureCard):
    """One figure of both models, with what it is made of beneath."""

    def __init__(self, context: Context, title: str, hint: str) -> None:
        super().__init__(context.theme, 17, 11.5)
        self._title, self._hint = title, hint
        self.setToolTip(hint)
        self.body.setContentsMargins(12, 9, 10, 9)
        self.body.setSpacing(1)
        self.body.addWidget(Label(context.theme, title, 12, tone="muted"))
        self.body.addWidget(self.value)
        self.body.addWidget(self.note)

    def say(self, value: str, note: str, hint: str = "") -> None:
        self.value.setText(value)
        self.note.setText(note)
        self.setToolTip(wording.tip("\n".join(filter(None, (self._hint, hint)))))
        self.setAccessibleName(f"{self._title}: {value}, {note}")


class ReplayCard(Card):
    """The replay beside the editor. It says what it is working on and can be stopped."""

    again = Signal()
    stopped = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.theme, _("What would change"))
        self.context = context
        self._running = False

    def parts(self) -> Iterator[None]:
        """Build it, a piece at a time; until then it shows nothing."""
        context, theme = self.context, self.context.theme
        self.days = Choice()
        self.days.setAccessibleName(_("How far back"))
        self.days.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for days in (30, 90, 180, 365):
            self.days.addItem(_("Last {n} days").format(n=days), days)
        self.days.setCurrentIndex(1)
        self.days.activated.connect(self.again)
        self.run_button = Button(context.paints, _("Replay"))
        self.run_button.setToolTip(_("Work the figures out again"))
        context.offer(self.run_button, "model.replay")
        self.run_button.clicked.connect(self._run_or_stop)
        self.head.addWidget(self.days)
        self.head.addWidget(self.run_button)
        self.about = Label(theme, " ", 12, tone="muted", elide=True)
        self.body.addWidget(self.about)
        yield
        tiles = QGridLayout()
        tiles.setSpacing(10)
        self.pqls = Tile(context, _("PQLs per week"), _("Leads whose score first reached the cut, a week"))
        self.precision = Tile(
            context, _("Won among PQLs"), _("Of the decided leads that had reached the cut")
        )
        self.recall = Tile(
            context, _("Wins caught"), _("Of the won leads, those that had reached the cut before")
        )
        self.warning = Tile(
            context, _("Days of warning"), _("Median days from the cut to the win, of the wins caught")
        )
        yield
        for n, tile in enumerate((self.pqls, self.precision, self.recall, self.warning)):
            tiles.addWidget(tile, n // 2, n % 2)
        tiles.setColumnStretch(0, 1)
        tiles.setColumnStretch(1, 1)
        self.body.addLayout(tiles)
        self.words = wrapped(theme, " \n ", 12, "muted")  # as many lines as it will be
        self.body.addWidget(self.words)
        yield
        self.lift = LiftChart(theme)
        self.lift_card = ChartCard(context, _("Lift"), self.lift, page="model")
        self.lift_card.setObjectName("flat")
        self.lift_card.body.setContentsMargins(0, 4, 0, 0)
        self.body.addWidget(self.lift_card, 1)

    def running(self, what: str) -> None:
        """Say that the figures are being worked out; the old ones stay until then."""
        self._running = True
        self.run_button.setText(_("Stop"))
        self.run_button.updateGeometry()
        self.about.setText(what)

    def report(self, progress: Progress) -> None:
        if self._running:
            self.about.setText(progress.text)

    def rest(self, words: str) -> None:
        """Not running, and why."""
        self._running = False
        self.run_button.setText(_("Replay"))
        self.run_button.updateGeometry()
        self.about.setText(words)

    def show_replay(self, found: ReplayAgainst, *, is_draft: bool) -> None:
        """The figures of a replay; without a draft only those of the live model."""
        names = _("v{new} against v{old}").format(new=found.draft.version, old=found.live.version)
        self.rest(_("{what}, {since} – {until}: {leads} leads, {decided} decided, {won} won").format(
            what=names if is_draft else _("Live v{n}").format(n=found.live.version),
            since=wording.day(found.since), until=wording.day(found.until), leads=wording.number(found.leads),
            decided=wording.number(found.decided), won=wording.number(found.won),
        ))  # fmt: skip
        weeks = max(1.0, (found.until - found.since).days / 7)
        both = (found.live, found.draft) if is_draft else (found.live,)

        def arrow(said: Callable[[ModelReplayed], str]) -> str:
            return " → ".join(dict.fromkeys(said(one) for one in both)) if len(both) > 1 else said(both[0])

        self.pqls.say(
            arrow(lambda one: wording.number(round(one.pqls / weeks, 1))),
            _("{n} in {weeks} weeks").format(
                n=arrow(lambda one: wording.number(one.pqls)), weeks=round(weeks)
            ),
        )
        for tile, which in ((self.precision, _precision), (self.recall, _recall)):
            tile.say(
                arrow(lambda one, which=which: _share(which(one))),  # type: ignore[misc]
                arrow(lambda one, which=which: _counts(which(one))),  # type: ignore[misc]
                "\n".join(_interval(one, which(one)) for one in both),
            )
        self.warning.say(
            arrow(
                lambda one: (
                    wording.NONE if one.warning_days is None else wording.number(round(one.warning_days, 1))
                )
            ),
            _("median of {n} wins").format(n=arrow(lambda one: wording.number(one.warning_n)))
            if any(one.warning_n for one in both)
            else "",
        )
        known = _("Events count from the moment they were received.") if found.known else _(
            "No times of receipt are known: each event counts as known when it occurred."
        )  # fmt: skip
        told = "; ".join(
            _("v{n} {words}").format(n=one.version, words=separates_words(one)) + _auc(one) for one in both
        )
        self.words.setText(f"{told}. {known}")
        self.lift.show_replay(found, is_draft=is_draft)
        self.lift_card.show_again()

    def _run_or_stop(self) -> None:
        (self.stopped if self._running else self.again).emit()


class FlipsCard(Card):
    """The leads that stand on the other side of the cut under the draft; Enter opens one."""

    opened = Signal(str)  # lead id

    def __init__(self, context: Context) -> None:
        super().__init__(context.theme, _("Leads that change sides"), " ")
        self.table = RowTable(FLIPS, key=lambda row: row.lead_id)
        self.rows = RowView(self.table, context.paints, _("Leads that change sides"), 42)
        self.rows.opened.connect(self._open)
        self.table.setParent(self.rows)
        self.rows.setMinimumHeight(context.theme.px(130))
        self.rows.hide()  # a table without rows would only take room
        self.body.addWidget(self.rows, 1)

    def show_replay(self, found: ReplayAgainst, *, is_draft: bool) -> None:
        """Those of a replay, those that move most first."""
        self.table.show(found.flips)
        self.rows.setVisible(bool(found.flips))
        if not is_draft:
            words = _("change the model to see them")
        elif not found.newly_qualified + found.no_longer_qualified:
            words = _("none: every lead stays on its side of the cut")
        else:
            words = _("{n} would qualify, {m} no longer").format(
                n=wording.number(found.newly_qualified), m=wording.number(found.no_longer_qualified)
            )
        self.note.setText(words)

    def _open(self, row: Flip) -> None:
        self.opened.emit(row.lead_id)


def _precision(one: ModelReplayed) -> Rate:
    return one.precision


def _recall(one: ModelReplayed) -> Rate:
    return one.recall


def _share(rate: Rate) -> str:
    return wording.rate(rate.share, rate.of, 1)


def _counts(rate: Rate) -> str:
    return _("{n} of {of}").format(n=wording.number(rate.n), of=wording.number(rate.of)) if rate.of else ""


def _interval(one: ModelReplayed, rate: Rate) -> str:
    if rate.low is None or rate.high is None:
        return ""
    return _("v{n}: 95 % interval {low} – {high} ({part} of {of})").format(
        n=one.version, low=wording.percent(rate.low), high=wording.percent(rate.high), part=rate.n, of=rate.of
    ) + ("" if rate.of >= ENOUGH else " · " + _("not enough yet"))


def _auc(one: ModelReplayed) -> str:
    if one.auc is None or one.auc_low is None or one.auc_high is None:
        return ""
    auc, low, high = (wording.figure(value, 2) for value in (one.auc, one.auc_low, one.auc_high))
    return f" (AUC {auc}, {low} – {high})"
