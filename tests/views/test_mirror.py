"""Painted parts in a language that is read from right to left: nothing is cut, nothing lies on something else."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from pqldesk.views.command_palette import PaletteSheet
from pqldesk.views.mirror import as_written
from pqldesk.views.parts import Button

EDGE = 6  # what stays empty at either side, within the frame


@pytest.fixture
def mirrored(qapp):
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def image_of(qtbot, widget):
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    widget.show()
    return widget.grab().toImage()


def inked(image: QImage, ground):
    """The columns, within the frame, in which something is painted."""
    middle = range(image.height() // 4, image.height() * 3 // 4)
    return [x for x in range(2, image.width() - 2) if any(image.pixelColor(x, y) != ground for y in middle)]


@pytest.mark.parametrize("make", [
    lambda paints: Button(paints, "Disqualify", "D"), lambda paints: Button(paints, "Copy details", icon="copy"),
])  # fmt: skip
def test_a_button_is_the_mirror_image_of_itself(qtbot, context, mirrored, make):
    image = image_of(qtbot, make(context.paints))
    columns = inked(image, image.pixelColor(3, image.height() // 2))
    assert columns[0] > EDGE
    assert columns[-1] < image.width() - EDGE
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    usual = inked(plain := image_of(qtbot, make(context.paints)), plain.pixelColor(3, plain.height() // 2))
    assert abs(len(usual) - len(columns)) <= 4  # as much ink as before: the key lies on no letter


@pytest.mark.parametrize("text", ["+20", "ada@example.org", "Jane Doe", "שלום"])
def test_figures_and_addresses_keep_their_own_direction(mirrored, text):
    assert as_written(text) == f"\u2068{text}\u2069"
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert as_written(text) == text


def test_the_palette_has_keys_at_one_end_and_words_at_the_other(qtbot, window, mirrored):
    window.run("palette")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, PaletteSheet)
    row = sheet.list.visualItemRect(sheet.list.item(1))
    image = sheet.list.viewport().grab(row).toImage()
    columns = inked(image, image.pixelColor(image.width() // 4, image.height() // 2))
    gap = max(after - before for before, after in pairwise(columns))
    assert columns[0] < image.width() // 8
    assert columns[-1] > image.width() * 7 // 8
    assert gap > image.width() // 4
