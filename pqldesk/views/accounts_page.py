"""Accounts: companies with their people, usage, trial and best score."""

from pqldesk.services.changes import Topic
from pqldesk.services.figure_rows import AccountRow
from pqldesk.services.texts import _
from pqldesk.views import wording
from pqldesk.views.list_page import ListPage
from pqldesk.views.page import Context
from pqldesk.views.row_table import Column, Mark, RowTable


def _trial(row: AccountRow) -> tuple[str, str]:
    if row.trial is None:
        return _("Free"), "neutral"
    return wording.trial(row.trial.state, row.trial.days_left)


def band_of(score: float) -> str:
    """The colour token of a best score; the bands of the live model may differ, the number is what counts."""
    return "hot" if score >= 80 else "qualified" if score >= 60 else "warming" if score >= 40 else "cold"


COLUMNS = (
    Column[AccountRow](
        _("Company"), lambda r: r.name, 220, stretch=3, order=lambda r: r.name.lower(),
        mark=lambda r: Mark("avatar", second=r.domain or "", key=r.company_id),
    ),
    Column[AccountRow](_("Leads"), lambda r: wording.number(r.leads), 80, right=True, order=lambda r: r.leads),
    Column[AccountRow](
        _("Active users (14d)"), lambda r: wording.number(r.active_users_14d), 150, right=True,
        order=lambda r: r.active_users_14d,
    ),
    Column[AccountRow](" ", lambda r: "", 40),
    Column[AccountRow](
        _("Best score"), lambda r: wording.number(r.score), 170, order=lambda r: r.score,
        mark=lambda r: Mark("bar", tone=band_of(r.score), share=float(r.score) / 100),
        hint=lambda r: _("The highest score among the people of {name}").format(name=r.name),
    ),
    Column[AccountRow](
        _("Trial"), lambda r: _trial(r)[0], 130, mark=lambda r: Mark("pill", tone=_trial(r)[1]),
        order=lambda r: r.trial.days_left if r.trial else None,
    ),
    Column[AccountRow](
        _("Owner"), lambda r: wording.person(r.owner) if r.owner else _("Unclaimed"), 170, stretch=1,
        mark=lambda r: Mark("avatar", key=r.owner) if r.owner else Mark(tone="muted"),
    ),
)  # fmt: skip


class AccountsPage(ListPage):
    topics = frozenset({Topic.LEADS, Topic.USAGE, Topic.TRIALS, Topic.MODEL})

    def __init__(self, context: Context) -> None:
        super().__init__(
            context, RowTable(COLUMNS, key=lambda row: row.company_id), _("Accounts"), "building-2"
        )
        self.filters(
            all=(_("All"), lambda _row: True),
            trial=(
                _("On trial"),
                lambda row: row.trial is not None and row.trial.state in {"active", "extended"},
            ),
            several=(_("Several people"), lambda row: row.leads > 1),
            unclaimed=(_("Unclaimed"), lambda row: not row.owner),
        )
        self.rows.opened.connect(self._open)

    def refresh(self) -> None:
        self.read(self.context.desk.accounts).then(self.take)

    def explain(self, some: bool) -> None:
        if some:
            self.empty.say(_("No account under this tab"), _("Choose another tab to see the others."))
        else:
            self.empty.say(
                _("No accounts yet"),
                _("Companies appear here with the first lead whose e-mail domain or organisation is known."),
            )

    def _open(self, row: AccountRow) -> None:
        if row.best_lead_id:
            self.context.wishes.open_lead.emit(row.best_lead_id)
        else:
            self.context.wishes.open_view.emit("all", row.domain or row.name)
