"""Placements of hand-raise buttons on the Sources page, and the sheet that registers one."""

from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from pqldesk.services.basics.texts import _, n_, p_
from pqldesk.services.source_rows import PlacementRow, ReportRow
from pqldesk.views import wording
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.labels import wrapped
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet
from pqldesk.views.source_card import SourceCard

SHOWN = 5  # reports; the command line lists all


def _placement_columns(context: Context) -> tuple[Column[PlacementRow], ...]:
    def number(title: str, value: str) -> Column[PlacementRow]:
        return Column(
            title,
            lambda r: wording.number(getattr(r, value)),
            82,
            right=True,
            order=lambda r: getattr(r, value),
        )

    return (
        Column(
            _("Placement"), lambda r: r.glm_content, 240, stretch=3, hint=lambda r: r.note or r.glm_content,
            mark=lambda r: Mark(second=r.place or r.note or _("not said where")),
        ),
        Column(
            _("State"), lambda r: _("Registered") if r.registered else _("Unknown"), 130,
            mark=lambda r: Mark("pill", tone="ok" if r.registered else "warn"), pills=(_("Registered"), _("Unknown")),
            hint=lambda r: _("Known to this workspace") if r.registered else _(
                "Forms came from here, but nobody registered it. Enter registers it."
            ),
        ),
        number(_("Requests"), "submissions"), number(_("Leads"), "leads"),
        number(p_("leads", "Qualified"), "qualified"), number(p_("leads", "Won"), "won"),
        Column(" ", lambda r: "", 24),
        Column(
            _("Last"), lambda r: wording.ago(r.last_at, context.now()), 130, order=lambda r: r.last_at,
            hint=lambda r: wording.exact(r.last_at), mark=lambda r: Mark(tone="muted"),
        ),
    )  # fmt: skip


class PlacementSheet(SmallSheet):
    """Register a glm_content value: where that button stands."""

    given = Signal(str, str, str)  # glm_content, place, note

    def __init__(self, context: Context, glm_content: str = "") -> None:
        self.size_wanted = QSize(480, 0)
        super().__init__(
            context, _("Register a placement"), _("Each button has a value of its own."), _("Register")
        )
        self.value = QLineEdit(glm_content)
        self.value.setPlaceholderText("billing-page-button")
        self.place = QLineEdit()
        self.place.setPlaceholderText(_("Billing page of a group"))
        self.about = QLineEdit()
        self.add(_("Its glm_content value"), self.value)
        self.add(_("The page or screen it stands on"), self.place)
        self.add(_("Note"), self.about)
        self.fields.addStretch()
        self.value.textEdited.connect(self._look)
        self._look(glm_content)

    def first_field(self) -> QWidget:
        return self.place if self.value.text() else self.value

    def submit(self) -> None:
        if self.confirm.isEnabled():
            self.given.emit(self.value.text().strip(), self.place.text().strip(), self.about.text().strip())
            self.close_sheet()

    def _look(self, text: str) -> None:
        is_word = bool(text.strip()) and not any(letter.isspace() for letter in text.strip())
        self.value.setProperty("wrong", bool(text) and not is_word)
        self.value.setToolTip("" if is_word else _("One word such as billing-page-button"))
        self.value.style().polish(self.value)
        self.confirm.setEnabled(is_word)


class PlacementsCard(SourceCard):
    """Every value a button was seen with or registered under; Enter registers an unknown one."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Placements of hand-raise buttons"), " ")
        self.table = RowTable(_placement_columns(self.context), key=lambda row: row.glm_content)
        self.view = RowView(self.table, self.paints, _("Placements of hand-raise buttons"))
        self.view.opened.connect(self.register)
        self.body.addWidget(self.view)
        self.none = wrapped(page.theme, _(
            "No form has come from a button yet. Register where each button stands, and copy its snippet into that"
            " page."
        ), 13, "muted")  # fmt: skip
        self.body.addWidget(self.none)
        for widget in (self.view, self.none):
            widget.hide()  # until it is known which of them is wanted
        add = Button(self.paints, _("Register a placement…"))
        add.clicked.connect(partial(self.register, None))
        self.context.offer(add, "sources.placement")
        copy = Button(self.paints, _("Copy the snippet"))
        copy.setToolTip(
            _("The two lines of HTML that put a hand-raise button on a page, for the chosen placement")
        )
        self.context.offer(copy, "sources.snippet")
        copy.clicked.connect(self.copy_snippet)
        self.reports = Facts(self.paints, _("What pages report of their buttons"))
        self.body.addWidget(self.reports)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(copy)
        foot.addWidget(add)
        self.body.addLayout(foot)

    def refresh(self) -> None:
        self.page.read(self.context.desk.placements).then(self._show)
        self.page.read(self.context.desk.placement_reports).then(self._show_reports)

    def _show(self, rows: list[PlacementRow]) -> None:
        self.table.show(rows)
        unknown = sum(not row.registered for row in rows)
        self.note.setText(n_("{n} unknown", "{n} unknown", unknown) if unknown else "")
        self.view.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.view.fit_rows()

    def _show_reports(self, rows: list[ReportRow]) -> None:
        self.reports.show_rows(
            tuple(
                Fact(
                    _("A button without glm-content") if row.problem == "missing" else _(
                        "{placement} on {n} buttons").format(placement=row.glm_content, n=row.buttons),
                    wording.ago(row.last_at, self.context.now()),
                    row.page,
                    pill=(_("Missing"), "bad") if row.problem == "missing" else (_("Twice"), "warn"),
                    hint=f"{wording.quoted(row.button_text)}\n{wording.exact(row.last_at)}",
                )
                for row in rows[:SHOWN]
            )
        )  # fmt: skip
        self.reports.setVisible(bool(rows))

    def copy_snippet(self, _checked: bool = False) -> None:
        """Put the two lines for the chosen placement into the clipboard."""
        row = self.view.current()
        wanted = row.glm_content if row is not None else "billing-page"
        self.page.read(self.context.desk.snippet, wanted).then(self._copied)

    def _copied(self, lines: str) -> None:
        QGuiApplication.clipboard().setText(lines)
        self.context.wishes.told.emit(_("The snippet is copied: two lines for the page's HTML"), 0)

    def register(self, row: PlacementRow | None) -> None:
        """Open the sheet, for *row* or for a value still to be typed."""
        if row is not None and row.registered:
            self.context.wishes.told.emit(_("{name} is registered already").format(name=row.glm_content), 0)
            return
        sheet = PlacementSheet(self.context, row.glm_content if row is not None else "")
        sheet.given.connect(self._add_placement)
        self.context.wishes.sheet.emit(sheet)

    def _add_placement(self, glm_content: str, place: str, note: str) -> None:
        self.page.act(
            self.context.desk.add_placement, glm_content, place, note, self.context.rep,
            told=_("{name} is registered").format(name=glm_content),
        )  # fmt: skip
