"""The pages beside the queue, each loaded when it is first wanted; a thread does that ahead of time."""

from collections.abc import Callable
from typing import Final

from PySide6 import QtWidgets

from pqldesk.views.page import Context, Page

PageMaker = Callable[[Context], Page]
PAGES: Final = (
    "accounts", "trials", "activation", "tasks", "handoffs", "funnel", "scoring", "sources", "settings", "inbox",
)  # fmt: skip


def maker_of(key: str) -> PageMaker:
    """What makes the page of that key."""
    match key:
        case "accounts":
            from pqldesk.views.accounts_page import AccountsPage

            return AccountsPage
        case "trials":
            from pqldesk.views.trials_page import TrialsPage

            return TrialsPage
        case "activation":
            from pqldesk.views.activation_page import ActivationPage

            return ActivationPage
        case "tasks":
            from pqldesk.views.tasks_page import TasksPage

            return TasksPage
        case "handoffs":
            from pqldesk.views.handoffs_page import HandoffsPage

            return HandoffsPage
        case "funnel":
            from pqldesk.views.funnel_page import FunnelPage

            return FunnelPage
        case "scoring":
            from pqldesk.views.scoring_page import ScoringPage

            return ScoringPage
        case "sources":
            from pqldesk.views.sources_page import SourcesPage

            return SourcesPage
        case "settings":
            from pqldesk.views.settings_page import SettingsPage

            return SettingsPage
        case "inbox":
            from pqldesk.views.inbox_page import InboxPage

            return InboxPage
        case _:
            raise KeyError(key)


def load_pages() -> None:
    """Load what all of them are made of: together 170 ms, which the first look at a page need not take."""
    # Asked for a widget of its own, such as a viewport, Qt's wrapper first makes every class of widgets.
    for name in dir(QtWidgets):
        getattr(QtWidgets, name)
    for key in PAGES:
        maker_of(key)
