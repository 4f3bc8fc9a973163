"""What is no longer needed ends on the window's thread, whatever thread makes new objects."""

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from pqldesk.app.collecting import AFTER, AT_LATEST, RESTED_S, RESTING_S, Collector


class Circle:
    """Holds itself, and says on which thread it ended."""

    def __init__(self, ended: list[int]) -> None:
        self.itself, self.ended = self, ended

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


class Clocks:
    """The time, and the CPU time of the window's thread, as a test sets them."""

    def __init__(self) -> None:
        self.now = self.spent = 100.0

    def go_on(self, seconds: float, worked: float = 0.0) -> None:
        self.now += seconds
        self.spent += worked


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def collector(qapp: Any, clocks: Clocks) -> Iterator[Collector]:
    gc.enable()  # as Python begins
    parent = QObject()
    yield Collector(parent, lambda: clocks.now, lambda: clocks.spent)
    parent.deleteLater()


def many_circles() -> None:
    for _ in range(20 * AFTER[0]):
        circle: list[object] = []
        circle.append(circle)


def old_circle(ended: list[int]) -> None:
    """One that is among those that outlived a look, when it is needed no longer."""
    circle = Circle(ended)
    gc.collect(0)
    del circle


def look(collector: Collector, times: int) -> None:
    """So many looks of which each finds enough to do; a look through the youngest alone makes the others older."""
    for _ in range(times):
        many_circles()
        collector.look()


def test_a_circle_ends_on_the_windows_thread_though_another_makes_objects(
    qtbot: Any, collector: Collector
) -> None:
    ended: list[int] = []
    Circle(ended)
    thread = threading.Thread(target=many_circles)
    thread.start()
    thread.join()
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.get_ident()]


def test_what_outlived_a_look_is_left_alone_while_somebody_uses_the_window(
    collector: Collector, clocks: Clocks
) -> None:
    ended: list[int] = []
    gc.collect(1)
    old_circle(ended)
    for _ in range(AFTER[1] * 3):
        clocks.go_on(RESTED_S / 10, worked=RESTING_S * 2)
        look(collector, 1)
    assert ended == []


def test_it_is_looked_through_once_the_window_has_rested(collector: Collector, clocks: Clocks) -> None:
    ended: list[int] = []
    gc.collect(1)
    old_circle(ended)
    clocks.go_on(0.1, worked=RESTING_S * 2)
    look(collector, AFTER[1] + 1)
    clocks.go_on(RESTED_S / 2)
    collector.look()
    assert ended == []
    clocks.go_on(RESTED_S / 2)
    collector.look()
    assert ended == [threading.get_ident()]


def test_what_outlived_several_is_looked_through_while_it_rests_too(
    collector: Collector, clocks: Clocks
) -> None:
    ended: list[int] = []
    circle = Circle(ended)
    gc.collect(0)
    gc.collect(1)  # it is among the old ones now
    del circle
    clocks.go_on(RESTED_S)
    look(collector, (AFTER[1] + 2) * (AFTER[2] + 2))
    assert ended == [threading.get_ident()]


def test_nothing_is_kept_for_ever_where_the_window_never_rests(collector: Collector, clocks: Clocks) -> None:
    ended: list[int] = []
    gc.collect(1)
    old_circle(ended)
    for _ in range(AT_LATEST[0] + 2):
        clocks.go_on(RESTED_S / 10, worked=RESTING_S * 2)
        gc.collect(0)  # as a look through the youngest
        collector.look()
    assert ended == [threading.get_ident()]
