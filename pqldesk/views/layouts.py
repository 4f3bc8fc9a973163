"""Keeps Qt and Python from disagreeing about what stands at an address, which ended the program at random.

PySide gives every item of a layout that is put into another one a Python object. Qt deletes the item with the widget it
holds and tells nobody, so the object goes on claiming its address. Once a new widget or layout stands there, its end is
a segmentation fault: two objects claim the address, and the one that is left is the wrong one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import shiboken6
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout


def forget_items(layout: QLayout) -> None:
    """Let Python let go of *layout*'s items, those of layouts inside too. Widgets and layouts stay as they are."""
    if "itemAt" in vars(type(layout)):
        return  # a layout of ours, such as Flow: it keeps its items itself, in Python, and needs them
    for n in range(layout.count()):
        item = layout.itemAt(n)
        inner = item.layout() if item is not None else None
        if inner is not None:
            forget_items(inner)
        elif item is not None and not shiboken6.createdByPython(item):
            shiboken6.invalidate(item)


def _then_forget(put: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(put)
    def put_and_forget(outer: QLayout, *given: Any, **named: Any) -> None:
        put(outer, *given, **named)
        for one in (*given, *named.values()):
            if isinstance(one, QLayout):
                forget_items(one)

    return put_and_forget


def keep_layouts_safe() -> None:
    """From now on layouts may be put into others, filled or empty. Once for the program is enough."""
    for kind, name in ((QBoxLayout, "addLayout"), (QBoxLayout, "insertLayout"), (QGridLayout, "addLayout")):
        put = getattr(kind, name)
        if not hasattr(put, "__wrapped__"):
            setattr(kind, name, _then_forget(put))
