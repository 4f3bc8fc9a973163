"""Playbooks: the rules that write to a CRM by themselves, each with its switch and its dry run."""

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, n_
from pqldesk.services.connectors import title_of
from pqldesk.services.handoffs.shown import DryRun, PlaybookShown
from pqldesk.views import wording
from pqldesk.views.containers import line, scrolled
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.handoff_rows import PLAYBOOKS
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Page
from pqldesk.views.parts import Button, Pill
from pqldesk.views.rights import ADMINS, LOOKS


class PlaybooksSheet(Sheet):
    """A playbook is switched on from its dry run alone: nobody approves what they have not seen."""

    only_looks = True

    def __init__(self, page: Page) -> None:
        context = page.context
        self.size_wanted = QSize(780, 620)
        super().__init__(context)
        self._page = page
        self.head(
            _("Playbooks"),
            _("Rules that write to the CRM by themselves. Each is off until its dry run was seen."),
        )
        self._body = QWidget()
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(17, 14, 17, 14)
        self._rows.setSpacing(10)
        self.outer.addWidget(scrolled(self._body, _("Playbooks")), 1)
        self.buttons: dict[str, Button] = {}  # "dry:signup", "on:signup", "all:signup", "off:signup"
        self._shown: list[PlaybookShown] = []
        self._run: DryRun | None = None
        close = Button(context.paints, _("Close"))
        close.clicked.connect(self.close_sheet)
        self.foot(close)
        self._ask()

    def _ask(self, _answer: object = None) -> None:
        self._page.read(self.context.desk.playbooks).then(self._take)

    def _take(self, shown: list[PlaybookShown]) -> None:
        self._shown = shown
        self._redraw()

    def _redraw(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.buttons.clear()
        if not self._shown:
            self._rows.addWidget(
                wrapped(
                    self.context.theme,
                    _("No CRM is connected. Connect one under Sources; its playbooks appear here, all off."),
                    13,
                    "muted",
                )
            )
        for n, row in enumerate(self._shown):
            if n:
                self._rows.addWidget(line())
            self._rows.addWidget(self._playbook(row))
        self._rows.addStretch()

    def _playbook(self, row: PlaybookShown) -> QWidget:
        theme, paints = self.context.theme, self.context.paints
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(8)
        name = PLAYBOOKS.get(row.name, row.name)
        top.addWidget(
            Label(theme, _("{name}, to {system}").format(name=name, system=title_of(row.system)), 13, 600)
        )
        on = row.approved_at is not None
        pill = Pill(paints, _("On") if on else _("Off"), "ok" if on else "neutral")
        top.addWidget(pill)
        top.addStretch()
        self._button(top, row, "dry", _("Dry run"), _("Show what it would write now; nothing is sent"))
        if on:
            self._button(top, row, "off", _("Switch off"), _("What it has queued already still goes out"))
        column.addLayout(top)
        column.addWidget(wrapped(theme, row.rule, 12.5, "muted"))
        if on:
            words = _("On since {when}, approved by {who}").format(
                when=wording.moment(row.approved_at), who=wording.person(row.approved_by)
            )
            column.addWidget(Label(theme, words, 12, tone="muted"))
        if self._run is not None and (self._run.name, self._run.system) == (row.name, row.system):
            self._show_run(column, row, self._run)
        return part

    def _show_run(self, column: QVBoxLayout, row: PlaybookShown, run: DryRun) -> None:
        theme = self.context.theme
        leads = n_("{n} lead", "{n} leads", run.leads)
        writes = n_("{n} write", "{n} writes", run.items)
        words = _("It would make {writes} about {leads} as they are now.").format(writes=writes, leads=leads)
        column.addWidget(wrapped(theme, words, 12.5))
        facts = Facts(self.context.paints, _("Dry run"))
        facts.show_rows(tuple(
            Fact(
                lead.name, n_("{n} write", "{n} writes", len(lead.steps)), avatar=(lead.name, lead.lead_id),
                second=", ".join(step.title for step in lead.steps),
                hint="\n".join(f"{step.title}: {step.detail}" for step in lead.steps),
            )
            for lead in run.first[:8]
        ))  # fmt: skip
        column.addWidget(facts)
        if run.leads > 8:
            more = _("and {n} more").format(n=wording.number(run.leads - 8))
            column.addWidget(Label(theme, more, 12, tone="muted"))
        if row.approved_at is None:
            choose = QHBoxLayout()
            choose.addStretch()
            self._button(
                choose,
                row,
                "all",
                _("Switch on, and write these too"),
                _("Queues all of the above as well as what comes"),
            )
            self._button(
                choose,
                row,
                "on",
                _("Switch on"),
                _("From now on; what is so already is left alone"),
                "primary",
            )
            column.addLayout(choose)

    def _button(
        self, layout: QHBoxLayout, row: PlaybookShown, verb: str, text: str, hint: str, kind: str = "plain"
    ) -> None:
        button = Button(self.context.paints, text, kind=kind)
        button.setToolTip(hint)
        button.clicked.connect(partial(self._do, verb, row.name, row.system))
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.context.rights.hold(button, LOOKS if verb == "dry" else ADMINS)
        self.buttons[f"{verb}:{row.name}"] = button

    def _do(self, verb: str, name: str, system: str) -> None:
        desk, rep = self.context.desk, self.context.rep
        if verb == "dry":
            self._page.read(desk.dry_run_playbook, name, system).then(self._show_dry_run)
        elif verb == "off":
            told = _("{name} is off").format(name=PLAYBOOKS.get(name, name))
            self._page.act(desk.stop_playbook, name, system, rep, told=told).then(self._ask)
        else:
            told = _("{name} is on").format(name=PLAYBOOKS.get(name, name))
            self._page.act(desk.approve_playbook, name, system, verb == "all", rep, told=told).then(self._ask)

    def _show_dry_run(self, run: DryRun) -> None:
        self._run = run
        self._redraw()
