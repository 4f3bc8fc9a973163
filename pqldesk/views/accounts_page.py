"""Accounts: companies with their people, usage, trial and a figure made of their scores by a declared rule."""

from collections.abc import Callable, Iterator
from typing import Any

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.figure_rows import AccountRow
from pqldesk.views import wording
from pqldesk.views.account_panel import OF_PEOPLE, AccountPanel, band_of, figure, rule_words
from pqldesk.views.company_sheet import CompanySheet
from pqldesk.views.labels import Label
from pqldesk.views.ordered_page import OrderedPage
from pqldesk.views.page import Context
from pqldesk.views.row_table import Column, Mark
from pqldesk.views.small_sheets import TextSheet


def _trial(row: AccountRow) -> tuple[str, str]:
    if row.trial is None:
        return _("Free"), "neutral"
    return wording.trial(row.trial.state, row.trial.days_left)


def _columns(context: Context) -> tuple[Column[AccountRow], ...]:
    now = context.now
    return (
        Column(
            _("Company"), lambda r: r.name, 224, stretch=3,
            mark=lambda r: Mark("avatar", second=r.domain or " ", key=r.company_id), by="name",
        ),
        Column(
            _("Score"), figure, 112, stretch=1,
            mark=lambda r: Mark("gauge", tone=band_of(r.score) if r.rule == "best" else "accent", share=_share(r)),
            hint=lambda r: f"{rule_words(r)}: {figure(r)}", by="score",
        ),
        Column(
            _("Champion"), lambda r: r.champion or wording.NONE, 150, stretch=2, weak=2,
            mark=lambda r: Mark(second=_("score {n}").format(n=wording.number(r.best_score)) if r.champion else " "),
            by="champion",
        ),
        Column(
            p_("people", "Active"), lambda r: _("{n} of {all}").format(n=r.active_users_14d, all=r.leads), 78, weak=3,
            hint=lambda r: _("{n} of {all} people active in the last 14 days").format(
                n=r.active_users_14d, all=r.leads), by="active",
        ),
        Column(
            _("Last seen"), lambda r: wording.age(r.last_active_at, now()), 76, weak=4,
            hint=lambda r: wording.exact(r.last_active_at),
            mark=lambda r: Mark(tone="muted"), by="seen",
        ),
        Column(
            _("Trial"), lambda r: _trial(r)[0], 96, weak=1, mark=lambda r: Mark("pill", tone=_trial(r)[1]),
            hint=lambda r: r.plan or _trial(r)[0], by="trial",
            pills=(wording.trial("active", 30)[0], *(wording.TRIAL_STATES[one] for one in ("expired", "converted"))),
        ),
        Column(
            _("Owner"), lambda r: wording.person(r.owner) if r.owner else _("Unclaimed"), 108, stretch=1, weak=2,
            mark=lambda r: Mark("avatar", key=r.owner) if r.owner else Mark(tone="muted"),
            hint=lambda r: n_("{n} owner among its people", "{n} owners among its people", r.owners), by="owner",
        ),
    )  # fmt: skip


def _share(row: AccountRow) -> float:
    whole = float(row.cap or 100) if row.rule == "sum" else 100.0
    return max(0.0, min(1.0, float(row.score) / whole))


