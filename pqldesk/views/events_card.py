"""What events mean, on the Sources page: names that sources send, the rules that say what they count as."""

from functools import partial

from PySide6.QtWidgets import QCheckBox, QWidget

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.connectors import title_of
from pqldesk.services.events.rule_rows import NameRow, RuleDraft, RuleShown
from pqldesk.services.events.rules import NOTHING_OF_IT
from pqldesk.views import wording
from pqldesk.views.beside import Beside
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.find_field import FindField
from pqldesk.views.flow import Flow
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.source_card import SourceCard

MOST = 8  # rows in sight; the others scroll


def kind_pill(kind: str, known: bool) -> tuple[str, str]:
    """What an event counts as, with the tone of its pill."""
    if kind == NOTHING_OF_IT:
        return _("Not stored"), "neutral"
    return wording.plain(kind), "ok" if known else "warn"


def _name_columns(context: Context) -> tuple[Column[NameRow], ...]:
    return (
        Column(
            _("Name"), lambda r: r.name, 240, stretch=3, hint=lambda r: f"{r.name}\n{r.sample}",
            mark=lambda r: Mark(second=title_of(r.source)),
        ),
        Column(
            _("Counts as"), lambda r: kind_pill(r.kind, r.is_known)[0], 190,
            mark=lambda r: Mark("pill", tone=kind_pill(r.kind, r.is_known)[1]),
            hint=lambda r: _("By a rule or a name known everywhere") if r.is_known
            else _("No rule knows the name: it is a kind of its own and counts for active days alone"),
        ),
        Column(_("Events"), lambda r: wording.number(r.n), 90, right=True, order=lambda r: r.n),
        Column(
            _("Last"), lambda r: wording.ago(r.last_at, context.now()), 120, weak=1, order=lambda r: r.last_at,
            hint=lambda r: wording.exact(r.last_at), mark=lambda r: Mark(tone="muted"),
        ),
    )  # fmt: skip


def _rule_columns() -> tuple[Column[RuleShown], ...]:
    def about(row: RuleShown) -> str:
        source = _("every source") if row.draft.source == "*" else title_of(row.draft.source)
        return _("{source}, when {conditions}").format(source=source, conditions=row.draft.when) if (
            row.draft.when
        ) else source  # fmt: skip

    return (
        Column(_("Rule"), lambda r: r.draft.pattern, 240, stretch=3, mark=lambda r: Mark(second=about(r))),
        Column(
            _("Counts as"), lambda r: kind_pill(r.draft.kind, True)[0], 190, hint=lambda r: r.takes,
            mark=lambda r: Mark("pill", tone=kind_pill(r.draft.kind, True)[1]),
        ),
        Column(_("Events"), lambda r: wording.number(r.events), 90, right=True, order=lambda r: r.events),
        Column(
            p_("rule", "From"), lambda r: p_("rule", "Preset") if r.is_preset else p_("rule", "Yours"), 120, weak=1,
            mark=lambda r: Mark(tone="muted" if r.is_preset else ""),
        ),
    )  # fmt: skip


