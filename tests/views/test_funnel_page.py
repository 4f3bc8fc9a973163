"""The Funnel page: filters, marks that open their leads, charts that leave as files."""

import csv
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sample_figures
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.rates import rate
from pqldesk.services.figure_rows import WAITING, CohortRow, SpeedBucket, SpeedToLead
from pqldesk.views.key_figure import KeyFigure, say_rate
from pqldesk.views.leads_sheet import LeadsSheet


@pytest.fixture
def page(qtbot, window):
    page = window.page("funnel")
    qtbot.waitUntil(lambda: page.groups.rowCount() == 2 and bool(page.funnel_chart.doors()))
    return page


def test_a_click_on_a_step_lists_its_leads_and_enter_opens_one(qtbot, page, window):
    chart = page.funnel_chart
    third = QPoint(chart.width() // 3, int(chart.height() * 2.5 / len(chart.doors())))
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=third)
    sheet = window.overlay.sheet()
    assert isinstance(sheet, LeadsSheet)
    assert sheet.title.full_text() == "Product qualified"
    qtbot.waitUntil(lambda: sheet.table.rowCount() == 5)
    assert sheet.note.full_text() == "2,345 leads · the best 5 are listed"
    qtbot.keyClick(sheet.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.current() is window.queue)


@pytest.mark.parametrize("name", ["funnel_chart", "bands", "cohorts", "days", "speeds"])
def test_every_chart_opens_its_marks_from_the_keyboard(qtbot, page, window, name):
    chart = getattr(page, name)
    qtbot.waitUntil(lambda: len(chart.doors()) > 2)
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.accessibleDescription()
    with qtbot.waitSignal(chart.opened) as opened:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert opened.args[0] == chart.doors()[1]
    assert isinstance(window.overlay.sheet(), LeadsSheet)


@pytest.mark.parametrize("ending", ["png", "svg", "csv"])
def test_every_chart_leaves_as_picture_and_as_figures(page, tmp_path, ending):
    for n, card in enumerate(page.cards):
        file = tmp_path / f"{n}.{ending}"
        card.save(file)
        if ending == "csv":
            rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
            assert tuple(rows[0]) == card.chart.table()[0]
            assert len(rows) == 1 + len(card.chart.table()[1])
        elif ending == "svg":
            assert "<svg" in file.read_text()
            assert card.title.text() in file.read_text().split("</title>", 1)[1]
        else:
            picture = QPixmap(str(file))
            assert picture.width() == 2 * (card.chart.width() + 32)
            edge = picture.toImage().copy(0, 0, 20, picture.height())
            assert {edge.pixelColor(x, y).name() for x in range(20) for y in range(edge.height())} == {
                card.chart.theme.colour("surface").name()
            }  # nothing touches the edge


def test_a_drawing_of_the_dark_window_has_its_ground(page, tmp_path):
    page.context.theme.choose("dark")
    try:
        page.funnel_card.save(tmp_path / "chart.svg")
        assert page.context.theme.colour("surface").name() in (tmp_path / "chart.svg").read_text()
    finally:
        page.context.theme.choose("light")


def test_no_figure_of_a_table_and_no_name_of_a_column_ends_in_dots(page):
    for card in page.cards:
        card.switch_over()
        view = card.shown()
        headers, rows = card.chart.table()
        wide = page.context.paints.wide
        for n in range(1, len(headers)):
            longest = max([wide(headers[n], 12, 600), *(wide(row[n], 13) for row in rows if n < len(row))])
            assert view.columnWidth(n) > longest, (card.title.text(), headers[n])
        card.switch_over()


def test_no_two_columns_of_a_table_are_called_the_same(page):
    for card in page.cards:
        titles = card.chart.table()[0]
        assert len(set(titles)) == len(titles)


def test_another_ending_is_refused_with_a_sentence(page, tmp_path):
    with pytest.raises(BadInput, match=r"chart\.pdf says not what to write"):
        page.funnel_card.save(tmp_path / "chart.pdf")


def test_period_source_rep_and_split_are_asked_for(qtbot, page, window, monkeypatch):
    asked = []
    funnel = window.context.desk.funnel
    object.__setattr__(window.context.desk, "funnel", lambda *args: asked.append(args[1:]) or funnel(*args))
    for combo, value in ((page.source, "Paid"), (page.period, 26), (page.by, "plan")):
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())
    qtbot.waitUntil(lambda: len(asked) == 3)
    assert asked[-1] == (26, "Paid", None, "plan")


def test_keys_show_a_chart_as_its_table_and_ask_how_it_leaves(qtbot, page, window):
    page.speeds.setFocus()
    window.run("funnel.table")
    assert page.speed_card.switch.text() == "Chart"
    assert page.speed_card.shown().hasFocus()
    window.run("funnel.table")  # the focus is in the table
    assert page.speed_card.switch.text() == "Table"
    assert page.funnel_card.switch.text() == "Table"
    window.run("funnel.export")
    menu = QApplication.activePopupWidget()
    assert [action.data() for action in menu.actions()] == ["png", "svg", "csv"]
    menu.close()


def test_keys_open_the_choices_of_the_funnel(qtbot, page, window):
    for command, choice in (("funnel.period", page.period), ("funnel.split", page.by)):
        window.run(command)
        assert choice.view().isVisible()
        choice.hidePopup()


