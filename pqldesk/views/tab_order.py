"""Where Tab goes: through what is in sight, in the order in which it is read, whenever its widgets were made."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QWidget

_Sides = tuple[int, int, int, int]  # left, top, right and bottom, the last two inside


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
    # Asked for once: the parts are compared with one another, at every press of Tab.
    left = [
        (_sides(child), child)
        for child in parent.children()
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow()
    ]
    left.sort(key=lambda part: (part[0][1], part[0][0]))
    is_mirrored = parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
    order: list[QWidget] = []
    while left:
        first = next(
            (
                one
                for one in left
                if not any(_comes_before(o[0], one[0], is_mirrored) for o in left if o is not one)
            ),
            left[0],
        )
        left.remove(first)
        order.append(first[1])
    return order


def _sides(part: QWidget) -> _Sides:
    area = part.geometry()
    return area.left(), area.top(), area.right(), area.bottom()


def _comes_before(a: _Sides, b: _Sides, is_mirrored: bool) -> bool:
    """Whether *a* is above *b*, or on the same line and nearer to its beginning."""
    if _shares_line(a, b):
        return a[0] >= b[2] if is_mirrored else a[2] <= b[0]
    return (a[1] + a[3]) // 2 < (b[1] + b[3]) // 2


def _shares_line(a: _Sides, b: _Sides) -> bool:
    overlap = min(a[3], b[3]) - max(a[1], b[1])
    return overlap > min(a[3] - a[1] + 1, b[3] - b[1] + 1) / 2


def _scroll_to(stop: QWidget) -> None:
    above = stop.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(stop)
        above = above.parentWidget()
