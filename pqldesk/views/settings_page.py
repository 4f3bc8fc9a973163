"""Settings in sections: what is declared gets its editor by kind; keys, data and About have cards of their own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _, n_
from pqldesk.services.rows import QueueView, SettingRow
from pqldesk.views.action_words import setting_words
from pqldesk.views.bands_card import BandsCard
from pqldesk.views.blocks import Blocks, fields
from pqldesk.views.choice import Choice
from pqldesk.views.confirm_sheet import ConfirmSheet
from pqldesk.views.containers import Card, line, scrolled
from pqldesk.views.data_cards import DataCards
from pqldesk.views.labels import wrapped
from pqldesk.views.mirror import begin_end
from pqldesk.views.page import Context
from pqldesk.views.parts import page_title
from pqldesk.views.section_list import SectionList
from pqldesk.views.setting_cards import AboutCard, KeysCard, NamesCard, SettingsHost
from pqldesk.views.setting_fields import SettingLine

SECTIONS = (
    ("you", _("You")), ("hours", _("Working hours & response")), ("claims", _("Claims & bands")),
    ("team", _("Team & rules")), ("intake", _("Receiving")),
    ("notices", _("Notifications")), ("look", _("Appearance")), ("keys", _("Keys")), ("data", _("Data")),
    ("about", _("About")),
)  # fmt: skip
_INTRO = {
    "you": _("Who sits at this desk."),
    "hours": _("When you work, and how soon a lead must hear from you."),
    "claims": _("How long a claim holds, what the bands are, and what features are called."),
    "team": _("Who takes leads, and how they are given out the moment they qualify."),
    "intake": _("What other systems may send here, and how long it is kept."),
    "notices": _("What the inbox tells you, and when it may pop up."),
    "look": _("How the window looks."),
    "keys": _("Every key can be another one."),
    "data": _("Everything is in one place, and it is yours."),
    "about": _("What this is, and what it is made of."),
}
_WIDEST, _OF_TABLES, _NARROW = 760, 1_000, 640


class SettingsPage(SettingsHost):
    topics = frozenset({Topic.SETTINGS, Topic.MODEL})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._rows: dict[str, SettingRow] = {}
        self.lines: dict[str, SettingLine] = {}
        self.sections = SectionList(self.paints, _("Sections of the settings"), SECTIONS)
        self.sections.chosen.connect(self._open)
        self.stack = QStackedWidget()
        self.stack.addWidget(Blocks(self.theme, fields))  # until the first section is there
        self._places: dict[str, QScrollArea] = {}
        self._under_way: dict[str, Iterator[None]] = {}  # sections whose building has begun
        self._cards: dict[str, QVBoxLayout] = {}
        self._extra: dict[str, list[QWidget]] = {}
        self.choice = Choice()  # in place of the list where that would take the room of what it opens
        self.choice.setAccessibleName(_("Sections of the settings"))
        for key, text in SECTIONS:
            self.choice.addItem(text, key)
        self.choice.activated.connect(self._chosen)
        self.choice.hide()
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 1, 0, 0)  # what scrolls beside it has an edge
        side.setSpacing(4)
        side.addWidget(page_title(self.theme, _("Settings")))
        side.addWidget(self.sections, 1)
        across = QHBoxLayout()
        across.setSpacing(20)
        across.addWidget(self._side)
        across.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*begin_end(16, 9, 0, 0))
        column.setSpacing(10)
        column.addWidget(self.choice, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(across, 1)
        self.setFocusProxy(self.sections)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < self.theme.px(_NARROW)
        self._side.setHidden(is_narrow)
        self.choice.setVisible(is_narrow)
        self.setFocusProxy(self.choice if is_narrow else self.sections)

    def refresh(self) -> None:
        self.read(self.context.desk.settings_rows).then(self._show_settings)
        for card in self._extra.get(self.sections.current(), ()):
            card.ask()  # type: ignore[attr-defined]

    def open_section(self, key: str) -> None:
        """Show one section, such as data."""
        self.sections.choose(key)

    def run(self, command: str) -> bool:
        if command in {"next", "previous"}:
            self.sections.step(1 if command == "next" else -1)
            return True
        return False

    def team_sheets(self) -> dict[str, Callable[[], None]]:
        """What opens the dialogs of the section about the team, once it is open: name -> open."""
        members, rules, *_rest = (cast("Any", card) for card in self._extra["team"])
        return {
            "team-member": members.open_first,
            "team-away": members.away.click,
            "team-rule": rules.open_first,
        }

    def data_cards(self) -> Any:
        """The cards of the section about the data, once it was opened."""
        return self._extra["data"][0]

    def bands_sheet(self) -> None:
        """Open the dialog of bands and cut, once their section is open."""
        cast("Any", self._extra["claims"][0]).open_sheet()

    # building

    def _chosen(self) -> None:
        self.sections.choose(str(self.choice.currentData()))

    def _open(self, key: str) -> None:
        self.choice.setCurrentIndex(self.choice.findData(key))
        if key not in self._places:
            for _part in self._begun(key):
                pass
        if self.stack.isAncestorOf(self.window().focusWidget() or self):
            self.sections.take_focus()  # else what scrolls would have it, and an edge around half the window
        self.stack.setCurrentWidget(self._places[key])
        for row in self._rows.values():  # what was wrong and left behind goes
            if row.section == key and row.key in self.lines:
                self.lines[row.key].show_row(row)
        for card in self._extra.get(key, ()):
            card.ask()  # type: ignore[attr-defined]

    def _begun(self, key: str) -> Iterator[None]:
        """The building of a section, begun once: who needs it at once goes on where it stands."""
        if key not in self._under_way:
            self._under_way[key] = self._build(key)
        return self._under_way[key]

    def _build(self, key: str) -> Iterator[None]:
        inner = QWidget()
        inner.setMaximumWidth(self.theme.px(_OF_TABLES if key == "team" else _WIDEST))
        column = QVBoxLayout(inner)
        column.setContentsMargins(*begin_end(0, 0, 16, 16))
        column.setSpacing(12)
        column.addLayout(head := QVBoxLayout())
        head.setSpacing(2)
        head.addWidget(page_title(self.theme, dict(SECTIONS)[key]))
        head.addWidget(wrapped(self.theme, _INTRO[key], 12, "muted"))
        rows = [row for row in self._rows.values() if row.section == key]
        if rows:
            lines = Card(self.theme)
            lines.body.setSpacing(4)
            lines.setAccessibleName(dict(SECTIONS)[key])
            for n, row in enumerate(rows):
                self._add_line(lines, row, first=not n)
                yield
            column.addWidget(lines)
        self._extra[key] = self._own_cards(key)
        yield
        for card in self._extra[key]:
            card.show_settings()  # type: ignore[attr-defined] # the settings may have come before it was made
            column.addWidget(card)
        column.addStretch(1)
        centred = QWidget()
        across = QHBoxLayout(centred)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(inner, 1)
        across.addStretch(0)
        self._places[key] = scrolled(centred, dict(SECTIONS)[key])
        self.stack.addWidget(self._places[key])

    def _add_line(self, card: Card, row: SettingRow, *, first: bool) -> None:
        if not first:
            card.body.addWidget(line())
        made = SettingLine(self.context, row)
        made.given.connect(self._set)
        self.lines[row.key] = made
        card.body.addWidget(made)

    def _own_cards(self, key: str) -> list[QWidget]:
        if key == "claims":
            return [BandsCard(self), NamesCard(self)]
        if key == "team":
            from pqldesk.views.route_cards import LedgerCard, RoutesCard
            from pqldesk.views.team_cards import MembersCard

            return [MembersCard(self), RoutesCard(self), LedgerCard(self)]
        if key == "keys":
            return [KeysCard(self)]
        if key == "data":
            return [DataCards(self)]
        if key == "about":
            return [AboutCard(self)]
        return []

    # showing and storing

    def setting(self, key: str) -> str:
        """A stored value, "" where there is none."""
        row = self._rows.get(key)
        return "" if row is None else row.value

    def settings_with(self, prefix: str) -> dict[str, str]:
        """What users named themselves: name after *prefix* -> value."""
        return {
            key.removeprefix(prefix): row.value for key, row in self._rows.items() if key.startswith(prefix)
        }

    def _show_settings(self, rows: list[SettingRow]) -> None:
        first = not self._rows
        self._rows = {row.key: row for row in rows}
        if first:
            self.build(self._first_section(self.sections.current()))
        for key, made in self.lines.items():
            if key in self._rows:
                made.show_row(self._rows[key])
        for cards in self._extra.values():
            for card in cards:
                card.show_settings()  # type: ignore[attr-defined]

    def _first_section(self, key: str) -> Iterator[None]:
        yield from self._begun(key)
        self._open(self.sections.current())

    def _set(self, key: str, value: str) -> None:
        row = self._rows.get(key)
        if row is None or row.value == value:
            return
        if key == "timezone":
            self.read(self.context.desk.queue_views).then(partial(self._ask_for_zone, value))
        else:
            self.store(key, value)

    def _ask_for_zone(self, zone: str, views: list[QueueView]) -> None:
        leads = next((view.count or 0 for view in views if view.key == "all"), 0)
        sheet = ConfirmSheet(
            self.context,
            _("Days begin at midnight in {zone}").format(zone=zone),
            n_(
                "{n} lead is scored anew by its days there. Undo takes the change back.",
                "{n} leads are scored anew by their days there. Undo takes the change back.",
                leads,
            ),
            _("Change the time zone"),
        )
        sheet.closed.connect(self._refused)  # until it is confirmed, what is stored stands
        sheet.confirmed.connect(partial(self.store, "timezone", zone))
        self.context.wishes.sheet.emit(sheet)

    def store(self, key: str, value: str) -> None:
        """Keep a value, and say so with an offer to undo it; one that is refused goes back to what is stored."""
        row = self._rows.get(key)
        if row is not None:  # what is chosen next is compared with this, not with what the last answer said
            self._rows[key] = replace(row, value=value)
        job = self.act(
            self.context.desk.set_setting, key, value, self.context.rep, told=setting_words(key, value)
        )
        job.otherwise(self._refused)

    def _refused(self, _problem: object = None) -> None:
        self.refresh()
        for key, made in self.lines.items():
            if key in self._rows:
                made.show_row(self._rows[key])
