"""Layouts put into others leave nothing behind that claims the memory of what Qt deletes later."""

import ast
import gc
import os
import subprocess
import sys
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)

import pqldesk.views.parts  # as every page does, before its first layout
from pqldesk.views.flow import Flow
from pqldesk.views.layouts import widgets_in

CHURN = """
import random
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget
import pqldesk.views.parts

app = QApplication([])


def settle():
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Line(QWidget):
    pass


random.seed(1)
host = QWidget()
outer = QVBoxLayout(host)
for _ in range(120):
    row = QHBoxLayout()
    labels = [QLabel("x") for _ in range(random.randint(1, 40))]
    for label in labels:
        row.addWidget(label)
    outer.addLayout(row)
    for label in labels:
        label.deleteLater()
    del labels, label
    settle()
    dialogs = []
    for _ in range(40):
        dialog = Line()
        column = QVBoxLayout(dialog)
        for _ in range(6):
            column.addWidget(random.choice((Line, QLabel, QFrame, QLineEdit))())
        dialogs.append(dialog)
    for dialog in dialogs:
        dialog.deleteLater()
    del dialogs, dialog, column
    settle()
"""


def items() -> set[int]:
    """Where Python believes that items of layouts stand."""
    return {
        shiboken6.getCppPointer(one)[0]
        for one in gc.get_objects()
        if isinstance(one, QWidgetItem | QSpacerItem) and shiboken6.isValid(one)
    }


def test_a_layout_put_into_another_is_laid_out_and_leaves_no_item_behind(qtbot) -> None:
    before = items()
    host = QWidget()
    qtbot.addWidget(host)
    outer, row, grid, inner = QVBoxLayout(host), QHBoxLayout(), QGridLayout(), QVBoxLayout()
    labels = [QLabel(f"line {n}") for n in range(12)]
    for label in labels[:4]:
        row.addWidget(label)
    row.addStretch()
    for label in labels[4:8]:
        inner.addWidget(label)
    for n, label in enumerate(labels[8:]):
        grid.addWidget(label, n, 0)
    grid.addLayout(inner, 0, 1)
    outer.addLayout(grid)
    outer.insertLayout(0, row)
    host.show()
    assert len({label.mapTo(host, label.rect().topLeft()).toTuple() for label in labels}) == 12
    assert items() <= before
    for label in labels:
        label.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert (row.count(), inner.count(), grid.count()) == (1, 0, 1)


def test_asking_what_a_layout_holds_leaves_no_item_behind(qtbot) -> None:
    before = items()
    host = QWidget()
    qtbot.addWidget(host)
    row = QHBoxLayout(host)
    labels = [QLabel(f"line {n}") for n in range(3)]
    for label in labels:
        row.addWidget(label)
    row.addStretch()
    assert widgets_in(row) == labels
    assert items() <= before


def test_no_other_module_asks_a_layout_for_its_items() -> None:
    views = Path(pqldesk.views.parts.__file__).parent
    asking = {
        file.name
        for file in views.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("itemAt", "itemAtPosition")
    }
    assert asking == {"layouts.py"}


def test_dialogs_can_come_and_go_beside_lists_that_are_built_anew() -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHURN], env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONMALLOC": "debug"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (child.returncode, child.stderr) == (0, "")


def test_a_row_that_breaks_is_measured_again_once_something_in_it_has_changed(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    row = Flow(box)
    one, other = QLabel("a"), QLabel("b")
    row.addWidget(one)
    row.addWidget(other)
    box.show()
    width = 2 * max(one.sizeHint().width(), other.sizeHint().width()) + 6
    flat = row.heightForWidth(width)
    other.setText("much longer words than before")
    assert row.heightForWidth(width) > flat
    other.hide()
    assert row.heightForWidth(width) == flat
    row.addWidget(QLabel("a long one that comes last"))
    qtbot.waitUntil(lambda: row.heightForWidth(width) > flat)
    row.takeAt(2).widget().hide()
    assert row.heightForWidth(width) == flat
