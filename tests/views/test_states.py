"""Pages while something stands in the way: the workspace on its way, nothing in it yet, offline, an error, no right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_background import DeskBackground, DeskJob
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QLabel, QWidget
from sample_desk import NOW, REP, fake_desk

from pqldesk.services.source_rows import LooseEnds
from pqldesk.views.charts import Chart
from pqldesk.views.labels import Label
from pqldesk.views.main_window import MainWindow
from pqldesk.views.navigation import PLACES
from pqldesk.views.page import Context
from pqldesk.views.painting import Paintbox
from pqldesk.views.states import in_the_way
from pqldesk.views.tabs import Tab

PAGES = [place.key for place in PLACES]


class SilentBackground(DeskBackground):
    """A workspace that is still on its way: nothing is answered."""

    def read(self, query: Callable[..., Any], *args: object) -> DeskJob:
        return SilentJob()

    read_long = read


class SilentJob(DeskJob):
    """Never over."""

    def __init__(self) -> None:
        QObject.__init__(self)
        self._handled = self._cancelled = self._over = False


def test_a_page_claims_nothing_before_it_is_answered(
    qtbot, theme, fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw_words(_chart: Chart, _p: QPainter, words: str) -> None:
        drawn.append(words)

    monkeypatch.setattr(Chart, "draw_words", draw_words)
    context = Context(SilentBackground(), fake_desk(fake), theme, Paintbox(theme), REP, lambda: NOW)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    said: dict[str, list[str]] = {}
    for key in PAGES:
        window.page(key)
        for _turn in range(5):
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        window.grab()
        texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
        said[key] = [
            text for text in texts if text.startswith(("No ", "Nothing", "Nobody", "0 ", "PQLDesk and"))
        ]
    assert {key: texts for key, texts in said.items() if texts} == {}
    assert drawn == []


def test_every_page_is_brought_up_in_every_state_and_nothing_of_that_stays(qtbot, window: MainWindow) -> None:
    shown: dict[str, str] = {}
    looks: set[tuple[str, str]] = set()
    qtbot.waitUntil(lambda: bool(window.navigation._age.text()))
    for name in in_the_way(window, lambda _window: QCoreApplication.processEvents()):
        bars = (window.bars.away, window.bars.problem, window.bars.refused, window.bars.looking)
        looks.add(next((bar.objectName(), bar.title.text()) for bar in bars if bar.isVisible()))
        (shown[name],) = [bar.words() for bar in bars if bar.isVisible()]
        if name.endswith("no-permission"):
            assert window.navigation.role() == "Rep"
        assert window.navigation.is_behind() == name.endswith("offline")
    states = ("offline", "error", "no-permission", "only-read")
    assert list(shown) == [f"{page}-{state}" for state in states for page in PAGES]
    assert looks == {
        ("away", "Offline"), ("problem", "That did not work"), ("refused", "Not for your role"),
        ("banner", "Read only"),
    }  # fmt: skip
    assert window.context.may("erase")
    assert "did not answer" in shown["funnel-offline"]
    assert shown["scoring-no-permission"].startswith("Only managers and admins can do this")
    assert not any(bar.isVisible() for bar in (window.bars.away, window.bars.problem, window.bars.looking))


def test_who_sits_here_is_what_the_workspace_keeps_them_to(window: MainWindow) -> None:
    window.navigation.show_role("manager")
    assert window.navigation.role() == "Manager"
    window.context.rights.know("rep", REP)
    assert window.navigation.role() == "Rep"
    window.context.rights.know("", REP)
    assert window.navigation.role() == "Manager"


@pytest.mark.parametrize(
    ("key", "command"),
    [("accounts", "import"), ("trials", "import"), ("tasks", "go.queue"), ("handoffs", "go.queue")],
)
def test_a_page_without_rows_in_a_new_workspace_offers_the_next_step(
    window: MainWindow, key: str, command: str
) -> None:
    page = window.page(key)
    given: list[str] = []
    page.context.wishes.run.connect(given.append)
    page.show_rows_or_why(False, False)
    assert page.empty.action.isVisible()
    page.empty.action.click()
    assert given == [command]


def test_the_keyboard_stays_in_a_list_that_has_become_empty(qtbot, window: MainWindow, fake) -> None:
    page = window.page("accounts")
    qtbot.waitUntil(lambda: page.rows.hasFocus())
    page.show_rows_or_why(False, False)
    assert page.isAncestorOf(window.focusWidget())


def test_the_way_of_the_lead_under_the_cursor_is_one_key_away(qtbot, window: MainWindow) -> None:
    lead = window.queue.panel.lead()
    window.run("trace")
    trace = window.page("sources").trace
    assert trace.field.text() == lead.email
    trace.follow("jane@example.com")
    qtbot.waitUntil(lambda: bool(trace.hops.rows()))


def test_a_backup_is_made_from_the_palette(qtbot, window: MainWindow, fake) -> None:
    object.__setattr__(window.context.desk, "back_up_now", lambda: Path("/by-hand.pqldesk"))
    window.run("data.backup")
    qtbot.waitUntil(lambda: "Backed up" in window.toast.words())


def test_what_waits_for_a_decision_is_said_in_sentences_with_one_full_stop(qtbot, window: MainWindow) -> None:
    found = LooseEnds((), 2, (("Its time is more than 24 hours in the future.", 2),))
    object.__setattr__(window.context.desk, "loose_ends", lambda _session: found)
    card = window.page("sources").loose_ends
    qtbot.waitUntil(lambda: card.aside.full_text().startswith("2 events"))
    assert card.aside.full_text().endswith("24 hours in the future.")
    assert ".." not in card.aside.full_text()
    assert card.look.isVisible(), "they are looked through, and counted, from here"


def says_that_it_reads(window: MainWindow) -> bool:
    return any(label.text() == "Reading the workspace …" for label in window.findChildren(QLabel))


def test_a_page_that_gets_no_answer_says_that_it_reads(qtbot, theme, fake) -> None:
    context = Context(SilentBackground(), fake_desk(fake), theme, Paintbox(theme), REP, lambda: NOW)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    for key in ("queue", "trials", "funnel"):
        window.show_page(key)
        assert not says_that_it_reads(window)  # said at once, it would flash with every page
        qtbot.waitUntil(lambda: says_that_it_reads(window))
    assert [tab.text() for tab in window.page("trials").tabs.findChildren(Tab)][:2] == [
        "Active",
        "Ending this week",
    ]


def test_a_page_that_has_its_answer_does_not_say_that_it_reads(qtbot, window) -> None:
    window.show()
    window.show_page("trials")
    qtbot.waitUntil(lambda: window.current().table.rowCount() > 0)
    assert not window.current().is_waiting
    assert not says_that_it_reads(window)


class HeldBackground(DeskBackground):
    """A workspace that answers what it was asked for once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[DeskJob] = []

    def read(self, query: Callable[..., Any], *args: object) -> DeskJob:
        self.held.append(job := HeldJob(self, lambda: query(None, *args)))
        return job

    read_long = read

    def let_go(self) -> None:
        while self.held:
            self.held.pop(0).answer()