class AccountsPage(OrderedPage):
    topics = frozenset({Topic.LEADS, Topic.USAGE, Topic.TRIALS, Topic.MODEL, Topic.OUTBOX, Topic.SETTINGS})

    def __init__(self, context: Context) -> None:
        tabs = {
            "all": p_("accounts", "All"), "trial": _("On trial"), "several": _("Several people"),
            "unclaimed": p_("accounts", "Unclaimed"),
        }  # fmt: skip
        super().__init__(
            context, _columns(context), lambda row: row.company_id, _("Accounts"), "building-2", tabs
        )
        self.title.hide()
        self.rule = Label(self.theme, "", 12, tone="muted")
        self.rule.setToolTip(_("How an account's score is made of its people's; choose it in the settings"))
        self.head.addWidget(self.rule)
        self._job: Any = None
        self._shown: AccountRow | None = None
        self._number: int | None = None  # of the account to go to once it is listed
        self.rows.opened.connect(self._open)
        self.rows.moved.connect(self._moved)
        self._runs: dict[str, Callable[[AccountRow], None]] = {
            "accounts.people": self._list_people, "accounts.rename": self._rename, "accounts.merge": self._merge,
        }  # fmt: skip
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        self.panel = AccountPanel(context)
        self.panel.wanted.connect(self.run)
        self.panel.lead_wanted.connect(context.wishes.open_lead)
        yield
        self.put_beside(self.panel)

    def show_account(self, number: int) -> None:
        """Go to the account of that number, among all."""
        self._number = number
        self.tabs.choose("all")
        self._filter("all")
        self._go_to_account()

    def _go_to_account(self) -> None:
        place = None if self._number is None else self.table.find(self._number)
        if place is not None:
            self._number = None
            self.rows.setCurrentIndex(self.table.index(place, 0))
            self.rows.setFocus()

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        desk = self.context.desk
        return self.read_long(self.with_rows(desk.account_order, desk.account_rows), tab, by, descending)

    def ask_at_hand(self, tab: str, by: str, descending: bool) -> Any:
        desk = self.context.desk
        return self.read(self.with_rows(desk.account_order_at_hand, desk.account_rows), tab, by, descending)

    def ask_keys(self) -> Any:
        return self.context.background.read_long(self.context.desk.account_keys)

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        return self.read(self.context.desk.account_rows, ids)

    def run(self, command: str) -> bool:
        if command in self._runs:
            if (row := self.rows.current()) is not None:
                self._runs[command](row)
            return True
        return super().run(command)

    def status(self) -> str:
        return n_("{n} account", "{n} accounts", self.table.rowCount())

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(_("No account under this tab"), _("Choose another tab to see the others."))
        else:
            self.say_none_yet(
                _("No accounts yet"),
                _("Companies appear here with the first lead whose e-mail domain or organisation is known."),
                _("Import a file"), "import",
            )  # fmt: skip

    def _order_taken(self) -> None:
        self.rule.setText(
            _("Score: {rule}").format(rule=OF_PEOPLE.get(self.order.about, "")) if self.order.ids else ""
        )
        self._go_to_account()
        if not self.table.rowCount():
            self._moved(None)
        elif not self.rows.currentIndex().isValid():
            self.rows.setCurrentIndex(self.table.index(0, 0))

    def _rows_arrived(self) -> None:
        row = self.rows.current()
        if row != self._shown:
            self._moved(row)

    def _moved(self, row: AccountRow | None) -> None:
        self._shown = row
        self.panel.show_row(row)
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if row is not None:
            self._job = self.read(self.context.desk.account_detail, row.company_id)
            self._job.then(self.panel.show_detail)

    def _open(self, row: AccountRow) -> None:
        if row.best_lead_id:
            self.context.wishes.open_lead.emit(row.best_lead_id)
        else:
            self._list_people(row)

    def _list_people(self, row: AccountRow) -> None:
        self.context.wishes.open_view.emit("all", row.domain or row.name)

    def _rename(self, row: AccountRow) -> None:
        sheet = TextSheet(
            self.context,
            row.company_id,
            _("Rename the account"),
            row.domain or row.name,
            _("Name"),
            _("Rename"),
            row.name,
        )
        sheet.given.connect(self._renamed)
        self.context.wishes.sheet.emit(sheet)

    def _renamed(self, company_id: str, name: str) -> None:
        told = _("Renamed to {name}").format(name=name)
        self.act(self.context.desk.rename_company, company_id, name, self.context.rep, told=told)

    def _merge(self, row: AccountRow) -> None:
        hint = _("Its people, usage, trials and domains go there; undo brings it back.")
        sheet = CompanySheet(
            self.context, row.company_id, _("Merge into another account"), row.name,
            _("The account that stays: a part of its name or domain"), _("Merge"), "", hint, row.company_id,
        )  # fmt: skip
        sheet.given.connect(self._merged)
        self.context.wishes.sheet.emit(sheet)

    def _merged(self, company_id: str, stays: str) -> None:
        told = _("Merged into {name}").format(name=stays)
        self.act(self.context.desk.merge_companies, company_id, stays, self.context.rep, told=told)