class EventsCard(SourceCard):
    """Enter on a name writes a rule for it, Enter on a rule changes it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("What events mean"), " ")
        theme, key = page.theme, self.context.key_of
        self._names: list[NameRow] = []
        self._run: Beside | None = None
        self.search = FindField(theme, _("Find an event"))
        self.search.textChanged.connect(self._show_names)
        self.unmapped = QCheckBox(_("Only names without a rule"))
        self.unmapped.setToolTip(
            _("Hide the names that a rule knows") + "  " + self.context.key_of("events.unmapped")
        )
        self.unmapped.toggled.connect(self._show_names)
        self.body.addWidget(self.search)
        self.body.addWidget(self.unmapped)
        self.names = RowTable(_name_columns(self.context), key=lambda row: (row.source, row.name))
        self.name_view = RowView(self.names, self.paints, _("Names of events"))
        self.name_view.opened.connect(self._rule_for)
        self.body.addWidget(self.name_view)
        self.none = wrapped(theme, "", 13, "muted")
        self.body.addWidget(self.none)
        self.rules_title = Label(theme, _("Rules, in the order in which they are asked"), 12, 600)
        self.body.addWidget(self.rules_title)
        self.rules = RowTable(
            _rule_columns(), key=lambda row: (row.draft.rule_id, row.draft.source, row.draft.pattern)
        )
        self.rule_view = RowView(self.rules, self.paints, _("Rules for events"))
        self.rule_view.opened.connect(self.change_rule)
        self.rule_view.moved.connect(self._fit_buttons)
        self.body.addWidget(self.rule_view)
        self.said = wrapped(theme, "", 12.5, "muted")
        self.said.hide()
        self.body.addWidget(self.said)
        self.add = Button(self.paints, _("Add a rule…"), partial(key, "events.rule"))
        self.add.setToolTip(
            _("For the name under the cursor, with what it would change shown while you write")
        )
        self.add.clicked.connect(self.add_rule)
        self.remove = Button(self.paints, _("Remove the rule"))
        self.remove.setToolTip(_("Presets stay: a rule of yours is asked before them"))
        self.remove.clicked.connect(self.remove_rule)
        self.apply = Button(self.paints, _("Apply to what was received…"), partial(key, "events.remap"))
        self.apply.setToolTip(_("Derive usage again from what is kept, by the rules as they are now"))
        self.apply.clicked.connect(self.ask_to_apply)
        self.stop = Button(self.paints, _("Stop"))
        self.stop.clicked.connect(self._end)
        self.stop.hide()
        self.context.rights.hold(self.add, "events.rule")
        self.context.offer(self.remove, "events.unrule")
        self.context.rights.hold(self.apply, "events.remap")
        for widget in (
            self.search,
            self.unmapped,
            self.name_view,
            self.rules_title,
            self.rule_view,
            self.remove,
            self.apply,
        ):
            widget.hide()  # until it is known which of them are wanted
        foot = QWidget()
        self._foot = Flow(foot, 8)
        for button in (self.add, self.remove, self.apply, self.stop):
            self._foot.addWidget(button)
        self.body.addWidget(foot)

    def refresh(self) -> None:
        self.page.read(self.context.desk.event_names).then(self._take_names)
        self.page.read(self.context.desk.event_rules).then(self._show_rules)

    def only_unmapped(self) -> None:
        """Show only names that no rule knows, or all again."""
        self.unmapped.toggle()

    def add_rule(self, _checked: bool = False) -> None:
        """Write a rule: for the name under the cursor where the list of names has it."""
        row = self.name_view.current()
        self._open(RuleDraft("", "") if row is None else _draft_for(row))

    def change_rule(self, row: RuleShown) -> None:
        """Change a rule; of a preset a rule of one's own is made, which is asked before it."""
        if not self.context.may("events.rule"):
            return
        self._open(row.draft)

    def remove_rule(self, _checked: bool = False) -> None:
        """Forget the rule under the cursor; undo brings it back."""
        row = self.rule_view.current()
        if row is None or row.is_preset:
            self.context.wishes.told.emit(_("Choose a rule of yours first; presets stay"), 0)
            return
        told = _("The rule for {name} is gone").format(name=row.draft.pattern)
        self.page.act(self.context.desk.remove_rule, row.draft.rule_id, self.context.rep, told=told)

    def ask_to_apply(self, _checked: bool = False) -> None:
        """Ask before usage is derived again: it takes its time, and rules are what takes it back."""
        if self._run is not None:
            self.context.wishes.told.emit(_("The rules are being applied"), 0)
            return
        events = sum(row.n for row in self._names)
        sheet = ConfirmSheet(
            self.context, _("Apply the rules to what was received"),
            n_("{n} received event is looked at again, as far as it is kept: it gets its new kind, key and quantity,"
               " and scores follow.",
               "{n} received events are looked at again, as far as they are kept: they get their new kind, key and"
               " quantity, and scores follow.", events),
            _("Apply the rules"),
        )  # fmt: skip
        sheet.confirmed.connect(self._apply)
        self.context.wishes.sheet.emit(sheet)

    # What came of it

    def _apply(self) -> None:
        self._run = Beside(self.page, "events", "rules", "remap")
        self._run.reported.connect(self._tell)
        self._run.came.connect(self._applied)
        self._run.failed.connect(self._broken)
        self._tell(0, _("Looking at what was received"))

    def _tell(self, done: int, _words: str) -> None:
        self.said.setText(n_("{n} event looked at again", "{n} events looked at again", done))
        self.said.show()
        self.stop.show()
        self._fit_buttons()

    def _applied(self, answer: object) -> None:
        self._over()
        found = answer if isinstance(answer, dict) else {}
        told = _("{changed} changed, {added} came, {removed} went").format(
            **{name: wording.number(int(found.get(name, 0))) for name in ("changed", "added", "removed")}
        )
        self.said.setText(told)
        self.said.show()
        self.context.wishes.told.emit(told, 0)
        self.refresh()

    def _broken(self, problem: object) -> None:
        self._over()
        self.context.background.problem.emit(problem)

    def _end(self, _checked: bool = False) -> None:
        if self._run is not None:
            self._run.stop()
            self._over()
            self.said.setText(_("Stopped: what was looked at so far follows the rules, the rest as before."))
            self.said.show()

    def _over(self) -> None:
        self._run = None
        self.said.hide()
        self.stop.hide()
        self._fit_buttons()

    def _rule_for(self, row: NameRow) -> None:
        self._open(_draft_for(row))

    def _open(self, draft: RuleDraft) -> None:
        from pqldesk.views.rule_sheet import RuleSheet

        sources = sorted({row.source for row in self._names} | {draft.source} - {"*"})
        self.context.wishes.sheet.emit(
            RuleSheet(self.page, draft, sources, [row.kind for row in self._names])
        )

    def _take_names(self, rows: list[NameRow]) -> None:
        self._names = rows
        unknown = sum(not row.is_known for row in rows)
        words = n_("{n} name", "{n} names", len(rows))
        self.note.setText(
            n_("{names}, {n} without a rule", "{names}, {n} without a rule", unknown).format(names=words)
            if rows else ""
        )  # fmt: skip
        self._show_names()

    def _show_names(self, _asked: object = None) -> None:
        rows = [row for row in self._names if not (self.unmapped.isChecked() and row.is_known)
                and self.search.fits(row.name, row.source, row.kind)]  # fmt: skip
        self.names.show(rows)
        self.name_view.setVisible(bool(rows))
        self.name_view.fit_rows(MOST)
        for widget in (self.search, self.unmapped):
            widget.setVisible(bool(self._names))
        self.none.setVisible(not rows)
        self.none.setText(
            _("No connected system has sent an event yet. Events of imported files say themselves what they mean.")
            if not self._names
            else _("Every name has a rule.") if self.unmapped.isChecked() and not self.search.words
            else _("No event is called so.")
        )  # fmt: skip

    def _show_rules(self, rows: list[RuleShown]) -> None:
        self.rules.show(rows)
        for widget in (self.rules_title, self.rule_view, self.remove, self.apply):
            widget.setVisible(bool(rows))
        self.rule_view.fit_rows(MOST)
        self._fit_buttons()

    def _fit_buttons(self, _row: object = None) -> None:
        row = self.rule_view.current()
        self.remove.setEnabled(row is not None and not row.is_preset)
        self.apply.setEnabled(self._run is None)


def _draft_for(row: NameRow) -> RuleDraft:
    return RuleDraft(row.name, row.kind if row.is_known else "", row.source)
