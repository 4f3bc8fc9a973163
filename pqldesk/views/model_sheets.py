"""The sheets of the Scoring page: publish, versions with what they changed, and learned weights."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.services.basics.texts import _, decimal, n_
from pqldesk.services.figure_rows import VersionRow
from pqldesk.services.modelling.replay_figures import Proposal, ReplayAgainst, WeightProposed
from pqldesk.views import wording
from pqldesk.views.labels import Label, wrapped
from pqldesk.views.overlay import Sheet
from pqldesk.views.page import Context
from pqldesk.views.parts import Button
from pqldesk.views.rights import ADMINS
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet


def effect_words(found: ReplayAgainst) -> str:
    """What putting the draft live would do, as of now."""
    bands = n_(
        "{n} of {of} leads changes its band", "{n} of {of} leads change their band", found.changed_bands
    )
    return _("{bands}. {n} qualify that do not now, {m} no longer do.").format(
        bands=bands.replace("{of}", wording.number(found.leads)),
        n=wording.number(found.newly_qualified), m=wording.number(found.no_longer_qualified),
    )  # fmt: skip


class PublishSheet(SmallSheet):
    """Asks by naming what will happen. It can be taken back."""

    given = Signal(str)  # note

    def __init__(self, context: Context, version: int, live: int, differs: tuple[str, ...]) -> None:
        self.size_wanted = QSize(560, 330)
        super().__init__(
            context, _("Publish v{n}").format(n=version), _("It takes the place of v{n}").format(n=live),
            _("Publish v{n}").format(n=version),
        )  # fmt: skip
        self.effect = wrapped(context.theme, _("Counting what will happen …"), 14)
        self.fields.addWidget(self.effect)
        self.fields.addSpacing(6)
        self.fields.addWidget(wrapped(context.theme, "; ".join(differs), 12, "muted"))
        self.fields.addSpacing(6)
        self.why = QLineEdit()
        self.why.setPlaceholderText(_("Why, for whoever reads the versions later"))
        self.add(_("Note"), self.why)
        back = _("Every lead is scored again. Undo, or rolling back, brings v{n} with all its scores.")
        self.fields.addWidget(wrapped(context.theme, back.format(n=live), 12, "muted"))
        self.fields.addStretch()
        self.confirm.setEnabled(False)

    def first_field(self) -> QWidget:
        return self.why

    def show_effect(self, found: ReplayAgainst) -> None:
        """What will happen is known: now it can be asked for."""
        self.effect.setText(effect_words(found))
        self.confirm.setEnabled(True)

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self.why.text().strip())
            self.close_sheet()


VERSIONS = (
    Column[VersionRow](
        _("Version"), lambda r: f"v{r.version}", 74, mark=lambda r: Mark(strong=r.live), order=lambda r: r.version
    ),
    Column[VersionRow](
        _("State"), lambda r: _("Live") if r.live else _("Was live") if r.published_at else _("Draft"), 96,
        mark=lambda r: Mark("pill", tone="ok" if r.live else "neutral" if r.published_at else "accent"),
        pills=(_("Live"), _("Was live"), _("Draft")),
    ),
    Column[VersionRow](
        _("Changed"), lambda r: "; ".join(r.differs) or _("First version"), 260, stretch=3,
        mark=lambda r: Mark(second=r.note),
    ),
    Column[VersionRow](
        _("Published"), lambda r: wording.moment(r.published_at), 150, stretch=1,
        mark=lambda r: Mark(second=wording.person(r.published_by) if r.published_by else ""),
        order=lambda r: r.published_at,
    ),
)  # fmt: skip


class VersionsSheet(Sheet):
    """All versions with notes and what each changed; one that was live can come back."""

    only_looks = True
    back_wanted = Signal(str)  # NAME@VERSION

    def __init__(self, context: Context, versions: tuple[VersionRow, ...]) -> None:
        self.size_wanted = QSize(820, 520)
        super().__init__(context)
        self.head(_("Versions"), _("What each changed, and why"))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 10, 17, 10)
        self.table = RowTable(VERSIONS, key=lambda row: f"{row.name}@{row.version}")
        self.table.show(versions)
        self.rows = RowView(self.table, context.paints, _("Versions"), 48)
        self.table.setParent(self.rows)
        self.rows.moved.connect(self._moved)
        self.differs = wrapped(context.theme, " ", 12, "muted")
        column.addWidget(self.rows, 1)
        column.addWidget(self.differs)
        self.outer.addWidget(body, 1)
        cancel = Button(context.paints, _("Close"))
        cancel.clicked.connect(self.close_sheet)
        self.back = Button(context.paints, _("Put this version live again"), kind="primary")
        self.back.setEnabled(False)
        self.back.clicked.connect(self.submit)
        context.rights.hold(self.back, ADMINS)
        self.foot(cancel, self.back)
        if versions:
            self.rows.setCurrentIndex(self.table.index(0, 0))

    def first_field(self) -> QWidget:
        return self.rows

    def submit(self) -> None:
        row: VersionRow | None = self.rows.current()
        if row is not None and self.back.isEnabled():
            self.back_wanted.emit(f"{row.name}@{row.version}")
            self.close_sheet()

    def _moved(self, row: VersionRow | None) -> None:
        self.back.setEnabled(row is not None and not row.live and row.published_at is not None)
        self.differs.setText("" if row is None else "; ".join(row.differs))


WEIGHTS = (
    Column[WeightProposed](_("Signal"), lambda r: wording.label(r.label), 180, stretch=2,
                           mark=lambda _r: Mark(strong=True)),
    Column[WeightProposed](_("Weight now"), lambda r: wording.number(r.weight), 110, right=True,
                           order=lambda r: r.weight),
    Column[WeightProposed](
        _("Learned"), lambda r: wording.number(r.learned), 180, stretch=1, order=lambda r: r.learned,
        mark=lambda r: Mark("bar", tone="accent", share=min(1.0, float(r.learned) / 50)),
    ),
)  # fmt: skip


class LearnSheet(Sheet):
    """Learned weights as a proposal, with how well they did on leads they had not seen."""

    taken = Signal(object)  # the proposed model as JSON

    def __init__(self, context: Context, found: Proposal) -> None:
        self.size_wanted = QSize(620, 520)
        super().__init__(context)
        self.found = found
        note = _("{won} won and {lost} lost leads, {folds} folds").format(
            won=found.won, lost=found.decided - found.won, folds=found.folds
        )
        self.head(_("Weights as past outcomes suggest them"), note)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(17, 10, 17, 8)
        self.table = RowTable(WEIGHTS, key=lambda row: row.key)
        self.table.show(found.weights)
        rows = RowView(self.table, context.paints, _("Weights"), 38)
        self.table.setParent(rows)
        rows.fit_rows()
        column.addWidget(rows)
        row = QHBoxLayout()
        for title, value, low, high in (
            (_("AUC now"), found.auc_now, found.auc_now_low, found.auc_now_high),
            (
                _("AUC learned, on leads not seen"),
                found.auc_learned,
                found.auc_learned_low,
                found.auc_learned_high,
            ),
        ):
            words = QVBoxLayout()
            words.addWidget(Label(context.theme, title, 12, tone="muted"))
            words.addWidget(Label(context.theme, decimal(value, 3), 17, 600))
            words.addWidget(Label(context.theme, f"{decimal(low, 3)} – {decimal(high, 3)}", 12, tone="muted"))
            row.addLayout(words, 1)
        column.addLayout(row)
        column.addWidget(wrapped(context.theme, found.sentence, 13))
        column.addStretch()
        self.outer.addWidget(body, 1)
        cancel = Button(context.paints, _("Leave as it is"))
        cancel.clicked.connect(self.close_sheet)
        self.take = Button(context.paints, _("Use as draft"), kind="primary")
        self.take.clicked.connect(self.submit)
        self.foot(cancel, self.take)
        rows.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def submit(self) -> None:
        self.taken.emit(self.found.document)
        self.close_sheet()
