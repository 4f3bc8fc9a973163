"""The line below every page: the keys that matter there, and what the page says of itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views.keys import Keys
from pqldesk.views.labels import Label
from pqldesk.views.navigation import PLACES
from pqldesk.views.page import Page
from pqldesk.views.parts import sized
from pqldesk.views.rights import Rights
from pqldesk.views.theme import STATUS_H, Theme

HINTS = {
    "claim": _("claim"), "task": _("task"), "handoff": _("hand off"), "open": _("open"), "search": _("search"),
    "undo": _("undo"), "help": _("all shortcuts"),
}  # fmt: skip
ON_QUEUE, ELSEWHERE, ALWAYS = ("claim", "task", "handoff"), ("open", "search"), ("undo", "help")


class StatusLine(QWidget):
    """Follows the page that is shown, and a key that others are waited for after."""

    def __init__(self, theme: Theme, keys: Keys, rights: Rights) -> None:
        super().__init__()
        self._keys, self._rights = keys, rights
        self._page: Page | None = None
        self._is_queue = False
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        sized(self, theme, height=STATUS_H)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        self.hints = Label(theme, "", 11.5, tone="muted", elide=True)
        self._says = Label(theme, "", 11.5, tone="muted")
        row.addWidget(self.hints, 1)
        row.addWidget(self._says)
        keys.prefixed.connect(self._show_prefix)
        rights.changed.connect(self.say)

    def follow(self, page: Page, *, is_queue: bool) -> None:
        """Speak of *page* from now on."""
        self._page, self._is_queue = page, is_queue
        self.say()

    def say(self) -> None:
        """What the page says now, and the keys as they are."""
        page, words = self._page, ""
        if page is not None and page.is_waiting:
            words = _("Reading the workspace …")
        elif page is not None and page.is_answered:
            words = page.status()
        self._says.setText(words)
        self.hints.setText(self._usual())

    def _usual(self) -> str:
        """The keys that matter most here, of those that are not refused."""
        commands = (*(ON_QUEUE if self._is_queue else ELSEWHERE), *ALWAYS)
        told = (f"{self._keys.first(key)} {HINTS[key]}" for key in commands if not self._rights.why_not(key))
        return "     ".join((_("J K move"), *told))

    def _show_prefix(self, prefix: str) -> None:
        if not prefix:
            self.hints.setText(self._usual())
            return
        goes = (f"{self._keys.first(f'go.{place.key}').split()[-1]} {place.label}" for place in PLACES)
        self.hints.setText(f"{prefix} …     " + "   ".join(goes))
