"""When a page asks again for what it shows."""

from typing import Any

import pytest

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.views import page as pages
from pqldesk.views.page import Page

OWN = Changes.to(Topic.LEADS)
OTHERS = Changes(frozenset({Topic.LEADS}), elsewhere=True)


class Counting(Page):
    """Counts how often it asked."""

    topics = frozenset({Topic.LEADS})

    def __init__(self, context: Any) -> None:
        self.asked, self.used, self.slow = 0, False, lambda: None
        super().__init__(context)

    def is_in_use(self) -> bool:
        return self.used

    def refresh(self) -> None:
        self.asked += 1
        self.read(lambda _session: self.slow())


@pytest.fixture
def shown(window: Any, qtbot: Any) -> Any:
    """``shown()``: a visible page that has been answered once."""

    def make() -> Counting:
        page = Counting(window.context)
        qtbot.addWidget(page)
        page.show()
        qtbot.waitUntil(lambda: page.asked == 1 and not page.context.background.is_busy)
        return page

    return make


def test_what_others_change_waits_while_keys_move_and_what_one_changes_oneself_does_not(shown, qtbot):
    used, idle = shown(), shown()
    used.used = True
    used.context.background.changed.emit(OTHERS)
    qtbot.waitUntil(lambda: idle.asked == 2)  # its wait began later
    assert used.asked == 1
    used.context.background.changed.emit(OWN)
    qtbot.waitUntil(lambda: used.asked == 2)


def test_what_others_change_is_shown_once_keys_rest(shown, qtbot):
    page = shown()
    page.used = True
    page.context.background.changed.emit(OTHERS)
    assert not page.is_settled()
    page.used = False
    qtbot.waitUntil(lambda: page.asked == 2)


def test_a_page_that_takes_long_to_read_leaves_time_between_while_others_change_it(shown, qtbot, monkeypatch):
    now = 0.0
    monkeypatch.setattr(pages, "monotonic", lambda: now)
    slow = shown()

    def take_long() -> None:
        nonlocal now
        now += 60.0

    slow.slow = take_long
    slow.context.background.changed.emit(OWN)
    qtbot.waitUntil(lambda: slow.asked == 2 and not slow.context.background.is_busy)
    quick = shown()
    slow.context.background.changed.emit(OTHERS)
    qtbot.waitUntil(lambda: quick.asked == 2)
    assert slow.asked == 2
    assert not slow.is_settled()
    slow.context.background.changed.emit(OWN)
    qtbot.waitUntil(lambda: slow.asked == 3)


class Refreshing(Page):
    topics = frozenset({Topic.LEADS})

    def __init__(self, context: Any) -> None:
        self.shown: list[str] = []
        super().__init__(context)

    def refresh(self) -> None:
        self.read_long(lambda _session: "page").then(self.shown.append)

    def ask(self, what: str) -> None:
        self.read_first(lambda _session: what).then(self.shown.append)


def test_what_somebody_asks_for_goes_before_a_refresh_which_is_asked_for_again(window, qtbot):
    page = Refreshing(window.context)
    qtbot.addWidget(page)
    page.show()
    assert page.shown == []  # the page has asked, and nothing is answered yet
    page.ask("mark")
    qtbot.waitUntil(lambda: len(page.shown) == 2)
    assert page.shown == ["mark", "page"]


def test_of_two_things_asked_for_the_later_is_answered_alone(window, qtbot):
    page = Refreshing(window.context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.shown == ["page"])
    page.ask("one")
    page.ask("other")
    qtbot.waitUntil(lambda: "other" in page.shown)
    assert page.shown == ["page", "other"]  # nothing was being read for the page, so it does not ask again
