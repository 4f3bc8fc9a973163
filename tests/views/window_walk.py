"""Inspects a whole window as it stands: what a screen reader is told of it, where Tab goes, what does not fit.

Each function answers with sentences, one for each fault; an empty list is what is wanted.
"""

import itertools
from collections.abc import Iterator

from PySide6.QtCore import QAbstractListModel, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QKeyEvent
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from pqldesk.views.newcomer_pill import NewcomerPill
from pqldesk.views.notices import Toast
from pqldesk.views.overlay import Overlay
from pqldesk.views.popover import Popover
from pqldesk.views.selection_bar import SelectionBar

MOST_STOPS = 300
TARGET = 24  # WCAG 2.5.8, in pixels
FLOATING = (Overlay, Toast, Popover, NewcomerPill, SelectionBar)
SPEAKING = {
    QAccessible.Role.PushButton, QAccessible.Role.CheckBox, QAccessible.Role.RadioButton,
    QAccessible.Role.EditableText, QAccessible.Role.ComboBox, QAccessible.Role.SpinBox, QAccessible.Role.Table,
    QAccessible.Role.List, QAccessible.Role.PageTab, QAccessible.Role.Graphic, QAccessible.Role.Dialog,
    QAccessible.Role.ButtonMenu, QAccessible.Role.Slider, QAccessible.Role.Link,
}  # fmt: skip
UNSAID = {QAccessible.Role.Client, QAccessible.Role.NoRole, QAccessible.Role.Border, QAccessible.Role.Pane}


def named(widget: QWidget) -> str:
    """A widget in words, for the sentence about it."""
    words = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton | QLabel) else "")
    path = type(widget).__name__
    above = widget.parentWidget()
    while above is not None and type(above).__name__ in ("QWidget", "QFrame", "QStackedWidget"):
        above = above.parentWidget()
    return f"{path} “{words[:50]}” in {type(above).__name__}"


def shown(top: QWidget) -> list[QWidget]:
    """Every widget in sight; what an open sheet or small card covers counts as out of it."""
    over = next((o for kind in (Overlay, Popover) for o in top.findChildren(kind) if o.isVisible()), None)
    return [one for one in (over or top).findChildren(QWidget) if one.isVisible() and _in_sight(one, top)]


def _in_sight(widget: QWidget, top: QWidget) -> bool:
    return not widget.visibleRegion().isEmpty() or _scrolled_away(widget, top)


