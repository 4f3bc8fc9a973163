"""Each day of the usage says what it holds when somebody points at it."""

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from pqldesk.views.charts import DayBars


def pointed_at(bars: DayBars, x: int) -> str:
    spot = QPoint(x, bars.height() // 2)
    QApplication.sendEvent(bars, QHelpEvent(QEvent.Type.ToolTip, spot, bars.mapToGlobal(spot)))
    return QToolTip.text()


def test_a_day_says_when_it_was_and_how_much_it_holds(qtbot, theme) -> None:
    bars = DayBars(theme)
    qtbot.addWidget(bars)
    bars.resize(280, 44)
    bars.show_days((3, *[0] * 12, 1))
    bars.show()
    bars.grab()
    assert pointed_at(bars, 5) == "13 days ago: 3 events"
    assert pointed_at(bars, 275) == "today: 1 event"
    bars.show_days((4, *[0] * 12, 0))
    assert pointed_at(bars, 5) == "13 days ago: 4 events"
    QToolTip.hideText()
