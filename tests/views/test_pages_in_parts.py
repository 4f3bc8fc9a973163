"""Large pages are built part by part between other events, and look as if they had been built at once."""

from dataclasses import replace
from time import thread_time

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from pqldesk.views.blocks import Blocks
from pqldesk.views.page import PART_S
from pqldesk.views.page_makers import PAGES, maker_of
from pqldesk.views.pages_ahead import PagesAhead

LARGE = ("activation", "funnel", "scoring", "sources")


def words(page: QWidget) -> list[tuple[str, str, str]]:
    """Every widget with what it says, in the order of the screen's reader.

    Blocks are there only where an answer took long, and stand empty once it is there.
    """
    return [
        (type(one).__name__, one.accessibleName(), one.text() if isinstance(one, QLabel) else "")
        for one in page.findChildren(QWidget)
        if not isinstance(one, Blocks)
    ]


@pytest.mark.parametrize("key", LARGE)
def test_a_page_built_in_parts_becomes_the_one_that_is_built_at_once(key, window, context, qtbot):
    at_once = maker_of(key)(context)
    in_parts = maker_of(key)(replace(context, in_parts=True))
    for page in (at_once, in_parts):
        qtbot.addWidget(page)
        page.resize(1200, 800)
    assert len(words(in_parts)) < len(words(at_once))
    assert not in_parts.is_settled()
    for page in (at_once, in_parts):
        page.show()
    qtbot.waitUntil(lambda: in_parts.is_settled() and at_once.is_settled() and not context.background.is_busy)
    assert sorted(words(in_parts)) == sorted(words(at_once))


@pytest.mark.parametrize("key", LARGE)
def test_a_command_meets_a_whole_page(key, window, context, qtbot):
    context.in_parts = True
    window.show_page(key)
    window.run("next")
    assert window.current().is_settled()
    assert window.page(key) is window.current()


def test_a_page_that_is_left_while_it_is_built_asks_for_nothing_until_it_is_seen_again(
    window, context, qtbot, fake
):
    context.in_parts = True
    window.show_page("funnel")
    page = window.current()
    window.show_page("queue")
    asked: list[object] = []
    page.refresh = lambda: asked.append(1)  # what is asked is not the question
    qtbot.waitUntil(page.is_settled)
    assert not asked
    window.show_page("funnel")
    assert asked


def test_pages_are_made_ready_while_nobody_uses_the_window(window, context, qtbot):
    context.in_parts = True
    in_use = [True]
    asked: list[str] = []
    made = window.made

    def asked_for(key):
        page = made(key)
        page.refresh = lambda: asked.append(key)
        return page

    ahead = PagesAhead(window, PAGES, asked_for, window.stack.size, lambda: in_use[0])
    before = window.stack.count()
    ahead.start()
    qtbot.waitUntil(lambda: ahead.turns > 2)
    assert window.stack.count() == before
    in_use[0] = False
    qtbot.waitUntil(lambda: ahead.is_done, timeout=30_000)
    assert window.current() is window.queue
    assert all(window.made(key).is_built for key in PAGES)
    assert not asked  # nothing is asked for before somebody looks
    window.show_page("funnel")
    assert asked == ["funnel"]


def test_no_page_is_made_ready_right_after_the_window_has_had_work_of_its_own(window, context, qtbot):
    context.in_parts = True
    ahead = PagesAhead(window, PAGES, window.made, window.stack.size, lambda: False)
    before = window.stack.count()
    busy = QTimer(interval=0)
    busy.timeout.connect(lambda: worked(2 * PART_S))
    busy.start()
    ahead.start()
    qtbot.waitUntil(lambda: ahead.turns > 3)
    assert window.stack.count() == before
    busy.stop()
    qtbot.waitUntil(lambda: window.stack.count() > before)


def worked(seconds):
    """Keep this thread at work for so long."""
    until = thread_time() + seconds
    while thread_time() < until:
        pass


class Windows(QObject):
    """Notes every widget that was shown as a window of its own."""

    def __init__(self):
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def test_no_part_of_a_page_takes_the_keyboard_as_a_window_of_its_own(window, context, qtbot, qapp):
    windows = Windows()
    qapp.installEventFilter(windows)
    ahead = PagesAhead(window, PAGES, window.made, window.stack.size, lambda: False)
    ahead.start()
    qtbot.waitUntil(lambda: ahead.is_done, timeout=30_000)
    for key in PAGES:
        window.show_page(key)
        qtbot.waitUntil(lambda: window.current().is_settled() and not context.background.is_busy)
    qapp.removeEventFilter(windows)
    assert windows.seen == []
