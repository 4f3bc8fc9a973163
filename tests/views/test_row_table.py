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


def picture(view: RowView) -> object:
    return view.viewport().grab().toImage()


def test_a_repeated_row_looks_as_if_it_were_painted_anew(qtbot, context) -> None:
    view = RowView(table_of([(n, n * 7) for n in range(30)]), context.paints, "Numbers")
    qtbot.addWidget(view)
    view.resize(500, 400)
    first = picture(view)
    assert picture(view) == first
    view.step(2)
    view.step(-1)
    chosen = picture(view)
    assert chosen != first
    context.theme.choose("dark")
    assert picture(view) != chosen
    context.theme.choose("light")
    assert picture(view) == chosen
    view.table.show([(n, 5 if n == 3 else n * 7) for n in range(30)])
    changed = picture(view)
    assert changed != chosen
    fresh = RowView(table_of([(n, 5 if n == 3 else n * 7) for n in range(30)]), context.paints, "Numbers")
    qtbot.addWidget(fresh)
    fresh.resize(500, 400)
    fresh.step(2)
    fresh.step(-1)
    assert picture(fresh) == changed


def test_a_list_that_gets_the_keyboard_after_its_rows_selects_the_row_it_is_on(qtbot, context) -> None:
    view = RowView(table_of([(1, 1), (2, 2)]), context.paints, "Numbers")
    qtbot.addWidget(view)
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert [index.row() for index in view.selectionModel().selectedRows()] == [0]


def test_a_table_in_a_card_is_as_high_before_its_usual_rows_are_here(qtbot, context) -> None:
    """Else what stands below it jumps when they come."""
    table = table_of([])
    view = RowView(table, context.paints, "Milestones", 36)
    qtbot.addWidget(view)
    view.fit_rows(expected=6)
    before = view.height()
    table.show([(n, n) for n in range(6)])
    view.fit_rows()
    assert view.height() == before
    table.show([(n, n) for n in range(2)])
    view.fit_rows(expected=6)
    assert view.height() < before
