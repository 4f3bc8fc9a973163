"""A list that comes in order: at once by what is at hand, and all of it from new figures."""

from array import array
from typing import Any

import pytest

from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.figure_rows import ListOrder
from pqldesk.views.ordered_page import OrderedPage
from pqldesk.views.row_table import Column

OWN = Changes.to(Topic.LEADS)


class Held:
    """A job that is answered when told to."""

    def __init__(self) -> None:
        self.slots: list[Any] = []
        self.over: list[Any] = []
        self.is_awaited = True

    def then(self, slot: Any) -> "Held":
        self.slots.append(slot)
        return self

    def ended(self, slot: Any) -> "Held":
        self.over.append(slot)
        return self

    def cancel(self) -> None:
        self.is_awaited = False

    def answer(self, answer: Any) -> None:
        assert self.is_awaited
        self.is_awaited = False
        for slot in self.slots:
            slot(answer)
        for slot in self.over:
            slot(self)  # as Qt calls what is no method of its own: with all it has


class Listed(OrderedPage):
    topics = frozenset({Topic.LEADS})

    def __init__(self, context: Any) -> None:
        self.whole: list[Held] = []
        self.at_hand: list[Held] = []
        self.keys: list[Held] = []
        self.wanted: list[tuple[str, str, bool]] = []
        self.fetched: list[tuple[int, ...]] = []
        columns = (Column("Name", str, by="name"),)
        super().__init__(context, columns, lambda row: row, "List", "clock", {"all": "All", "some": "Some"})

    def ask_order(self, tab: str, by: str, descending: bool) -> Any:
        self.whole.append(Held())
        self.wanted.append((tab, by, descending))
        return self.whole[-1]

    def ask_at_hand(self, tab: str, by: str, descending: bool) -> Any:
        self.at_hand.append(Held())
        return self.at_hand[-1]

    def ask_keys(self) -> Any:
        self.keys.append(Held())
        return self.keys[-1]

    def ask_rows(self, ids: tuple[int, ...]) -> Any:
        self.fetched.append(ids)
        job = Held()
        job.then(lambda rows: rows)
        return job


def order(*ids: int, state: int = 1, is_old: bool = False) -> ListOrder:
    return ListOrder(array("q", ids), {"all": 9, "some": 4}, state=state, is_old=is_old)


def ids(page: Listed) -> list[int]:
    return list(page.order.ids)


@pytest.fixture
def opened(window: Any, qtbot: Any) -> Listed:
    """A page that is shown, and waits for what it asked for."""
    page = Listed(window.context)
    page._ahead.setInterval(60_000)  # not before a test wants it, however slow the computer
    qtbot.addWidget(page)
    page.show()
    return page


@pytest.fixture
def page(opened: Listed) -> Listed:
    """One that has its list."""
    opened.at_hand.pop().answer(None)
    opened.whole.pop().answer(order(3, 1, 2))
    return opened


def test_the_beginning_stands_there_until_the_whole_list_does(opened):
    opened.at_hand.pop().answer(order(3, 1, is_old=True))
    assert ids(opened) == [3, 1]
    assert not opened.is_settled()
    opened.whole.pop().answer(order(3, 1, 2))
    assert ids(opened) == [3, 1, 2]
    assert opened.is_settled()


def test_another_tab_is_had_from_what_is_at_hand_and_nothing_is_worked_out(page):
    page.tabs.choose("some")
    page.at_hand.pop().answer(order(2, 1))
    assert ids(page) == [2, 1]
    assert not page.whole
    assert page.is_settled()


def test_what_is_at_hand_and_old_is_shown_and_worked_out_again(page):
    page.tabs.choose("some")
    page.at_hand.pop().answer(order(2, 1, is_old=True))
    assert ids(page) == [2, 1]
    page.whole.pop().answer(order(1, 2, state=2))
    assert ids(page) == [1, 2]


def test_rows_of_another_order_of_the_same_state_are_not_read_again(page):
    page.table.want(0, 2)
    page.table.take_rows(page.fetched[-1], {1: "one", 2: "two", 3: "three"})
    page.tabs.choose("some")
    page.at_hand.pop().answer(order(2, 1))
    assert page.table.is_here(0)
    page.tabs.choose("all")
    page.at_hand.pop().answer(order(3, 1, 2, state=2))
    assert not page.table.is_here(0)


