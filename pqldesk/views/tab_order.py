"""Where Tab goes: through what is in sight, in the order in which it is read, whenever its widgets were made."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QWidget


def step_focus(top: QWidget, forwards: bool) -> bool:
    """Put the keyboard on the next stop inside *top*, or the one before, going round; False where there is none."""
    stops = tab_stops(top)
    if not stops:
        return False
    now: QWidget | None = top.window().focusWidget()
    while now is not None and now not in stops and now is not top:
        now = now.parentWidget()  # a part of a stop has the keyboard, such as the line in a box of figures
    at = stops.index(now) + (1 if forwards else -1) if now in stops else 0 if forwards else -1
    stop = stops[at % len(stops)]
    stop.setFocus(Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason)
    _scroll_to(stop)
    return True


def tab_stops(top: QWidget) -> list[QWidget]:
    """What can have the keyboard inside *top*. An area that scrolls is a stop where nothing inside it is one."""
    stops: list[QWidget] = []
    for part in _as_read(top):
        inside = tab_stops(part)
        if _is_stop(part) and not (isinstance(part, QScrollArea) and inside):
            stops.append(part)
            if not isinstance(part, QAbstractScrollArea):
                continue  # its parts take the keyboard through it
        stops += inside
    return stops


def _is_stop(widget: QWidget) -> bool:
    return (
        widget.isEnabled()
        and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
    )


def _as_read(parent: QWidget) -> list[QWidget]:
    """The parts of *parent* in sight, by lines from the top, each from where its line begins."""
    left = [
        child
        for child in parent.children()
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow()
    ]
    left.sort(key=lambda part: (part.y(), part.x()))
    is_mirrored = parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
    order: list[QWidget] = []
    while left:
        first = next(
            (
                one
                for one in left
                if not any(_comes_before(o, one, is_mirrored) for o in left if o is not one)
            ),
            left[0],
        )
        left.remove(first)
        order.append(first)
    return order


def _comes_before(one: QWidget, other: QWidget, is_mirrored: bool) -> bool:
    """Whether *one* is above *other*, or on the same line and nearer to its beginning."""
    a, b = one.geometry(), other.geometry()
    if _shares_line(a, b):
        return a.left() >= b.right() if is_mirrored else a.right() <= b.left()
    return a.center().y() < b.center().y()


def _shares_line(a: QRect, b: QRect) -> bool:
    overlap = min(a.bottom(), b.bottom()) - max(a.top(), b.top())
    return overlap > min(a.height(), b.height()) / 2


def _scroll_to(stop: QWidget) -> None:
    above = stop.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(stop)
        above = above.parentWidget()
