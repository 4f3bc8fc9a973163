"""What painted widgets are to a screen reader: Qt takes everything it does not know for a plain area."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

# class -> the role's name in QAccessible.Role; a class that is not here is what its nearest known base is
ROLES: Final = {
    "Facts": "List",
    "Arithmetic": "List",
    "Chart": "Graphic",
    "Avatar": "Graphic",
    "Pill": "StaticText",
    "KeyLine": "StaticText",
    "Sheet": "Dialog",
    "Popover": "Dialog",
    "KeyCatcher": "HotkeyField",
    "Card": "Grouping",
}


def announce(widget: QWidget, words: str) -> None:
    """Say *words* to screen readers without moving the focus."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # not before the first frame

    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def name_roles(window: QWidget) -> None:
    """Tell Qt the roles of our own widgets, also of those that *window* has shown already.

    Comes after the first frame: Qt's accessibility takes 20 ms to load. Once for the program is enough.
    """
    from PySide6.QtGui import QAccessible

    QAccessible.installFactory(_face)
    if QAccessible.isActive():
        for widget in (window, *window.findChildren(QWidget)):
            if (
                type(widget).__name__ in ROLES
            ):  # a reader that listens since before has made a face without a role
                QAccessible.deleteAccessibleInterface(
                    QAccessible.uniqueId(QAccessible.queryAccessibleInterface(widget))
                )


def _face(name: str, thing: QObject | None) -> object:
    """What Qt asks for each class of *thing*, the nearest first."""
    if name not in ROLES or not isinstance(thing, QWidget):
        return None
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import QAccessibleWidget

    return QAccessibleWidget(thing, QAccessible.Role[ROLES[name]])
