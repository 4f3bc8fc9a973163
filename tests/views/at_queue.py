"""What somebody does at the queue, for the tests of its views and filters."""

from PySide6.QtWidgets import QApplication


def press(qtbot, window, *keys):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or window, key)


def opened(qtbot, window, view):
    window.queue.tabs.choose(view)
    qtbot.waitUntil(lambda: window.queue.head.key == view and not window.queue._order_job)
    return window.queue.head
