"""A field above a list that leaves the rows in which every typed word occurs."""

from PySide6.QtWidgets import QLineEdit

from pqldesk.services.basics.letters import as_searched
from pqldesk.views.theme import Theme


class FindField(QLineEdit):
    """What is typed narrows a list that is here already."""

    def __init__(self, theme: Theme, told: str) -> None:
        super().__init__()
        self.setPlaceholderText(told)
        self.setAccessibleName(told)
        self.setClearButtonEnabled(True)
        self.setMinimumHeight(theme.px(32))

    @property
    def words(self) -> list[str]:
        """What was typed, without case and accents."""
        return as_searched(self.text()).split()

    def fits(self, *texts: str) -> bool:
        """Whether each typed word occurs in one of *texts*."""
        whole = as_searched(" ".join(texts))
        return all(word in whole for word in self.words)
