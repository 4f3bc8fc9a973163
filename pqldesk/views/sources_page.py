"""Sources: connected systems with their health and mapping, and every imported file."""

from pathlib import PurePath

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.rows import ConnectionRow, ImportRow
from pqldesk.services.source_rows import LooseEnds, PlacementRow
from pqldesk.services.texts import _, n_
from pqldesk.views import wording
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Card, Label, Pill, scrolled, wrapped
from pqldesk.views.row_table import Column, Mark, RowTable, RowView

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
    return (
        Column(
            _("Placement"), lambda r: r.glm_content, 240, stretch=3, hint=lambda r: r.note or r.glm_content,
            mark=lambda r: Mark(second=r.place or r.note or _("not said where")),
        ),
        Column(
            _("State"), lambda r: _("Registered") if r.registered else _("Unknown"), 130,
            mark=lambda r: Mark("pill", tone="ok" if r.registered else "warn"),
            hint=lambda r: _("Known to this workspace") if r.registered else _(
                "Forms came from here, but nobody registered it: pqldesk placement add {name}"
            ).format(name=r.glm_content),
        ),
        Column(_("Requests"), lambda r: wording.number(r.submissions), 92, right=True, order=lambda r: r.submissions),
        Column(" ", lambda r: "", 24),
        Column(
            _("Last"), lambda r: wording.ago(r.last_at, context.now()), 130, order=lambda r: r.last_at,
            hint=lambda r: wording.exact(r.last_at), mark=lambda r: Mark(tone="muted"),
        ),
    )  # fmt: skip


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
        checked = _("Checked {ago}").format(ago=wording.ago(row.checked_at, context.now()))
        age = Label(theme, checked, 12, tone="muted")
        age.setToolTip(wording.exact(row.checked_at))
        self.body.addWidget(age)


class SourcesPage(Page):
    topics = frozenset({Topic.SOURCES, Topic.OUTBOX, Topic.SETTINGS, Topic.USAGE, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 13, 16, 16)
        column.setSpacing(12)
        column.addWidget(Label(self.theme, _("Sources"), 15, 600))
        self._cards = QHBoxLayout()
        self._cards.setSpacing(12)
        column.addLayout(self._cards)
        self.no_connection = Card(self.theme, _("No system is connected"))
        self.no_connection.body.addWidget(wrapped(self.theme, _(
            "Handoffs wait in the outbox until a CRM is connected. In a terminal: pqldesk connect attio"
        ), 13, "muted"))  # fmt: skip
        column.addWidget(self.no_connection)
        self.imports = RowTable(_columns(context), key=lambda row: row.batch_id)
        self.view = RowView(self.imports, self.paints, _("Imported files"))
        card = Card(self.theme, _("Imported files"))
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
        column.addWidget(self.places)
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
        for row in rows:
            self._cards.addWidget(ConnectionCard(self.context, row), 1)
        self.no_connection.setVisible(not rows)

    def _show_placements(self, rows: list[PlacementRow]) -> None:
        self.placements.show(rows)
        unknown = sum(not row.registered for row in rows)
        self.places.note.setText(n_("{n} unknown", "{n} unknown", unknown) if unknown else "")
        self.places.setVisible(bool(rows))
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

    def _show_imports(self, rows: list[ImportRow]) -> None:
        self.imports.show(rows)
        self.view.setVisible(bool(rows))
        self.no_import.setVisible(not rows)
        self.view.fit_rows()
