"""Every page and dialog as those meet it who do not see it or do not point."""

from array import array

import pytest
from PySide6.QtGui import QAccessible
from sample_desk import NOW, FakeDesk
from walked import faults, walked

from pqldesk.services.basics.problems import BadInput, WorkspaceAway, WorkspaceOnlyRead
from pqldesk.views import overlay, small_sheets
from pqldesk.views.lead_cells import PERSON, SCORE, TITLES, LeadPage, format_lead
from pqldesk.views.lead_model import LeadModel
from pqldesk.views.lead_table import LeadTable
from pqldesk.views.main_window import MainWindow
from pqldesk.views.overlay import Sheet

EARS = "speech+order+targets+focus@1440x900"


@pytest.fixture(scope="module")
def english() -> dict:
    return walked(EARS)


def test_every_control_says_what_it_is_and_holds_and_tab_comes_to_it_as_one_reads(english: dict) -> None:
    assert faults(english["found"][EARS]) == {}


def test_the_walk_opens_every_dialog_there_is(english: dict) -> None:
    def below(kind: type) -> set[str]:
        return {name for one in kind.__subclasses__() for name in {one.__name__, *below(one)}}

    # modules whose sheets were never imported here cannot be missed: the walk imports them all
    assert overlay.Sheet is Sheet
    assert below(Sheet) - {small_sheets.SmallSheet.__name__, "AskingSheet"} <= set(english["sheets"])


# the painted table


@pytest.fixture
def table(qtbot, context) -> LeadTable:
    desk = FakeDesk(200)
    model = LeadModel(lambda ids: asked.append(ids), lambda: NOW)
    asked: list[tuple[int, ...]] = []
    table = LeadTable(model, context.paints)
    qtbot.addWidget(table)
    table.resize(1000, 500)
    table.show()
    table.show_order(array("q", range(1, 201)), asked_for=True)

    def answer() -> None:
        model.want(0, 199)
        for ids in asked[:]:
            asked.remove(ids)
            model.take(LeadPage(ids, tuple(format_lead(desk.row(n), NOW) for n in ids)))

    table.answer = answer
    return table


def test_the_painted_table_is_a_table_of_rows_columns_and_cells(table: LeadTable) -> None:
    table.answer()
    face = QAccessible.queryAccessibleInterface(table)
    assert (face.role(), face.text(QAccessible.Text.Name)) == (QAccessible.Role.Table, "Leads")
    across = len(TITLES) + 1  # a header of rows stands before each
    assert face.childCount() == across * 201
    heads = [face.child(1 + n).text(QAccessible.Text.Name) for n in range(len(TITLES))]
    assert heads[SCORE] == "Score, descending"
    assert heads[PERSON] == "Person"
    for row in range(200):
        line = table.model().line(row)
        for column, begin in ((SCORE, f"Score: {line.score} "), (PERSON, f"Person: {line.row.name} ")):
            cell = face.child(across * (row + 1) + 1 + column)
            assert cell.role() == QAccessible.Role.Cell
            assert cell.text(QAccessible.Text.Name).startswith(begin)
            place = cell.tableCellInterface()
            assert (place.rowIndex(), place.columnIndex()) == (row, column)
            assert bool(cell.state().selected) == (row == table.currentIndex().row())


def test_a_row_that_is_read_aloud_before_it_is_here_is_asked_for_and_told_again(
    qtbot, table: LeadTable
) -> None:
    cell = table.model().index(150, SCORE)
    said = table.model().data(cell, role := 11)  # Qt.AccessibleTextRole
    assert said == "Score: on its way"
    with qtbot.waitSignal(table.model().dataChanged) as told:
        table.answer()
    assert told.args[0].row() == 150
    assert table.model().data(cell, role).startswith("Score: ")
    assert "on its way" not in table.model().data(cell, role)


def test_sorting_and_folding_are_told(window: MainWindow, qtbot) -> None:
    table = window.queue.table
    table.show_sort(PERSON, False)
    face = QAccessible.queryAccessibleInterface(table)
    assert face.child(1 + PERSON).text(QAccessible.Text.Name) == "Person, ascending"
    window.queue.head.group_by("band")
    qtbot.waitUntil(lambda: table.model().is_header(0))
    qtbot.waitUntil(lambda: table.model().header(0).name != "")
    assert table.model().data(table.model().index(0, 0), 11).startswith("Hot, ")
    table.go(1)
    table.fold(True)
    assert table.model().data(table.model().index(0, 0), 11).endswith(", folded")


def test_a_workspace_that_can_only_be_looked_at_says_so_as_long_as_it_is_open(qtbot, window):
    why = WorkspaceOnlyRead(
        "/media/share/growth.pqldesk cannot be written, so it can only be looked at.", "Copy it."
    )
    window.context.background.only_read.emit(why)
    assert window.bars.looking.isVisible()
    assert window.bars.looking.words() == f"{why.what} Copy it."
    window.run("claim")
    window.show_page("trials")
    assert window.bars.looking.isVisible()


def test_a_server_that_is_away_is_said_until_it_is_back_and_the_page_stays(qtbot, window):
    rows = window.queue.table.model().rowCount()
    away = WorkspaceAway("The database db.example/growth did not answer: connection refused.", "Check it.")
    window.context.background.away.emit(away)
    assert window.bars.away.isVisible()
    assert window.bars.away.words().startswith("The database db.example/growth did not answer")
    assert "goes on by itself" in window.bars.away.words()
    assert window.queue.table.model().rowCount() == rows
    window.show_problem(away)  # of what was tried meanwhile
    assert window.bars.problem.isVisible()
    window.context.background.away.emit(None)
    assert not window.bars.away.isVisible()
    assert not window.bars.problem.isVisible()


def test_another_problem_stays_when_the_server_is_back(window):
    window.context.background.away.emit(WorkspaceAway("The database did not answer.", "Check it."))
    window.show_problem(BadInput("'x' is no amount.", "Write 75000."))
    window.context.background.away.emit(None)
    assert window.bars.problem.isVisible()