def test_a_list_that_takes_long_comes_though_somebody_keeps_writing(page, qtbot):
    page.refresh()
    under_way = page.whole.pop()
    page.refresh()
    page.refresh()
    assert under_way.is_awaited
    assert not page.whole
    under_way.answer(order(2, 3, 1))
    assert ids(page) == [2, 3, 1]
    page.at_hand.pop().answer(order(2, 3, 1, is_old=True))
    qtbot.waitUntil(lambda: len(page.whole) == 1)  # for what was written meanwhile
    page.whole.pop().answer(order(1, 2, 3))
    assert page.is_settled()


def test_a_tab_chosen_while_the_list_is_worked_out_shows_what_is_at_hand_and_then_what_was_awaited(page):
    page.refresh()
    given_up = page.whole.pop()
    page.tabs.choose("some")
    assert not given_up.is_awaited
    page.at_hand.pop().answer(order(2, 1))
    assert ids(page) == [2, 1]
    assert page.wanted[-1] == ("some", "", True)
    page.whole.pop().answer(order(1, 2))
    assert ids(page) == [1, 2]


def test_what_is_written_while_the_beginning_is_awaited_does_not_take_it_away(opened, qtbot):
    beginning = opened.at_hand.pop()
    opened.refresh()
    opened.refresh()
    assert beginning.is_awaited
    assert len(opened.whole) == 1
    beginning.answer(order(3, 1))  # not old when it was told, but something has been written since
    assert ids(opened) == [3, 1]
    opened.whole.pop().answer(order(3, 1, 2, state=2))
    assert ids(opened) == [3, 1, 2]
    opened.at_hand.pop().answer(order(3, 1, 2, state=2, is_old=True))
    qtbot.waitUntil(lambda: len(opened.whole) == 1)  # asked for before that was written
    opened.whole.pop().answer(order(2, 3, 1, state=3))
    assert ids(opened) == [2, 3, 1]
    assert opened.is_settled()


def test_the_whole_list_is_worked_out_while_its_beginning_is_and_no_more_where_it_is_at_hand(opened):
    assert opened.whole[0].is_awaited
    opened.at_hand.pop().answer(order(3, 1, 2))
    assert not opened.whole[0].is_awaited
    assert opened.is_settled()


def test_a_whole_list_that_comes_before_its_beginning_stays(opened):
    beginning = opened.at_hand.pop()
    opened.whole.pop().answer(order(3, 1, 2))
    assert not beginning.is_awaited
    assert ids(opened) == [3, 1, 2]


def test_the_rows_in_sight_come_with_the_order(opened):
    def some_order(_session: Any, tab: str) -> ListOrder:
        return order(3, 1, 2) if tab == "all" else order()

    def rows(_session: Any, ids: tuple[int, ...]) -> dict[int, str]:
        return {one: f"row {one}" for one in ids}

    ask = opened.with_rows(some_order, rows)
    assert ask(None, "some").rows == {}
    opened.whole.pop().answer(ask(None, "all"))
    assert opened.table.rows() == ["row 3", "row 1", "row 2"]
    assert opened.with_rows(lambda _session: order(2, 4, 1), rows)(None).rows == {4: "row 4"}
    assert opened.with_rows(lambda _session: order(2, 1, state=2), rows)(None).rows == {
        2: "row 2",
        1: "row 1",
    }


def test_what_it_can_be_sorted_by_besides_is_worked_out_once_an_order_stays_and_given_up_with_the_page(
    page, qtbot
):
    page._ahead.setInterval(20)
    page.refresh()
    page._ahead.start()
    qtbot.waitUntil(lambda: not page._ahead.isActive())
    assert not page.keys  # an order is awaited
    page.whole.pop().answer(order(2, 3, 1))
    qtbot.waitUntil(lambda: len(page.keys) == 1)
    page.hide()
    assert not page.keys[0].is_awaited


def test_what_was_written_before_an_order_was_told_is_no_reason_to_work_it_out_again(page):
    page.table.show_order(page.order.ids, rows={3: "as it was"})
    page.refresh()
    page.refresh()
    page.whole.pop().answer(order(3, 1, 2, state=2))
    assert not page.is_settled()
    page.table.take_rows((3, 1, 2), {})
    page.at_hand.pop().answer(order(3, 1, 2, state=2))
    assert page.is_settled()
    assert not page.whole
    assert not page.table.is_here(0)  # but what its rows say may be of before
