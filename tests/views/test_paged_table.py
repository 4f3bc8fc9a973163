"""A list whose rows come as they are about to be seen."""

from array import array

import pytest
from PySide6.QtCore import Qt

from pqldesk.views.paged_table import PAGE, PagedTable
from pqldesk.views.row_table import Column, RowView, Sight

COLUMNS = (
    Column("Name", lambda row: row[0], by="name"),
    Column("Twice", lambda row: str(row[1]), right=True),
)


class Desk:
    """Answers when told to."""

    def __init__(self, table):
        self.table, self.asked = table, []

    def fetch(self, ids):
        self.asked.append(ids)

    def answer(self, word="row", gone=()):
        asked, self.asked = self.asked, []
        for ids in asked:
            self.table.take_rows(ids, {n: (f"{word} {n}", 2 * n) for n in ids if n not in gone})


@pytest.fixture
def table():
    return PagedTable(COLUMNS, key=lambda row: row[0])


@pytest.fixture
def desk(table):
    desk = Desk(table)
    table.fetch = desk.fetch
    return desk


def words(table, first, last):
    return [table.index(n, 0).data() for n in range(first, last + 1)]


def test_only_the_pages_around_what_is_seen_are_asked_for_and_each_once_those_in_sight_first(table, desk):
    table.show_order(array("q", range(1, 100_001)))
    table.want(50_000, 50_010)
    table.want(50_000, 50_010)
    assert [ids[0] // PAGE for ids in desk.asked] == [50_000 // PAGE]
    desk.answer()
    table.want(50_000, 50_010)
    table.want(50_000, 50_010)
    assert sorted(ids[0] // PAGE for ids in desk.asked) == [50_000 // PAGE - 1, 50_000 // PAGE + 1]
    desk.answer()
    assert words(table, 50_000, 50_001) == ["row 50001", "row 50002"]
    assert words(table, 0, 0) == [None]


def test_rows_that_could_not_be_told_are_asked_for_again(table, desk):
    table.show_order(array("q", [1, 2]))
    table.want(0, 1)
    assert desk.asked == [(1, 2)]
    table.want(0, 1)
    assert desk.asked == [(1, 2)]
    table.never_came(desk.asked.pop())
    table.want(0, 1)
    assert desk.asked == [(1, 2)]


def test_another_order_shows_rows_as_they_were_until_they_come_again(table, desk):
    table.show_order(array("q", [3, 1, 2]))
    table.want(0, 2)
    desk.answer("old")
    table.show_order(array("q", [1, 2, 3]))
    assert words(table, 0, 2) == ["old 1", "old 2", "old 3"]
    assert not table.is_here(0)
    table.want(0, 2)
    desk.answer("new")
    assert words(table, 0, 2) == ["new 1", "new 2", "new 3"]
    assert table.is_here(0)


def test_rows_asked_for_before_the_order_came_are_asked_for_again(table, desk):
    table.show_order(array("q", [1, 2]))
    table.want(0, 1)
    table.show_order(array("q", [1, 2]))
    desk.answer("old")
    table.want(0, 1)
    assert desk.asked == [(1, 2)]


def test_a_row_that_is_gone_stays_empty_and_is_not_asked_for_for_ever(table, desk):
    table.show_order(array("q", [1, 2, 3]))
    table.want(0, 2)
    desk.answer(gone={2})
    table.want(0, 2)
    assert desk.asked == []
    assert words(table, 0, 2) == ["row 1", None, "row 3"]


def test_memory_ends_however_far_somebody_scrolls(table, desk):
    table.show_order(array("q", range(100_000)))
    for first in range(0, 20_000, PAGE):
        table.want(first, first + 20)
        desk.answer()
    assert len(table.rows()) <= 12 * PAGE


def test_rows_that_come_with_an_order_are_here_with_it_and_only_the_others_are_asked_for(table, desk):
    seen = []
    table.modelReset.connect(lambda: seen.append((words(table, 0, 1), table.is_here(1))))
    table.show_order(array("q", [4, 3, 2, 1]), rows={4: ("row 4", 8), 3: ("row 3", 6)})
    assert seen == [(["row 4", "row 3"], True)]
    table.want(0, 1)
    assert desk.asked == [(2, 1)]


def test_rows_out_of_sight_that_arrive_are_no_reason_to_paint_again(table, desk):
    painted = []
    table.dataChanged.connect(lambda *_where: painted.append(1))
    table.show_order(array("q", range(1, 1_001)))
    table.want(0, 10)
    desk.answer()
    assert painted == [1]
    table.want(0, 10)
    desk.answer()
    assert painted == [1]
    assert words(table, PAGE, PAGE) == [f"row {PAGE + 1}"]


@pytest.mark.parametrize(
    ("sight", "rows"),
    [
        (Sight(0, 3, None, -1), {9, 8, 7}),
        (Sight(4, 3, 4, 5), {5, 4, 3}),  # the chosen row is among them as it is
        (Sight(4, 3, 9, 5), {9, 8, 7}),  # it stands above: it comes to be the first
        (Sight(0, 3, 2, 0), {4, 3, 2}),  # or below: the last
        (Sight(0, 3, 77, 5), {6, 5, 4}),  # it is gone: what stands at its place is next
        (Sight(40, 3, None, -1), {3, 2, 1}),
        (Sight(0, 30, 9, 0), {9, 8, 7, 6, 5, 4, 3, 2, 1}),
    ],
)
def test_which_rows_of_another_order_will_be_in_sight_is_known_before_it_is_shown(sight, rows):
    told = sight.of(array("q", range(9, 0, -1)))
    assert rows <= set(told)
    assert len(told) <= sight.many + 2


def test_the_view_shows_the_rows_of_another_order_that_it_foretold(qtbot, context, table, desk):
    view = RowView(table, context.paints, "List")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    table.show_order(array("q", range(1, 1_001)))
    view.setCurrentIndex(table.index(4, 0))
    for order in (range(1_000, 0, -1), range(1, 1_001), range(500, 0, -1), range(700, 1_000)):
        foretold = set(view.sight().of(array("q", order)))
        table.show_order(array("q", order))
        qtbot.waitUntil(lambda: bool(desk.asked))
        desk.answer()
        first, last = view.in_sight()
        shown = {table.key_of(table.index(n, 0)) for n in range(first, last + 1)}
        assert shown <= foretold


def test_the_view_asks_for_what_it_paints_and_keeps_the_chosen_row_by_its_number(qtbot, context, table, desk):
    view = RowView(table, context.paints, "List")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    table.show_order(array("q", range(1, 1_001)))
    qtbot.waitUntil(lambda: bool(desk.asked))
    desk.answer()
    view.setCurrentIndex(table.index(4, 0))
    assert view.current() == ("row 5", 10)
    table.show_order(array("q", range(1_000, 0, -1)))
    assert view.currentIndex().row() == 995


def test_a_header_asks_for_an_order_where_its_column_has_one(qtbot, context, table, desk):
    view = RowView(table, context.paints, "List")
    qtbot.addWidget(view)
    wanted = []
    table.sort_wanted.connect(lambda by, descending: wanted.append((by, descending)))
    for column in (0, 0, 1):
        view.horizontalHeader().sectionClicked.emit(column)
    assert wanted == [("name", False), ("name", True)]


def test_it_keeps_qts_rules(qtmodeltester, table, desk):
    table.show_order(array("q", range(1, 301)))
    table.want(0, 20)
    desk.answer()
    qtmodeltester.check(table)
    assert table.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Name: row 1"


def test_rows_in_sight_stay_while_others_of_the_same_state_come(table, desk):
    here, others = range(1, PAGE + 1), range(1_001, 1_001 + 5 * PAGE)
    table.show_order(array("q", here))
    table.want(0, 20)
    desk.answer()
    table.show_order(array("q", others), same_rows=True)
    for page in (1, 4):
        table.want(page * PAGE, page * PAGE + 20)
        desk.answer()
    table.show_order(array("q", [*here, *range(9_001, 9_001 + 3 * PAGE)]), same_rows=True)
    table.want(0, 20)
    desk.answer()
    assert all(map(table.is_here, range(PAGE)))
