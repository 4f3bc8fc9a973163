"""What every test may ask for: a fresh workspace on SQLite or PostgreSQL, and a pinned clock."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

TESTS = Path(__file__).parent

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PQLDESK_LANGUAGE"] = "en"  # whatever the machine speaks
# Compiled files are kept whatever the machine's habit: rewriting the assertions of every test file anew takes half of
# each worker's collecting (10 s), and each of the hundred processes that tests start would compile PQLDesk anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What a test does wrong is no bug of whoever runs it: their log, and what `doctor` says of it, is left alone.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="pqldesk-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

MEMORY = "/dev/shm"
ROOM = 3 * 2**30  # all tests together keep less than half a gigabyte at a time


def _files_fit_into_memory() -> bool:
    """Whether *MEMORY* is there with room, and programs may run there, which containers forbid."""
    try:
        found = os.statvfs(MEMORY)
    except (AttributeError, OSError):
        return False
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > ROOM


# Every commit of a person's command waits for the disk: 3.3 ms of 3.4, and 0.3 ms of work. A process that is killed
# loses nothing it has handed to the system, wherever that keeps it; nothing here pulls the plug.
if "TMPDIR" not in os.environ and _files_fit_into_memory():
    os.environ["TMPDIR"] = tempfile.tempdir = MEMORY

# A busy machine makes any example slow; what must be fast is measured by the benchmarks.
settings.register_profile("any_machine", deadline=None, max_examples=60)
settings.register_profile("night", deadline=None, max_examples=1_000)
settings.load_profile("night" if os.environ.get("PQLDESK_LONG_TESTS") else "any_machine")

# a workspace connected to a local CRM double, and pages in a real browser
pytest_plugins = ["fixtures_crm", "fixtures_browser"]


# Every test has engines of its own, and each would compile each statement anew, which takes an eighth of a test's time.
_compiled: Any = LRUCache(4_000)
_made = Engine.__init__


def _made_with_what_is_compiled(engine: Engine, *args: Any, **kwargs: Any) -> None:
    _made(engine, *args, **kwargs)
    engine._compiled_cache = _compiled


def _speak_the_same(one: Any, other: object) -> bool:
    return type(one) is type(other) and (
        getattr(one, "server_version_info", None) == getattr(other, "server_version_info", None)
    )


Engine.__init__ = _made_with_what_is_compiled  # type: ignore[method-assign]
for _dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # part of the key of what is compiled
    _dialect.__eq__ = _speak_the_same  # type: ignore[method-assign,assignment]
    _dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's, with the patience of a busy machine: what waits for ever still fails, what is only late does not."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=30_000)  # type: ignore[method-assign]
    return qtbot


# The files that take longest, the longest first.
LONG = (
    "journeys/test_demo_headless.py",
    "services/test_every_fault.py",
    "views/test_whole_layouts.py",
    "views/test_whole_window.py",
    "services/test_crm_pull.py",
    "services/test_outbox_kills.py",
    "services/test_demo.py",
    "services/outbox/test_outbox.py",
    "services/sync/test_warehouse.py",
    "services/test_undo.py",
    "journeys/test_real_window.py",
    "services/merges/test_any_merges.py",
    "services/test_outbox_systems.py",
    "cli/test_stopped_imports.py",
    "services/test_crm_pull_kills.py",
    "services/test_import_child.py",
    "services/test_many_reps.py",
    "services/sync/pulled_files/test_pulled_files.py",
    "services/test_together.py",
    "services/scoring/test_timeline.py",
    "services/test_claims.py",
    "services/intake/test_process.py",
    "services/intake/test_button_limits.py",
    "services/scoring/test_rescore.py",
    "views/test_languages.py",
)
# Those of them whose tests share nothing: each goes to whoever is free, none has the whole file to itself.
APART = (
    "services/test_every_fault.py",
    "services/test_outbox_kills.py",
    "services/test_crm_pull_kills.py",
    "services/test_undo.py",
    "cli/test_stopped_imports.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return nodeid if file.endswith(APART) else file

    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several work on the files, begin with the long ones, then those of many tests: none ends alone.

    xdist by itself counts tests only, and so keeps ten tests of two minutes for the end.
    """
    if not hasattr(config, "workerinput"):
        return
    tests = Counter(item.path for item in items)
    names = {path: path.relative_to(TESTS).as_posix() for path in tests}
    rank = {name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: (rank.get(names[item.path], len(LONG)), -tests[item.path], names[item.path]))


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nobody has to look through its 330,000 objects again (0.4 s each time)."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function) -> Generator[None, object, object]:
    """Collect a window's cycles on its own thread, as the window does, once the test lets go of its fixtures.

    On a database thread they crash Qt, seldom, or make it warn about timers of another. What outlives this is set
    aside, so that the next time looks only through what is new: else this took an eighth of the time of every test
    with a window.
    """
    if {"qapp", "qtbot"}.isdisjoint(item.fixturenames):
        return (yield)
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
