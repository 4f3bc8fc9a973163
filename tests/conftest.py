"""What every test may ask for: a fresh workspace on SQLite or PostgreSQL, and a pinned clock."""

import gc
import os
import sys
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PQLDESK_LANGUAGE"] = "en"  # whatever the machine speaks
# Compiled files are kept whatever the machine's habit: rewriting the assertions of every test file anew takes half of
# each worker's collecting (10 s), and each of the hundred processes that tests start would compile PQLDesk anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# a workspace connected to a local CRM double, and pages in a real browser
pytest_plugins = ["fixtures_crm", "fixtures_browser"]


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nobody has to look through its 330,000 objects again (0.4 s each time)."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _widgets_go_on_the_thread_they_came_from(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect a window's cycles here: left to a later test's database thread, Qt warns about timers of another."""
    yield
    if not {"qapp", "qtbot"}.isdisjoint(request.fixturenames):
        gc.collect()