def _scrolled_away(widget: QWidget, top: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and parent is not top:
        if isinstance(parent, QScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def controls(top: QWidget) -> list[QWidget]:
    """What Tab reaches, in the order in which it does: the keys are pressed."""
    found: list[QWidget] = []
    app = QApplication.instance()
    for _press in range(MOST_STOPS):
        now = top.focusWidget() or top
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            app.sendEvent(now, QKeyEvent(kind, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier))
        after = top.focusWidget()
        if after is None or after in found[:-1]:
            break
        if after is now and found and not isinstance(now, QDateTimeEdit):
            break
        if after is not now or not found:  # Tab goes through day, month and year inside their field
            found.append(after)
    return found


def trapped(top: QWidget, reached: list[QWidget]) -> list[str]:
    """Controls that keep the keyboard, and those that Tab never comes to; *reached* are those it does."""
    faults = [f"Tab stays at {named(reached[-1])}"] if len(reached) == MOST_STOPS else []
    for widget in shown(top):
        wanted = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
        if wanted and widget.focusProxy() is None and widget not in reached and not _holds(widget, reached):
            faults.append(f"Tab does not come to {named(widget)}")
    return faults


def _holds(widget: QWidget, reached: list[QWidget]) -> bool:
    """Whether it only scrolls what is reached, or belongs to something reached."""
    return any(widget.isAncestorOf(one) for one in reached if isinstance(widget, QScrollArea)) or any(
        one.isAncestorOf(widget) for one in reached
    )


# what a screen reader is told


def unspoken(top: QWidget) -> list[str]:
    """Controls without a name or a role, values that are not told, states that are not those on screen."""
    return [fault for face in _faces(top) for fault in _said_wrong(face)]


def _faces(top: QWidget) -> Iterator[QAccessibleInterface]:
    for widget in shown(top):
        face = QAccessible.queryAccessibleInterface(widget)
        if face is not None and face.isValid():
            yield face


def _said_wrong(face: QAccessibleInterface) -> Iterator[str]:
    widget = face.object()
    if not isinstance(widget, QWidget) or isinstance(widget, QScrollBar | QHeaderView):
        return
    role, name = face.role(), face.text(QAccessible.Text.Name)
    reached = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    inside = isinstance(widget.parentWidget(), QComboBox | QAbstractSpinBox)
    if reached and not inside:
        if not isinstance(widget, QScrollArea) and role in UNSAID:
            yield f"{named(widget)} has no role but {role.name}"
        if not name:
            yield f"{named(widget)} has no name"
    elif role in SPEAKING and not name and not inside and not isinstance(widget, QLabel):  # icons that adorn
        yield f"{named(widget)} is a {role.name} without a name"
    state = face.state()
    if (
        isinstance(widget, QAbstractButton)
        and widget.isCheckable()
        and bool(state.checked) != widget.isChecked()
    ):
        yield f"{named(widget)} tells another state than it shows"
    if bool(state.disabled) == widget.isEnabled():
        yield f"{named(widget)} tells wrongly whether it is enabled"
    if isinstance(widget, QLineEdit) and not inside and face.textInterface() is None:
        yield f"{named(widget)} tells no text"
    if isinstance(widget, QComboBox) and face.text(QAccessible.Text.Value) != widget.currentText():
        yield f"{named(widget)} tells no value"
    if isinstance(widget, QAbstractSpinBox) and not face.text(QAccessible.Text.Value):
        yield f"{named(widget)} tells no value"


# where Tab goes


def out_of_order(top: QWidget, chain: list[QWidget]) -> list[str]:
    """Where a stop of Tab stands before the one that it comes after, as one reads: by lines, then along them.

    *chain* is what controls() answers.
    """
    if not chain:
        return ["Tab goes nowhere"]
    covered = any(overlay.isVisible() for overlay in top.findChildren(Overlay))
    # it goes round: begin where reading does
    start = min(range(len(chain)), key=lambda n: _place(chain[n], top, covered))
    return _disorder(_common(chain, top), chain[start:] + chain[:start]) + trapped(top, chain)


def _place(widget: QWidget, top: QWidget, covered: bool) -> tuple[int, int]:
    at = widget.mapTo(top, QPoint(0, 0))
    rtl = top.layoutDirection() == Qt.LayoutDirection.RightToLeft
    along = -at.x() - widget.width() if rtl else at.x()
    if covered:
        return at.y(), along
    return along // 60, at.y()


def _common(chain: list[QWidget], top: QWidget) -> QWidget:
    """The smallest part of the window that holds all of them."""
    part = chain[0].parentWidget() or top
    while part is not top and not all(part.isAncestorOf(one) for one in chain):
        part = part.parentWidget() or top
    return part


def _disorder(parent: QWidget, chain: list[QWidget]) -> list[str]:
    parts: dict[QWidget, list[QWidget]] = {}
    faults, last = [], None
    for control in chain:
        part = control
        while part.parentWidget() is not parent and part.parentWidget() is not None and part is not parent:
            part = part.parentWidget()
        if part in parts and part is not last:
            faults.append(f"Tab leaves {named(part)} and comes back to it for {named(control)}")
        parts.setdefault(part, []).append(control)
        last = part
    order = [part for part in parts if part is not parent]
    rtl = parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
    for one, next_ in itertools.pairwise(order):
        if _is_before(next_.geometry(), one.geometry(), rtl):
            faults.append(f"Tab goes from {named(one)} back to {named(next_)}, which stands before it")
    for part, inside in parts.items():
        if len(inside) > 1 and part is not parent:
            faults += _disorder(part, inside)
    return faults


def _is_before(one: QRect, other: QRect, rtl: bool) -> bool:
    """Whether *one* is read before *other*: above it, or on its line and nearer to where lines begin."""
    overlap = min(one.bottom(), other.bottom()) - max(one.top(), other.top())
    if overlap > min(one.height(), other.height()) / 2:
        return one.left() >= other.right() if rtl else one.right() <= other.left()
    return one.bottom() <= other.top()


def too_small(top: QWidget) -> list[str]:
    """Targets of the pointer under 24 pixels that stand nearer than that to another."""
    targets = [w for w in shown(top) if isinstance(w, QAbstractButton | QComboBox | QLineEdit)]
    targets = [
        w for w in targets if not isinstance(w.parentWidget(), QComboBox | QAbstractSpinBox | QLineEdit)
    ]
    areas = [QRect(w.mapTo(top, QPoint(0, 0)), w.size()) for w in targets]
    faults = []
    for n, (widget, area) in enumerate(zip(targets, areas, strict=True)):
        if min(area.width(), area.height()) >= TARGET:
            continue
        around = QRect(0, 0, max(TARGET, area.width()), max(TARGET, area.height()))
        around.moveCenter(area.center())
        crowded = any(around.intersects(other) for m, other in enumerate(areas) if m != n)
        if crowded:
            faults.append(f"{named(widget)} is {area.width()} by {area.height()}")
    return faults


def unlit(top: QWidget, chain: list[QWidget], known: set[str]) -> list[str]:
    """Those of *chain* that look the same with the keyboard on them. *known* are kinds that were looked at before."""
    faults = []
    for control in chain:
        kind = f"{type(control).__name__} {control.objectName()} {control.property('kind')}"
        if kind in known:
            continue
        known.add(kind)
        before = top.focusWidget()
        control.clearFocus()
        without = control.grab().toImage()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        if not control.hasFocus():
            faults.append(f"{named(control)} does not take the keyboard")
        elif control.grab().toImage() == without:
            faults.append(f"{named(control)} looks the same with the keyboard on it")
        if before is not None:
            before.setFocus(Qt.FocusReason.OtherFocusReason)
    return faults


# names that are markup


def marked_up(top: QWidget) -> list[str]:
    """Where a text would be shown as the markup it holds: pictures fetched, links, another's words in bold."""
    return [
        f"{named(widget)} renders {text[:80]!r} as markup"
        for widget in [top, *top.findChildren(QWidget)]
        for text in _rendered(widget)
    ]


def _rendered(widget: QWidget) -> Iterator[str]:
    """The texts of a widget that Qt would read as markup and that somebody else may have written."""
    if isinstance(widget, QLabel) and widget.text() and widget.textFormat() != Qt.TextFormat.PlainText:
        yield widget.text()
    if isinstance(widget, QTextEdit) and "<img" in widget.toHtml():
        yield widget.toPlainText()
    hints = [widget.toolTip(), widget.whatsThis()]
    if isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
        for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.WhatsThisRole):
            hints += [
                str(model.data(model.index(row, column), role) or "")
                for row in range(min(model.rowCount(), 3))
                for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount())
            ]
    # a text that is meant as markup has its "<" written as an entity wherever a name stands
    yield from (hint for hint in hints if QtText.mightBeRichText(hint) and ("<img" in hint or "<a " in hint))


def holding(top: QWidget, words: str) -> int:
    """How many labels, cells and fields in sight show *words*."""
    found = 0
    for widget in shown(top):
        texts = [widget.text()] if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else []
        if isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
            texts += [str(model.data(model.index(row, 0)) or "") for row in range(min(model.rowCount(), 20))]
        found += sum(words in text for text in texts)
    return found
