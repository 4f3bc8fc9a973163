"""Lists of thousands of rows: what a refresh and a click on a header do to them."""

from PySide6.QtCore import Qt

from pqldesk.views.list_page import in_tabs
from pqldesk.views.row_table import Column, RowTable, RowView

Row = tuple[int, int | None]


def table_of(rows: list[Row]) -> RowTable[Row]:
    columns = (
        Column[Row]("Number", lambda row: str(row[0])),
        Column[Row]("Points", lambda row: str(row[1]), order=lambda row: row[1]),
    )
    table: RowTable[Row] = RowTable(columns, key=lambda row: row[0])
    table.show(rows)
    return table


def told(table: RowTable[Row]) -> list[str]:
    found: list[str] = []
    table.modelReset.connect(lambda: found.append("reset"))
    table.dataChanged.connect(lambda first, last: found.append(f"{first.row()}-{last.row()}"))
    return found


def test_the_same_rows_with_other_contents_are_repainted_and_not_made_anew(qapp) -> None:
    table = table_of([(n, n) for n in range(100)])
    found = told(table)
    table.show([(n, 7 if n == 40 else n) for n in range(100)])
    assert found == ["40-40"]


def test_thousands_of_rows_are_told_as_one_change(qapp) -> None:
    table = table_of([(n, n) for n in range(3_000)])
    found = told(table)
    table.show([(n, 7 if n == 40 else n) for n in range(3_000)])
    assert found == ["0-2999"]
    table.show([(n, n) for n in range(2_999)])
    assert found[1:] == ["reset"]


def test_rows_without_a_value_come_last_in_both_directions(qapp) -> None:
    table = table_of([(1, None), (2, 5), (3, 9), (4, None)])
    table.sort(1, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in table.rows()] == [2, 3, 1, 4]
    table.sort(1, Qt.SortOrder.DescendingOrder)
    assert [row[0] for row in table.rows()] == [3, 2, 1, 4]


def test_each_tab_gets_the_rows_that_it_keeps_in_their_order() -> None:
    found = in_tabs([3, 1, 4, 1, 5], {"odd": lambda n: n % 2 == 1, "large": lambda n: n > 3})
    assert (found.rows, found.of_tab) == ([3, 1, 4, 1, 5], {"odd": [3, 1, 1, 5], "large": [4, 5]})


def test_a_list_that_had_the_keyboard_before_its_rows_shows_where_it_is(qtbot, context) -> None:
    table = table_of([])
    view = RowView(table, context.paints, "Numbers")
    qtbot.addWidget(view)
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert view.current() is None
    table.show([(1, 1), (2, 2)])
    assert view.current() == (1, 1)
