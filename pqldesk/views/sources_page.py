"""Sources: connected systems with their health and mapping, and every imported file."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.problems import Problem
from pqldesk.services.rows import ConnectionRow, ImportRow
from pqldesk.services.source_rows import LooseEnds, PlacementRow
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.facts import Fact, Facts
from pqldesk.views.notices import problem_words
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button, Card, Label, Pill, scrolled, wrapped
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import SmallSheet

_STATES = {
    "ok": (_("Connected"), "ok"),
    "problem": (_("Needs you"), "bad"),
    "unchecked": (_("Not checked"), "neutral"),
}


def _rejected(row: ImportRow) -> str:
    return "" if not row.rejected else n_("{n} rejected", "{n} rejected", row.rejected)


def _columns(context: Context) -> tuple[Column[ImportRow], ...]:
    def count(title: str, value: str) -> Column[ImportRow]:
        return Column(
            title,
            lambda r: wording.number(getattr(r, value)),
            92,
            right=True,
            order=lambda r: getattr(r, value),
        )

    return (
        Column(
            _("File"), lambda r: PurePath(r.file).name, 240, stretch=3, hint=lambda r: r.file,
            mark=lambda r: Mark(second=_("{kind}, batch {batch}").format(kind=wording.plain(r.kind), batch=r.batch_id)),
        ),
        Column(
            _("Imported"), lambda r: wording.ago(r.at, context.now()), 120, order=lambda r: r.at,
            hint=lambda r: wording.exact(r.at), mark=lambda r: Mark(tone="muted"),
        ),
        count(_("Rows"), "rows"), count(_("New"), "created"), count(_("Updated"), "updated"),
        count(_("Duplicates"), "duplicates"),
        Column(" ", lambda r: "", 24),
        Column(
            _("Rejected"), _rejected, 130, mark=lambda r: Mark("pill", tone="warn"), order=lambda r: r.rejected,
            hint=lambda r: r.rejects_file or _("No row was rejected"),
        ),
    )  # fmt: skip


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
            mark=lambda r: Mark("pill", tone="ok" if r.registered else "warn"),
            hint=lambda r: _("Known to this workspace") if r.registered else _(
                "Forms came from here, but nobody registered it. Enter registers it."
            ),
        ),
        number(_("Requests"), "submissions"), number(_("Leads"), "leads"), number(_("Qualified"), "qualified"),
        number(_("Won"), "won"),
        Column(" ", lambda r: "", 24),
        Column(
            _("Last"), lambda r: wording.ago(r.last_at, context.now()), 130, order=lambda r: r.last_at,
            hint=lambda r: wording.exact(r.last_at), mark=lambda r: Mark(tone="muted"),
        ),
    )  # fmt: skip


IN_A_ROW = 3  # cards beside each other


class ConnectionCard(Card):
    """One system: state, address, what is mapped and what is missing."""

    def __init__(self, context: Context, row: ConnectionRow) -> None:
        super().__init__(context.theme)
        theme = context.theme
        head = QHBoxLayout()
        head.addWidget(Label(theme, row.name, 13, 600))
        head.addStretch()
        head.addWidget(Pill(context.paints, *_STATES.get(row.state, (wording.plain(row.state), "neutral"))))
        self.body.addLayout(head)
        self.body.addWidget(Label(theme, row.url, 12, tone="muted", elide=True))
        if row.detail:
            self.body.addWidget(wrapped(theme, row.detail, 12.5, "bad" if row.state == "problem" else ""))
        if row.mapped:
            self.body.addWidget(
                wrapped(theme, _("Mapped: {fields}").format(fields=", ".join(row.mapped)), 12, "muted")
            )
        if row.missing:
            missing = _("Missing: {fields}").format(fields=", ".join(row.missing))
            self.body.addWidget(wrapped(theme, missing, 12, "warn"))
        self.body.addStretch()
        foot = QHBoxLayout()
        checked = _("Checked {ago}").format(ago=wording.ago(row.checked_at, context.now()))
        age = Label(theme, checked, 12, tone="muted")
        age.setToolTip(wording.exact(row.checked_at))
        foot.addWidget(age, 1)
        self.test = Button(context.paints, _("Test"))
        self.test.setToolTip(
            _("Ask {name} whether the credential holds and what it has").format(name=row.name)
        )
        self.test.setAccessibleName(_("Test the connection to {name}").format(name=row.name))
        self.test.clicked.connect(self._ask)
        self.test.setVisible(context.desk.recheck is not None)
        foot.addWidget(self.test)
        self.body.addLayout(foot)
        self._context, self._row = context, row

    def _ask(self) -> None:
        recheck = self._context.desk.recheck
        if recheck is None:
            return
        self.test.setEnabled(False)
        self.test.setText(_("Testing"))
        self.test.updateGeometry()
        job = self._context.background.start(recheck, self._row.system)
        job.then(self._holds).otherwise(self._fails)

    def _holds(self, _answer: object) -> None:
        self._over()
        told = _("{name} answers, and the credential holds").format(name=self._row.name)
        self._context.wishes.told.emit(told, 0)

    def _fails(self, problem: object) -> None:
        self._over()
        self._context.background.problem.emit(problem)

    def _over(self) -> None:
        self.test.setEnabled(True)
        self.test.setText(_("Test"))
        self.test.updateGeometry()


class PlacementSheet(SmallSheet):
    """Register a glm_content value: where that button stands."""

    given = Signal(str, str, str)  # glm_content, place, note

    def __init__(self, context: Context, glm_content: str = "") -> None:
        px = context.theme.px
        self.size_wanted = QSize(px(480), px(340))
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


class TraceCard(Card):
    """The way of one person: each form, each hop and each write, with what went wrong."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.theme, _("Way of a lead"), _("through every system"))
        self._context = context
        self.field = QLineEdit()
        self.field.setPlaceholderText("jane@example.com")
        self.field.setAccessibleName(_("E-mail or id of the lead to follow"))
        self.field.setMinimumHeight(context.theme.px(32))
        self.field.returnPressed.connect(self._ask)
        ask = Button(context.paints, _("Follow"))
        ask.clicked.connect(self._ask)
        across = QHBoxLayout()
        across.addWidget(self.field, 1)
        across.addWidget(ask)
        self.body.addLayout(across)
        self.said = wrapped(context.theme, "", 12, "bad")
        self.said.hide()
        self.body.addWidget(self.said)
        self.hops = Facts(context.paints, _("Way of a lead"))
        self.body.addWidget(self.hops)

    def _ask(self) -> None:
        if text := self.field.text().strip():
            job = self._context.background.read(self._context.desk.traced, text)
            job.then(self._show).otherwise(self._explain)

    def _show(self, hops: Sequence[Any]) -> None:
        self.said.setText(_("Nothing has come or gone for this lead yet."))
        self.said.set_tone("muted")
        self.said.setVisible(not hops)
        self.hops.show_rows(
            tuple(
                Fact(
                    " · ".join(filter(None, (_HOPS.get(hop.hop, wording.plain(hop.hop)), hop.system))),
                    wording.moment(hop.at),
                    hop.error or hop.remote_id or " ",
                    pill=wording.OUTBOX_STATES.get(hop.status, (wording.plain(hop.status), _tone(hop))),
                    hint=f"{wording.exact(hop.at)}\n{hop.error or hop.remote_id or ''}".strip(),
                )
                for hop in hops
            )
        )

    def _explain(self, problem: Exception) -> None:
        self.hops.show_rows(())
        if not isinstance(problem, Problem):
            self._context.background.problem.emit(problem)
            return
        self.said.set_tone("bad")
        self.said.setText(problem_words(problem))
        self.said.show()


