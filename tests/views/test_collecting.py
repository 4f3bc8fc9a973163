"""What is no longer needed ends on the window's thread, whatever thread makes new objects."""

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from pqldesk.app.collecting import AFTER, Collector


class Circle:
    """Holds itself, and says on which thread it ended."""

    def __init__(self, ended: list[int]) -> None:
        self.itself, self.ended = self, ended

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


@pytest.fixture
def collector(qapp: Any) -> Iterator[Collector]:
    gc.enable()  # as Python begins
    parent = QObject()
    yield Collector(parent)
    parent.deleteLater()


def many_circles() -> None:
    for _ in range(20 * AFTER[0]):
        circle: list[object] = []
        circle.append(circle)


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


def test_what_outlived_a_few_looks_is_looked_through_again(qtbot: Any, collector: Collector) -> None:
    ended: list[int] = []
    circle = Circle(ended)
    gc.collect(0)
    gc.collect(1)  # it is among the old ones now
    del circle
    for _ in range((AFTER[1] + 2) * (AFTER[2] + 2)):
        many_circles()
        collector.look()
    assert ended == [threading.get_ident()]
