"""Sources: what is connected, what came in, and what waits for a decision; each card is a room of its own."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from pqldesk.services.changes import Topic
from pqldesk.services.texts import _
from pqldesk.views.connection_cards import ConnectionCards
from pqldesk.views.imports_card import ImportsCard
from pqldesk.views.loose_ends_card import LooseEndsCard
from pqldesk.views.page import Context, Page
from pqldesk.views.parts import Label, scrolled
from pqldesk.views.placements_card import PlacementsCard
from pqldesk.views.source_card import SourceCard
from pqldesk.views.trace_card import TraceCard


class SourcesPage(Page):
    """The cards one below the other; all of them ask again when one of the topics has changed."""

    topics = frozenset({Topic.SOURCES, Topic.OUTBOX, Topic.SETTINGS, Topic.USAGE, Topic.LEADS})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.connections = ConnectionCards(self)
        self.imports = ImportsCard(self)
        self.placements = PlacementsCard(self)
        self.trace = TraceCard(self)
        self.loose_ends = LooseEndsCard(self)
        self.cards: tuple[ConnectionCards | SourceCard, ...] = (
            self.connections, self.imports, self.placements, self.trace, self.loose_ends,
        )  # fmt: skip
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 13, 16, 16)
        column.setSpacing(12)
        column.addWidget(Label(self.theme, _("Sources"), 15, 600))
        for card in self.cards:
            column.addWidget(card)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))

    def refresh(self) -> None:
        for card in self.cards:
            card.refresh()