def _tone(hop: Any) -> str:
    return "bad" if hop.error else "ok"


_HOPS = {
    "received": _("Received"), "portal": _("Portal"), "relay": _("Relay"),
    "marketing_automation": _("Marketing automation"), "crm": _("CRM"),
}  # fmt: skip


class SourcesPage(Page):
    topics = frozenset({Topic.SOURCES, Topic.OUTBOX, Topic.SETTINGS, Topic.USAGE, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 13, 16, 16)
        column.setSpacing(12)
        column.addWidget(Label(self.theme, _("Sources"), 15, 600))
        self._cards = QGridLayout()
        self._cards.setSpacing(12)
        column.addLayout(self._cards)
        self.no_connection = Card(self.theme, _("No system is connected"))
        self.no_connection.body.addWidget(wrapped(self.theme, _(
            "Handoffs wait in the outbox until a CRM is connected. In a terminal: pqldesk connect attio, or salesforce,"
            " hubspot, twenty, workato"
        ), 13, "muted"))  # fmt: skip
        column.addWidget(self.no_connection)
        self.imports = RowTable(_columns(context), key=lambda row: row.batch_id)
        self.view = RowView(self.imports, self.paints, _("Imported files"))
        self.view.opened.connect(self._open_rejects)
        card = Card(self.theme, _("Imported files"), _("Enter opens the rows that were rejected"))
        card.body.addWidget(self.view)
        self.no_import = wrapped(self.theme, _(
            "Nothing has been imported yet. Files of leads, companies, usage events and trials appear here."
        ), 13, "muted")  # fmt: skip
        card.body.addWidget(self.no_import)
        column.addWidget(card)
        self.placements = RowTable(_placement_columns(context), key=lambda row: row.glm_content)
        self.places_view = RowView(self.placements, self.paints, _("Placements of hand-raise buttons"))
        self.places = Card(self.theme, _("Placements of hand-raise buttons"), " ")
        self.places.body.addWidget(self.places_view)
        self.places_view.opened.connect(self._register)
        add = Button(self.paints, _("Register a placement…"))
        add.clicked.connect(partial(self._register, None))
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(add)
        self.places.body.addLayout(foot)
        column.addWidget(self.places)
        self.trace = TraceCard(context)
        column.addWidget(self.trace)
        self.loose = Card(self.theme, _("To decide"))
        self.pairs = wrapped(self.theme)
        self.aside = wrapped(self.theme)
        for words in (self.pairs, self.aside):
            self.loose.body.addWidget(words)
        column.addWidget(self.loose)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def refresh(self) -> None:
        self.read(self.context.desk.connections).then(self._show_connections)
        self.read(self.context.desk.imports).then(self._show_imports)
        self.read(self.context.desk.placements).then(self._show_placements)
        self.read(self.context.desk.loose_ends).then(self._show_loose_ends)

    def _show_connections(self, rows: list[ConnectionRow]) -> None:
        while (item := self._cards.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for at, row in enumerate(rows):
            self._cards.addWidget(ConnectionCard(self.context, row), *divmod(at, IN_A_ROW))
        for at in range(IN_A_ROW):
            self._cards.setColumnStretch(at, int(at < len(rows)))
        self.no_connection.setVisible(not rows)

    def _show_placements(self, rows: list[PlacementRow]) -> None:
        self.placements.show(rows)
        unknown = sum(not row.registered for row in rows)
        self.places.note.setText(n_("{n} unknown", "{n} unknown", unknown) if unknown else "")
        self.places_view.setVisible(bool(rows))
        self.places_view.fit_rows()

    def _show_loose_ends(self, found: LooseEnds) -> None:
        pairs = len(found.suggestions)
        if pairs:
            first = found.suggestions[0]
            self.pairs.setText(
                n_("{n} pair of leads may be one person", "{n} pairs of leads may be one person", pairs)
                + _(", first {one} and {other}: {reason}. Open either lead to merge them or keep them apart.").format(
                    one=first.lead_name, other=first.other_name, reason=first.reason
                )
            )  # fmt: skip
        else:
            self.pairs.setText(_("No two leads look like one person."))
        if found.set_aside:
            reasons = "; ".join(f"{wording.number(n)} × {reason}" for reason, n in found.reasons[:4])
            self.aside.setText(
                n_("{n} event does not count yet", "{n} events do not count yet", found.set_aside)
                + _(": {reasons}. To count them: pqldesk events set-aside release").format(reasons=reasons)
            )
        else:
            self.aside.setText(_("No event is set aside."))

    def _open_rejects(self, row: ImportRow) -> None:
        """The file of rejected rows, in what the system opens such files with."""
        if not row.rejects_file:
            self.context.wishes.told.emit(
                _("No row of {file} was rejected").format(file=PurePath(row.file).name), 0
            )
        elif not Path(row.rejects_file).is_file():
            self.context.background.problem.emit(
                Problem(
                    _("{file} is not there any more.").format(file=row.rejects_file),
                    _("Import the file again to have its rejected rows written anew."),
                )
            )
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(row.rejects_file))

    def _register(self, row: PlacementRow | None) -> None:
        if row is not None and row.registered:
            self.context.wishes.told.emit(_("{name} is registered already").format(name=row.glm_content), 0)
            return
        sheet = PlacementSheet(self.context, row.glm_content if row is not None else "")
        sheet.given.connect(self._add_placement)
        self.context.wishes.sheet.emit(sheet)

    def _add_placement(self, glm_content: str, place: str, note: str) -> None:
        self.act(
            self.context.desk.add_placement, glm_content, place, note, self.context.rep,
            told=_("{name} is registered").format(name=glm_content),
        )  # fmt: skip

    def _show_imports(self, rows: list[ImportRow]) -> None:
        self.imports.show(rows)
        self.view.setVisible(bool(rows))
        self.no_import.setVisible(not rows)
        self.view.fit_rows()
