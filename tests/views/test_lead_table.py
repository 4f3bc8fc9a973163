from array import array
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from sample_desk import NOW, FakeDesk, lead

from pqldesk.views.lead_cells import PERSON, SCORE, SIGNALS, LeadPage, format_lead
from pqldesk.views.lead_model import PAGE, LeadModel
from pqldesk.views.lead_painting import Cell, LeadPainter
from pqldesk.views.lead_table import LeadTable


class Fetched:
    """Answers like a reader thread, when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []
        self.desk = FakeDesk()

    def __call__(self, ids: tuple[int, ...]) -> None:
        self.asked.append(ids)

    def answer(self, model: LeadModel) -> None:
        asked, self.asked = self.asked, []
        for ids in asked:
            model.take(LeadPage(ids, tuple(format_lead(self.desk.row(n), NOW) for n in ids)))


@pytest.fixture
def fetched() -> Fetched:
    return Fetched()


@pytest.fixture
def model(qapp, fetched) -> LeadModel:
    return LeadModel(fetched, lambda: NOW)


@pytest.fixture
def table(qtbot, context, model, fetched) -> LeadTable:
    table = LeadTable(model, context.paints)
    qtbot.addWidget(table)
    table.resize(900, 500)
    table.show()
    table.show_order(array("q", range(1, 301)), asked_for=True)
    fetched.answer(model)
    return table


def test_the_model_keeps_qts_rules(qtmodeltester, model, fetched):
    model.show_order(array("q", range(1, 60)))
    model.want(0, 58)
    fetched.answer(model)
    qtmodeltester.check(model)


def test_only_pages_on_screen_and_their_neighbours_are_asked_for(model, fetched):
    model.show_order(array("q", range(1, 1_000_001)))
    model.want(500_000, 500_010)
    first = 500_000 // PAGE * PAGE
    assert [ids[0] for ids in fetched.asked] == [first + 1, first + 1 + PAGE, first + 1 - PAGE]
    assert all(len(ids) == PAGE for ids in fetched.asked)


def test_rows_on_screen_are_asked_for_at_once_and_those_near_them_a_moment_later(
    qtbot, model, fetched, context
):
    table = LeadTable(model, context.paints)
    qtbot.addWidget(table)
    table.resize(900, 500)
    table.show()
    table.show_order(array("q", range(1, 1_001)), asked_for=True)
    assert [ids[0] for ids in fetched.asked] == [1]
    fetched.answer(model)
    assert fetched.asked == []
    qtbot.waitUntil(lambda: [ids[0] for ids in fetched.asked] == [1 + PAGE])


def test_a_page_of_which_what_is_on_screen_is_here_can_wait(model, fetched):
    model.show_order(array("q", range(1, 1_001)))
    model.want_now(0, 10)
    assert [ids[0] for ids in fetched.asked] == [1]
    fetched.answer(model)
    model.want_now(PAGE - 5, PAGE - 1)
    assert fetched.asked == []
    model.want_now(PAGE - 5, PAGE)
    assert [ids[0] for ids in fetched.asked] == [1 + PAGE]


def test_a_page_under_way_is_not_asked_for_twice(model, fetched):
    model.show_order(array("q", range(1, 100)))
    model.want(0, 10)
    model.want(0, 10)
    assert len(fetched.asked) == 1


def test_rows_scrolled_past_do_not_pile_up(model, fetched):
    model.show_order(array("q", range(1, 200 * PAGE + 1)))
    for row in range(0, 200 * PAGE, PAGE):
        model.want(row, row)
        fetched.answer(model)
    assert len(model._lines) <= 64 * PAGE


def test_data_says_what_the_row_shows(model, fetched):
    model.show_order(array("q", [2]))
    assert model.data(model.index(0, PERSON)) == ""
    model.want(0, 0)
    fetched.answer(model)
    assert model.data(model.index(0, PERSON)) == "Jane Doe jane@exampleinc.example"
    assert model.data(model.index(0, SCORE)) == "80 Hot"
    spoken = model.data(model.index(0, SIGNALS), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Signals: 5 of 6 signals"


def test_the_tooltip_of_a_score_shows_values_against_thresholds(model, fetched):
    model.show_order(array("q", [2]))
    model.want(0, 0)
    fetched.answer(model)
    hint = model.data(model.index(0, SCORE), Qt.ItemDataRole.ToolTipRole)
    assert "Data imported: 62 / 100  +0" in hint
    assert "Integration connected" in hint


def test_the_beginning_of_an_order_is_shown_before_the_rest_is_known(model, fetched):
    model.show_order(array("q", range(1, 2_001)), total=50_000)
    assert model.rowCount() == 50_000
    model.want(40_000, 40_010)
    assert fetched.asked == []
    moved = model.show_order(array("q", range(1, 50_001)))
    assert not moved
    assert model.ids[49_999] == 50_000


def test_the_chosen_lead_stays_chosen_when_others_overtake_it(table, model, fetched):
    table.go(10)
    chosen = table.current_id()
    table.show_order(
        array("q", [250, 260, 270, *(n for n in range(1, 301) if n not in {250, 260, 270})]), asked_for=True
    )
    assert table.current_id() == chosen
    assert table.currentIndex().row() == 13


def test_the_row_under_the_cursor_does_not_move_on_screen(table, model):
    table.go(100)
    table.verticalScrollBar().setValue(95)
    place = table.rowViewportPosition(100)
    table.show_order(array("q", [300, 299, 298, *range(1, 298)]), asked_for=True)
    assert table.currentIndex().row() == 103
    assert table.rowViewportPosition(103) == place


def test_when_the_chosen_lead_leaves_the_view_the_next_one_is_chosen(table):
    table.go(5)
    table.show_order(array("q", [n for n in range(1, 301) if n != 6]), asked_for=True)
    assert table.current_id() == 7
    assert table.currentIndex().row() == 5


def test_an_order_nobody_asked_for_waits_while_keys_are_pressed(qtbot, table, model):
    table.step(1)
    table.show_order(array("q", reversed(range(1, 301))))
    assert model.ids[0] == 1
    qtbot.waitUntil(lambda: model.ids[0] == 300, timeout=4_000)


def test_selected_leads_stay_selected_by_id(table):
    table.go(2)
    table.choice.toggle()
    table.choice.toggle()
    table.go(4)
    table.selectRow(2)
    table.selectionModel().select(
        table.model().index(4, 0),
        table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows,
    )
    table.show_order(array("q", [300, *range(1, 300)]), asked_for=True)
    assert sorted(i.row() for i in table.selectionModel().selectedRows()) == [3, 5]


def test_fresh_values_replace_old_ones_in_place(table, model, fetched):
    assert model.lead(0).owner is None
    fetched.desk.changed[1] = replace(lead(1), owner="kim.lo@example.com")
    table.refresh_visible()
    assert model.lead(0).owner is None
    fetched.answer(model)
    assert model.lead(0).owner == "kim.lo@example.com"


def test_a_click_on_a_header_asks_for_another_order(qtbot, table):
    header = table.horizontalHeader()
    asked = []
    table.sort_wanted.connect(lambda key, down: asked.append((key, down)))
    for section in (PERSON, PERSON, SIGNALS):
        x = header.sectionViewportPosition(section) + 12
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().topLeft() + type(
            header.pos())(x, 10))  # fmt: skip
    assert asked == [("name", False), ("name", True)]


def test_rows_grow_with_the_text(table, context):
    usual = table.rowHeight(0)
    context.theme.choose("light", 1.6)
    assert table.rowHeight(0) > usual * 1.4
    context.theme.choose("light", 1.0)
    assert table.rowHeight(0) == usual == 44


def test_a_million_leads_paint_without_waiting_for_rows(qtbot, context):
    fetched = Fetched()
    model = LeadModel(fetched, lambda: NOW)
    table = LeadTable(model, context.paints)
    qtbot.addWidget(table)
    table.resize(900, 700)
    table.show_order(array("q", range(1, 1_000_001)), asked_for=True)
    table.show()
    table.go(999_999)
    assert table.viewport().grab().width() > 0
    assert table.currentIndex().row() == 999_999


@pytest.mark.parametrize("width", [420, 600, 693, 701, 860, 1200])
def test_columns_fit_every_width_without_scrolling_sideways(table, width):
    table.resize(width, 500)
    header = table.horizontalHeader()
    assert header.length() <= table.viewport().width()
    assert not table.horizontalScrollBar().isVisible()
    assert not header.isSectionHidden(SCORE)
    assert not header.isSectionHidden(PERSON)


def test_a_line_that_says_the_same_as_before_stays_the_one_that_was_painted(model, fetched):
    model.show_order(array("q", range(1, 60)))
    model.want(0, 58)
    fetched.answer(model)
    same, other = model.line(3), model.line(4)
    fetched.desk.changed[5] = replace(lead(5), name="Somebody Else")
    model.again(0, 58)
    fetched.answer(model)
    assert model.line(3) is same
    assert model.line(4) is not other
    assert model.line(4).row.name == "Somebody Else"


def test_a_step_of_the_cursor_paints_its_two_rows_and_leaves_the_picture_right(qtbot, table, monkeypatch):
    painted = []
    paint = table._painter._lead
    monkeypatch.setattr(table._painter, "_lead", lambda *given: (painted.append(1), paint(*given)))

    def shown():
        QApplication.processEvents()
        return table.screen().grabWindow(table.winId()).toImage()

    def rests():
        painted.clear()
        shown()
        return not painted and not table._ahead.is_awaited

    qtbot.waitExposed(table)
    table.go(0)
    table.viewport().update()  # it may have been painted before anybody counted
    qtbot.waitUntil(lambda: not shown().isNull() and bool(painted))
    qtbot.waitUntil(rests)  # what is on screen is painted once its rows are ready
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        painted.clear()
        qtbot.keyClick(table, key)
        stepped = shown()
        assert 0 < len(painted) <= 2
        table.viewport().repaint()
        assert shown() == stepped


def test_the_mark_of_the_current_row_ends_where_the_frame_around_it_does(qtbot, window):
    table = window.queue.table
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    picture, tokens = table.viewport().grab().toImage(), window.context.theme.tokens
    bottom = table.rowViewportPosition(table.currentIndex().row()) + table.rowHeight(0) - 1
    colours = [picture.pixelColor(0, bottom - up).name().upper() for up in (0, 1)]
    assert colours == [tokens.line2, tokens.accent]


def test_a_score_of_100_stands_apart_from_its_bar_and_the_bars_below_each_other(context):
    def gaps(score: int) -> list[int]:
        """The first columns of ink of figure, bar and change, which stand apart from each other."""
        line = format_lead(replace(lead(1), score=score, score_change=score), NOW)
        picture = QImage(112, 44, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.white)
        painter = QPainter(picture)
        LeadPainter(context.paints).paint(painter, line, [Cell(SCORE, 0, 112)], 0, 44)
        painter.end()
        white = picture.pixelColor(0, 0)
        inked = [x for x in range(112) if any(picture.pixelColor(x, y) != white for y in range(12, 32))]
        return [x for x in inked if not {x - 1, x - 2, x - 3, x - 4, x - 5} & set(inked)]

    of_100, of_90 = gaps(100), gaps(90)
    assert len(of_100) == len(of_90) == 3
    assert of_100[1] == of_90[1]
