"""Until when something is put off: a few mornings by number, or any day and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction

from pqldesk.services.basics.texts import _
from pqldesk.views import wording
from pqldesk.views.number_menu import number_menu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from pqldesk.views.page import Page

Taken = Callable[[datetime], object]


def mornings(now: datetime) -> list[tuple[str, object]]:
    """Mornings in the reader's zone, each once; what is further off than tomorrow is never at a weekend."""
    morning = now.astimezone().replace(hour=9, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=7 - morning.weekday())
    choices = (
        (_("Tomorrow"), morning + timedelta(days=1)), (_("In 3 days"), _at_work(morning + timedelta(days=3))),
        (_("Next Monday"), monday), (_("In 2 weeks"), _at_work(morning + timedelta(days=14))),
        (_("In a month"), _at_work(morning + timedelta(days=30))),
        (_("In 3 months"), _at_work(morning + timedelta(days=91))),
    )  # fmt: skip
    once = {at: text for text, at in reversed(choices)}
    return [(f"{text}\t{wording.moment(at)}", at) for at, text in sorted(once.items())]


def _at_work(at: datetime) -> datetime:
    return at + timedelta(days=max(0, 7 - at.weekday()) if at.weekday() > 4 else 0)


def ask_until(page: Page, command: str, title: str, about: str, take: Taken, above: QPoint) -> QMenu:
    """Offer the mornings over a point, and a dialog named *title* for another time; *take* gets the moment.

    What it is *about* is said there, and was decided before: the list may move on meanwhile.
    """
    choices = [*mornings(page.context.now()), (_("Another day…"), None)]
    return number_menu(page, command, choices, partial(_chosen, page, title, about, take), above)


def _chosen(page: Page, title: str, about: str, take: Taken, action: QAction) -> None:
    until = action.data()
    if isinstance(until, datetime):
        take(until)
        return
    from pqldesk.views.small_sheets import MomentSheet

    tomorrow = page.context.now().astimezone() + timedelta(days=1)
    sheet = MomentSheet(
        page.context, "", title, about, _("Until"), title, tomorrow.replace(hour=9, minute=0, second=0)
    )
    sheet.given.connect(partial(_given, take))
    page.context.wishes.sheet.emit(sheet)


def _given(take: Taken, _thing: str, until: datetime) -> None:
    take(until)
