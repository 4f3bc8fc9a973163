"""Menus of numbered choices: a digit or a click takes one."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from pqldesk.services.basics.texts import _
from pqldesk.views import wording


def snooze_choices(now: datetime) -> list[tuple[str, object]]:
    """Until when something may be put off: mornings in the reader's zone."""
    local = now.astimezone()
    morning = local.replace(hour=9, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=7 - local.weekday())
    choices = (
        (_("Tomorrow"), morning + timedelta(days=1)), (_("In 3 days"), morning + timedelta(days=3)),
        (_("Next Monday"), monday), (_("In 2 weeks"), morning + timedelta(days=14)),
        (_("In a month"), morning + timedelta(days=30)), (_("In 3 months"), morning + timedelta(days=91)),
    )  # fmt: skip
    return [(f"{text}\t{wording.moment(at)}", at) for text, at in choices]


def number_menu(
    owner: QWidget,
    name: str,
    choices: Sequence[tuple[str, object]],
    chosen: Callable[[QAction], object],
    above: QPoint,
) -> QMenu:
    """Show *choices* over a point without leaving the window; the action that is *chosen* carries its value."""
    menu = QMenu(owner)
    menu.setObjectName(name)
    for n, (text, value) in enumerate(choices, 1):
        action = menu.addAction(f"&{n}  {text}")
        action.setData(value)
    menu.triggered.connect(chosen)
    menu.aboutToHide.connect(menu.deleteLater)
    window, size = owner.window(), menu.sizeHint()
    corner = window.mapToGlobal(QPoint(window.width() - 12, 0))
    menu.popup(QPoint(min(above.x(), corner.x() - size.width()), max(corner.y(), above.y() - size.height())))
    return menu
