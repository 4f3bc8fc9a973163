"""What a card of the Sources page is."""

from pqldesk.views.page import Page
from pqldesk.views.parts import Card


class SourceCard(Card):
    """One card of the Sources page: it asks through its page, which tells it when."""

    def __init__(self, page: Page, title: str = "", note: str = "") -> None:
        super().__init__(page.theme, title, note)
        self.page, self.context, self.paints = page, page.context, page.paints

    def refresh(self) -> None:
        """Ask for what this card shows; one that shows nothing until it is used leaves this as it is."""
