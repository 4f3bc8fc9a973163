"""Keeps Qt and Python from disagreeing about what stands at an address, which ended the program at random.

PySide gives every item of a layout that is put into another one a Python object, and so do itemAt and itemAtPosition;
the layout's own Python object keeps it. Qt deletes the item with the widget it holds and tells nobody, so the object
goes on claiming its address. Once a new widget or layout stands there, its end is a segmentation fault: two objects
claim the address, and the one that is left is the wrong one. So nothing but this module asks a layout for its items.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import shiboken6
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout, QWidget


def forget_items(layout: QLayout) -> None:
    """Let Python let go of *layout*'s items, those of layouts inside too. Widgets and layouts stay as they are."""
    if not type(layout).__module__.startswith("PySide6."):
        return  # a layout of ours, such as Flow: it keeps its items itself, in Python, and needs them
    for n in range(layout.count()):
        item = layout.itemAt(n)
        inner = item.layout() if item is not None else None
        if inner is not None:
            forget_items(inner)
        elif item is not None and not shiboken6.createdByPython(item):
            shiboken6.invalidate(item)


def widgets_in(layout: QLayout) -> list[QWidget]:
    """The widgets that *layout* holds itself, in its order; not those of layouts inside."""
    items = (layout.itemAt(n) for n in range(layout.count()))
    widgets = [item.widget() for item in items if item is not None]
    forget_items(layout)
    return [widget for widget in widgets if widget is not None]


def least_widths(layout: QLayout) -> list[int]:
    """How narrow each item of *layout* can be, in its order."""
    items = (layout.itemAt(n) for n in range(layout.count()))
    widths = [item.minimumSize().width() for item in items if item is not None]
    forget_items(layout)
    return widths


def _then_forget(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_and_forget(outer: QLayout, *given: Any, **named: Any) -> None:
        put(outer, *given, **named)
        for one in (*given, *named.values()):
            if isinstance(one, QLayout):
                forget_items(one)

    put_and_forget.__name__ = (
        put.__name__
    )  # not functools.wraps: the docstring it copies is written by PySide, in 20 ms
    return put_and_forget


def keep_layouts_safe() -> None:
    """From now on layouts may be put into others, filled or empty. Once for the program is enough."""
    for kind, name in ((QBoxLayout, "addLayout"), (QBoxLayout, "insertLayout"), (QGridLayout, "addLayout")):
        put = getattr(kind, name)
        if not isinstance(put, FunctionType):
            setattr(kind, name, _then_forget(put))
