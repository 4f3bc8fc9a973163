"""The keyboard stays where it works, and what somebody works on stays in sight and under the cursor."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from pqldesk.services.rows import CompanyHit
from pqldesk.views.command_palette import PaletteSheet
from pqldesk.views.handoff_dialog import HandoffSheet
from pqldesk.views.main_window import MainWindow
from pqldesk.views.popover import Popover


def press(key, held=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget(), key, held)


def on_window(window, widget):
    return QRect(widget.mapTo(window.centralWidget(), QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("command", ["columns", "filter"])
def test_esc_gives_the_keyboard_back_to_the_list_a_popover_was_opened_from(qtbot, window, command):
    window.queue.focus_list()
    window.run(command)
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(Popover)))
    press(Qt.Key.Key_Escape)
    assert window.queue.table.hasFocus()


def test_a_row_of_the_palette_that_was_gone_to_stays_chosen_when_more_is_found(qtbot, window):
    window.run("palette")
    sheet = window.overlay.sheet()
    assert isinstance(sheet, PaletteSheet)
    qtbot.keyClicks(sheet.field, "score")
    press(Qt.Key.Key_Down)
    chosen = sheet.choices()[sheet.list.currentRow()]
    sheet._found_companies("score", [CompanyHit("C000001", "Scorecard", "scorecard.example")])
    assert sheet.choices()[sheet.list.currentRow()] == chosen


def test_what_enter_takes_at_once_is_not_pushed_down_by_people_found_later(qtbot, window):
    window.run("palette")
    sheet = window.overlay.sheet()
    qtbot.keyClicks(sheet.field, "cla")
    sheet._found_companies("cla", [CompanyHit("C000001", "Clark & Sons", "clark.example")])
    assert sheet.choices()[0].command == "claim"


def test_the_record_is_read_on_and_back_while_the_list_keeps_the_keyboard(qtbot, window):
    window.resize(1100, 700)
    window.queue.focus_list()
    bar = window.queue.panel.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    press(Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() > 0
    assert window.queue.table.hasFocus()
    press(Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() == 0
    window.queue.panel.focus_record()
    press(Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


def test_a_toast_covers_neither_the_bar_of_the_selection_nor_the_row_under_the_cursor(qtbot, window):
    window.queue.focus_list()
    window.run("select_all")
    bar = window.queue.selection.bar()
    qtbot.waitUntil(lambda: bar is not None and bar.isVisible())
    window.tell("Claimed Jane Doe", 1)
    assert not window.toast.geometry().intersects(on_window(window, bar))
    window.run("back")
    table = window.queue.table
    rows = table.viewport().height() // table.rowHeight(0)
    table.setCurrentIndex(table.model().index(rows - 1, 0))
    window.tell("Claimed Jane Doe", 1)
    row = table.visualRect(table.currentIndex())
    at = table.viewport().mapTo(window.centralWidget(), row.topLeft())
    assert not window.toast.geometry().intersects(QRect(at, row.size()))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_bar_of_the_selection_has_its_size_from_the_start(qtbot, window, scale):
    window.context.theme.choose("light", scale)
    window.resize(1280, 720)
    window.queue.focus_list()
    window.run("select_all")
    bar = window.queue.selection.bar()
    qtbot.waitUntil(lambda: bar is not None and bar.isVisible())
    first = bar.geometry()
    bar._place()
    assert bar.geometry() == first


def test_nothing_is_said_of_the_data_before_it_is_known(context, qtbot):
    window = MainWindow(context)
    qtbot.addWidget(window)
    assert window.navigation._age.full_text() == ""
    window.show()
    qtbot.waitUntil(lambda: window.navigation._age.full_text().startswith("Data from"))


def test_the_first_window_is_no_larger_than_the_screen(context, qtbot, tmp_path):
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    window = MainWindow(context, memory)
    qtbot.addWidget(window)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    least = window.minimumSize()
    assert window.width() <= max(screen.width(), least.width())
    assert window.height() < max(screen.height(), least.height() + 1)


def test_a_due_time_is_shown_whole_in_the_handoff(qtbot, window):
    window.run("handoff")
    qtbot.waitUntil(lambda: isinstance(window.overlay.sheet(), HandoffSheet))
    due = window.overlay.sheet().due
    assert due.width() >= due.sizeHint().width()
