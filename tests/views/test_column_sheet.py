"""The columns of a warehouse in the window: read there, chosen by keyboard, said where they cannot be."""

import pytest
from PySide6.QtCore import Qt
from sample_desk import REP

from pqldesk.services.source_rows import PullRow
from pqldesk.views.column_sheet import ColumnSheet


@pytest.fixture
def sheet(qtbot, window) -> ColumnSheet:
    page = window.page("sources")
    warehouse = PullRow("warehouse", "Warehouse", "duckdb:///u", "ok", None, None, 900, 0, 0, "", "", True)
    qtbot.waitUntil(lambda: page.pulls.table.rowCount() == 2)
    page.pulls.table.show([*page.pulls.table.rows(), warehouse])
    page.run("sources.columns")  # only one of the three has columns to choose
    sheet = window.overlay.sheet()
    assert isinstance(sheet, ColumnSheet)
    qtbot.waitUntil(lambda: sheet.our_table.rowCount() == 4)
    return sheet


def test_each_field_says_what_fills_it_and_each_column_what_it_fills(sheet):
    assert [sheet.our_table.index(n, 2).data() for n in range(4)] == ["Chosen", "Chosen", "Chosen", "Empty"]
    assert sheet.their_table.rowCount() == 6
    assert sheet.theirs.current().name == "what"
    filled = {sheet.their_table.index(n, 0).data(): sheet.their_table.index(n, 1).data() for n in range(6)}
    assert (filled["mail"], filled["thing"]) == ("E-mail", "")


def test_a_column_is_found_and_taken_with_the_keyboard_alone(qtbot, sheet, fake):
    qtbot.keyClicks(sheet.find_ours, "quant")
    assert sheet.our_table.rowCount() == 1
    sheet.ours.setFocus()
    sheet.ours.setCurrentIndex(sheet.our_table.index(0, 0))
    qtbot.keyClick(sheet.ours, Qt.Key.Key_Return)
    assert sheet.window().focusWidget() is sheet.theirs
    sheet.theirs.setCurrentIndex(sheet.their_table.index(4, 0))
    qtbot.keyClick(sheet.theirs, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("set_column", "warehouse", "", "quantity", "much", REP) in fake.calls)
    qtbot.waitUntil(lambda: fake.calls[-1] == ("source_columns", "warehouse"))


def test_what_is_needed_cannot_be_left_out_and_the_rest_can(qtbot, sheet, fake):
    sheet.ours.setCurrentIndex(sheet.our_table.index(0, 0))
    assert not sheet.leave.isEnabled()
    sheet.ours.setCurrentIndex(sheet.our_table.index(2, 0))
    qtbot.mouseClick(sheet.leave, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("set_column", "warehouse", "", "email", "", REP) in fake.calls)
