"""One account beside the list: its figure with what each person gives to it, usage, trials, what was written."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.figure_rows import AccountDetail, AccountRow
from pqldesk.views import wording
from pqldesk.views.charts import DayBars
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.record_panel import RecordPanel

RULES = {"best": _("Best score"), "sum": _("Sum of scores"), "active": _("Active share")}
OF_PEOPLE = {
    "best": _("best of its people"),
    "sum": _("sum of its people's"),
    "active": _("share of them active"),
}
_PEOPLE = 12


def band_of(score: float) -> str:
    """The colour token of a best score; the bands of the live model may differ, the number is what counts."""
    return "hot" if score >= 80 else "qualified" if score >= 60 else "warming" if score >= 40 else "cold"


def figure(row: AccountRow) -> str:
    """The account's figure as people read it."""
    return f"{wording.number(row.score)}%" if row.rule == "active" else wording.number(row.score)


def rule_words(row: AccountRow) -> str:
    """What the figure is, in one sentence."""
    return {
        "best": _("The best score among its people"),
        "sum": _("The scores of its people together, up to {cap}").format(cap=wording.number(row.cap or 0)),
        "active": _("The share of its people who were active in 14 days"),
    }.get(row.rule, row.rule)


class AccountPanel(RecordPanel):
    lead_wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("Account"), 5)
        self._build()
        self._build_foot()
        self.show_row(None)

    def show_row(self, row: AccountRow | None) -> None:
        """Take what the list already knows, at once."""
        self.show_anything(row is not None)
        if row is None:
            return
        under = " · ".join(filter(None, (row.domain, row.plan))) or _("no domain known")
        self.say_who(row.name, row.company_id, under)
        self._score.setText(figure(row))
        self._score.set_tone(band_of(row.score) if row.rule == "best" else "accent")
        self._rule.setText(rule_words(row))

    def show_detail(self, detail: AccountDetail) -> None:
        now = self._context.now()
        self.show_row(detail.row)
        self._bars.show_days(detail.daily_usage)
        self._seen.setText(_("last active {ago}").format(ago=wording.ago(detail.row.last_active_at, now)))
        self._part("people", people(detail, now), n_("{n} lead", "{n} leads", len(detail.people)))
        self._part("trials", trials(detail), "")
        self._part("writes", writes(detail, now), "")
        self._part("keys", keys(detail), "")

    def rows(self, part: str) -> tuple[Fact, ...]:
        return self._parts[part][1].rows()

    def _part(self, key: str, rows: tuple[Fact, ...], side: str) -> None:
        box, facts, words = self._parts[key]
        facts.show_rows(rows)
        words.setText(side)
        box.setVisible(bool(rows))

    def _build(self) -> None:
        theme, paints = self._context.theme, self._context.paints
        self._score = Label(theme, "", 20, 600)
        self.build_head(self._score, Qt.AlignmentFlag.AlignTop)
        self._rule = wrapped(theme, "", 12, "muted")
        self.column.addWidget(self._rule)
        self.column.addSpacing(8)
        usage = QHBoxLayout()
        usage.addWidget(Label(theme, _("Activity, 14 days"), 12, 600, "muted", elide=True), 1)
        self._seen = Label(theme, "", 12, 600, "muted")
        usage.addWidget(self._seen)
        self.column.addLayout(usage)
        self._bars = DayBars(theme)
        self.column.addWidget(self._bars)
        self._parts: dict[str, tuple[QWidget, Facts, Label]] = {}
        for key, title in (
            ("people", _("People, and what each gives")), ("trials", _("Trials")),
            ("writes", _("Written to the CRM")), ("keys", _("Known by")),
        ):  # fmt: skip
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 12, 0, 0)
            column.setSpacing(5)
            top = QHBoxLayout()
            top.addWidget(Label(theme, title, 12, 600, "muted", elide=True), 1)
            side = Label(theme, "", 12, 600, "muted")
            top.addWidget(side)
            column.addLayout(top)
            facts = Facts(paints, title)
            facts.activated.connect(self._activated)
            column.addWidget(facts)
            self._parts[key] = (box, facts, side)
            self.column.addWidget(box)
        self.column.addStretch()

    def _build_foot(self) -> None:
        for command, text, hint, kind in (
            ("accounts.people", _("People"), _("List its people in the queue"), "primary"),
            ("accounts.rename", _("Rename"), _("Give the account another name"), "plain"),
            ("accounts.merge", _("Merge"), _("Make it part of another account"), "plain"),
        ):  # fmt: skip
            button = Button(self._context.paints, text, partial(self._context.key_of, command), kind)
            button.setToolTip(f"{hint}  {self._context.key_of(command)}".strip())
            button.clicked.connect(partial(self.wanted.emit, command))
            self._context.rights.hold(button, command)
            self.buttons.addWidget(button)

    def _activated(self, action: str) -> None:
        self.lead_wanted.emit(action.partition(":")[2])


def people(detail: AccountDetail, now: datetime) -> tuple[Fact, ...]:
    """Everybody with their part of the figure; the champion says so."""
    rows = []
    for one in detail.people[:_PEOPLE]:
        champion = one.lead_id == detail.row.best_lead_id and len(detail.people) > 1
        gives = wording.points(one.gives) + ("%" if detail.row.rule == "active" else "")
        under = " · ".join(filter(None, (
            _("Champion") if champion else "", one.job_title or "", wording.person(one.owner) if one.owner else "",
        )))  # fmt: skip
        rows.append(
            Fact(
                one.name, gives, second=under or _("seen {ago}").format(ago=wording.ago(one.last_active_at, now)),
                avatar=(one.name, one.lead_id), action=f"lead:{one.lead_id}",
                right_tone="accent" if one.gives else "muted",
                hint=_("{name}: score {score}, gives {gives}; {active}; last active {ago}").format(
                    name=one.name, score=wording.number(one.score), gives=gives,
                    active=_("active in 14 days") if one.active else _("not active in 14 days"),
                    ago=wording.ago(one.last_active_at, now),
                ),
            )
        )  # fmt: skip
    if len(detail.people) > _PEOPLE:
        rows.append(Fact(_("and {n} more").format(n=len(detail.people) - _PEOPLE), tone="muted"))
    return tuple(rows)


def trials(detail: AccountDetail) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            trial.plan or _("Trial"), f"{wording.day(trial.starts_at)} – {wording.day(trial.ends_at)}",
            right_pill=wording.trial(trial.state, trial.days_left),
            hint=_("{start} to {end}").format(
                start=wording.exact(trial.starts_at), end=wording.exact(trial.ends_at)),
        )
        for trial in detail.trials
    )  # fmt: skip


def writes(detail: AccountDetail, now: datetime) -> tuple[Fact, ...]:
    rows = []
    for item in detail.writes[:6]:
        words, tone = wording.outbox_state(item.state, item.kind)
        about = f"{title_of(item.system)}, {item.lead_name}"
        rows.append(
            Fact(
                item.summary or wording.plain(item.kind),
                wording.age(item.created_at, now),
                right_pill=(words, tone),
                hint="\n".join(filter(None, (about, item.error, item.remote_url))),
            )
        )
    return tuple(rows)


def keys(detail: AccountDetail) -> tuple[Fact, ...]:
    return tuple(Fact(value, wording.plain(namespace)) for namespace, value in detail.keys)
