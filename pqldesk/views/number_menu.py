"""Menus of numbered choices: a digit or a click takes one."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget


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