def test_small_groups_show_counts_and_no_rates(page):
    columns = [column.title for column in page.groups.columns]
    at = columns.index("Activated")
    shown = {row.value: page.groups.index(n, at).data() for n, row in enumerate(page.groups.rows())}
    assert shown == {"Paid": "87.5%", "Partner": "11"}


def test_each_rep_shows_the_share_in_time_and_counts_where_they_are_few(page):
    columns = [column.title for column in page.reps.columns]
    at = columns.index("In time")
    shown = {row.rep: page.reps.index(n, at).data() for n, row in enumerate(page.reps.rows())}
    assert list(shown.values()) == ["89%", "78%", "11 of 20"]
    hint = page.reps.columns[at].hint(page.reps.rows()[2])
    assert "11 of 20, 95 % interval" in hint
    assert "whoever still waits beyond it is late" in hint


def test_steps_show_their_conversion_from_the_step_before(page):
    headers, rows = page.funnel_chart.table()
    assert headers[4] == "Of step before"
    assert rows[2][4] == "23.8%"
    assert page.speed_card.note.text() == "98% in time"


def test_a_wheel_that_rolls_the_page_past_a_choice_chooses_nothing(page):
    for combo in (page.period, page.by):
        before = combo.currentIndex()
        wheel = QWheelEvent(
            QPointF(5, 5), QPointF(combo.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        combo.setFocus()
        QApplication.sendEvent(combo, wheel)
        assert combo.currentIndex() == before


def test_retention_of_a_small_week_is_a_count(page):
    week = datetime(2026, 11, 16, tzinfo=UTC)
    page.cohorts.show_cohorts(tuple(CohortRow(week, n, (0.5, 0.25)) for n in (16, 40)))
    assert [row[1:] for row in page.cohorts.table()[1]] == [("16", "8", "4"), ("40", "50%", "25%")]


def test_those_that_nobody_has_touched_have_a_bar_that_opens(page):
    buckets = (SpeedBucket(24, 5, 1), SpeedBucket(None, 2, 2))
    page.speeds.show_speed(SpeedToLead(7, 20, buckets, 24, rate(4, 10), 4, waiting=4, overdue=3))
    assert page.speeds.table()[1][-1] == ("not yet", "4", "1", "3")
    page.speeds.grab()
    assert page.speeds.doors()[-1] == ("speed", WAITING)


def test_a_day_after_signup_is_a_stretch_of_24_hours_and_says_so(page, window):
    page.days.grab()
    assert page.days.table()[0][0] == "Days after signup"
    assert [row[0] for row in page.days.table()[1][:2]] == ["0–1", "1–2"]
    assert page.day_card.note.full_text() == "days of 24 hours"
    page.days.opened.emit(("day", 3))
    assert window.overlay.sheet().title.full_text() == "First value 3 to 4 days after signup"


def test_speed_to_lead_says_for_how_many_it_counts_from_later_than_the_crossing(page):
    assert "history" not in page.speed.toolTip()
    page._show(
        replace(
            sample_figures.funnel(None, 13, None, None),
            speed=SpeedToLead(40, 2, (), 24, rate(30, 40), 4, from_history=12),
        )
    )
    assert page.speed.toolTip().splitlines()[1] == (
        "12 leads crossed in history that was brought in later: they are counted from when that came to be known"
    )


def test_a_figure_is_never_cut_for_its_change(qtbot, context):
    figure = KeyFigure(context, "Signups", "Leads who signed up in the period")
    qtbot.addWidget(figure)
    figure.say("4,812", "", "+[6.4%~~]", True)
    figure.resize(152, 90)
    figure.show()
    qtbot.waitUntil(lambda: figure.value.text() == "4,812")
    assert not figure.change.isVisible()
    assert "+[6.4%~~]" in figure.value.toolTip()
    figure.resize(400, 90)
    qtbot.waitUntil(figure.change.isVisible)
    assert figure.value.toolTip() == ""


def test_the_table_of_a_chart_names_its_rows_in_full_where_its_figures_take_the_room(page, window):
    window.resize(1100, 700)
    names = [row[0] for row in page.funnel_card.chart.table()[1]]
    page.funnel_card.switch_over()
    longest = max(window.context.paints.wide(name, 13) for name in names)
    assert page.funnel_card.shown().columnWidth(0) >= longest


def test_a_figure_keeps_its_last_digit_beside_its_change_at_every_width(qtbot, context):
    figure = KeyFigure(context, "PQL → opportunity", "")
    qtbot.addWidget(figure)
    figure.say("20.5%", "9 of 44", "−45.7 pt", False)
    figure.show()
    for width in range(120, 240):
        figure.resize(width, 90)
        figure.layout().activate()
        assert figure.value.text() == "20.5%" or not figure.change.isVisible(), width
    assert figure.change.isVisible()


def test_the_interval_of_a_share_is_in_whole_percent_where_more_would_be_cut(qtbot, context):
    figure = KeyFigure(context, "Activation rate", "Reached every milestone")
    qtbot.addWidget(figure)
    say_rate(figure, rate(127, 453), None)
    figure.show()
    figure.resize(300, 90)
    assert figure.note.text() == "127 of 453 · 24.1–32.3%"
    figure.resize(158, 90)
    assert figure.note.text() == "127 of 453 · 24–32%"
    assert "24.1–32.3%" in figure.note.toolTip()
