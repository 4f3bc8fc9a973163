"""What a card of the Sources page is."""

from pqldesk.views.blocks import Blocks, sentences
from pqldesk.views.containers import Card
from pqldesk.views.page import Page


class SourceCard(Card):
    """One card of the Sources page: it asks through its page, which tells it when."""

    has_blocks = True  # while its page waits

    def __init__(self, page: Page, title: str = "", note: str = "") -> None:
        super().__init__(page.theme, title, note)
        self.page, self.context, self.paints = page, page.context, page.paints

        self._blocks: Blocks | None = None

    def show_blocks(self, wanted: bool) -> None:
        """Quiet blocks under the title while nothing is known yet."""
        if self._blocks is None and wanted and self.has_blocks:
            self._blocks = Blocks(self.page.theme, sentences, 44)
            self.body.insertWidget(1, self._blocks)
        if self._blocks is not None:
            self._blocks.show_blocks(wanted)

    def refresh(self) -> None:
        """Ask for what this card shows; one that shows nothing until it is used leaves this as it is."""
