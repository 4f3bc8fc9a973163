import pytest
from desk_background import DeskBackground
from PySide6.QtWidgets import QApplication
from sample_desk import NOW, REP, FakeDesk, fake_desk

from pqldesk.views.main_window import MainWindow
from pqldesk.views.page import Context
from pqldesk.views.painting import Paintbox
from pqldesk.views.theme import Theme


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    theme = Theme("light")
    theme.apply(qapp)
    return theme


@pytest.fixture
def fake() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="session")
def paints(theme) -> Paintbox:
    """One for all windows, as the program has one: measuring the same letters anew took each a tenth of its time."""
    return Paintbox(theme)


@pytest.fixture
def context(theme, paints, fake) -> Context:
    theme.choose("light", 1.0)
    return Context(DeskBackground(), fake_desk(fake), theme, paints, REP, lambda: NOW)


@pytest.fixture
def window(qtbot, context) -> MainWindow:
    """The window with the first lead under the cursor."""
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    qtbot.waitUntil(lambda: bool(window.queue.tabs.shown()))
    return window
