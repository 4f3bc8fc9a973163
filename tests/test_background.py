"""Work off the GUI thread: what waits for the database, and what is let go once it is answered."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from shiboken6 import delete
from sqlalchemy.orm import Session

from pqldesk import background as background_room
from pqldesk.background import Background
from pqldesk.models.driver import Driver
from pqldesk.services.basics.network_loop import NetworkLoop
from pqldesk.services.workspaces.workspace import open_workspace


class Taker(QObject):
    """Takes answers as a page does."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0

    def take(self, _answer: object) -> None:
        self.taken += 1

    def keep(self, kept: list[object], answer: object) -> None:
        kept.append(answer)


class Answer:
    """Something that can be followed weakly."""


@pytest.fixture
def background(qapp: Any, tmp_path: Path) -> Iterator[Background]:
    made = Background(lambda: open_workspace(tmp_path / "w.pqldesk", create=True).db)
    yield made
    made.close()


def test_what_is_asked_before_the_database_is_open_is_answered_after(
    qtbot: Any, background: Background
) -> None:
    taker = Taker()
    background.read(_number).then(taker.take)
    assert taker.taken == 0
    background.open()
    qtbot.waitUntil(lambda: taker.taken == 1)


def test_that_it_has_ended_is_told_though_the_answer_was_there_before_anybody_asked(
    qtbot: Any, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: Future[int] = Future()
    done.set_result(1)
    monkeypatch.setattr(background_room, "in_thread", lambda _work: done)
    taker, told = Taker(), []
    background.run(_nothing).then(taker.take).ended(lambda: told.append(taker.taken))
    qtbot.waitUntil(lambda: told == [1])  # once, and after the answer


def test_the_thread_that_does_the_work_knows_nothing_that_may_be_deleted_meanwhile(
    qtbot: Any, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: Future[None] = Future()
    monkeypatch.setattr(background_room, "in_thread", lambda _work: running)
    taker = Taker()
    background.run(_nothing).then(taker.take)
    assert [told.__self__ for told in running._done_callbacks] == [background]  # and no job
    running.set_result(None)
    qtbot.waitUntil(lambda: taker.taken == 1)
    assert not background.is_busy


def test_an_answer_for_a_widget_that_is_gone_reaches_nobody(qtbot: Any, background: Background) -> None:
    gone, there = Taker(), Taker()
    taken: list[object] = []
    background.read(_number).then(partial(gone.keep, taken))
    background.read(_number).then(there.take)
    delete(gone)
    background.open()
    qtbot.waitUntil(lambda: there.taken == 1)
    assert taken == []


def test_closing_before_anything_was_opened_answers_nobody(qtbot: Any, background: Background) -> None:
    taker = Taker()
    background.read(_number).then(taker.take)
    background.close()
    for _ in range(20):
        QCoreApplication.processEvents()
    assert taker.taken == 0


def test_an_answer_is_let_go_once_it_was_taken(qtbot: Any, background: Background) -> None:
    background.open()
    gc.disable()  # an answer of some megabytes must not wait until something is collected
    kept: list[weakref.ref[Answer]] = []

    def query(session: Session) -> Answer:
        Driver(session).rows("SELECT 1")
        answer = Answer()
        kept.append(weakref.ref(answer))
        return answer

    taker = Taker()
    for _ in range(20):
        background.read(query).then(taker.take)
    qtbot.waitUntil(lambda: taker.taken == 20)

    try:
        qtbot.waitUntil(lambda: all(one() is None for one in kept))
    finally:
        gc.enable()


def test_a_database_that_cannot_be_opened_is_told_to_whoever_asked(qtbot: Any) -> None:
    def fail() -> Any:
        raise OSError("the disk is away")

    background = Background(fail)
    taker = Taker()
    background.read(_number).otherwise(taker.take)
    background.open()
    qtbot.waitUntil(lambda: taker.taken == 1)
    background.close()


def _number(session: Session) -> int:
    return 1


def _nothing() -> None:
    pass


def test_what_ends_when_the_network_closes_may_begin_another_thing_and_both_end() -> None:
    loop = NetworkLoop()
    begun: list[asyncio.Task[None]] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            begun.append(asyncio.create_task(asyncio.sleep(60)))

    waiting = loop.submit(work())
    loop.submit(asyncio.sleep(0)).result(5)  # the loop has turned, so the work is under way
    loop.close()
    assert waiting.cancelled()
    assert begun[0].done()
