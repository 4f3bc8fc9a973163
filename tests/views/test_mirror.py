"""Painted parts in a language that is read from right to left: nothing is cut, nothing lies on something else."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from sample_desk import NOW, lead

from pqldesk.views.command_palette import PaletteSheet
from pqldesk.views.day_charts import DayHistogram
from pqldesk.views.labels import Label
from pqldesk.views.lead_cells import SCORE, TRIAL, format_lead
from pqldesk.views.lead_model import GroupHeader
from pqldesk.views.lead_painting import Cell, LeadPainter
from pqldesk.views.mirror import as_written
from pqldesk.views.parts import Button
from pqldesk.views.popover import Popover
from pqldesk.views.row_table import Column, Mark, RowTable, RowView
from pqldesk.views.small_sheets import moment_edit

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


def test_a_moment_that_is_edited_is_the_same_in_every_direction(context, mirrored):
    at = NOW.astimezone().replace(hour=15, minute=0)
    assert moment_edit(context, at).text().endswith("15:00")


def test_a_latin_name_stands_beside_its_face_and_not_at_the_other_end(qtbot, context, mirrored):
    label = Label(context.theme, "Jane Doe")
    qtbot.addWidget(label)
    label.resize(300, 20)
    label.show()
    image = label.grab().toImage()
    assert min(inked(image, image.pixelColor(2, 2))) > 200


@pytest.mark.parametrize(
    "mark", [Mark(), Mark("pill"), Mark("dots", bits=(True, True, True)), Mark("bar", share=1.0)]
)
def test_what_stands_in_a_cell_is_as_far_from_its_edge_as_in_the_other_direction(qtbot, context, mark):
    def edges() -> tuple[int, int]:
        table = RowTable(
            (
                Column(
                    "Owner", lambda _row: "" if mark.kind == "bar" else "Jane", 300, mark=lambda _row: mark
                ),
            ),
            key=str,
        )
        view = RowView(table, context.paints, "List")
        qtbot.addWidget(view)
        table.setParent(view)
        view.resize(300, 120)
        table.show(["one"])
        view.show()
        image = view.viewport().grab().toImage().copy(0, 0, 300, 43)
        columns = inked(image, image.pixelColor(150, 4))
        return columns[0], 299 - columns[-1]

    begin, _end = edges()
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        _begin, end = edges()
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert abs(begin - end) <= 2


def test_the_header_of_a_group_says_its_name_on_the_right(context, mirrored):
    image = QImage(400, 44, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    LeadPainter(context.paints).header(painter, GroupHeader("Hot", 3, folded=False), 0, 400, 44)
    painter.end()
    columns = inked(image, image.pixelColor(20, 20))
    assert min(columns) > 300
    assert len(columns) > 25  # an arrow, a name and a number


def test_a_small_card_hangs_on_what_opened_it(window, mirrored):
    anchor = window.queue.head.choose
    card = Popover(anchor)
    card.resize(200, 100)
    card.column.addWidget(Label(window.context.theme, "x" * 40))
    card.open()
    right = anchor.mapTo(window, QPoint(anchor.width(), 0)).x()
    assert abs(card.geometry().right() + 1 - right) <= 1 or card.geometry().left() <= 12
