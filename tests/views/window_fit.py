"""Looks in a whole window as it stands for what does not fit: one sentence for each fault, as window_walk has them."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QWidget,
)
from window_walk import FLOATING, named, shown

from pqldesk.views.help_sheet import KeyLine
from pqldesk.views.labels import Label
from pqldesk.views.row_table import RowView
from pqldesk.views.setting_times import ClockField


def clipped(top: QWidget) -> list[str]:
    """Texts that do not fit their widgets, widgets over each other, and what stands out of the window."""
    widgets = shown(top)
    faults = [fault for widget in widgets for fault in _text_cut(widget)]
    faults += [fault for widget in widgets for fault in _outside(widget, top)]
    faults += [fault for widget in [top, *widgets] for fault in _overlaps(widget)]
    return faults


def _text_cut(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel) and widget.objectName() == "note" and widget.parent().title.toolTip():
        return  # the title tells what its note has no room for
    if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
        room = widget.contentsRect().width()
        whole = widget.full_text() if isinstance(widget, Label) else widget.text()
        if widget.wordWrap():
            if (needs := widget.heightForWidth(widget.width())) > widget.height() + 1:
                yield f"{named(widget)} needs {needs} px of height, has {widget.height()}"
            longest = max(
                map(
                    widget.fontMetrics().horizontalAdvance,
                    widget.text().replace("\u200b", " ").split() or [""],
                )
            )
            if longest > room + 1:
                yield f"{named(widget)} has a word of {longest} px in {room}"
        elif widget.text() != whole:
            if len(widget.text()) < min(5, len(whole)):
                yield f"{named(widget)} is cut to “{widget.text()}”"
            elif not widget.toolTip():
                yield f"{named(widget)} is cut without a tooltip"
        elif (needs := widget.fontMetrics().horizontalAdvance(whole)) > room + 1:
            yield f"{named(widget)} needs {needs} px, has {room}"
        if widget.fontMetrics().height() > widget.height() + 3:
            yield f"{named(widget)} is {widget.height()} px high for a line of {widget.fontMetrics().height()}"
    elif isinstance(widget, QAbstractButton) and widget.text():
        hint = (
            widget.minimumSizeHint() if not isinstance(widget, QPushButton | QCheckBox) else widget.sizeHint()
        )
        needs = hint.width() if hint.isValid() and hint.width() > 0 else widget.sizeHint().width()
        if widget.width() + 1 < needs:
            yield f"{named(widget)} needs {needs} px, has {widget.width()}"
        if widget.height() + 2 < widget.fontMetrics().height():
            yield f"{named(widget)} is {widget.height()} px high"
    elif isinstance(widget, QComboBox) and widget.currentText():
        needs = widget.fontMetrics().horizontalAdvance(widget.currentText()) + 34
        if widget.width() + 2 < needs and not widget.toolTip():
            yield f"{named(widget)}: “{widget.currentText()}” needs {needs} px, has {widget.width()}"
    elif isinstance(widget, QDateTimeEdit):
        needs, room = widget.fontMetrics().horizontalAdvance(widget.text()) + 4, widget.lineEdit().width()
        if needs > room:
            yield f"{named(widget)}: “{widget.text()}” needs {needs} px, has {room}"
    elif isinstance(widget, QLineEdit) and widget.height() < widget.fontMetrics().height():
        yield f"{named(widget)} is {widget.height()} px high for a line of {widget.fontMetrics().height()}"
    elif isinstance(widget, ClockField):
        needs = widget.fontMetrics().horizontalAdvance(widget.text()) + 24
        if needs > widget.width():
            yield f"{named(widget)}: “{widget.text()}” needs {needs} px, has {widget.width()}"
    elif isinstance(widget, KeyLine) and not widget.words_fit():
        yield f"{widget.accessibleName()} has no room for its words beside its keys"
    elif isinstance(widget, QTableView):
        yield from _header_cut(widget)
        if isinstance(widget, RowView):
            yield from _pills_cut(widget)


def _pills_cut(view: RowView) -> Iterator[str]:
    """Pills of a list, whose words are few: none of them is to lose its end."""
    for n, column in enumerate(view.table.columns):
        for row in range(0 if view.isColumnHidden(n) else min(view.table.rowCount(), 20)):
            shown = view.table.row(view.table.index(row, n))
            text, mark = column.says(shown) if shown is not None else ("", None)
            if mark is not None and mark.kind == "pill" and view.cuts_pill(n, text):
                yield f"{named(view)}: the pill “{text}” is cut"


def _header_cut(table: QTableView) -> Iterator[str]:
    header, model = table.horizontalHeader(), table.model()
    if not header.isVisible() or model is None:
        return
    across = Qt.Orientation.Horizontal
    for n in range(model.columnCount()):
        if header.isSectionHidden(n):
            continue
        title = str(model.headerData(n, across) or "")
        room = header.sectionSize(n)
        if title.strip() and room < 44 and header.fontMetrics().horizontalAdvance(title) > room:
            yield f"{named(table)}: column “{title}” is {room} px wide"


def _outside(widget: QWidget, top: QWidget) -> Iterator[str]:
    parent = widget.parentWidget()
    if parent is None or isinstance(parent, QAbstractItemView) or _is_part(widget):
        return
    if isinstance(parent, QWidget) and isinstance(parent.parentWidget(), QAbstractScrollArea):
        area = parent.parentWidget()
        if isinstance(area, QScrollArea) and parent is area.viewport():
            off = area.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if off and widget.width() > parent.width() + 1:
                yield f"{named(widget)} is {widget.width()} px wide in a scroll area of {parent.width()}"
        return
    area = widget.geometry()
    if isinstance(widget, FLOATING):
        return
    room = parent.rect().adjusted(-1, -1, 1, 1)
    if not room.contains(area):
        yield f"{named(widget)} stands out of {type(parent).__name__}: {area.getRect()} of {parent.rect().getRect()}"


def _overlaps(parent: QWidget) -> Iterator[str]:
    if isinstance(parent, QStackedWidget | QAbstractScrollArea | QComboBox | QLineEdit):
        return
    children = [
        one for one in parent.children()
        if isinstance(one, QWidget) and one.isVisible() and not isinstance(one, FLOATING) and not one.isWindow()
        and not _is_part(one)
    ]  # fmt: skip
    for n, one in enumerate(children):
        for other in children[n + 1 :]:
            both = one.geometry().intersected(other.geometry())
            if both.width() > 1 and both.height() > 1:
                yield f"{named(one)} and {named(other)} overlap by {both.width()} by {both.height()}"


def _is_part(widget: QWidget) -> bool:
    """Whether Qt itself made it, as part of a scroll area, a field or a table."""
    return widget.objectName().startswith("qt_") or isinstance(
        widget.parentWidget(), QAbstractItemView | QComboBox | QAbstractSpinBox | QLineEdit
    )
