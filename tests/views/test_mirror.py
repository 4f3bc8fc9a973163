"""Painted parts in a language that is read from right to left: nothing is cut, nothing lies on something else."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from sample_desk import NOW, lead

from pqldesk.views.command_palette import PaletteSheet
from pqldesk.views.day_charts import DayHistogram
from pqldesk.views.lead_cells import SCORE, TRIAL, format_lead
from pqldesk.views.lead_painting import Cell, LeadPainter
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


def test_a_chart_runs_from_right_to_left_and_its_marks_with_it(qtbot, context, mirrored):
    chart = DayHistogram(context.theme)
    qtbot.addWidget(chart)
    chart.resize(400, 190)
    chart.show_days((9, 0, 0, 0), None)
    chart.show()
    image = chart.grab().toImage()
    columns = inked(image, image.pixelColor(3, 3))
    assert min(columns) > 300
    opened = []
    chart.opened.connect(opened.append)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(350, 100))
    assert opened == [("day", 0)]
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(50, 100))
    assert opened == [("day", 0)]


def test_a_row_of_the_queue_begins_on_the_right(context, mirrored):
    line = format_lead(lead(4), NOW)
    image = QImage(400, 44, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    LeadPainter(context.paints).paint(painter, line, [Cell(TRIAL, 0, 200), Cell(SCORE, 200, 200)], 0, 44)
    painter.end()
    columns = inked(image, QColor("white"))
    pill = [x for x in columns if x < 200]
    assert (min(pill) > 90, max(pill) > 185) == (True, True), "the pill stands where its cell begins"
    digits = [x for x in columns if x > 370]
    assert digits