class HeldJob(DeskJob):
    """Over when it is told so."""

    def _run(self) -> None:
        pass

    def answer(self) -> None:
        super()._run()


def blocks_in(window: MainWindow) -> int:
    """How many pixels of the page have the colour of blocks; lines between rows are few."""
    picture = window.current().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), -1) & 0xFFFFFF
    wanted = window.context.theme.colour("line2").rgb() & 0xFFFFFF
    return int((pixels == wanted).sum())


@pytest.mark.parametrize("key", PAGES)
def test_where_nothing_has_come_for_a_while_blocks_stand_until_it_comes(qtbot, theme, fake, key: str) -> None:
    background = HeldBackground()
    window = MainWindow(Context(background, fake_desk(fake), theme, Paintbox(theme), REP, lambda: NOW))
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    window.show_page(key)
    at_once = blocks_in(window)
    qtbot.waitUntil(lambda: window.current().is_waiting)
    waiting = blocks_in(window)
    assert waiting > at_once + 2_000, "said early they would only flash, later a page must not be blank"
    while background.held:
        background.let_go()
        QCoreApplication.processEvents()
    assert not window.current().is_waiting
    assert blocks_in(window) < waiting / 2


def test_only_an_answer_that_was_waited_for_looks_through_the_page(
    qtbot, window: MainWindow, monkeypatch
) -> None:
    page, looked = window.queue, []
    qtbot.waitUntil(lambda: not window.context.background.is_busy)
    monkeypatch.setattr(page, "show_waiting", lambda: looked.append(page.is_waiting))
    page._is_late, page.is_answered = True, False
    page.count_is_known()
    page.count_is_known()
    assert looked == [False]


def test_a_page_left_before_its_answer_waits_again_when_it_is_back(qtbot, theme, fake) -> None:
    background = HeldBackground()
    window = MainWindow(Context(background, fake_desk(fake), theme, Paintbox(theme), REP, lambda: NOW))
    qtbot.addWidget(window)
    window.show()
    window.show_page("funnel")
    left = [job for job in background.held if job.is_awaited]
    window.show_page("settings")
    for job in left:
        if job.cancelled():
            job.answer()
    window.show_page("funnel")
    qtbot.waitUntil(lambda: window.current().is_waiting)
    assert says_that_it_reads(window)


def test_titles_and_bars_stand_at_one_height_on_every_page(qtbot, window: MainWindow) -> None:
    window.resize(1440, 900)
    window.show()
    below: dict[str, int] = {}
    for key in PAGES[1:]:  # the queue's bar has two lines
        page = window.page(key)
        qtbot.waitUntil(page.is_settled)
        heads = [part for part in page.findChildren(QWidget, "pagehead") if part.isVisible()]
        titles = [part for part in page.findChildren(Label) if part.isVisible() and part.height() == 32]
        part = (heads or titles)[0]
        below[key] = part.mapTo(page, QPoint(0, part.height() if not heads else part.height() - 10)).y()
    assert set(below.values()) == {42}, below
