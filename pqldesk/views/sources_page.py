"""Sources: what is connected, what came in, and what waits for a decision; each card is a room of its own."""

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.texts import _
from pqldesk.views.conflicts_card import ConflictsCard
from pqldesk.views.connection_cards import ConnectionCard, ConnectionCards
from pqldesk.views.containers import ScrolledColumn
from pqldesk.views.events_card import EventsCard
from pqldesk.views.imports_card import ImportsCard
from pqldesk.views.loose_ends_card import LooseEndsCard
from pqldesk.views.masters_card import MastersCard
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Button, page_title
from pqldesk.views.placements_card import PlacementsCard
from pqldesk.views.pulls_card import PullsCard
from pqldesk.views.source_card import SourceCard
from pqldesk.views.trace_card import TraceCard


class SourcesPage(Page):
    """The cards one below the other; all of them ask again when one of the topics has changed."""

    topics = frozenset({Topic.SOURCES, Topic.OUTBOX, Topic.SETTINGS, Topic.USAGE, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.build(self._parts_of(context))

    def _parts_of(self, context: Context) -> Iterator[None]:
        self._column = column = ScrolledColumn(self, _("Sources"))
        self.connections = ConnectionCards(self)
        head = QHBoxLayout()
        head.addWidget(page_title(self.theme, _("Sources")), 1)
        key = partial(context.key_of, "sources.connect")
        self.connect_button = Button(context.paints, _("Connect a system"), key)
        self.connect_button.setToolTip(_("Salesforce and HubSpot with a sign-in, the others with their key"))
        self.connect_button.clicked.connect(self.connections.connect_another)
        context.rights.hold(self.connect_button, "sources.connect")
        head.addWidget(self.connect_button)
        column.add(head)
        column.add(self.connections)
        yield
        pulls = PullsCard(self)
        yield
        column.add(pulls)
        yield
        conflicts = ConflictsCard(self)
        yield
        column.add(conflicts)
        yield
        events = EventsCard(self)
        yield
        column.add(events)
        yield
        imports = ImportsCard(self)
        yield
        column.add(imports)
        yield
        placements = PlacementsCard(self)
        yield
        column.add(placements)
        yield
        trace = TraceCard(self)
        yield
        column.add(trace)
        yield
        loose_ends = LooseEndsCard(self)
        yield
        column.add(loose_ends)
        yield
        masters = MastersCard(self)
        yield
        column.add(masters)
        self.pulls, self.conflicts, self.events, self.imports = pulls, conflicts, events, imports
        self.placements, self.trace, self.loose_ends, self.masters = placements, trace, loose_ends, masters
        self.cards: tuple[ConnectionCards | SourceCard, ...] = (
            self.connections, pulls, conflicts, events, imports, placements, trace, loose_ends, masters
        )  # fmt: skip

    def show_card(self, card: QWidget) -> None:
        """Bring a card to the top."""
        self._column.show_top_of(card)

    def show_start(self) -> None:
        """Back to the head of the page."""
        self._column.area.verticalScrollBar().setValue(0)

    def follow(self, lead: str) -> None:
        """Show the way of a lead, named by e-mail or id; without one, where it is asked for."""
        self.trace.follow(lead)
        self.show_card(self.trace)

    def refresh(self) -> None:
        for card in self.cards:
            card.refresh()

    def _send_test_lead(self) -> None:
        self.show_card(self.trace)
        self.trace.send_test()

    def run(self, command: str) -> bool:
        pulls: dict[str, Callable[[], object]] = {
            "sources.connect": self.connections.connect_another,
            "sources.trace": partial(self.follow, ""), "sources.test_lead": self._send_test_lead,
            "sources.placement": partial(self.placements.register, None),
            "sources.snippet": self.placements.copy_snippet,
            "sources.mapping": self.connections.edit_mapping,
            "sources.test": partial(self.connections.choose, ConnectionCard.ask),
            "sources.disconnect": partial(self.connections.choose, ConnectionCard.ask_disconnect),
            "sources.columns": self.pulls.edit_columns, "sources.pull": self.pulls.pull,
            "sources.pull_all": self.pulls.pull_all, "sources.stop": self.pulls.end,
            "trace.links": self.trace.edit_links, "imports.undo": self.imports.ask_undo,
            "imports.rejects": self.imports.open_rejects, "imports.aside": self.loose_ends.open_aside,
            "events.rule": self.events.add_rule, "events.unrule": self.events.remove_rule,
            "events.remap": self.events.ask_to_apply, "events.unmapped": self.events.only_unmapped,
            "conflicts.mine": partial(self.conflicts.decide, "mine"),
            "conflicts.theirs": partial(self.conflicts.decide, "theirs"),
            "conflicts.other": self.conflicts.choose_other,
            "conflicts.all_mine": partial(self.conflicts.decide_all, "mine"),
            "conflicts.all_theirs": partial(self.conflicts.decide_all, "theirs"),
        }  # fmt: skip
        if command in pulls:
            pulls[command]()
            return True
        return super().run(command)
