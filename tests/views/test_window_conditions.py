"""The real window over files that are damaged, newer, not there, or open already."""

import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QPushButton

from pqldesk.app import build_window, close_window, raise_first
from pqldesk.app.door import Door
from pqldesk.cli import main
from pqldesk.models import db, looking
from pqldesk.services import score_now
from pqldesk.services.basics.places import bug_log, fault_log
from pqldesk.services.workspaces import file_checks, workspace
from pqldesk.services.workspaces.backup import daily_backups
from pqldesk.views.main_window import MainWindow
from pqldesk.views.pages_ahead import PagesAhead

Open = Callable[[Path], MainWindow]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with one lead."""
    leads = tmp_path / "leads.csv"
    leads.write_text("email,name\nada@example.com,Ada\n")
    place = tmp_path / "w.pqldesk"
    assert main(["--workspace", str(place), "import", "leads", str(leads)]) == 0
    return place


@pytest.fixture
def opened(qtbot) -> Iterator[Open]:
    windows = []

    def open_window(place: Path) -> MainWindow:
        window = build_window(place, "kim@example.com")
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        return window

    yield open_window
    for window in windows:
        close_window(window)


def told(window: MainWindow) -> list[str]:
    found: list[str] = []
    window.context.background.problem.connect(lambda problem: found.append(str(problem)))
    return found


def test_the_title_tells_which_workspace_a_window_is_of(opened: Open, tmp_path: Path) -> None:
    assert opened(tmp_path / "growth.pqldesk").windowTitle() == "PQLDesk – growth"


def test_a_fault_that_ended_the_last_window_is_told_once(
    qtbot, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    fault_log().parent.mkdir(parents=True)
    fault_log().write_text("Fatal Python error: Segmentation fault\n\n-- before 2026-11-18T09:30:00Z\n")
    said = []
    for _window in range(2):
        window = build_window(place, "kim@example.com", memory)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(
            lambda window=window: not window.windowIcon().isNull()
        )  # the last of what follows a frame
        said.append(window.bars.problem.words() if window.bars.problem.isVisible() else "")
        close_window(window)
    assert said[0].startswith("PQLDesk ended by a fault of its own: Wed 18 Nov")
    assert "Settings, Data writes a file for whoever helps" in said[0]
    assert said[1] == ""


def test_a_bug_that_is_shown_is_in_the_log_too(
    opened: Open, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    opened(place).show_problem(KeyError("of a slot"))
    assert "KeyError: 'of a slot'" in bug_log().read_text()


def test_a_folder_in_place_of_the_file_is_said_in_the_window(opened: Open, qtbot, tmp_path: Path) -> None:
    window = opened(tmp_path)
    qtbot.waitUntil(lambda: window.bars.problem.isVisible())
    assert f"{tmp_path} is a folder." in window.bars.problem.words()


def test_a_workspace_of_a_newer_version_is_said_in_the_window(opened: Open, qtbot, place: Path) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    window = opened(place)
    qtbot.waitUntil(lambda: window.bars.problem.isVisible())
    assert "was made by a newer PQLDesk" in window.bars.problem.words()


def test_a_workspace_that_cannot_be_written_is_looked_at_and_every_command_refused(
    opened: Open, qtbot, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (looking, file_checks, workspace):
        monkeypatch.setattr(module, "may_be_written", lambda path: path != place)
    before = place.read_bytes()
    window = opened(place)
    qtbot.waitUntil(lambda: window.bars.looking.isVisible())
    assert f"{place} cannot be written, so it can only be looked at." in window.bars.looking.words()
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    assert not window.bars.problem.isVisible()
    window.run("claim")
    assert "can only be looked at" in window.toast.words()
    context, lead = window.context, window.queue.panel.lead()
    assert lead is not None
    window.queue.act(
        context.desk.claim, lead.lead_id, context.rep, told="Claimed"
    )  # as if nothing had said so
    qtbot.waitUntil(lambda: window.bars.problem.isVisible())
    assert "can only be looked at" in window.bars.problem.words()
    close_window(window)
    assert (place.read_bytes(), list(place.parent.glob("w.pqldesk?*"))) == (before, [])


def test_whom_the_window_was_started_for_finds_their_leads_without_a_setting(
    opened: Open, qtbot, place: Path
) -> None:
    window = opened(place)  # for kim@example.com, and no setting says so
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    window.run("claim")
    qtbot.waitUntil(lambda: window.toast.words().startswith("Claimed "))
    name = window.queue.panel.lead().name
    window.context.wishes.open_view.emit("mine", "")
    qtbot.waitUntil(lambda: window.queue.table.model().rowCount() == 1 and window.queue.head.key == "mine")
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None and window.queue.panel.lead().name == name)
    qtbot.waitUntil(lambda: window.queue.tabs.view("mine").count == 1)


def test_who_says_in_settings_that_somebody_else_sits_here_is_believed(
    opened: Open, qtbot, place: Path
) -> None:
    window = opened(place)  # for kim@example.com
    with qtbot.waitSignal(window.context.background.opened, timeout=20_000):
        pass
    qtbot.waitUntil(lambda: not window.context.background.is_busy)
    act = window.context.background.write
    act(window.context.desk.set_setting, "theme", "dark", "kim@example.com")
    qtbot.waitUntil(lambda: not window.context.background.is_busy)
    assert window.context.rep == "kim@example.com"
    act(window.context.desk.set_setting, "rep", "lee@example.com", "kim@example.com")
    qtbot.waitUntil(lambda: window.context.rep == "lee@example.com")


def test_what_another_program_kept_from_being_done_is_done_by_try_again(
    opened: Open, qtbot, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(place)
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)
    qtbot.waitUntil(lambda: len(daily_backups(place)) == 1)  # nothing else is under way
    monkeypatch.setattr(db, "ASKED_S", 0.0)
    monkeypatch.setattr(db, "_AT_LEAST_S", 0.1)
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        window.run("claim")
        qtbot.waitUntil(lambda: window.bars.problem.isVisible())
        assert "is being written by another program" in window.bars.problem.words()
        assert window.queue.panel.lead().owner is None
        other.execute("COMMIT")
    (again,) = [
        button for button in window.bars.problem.findChildren(QPushButton) if button.text() == "Try again"
    ]
    again.click()
    assert not window.bars.problem.isVisible()
    qtbot.waitUntil(lambda: window.queue.panel.lead().owner == "kim@example.com")
    qtbot.waitUntil(lambda: window.toast.offers_undo())


def test_the_window_makes_todays_backup(opened: Open, qtbot, place: Path) -> None:
    opened(place)
    qtbot.waitUntil(lambda: len(daily_backups(place)) == 1)
    assert f"{datetime.now(UTC):%Y-%m-%d}" in daily_backups(place)[0].name


def test_many_leads_that_are_due_are_scored_by_a_process_of_their_own(
    opened: Open, qtbot, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE lead SET due_at = 1, score = 7700")
        connection.commit()
    monkeypatch.setattr(score_now, "FEW", 0)  # here; the process begun by the window knows its own
    window = opened(place)
    qtbot.waitUntil(
        lambda: (lead := window.queue.panel.lead()) is not None and lead.score == 0, timeout=60_000
    )


def test_what_stays_with_the_window_is_not_looked_through_for_garbage_again(
    opened: Open, qtbot, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []
    window = opened(place)
    ahead = window.findChild(PagesAhead)
    monkeypatch.setattr(gc, "freeze", lambda: turns.append(ahead.turns))
    qtbot.waitUntil(lambda: bool(ahead.turns) and ahead.is_done, timeout=60_000)
    assert turns[0] == 0  # once what is loaded beside the first frame is here
    assert turns[-1] == ahead.turns  # and once the pages are


def test_damage_after_an_unclean_end_is_said_and_what_can_be_read_is_shown(
    opened: Open, qtbot, place: Path
) -> None:
    with closing(sqlite3.connect(place)) as connection:
        found = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'lead_fts_data'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with place.open("r+b") as file:
        file.seek((found[0] - 1) * size)
        file.write(b"\xde\xad\xbe\xef" * (size // 4))
    place.with_name(f"{place.name}-wal").write_bytes(b"a log that nobody closed")
    window = opened(place)
    said = told(window)
    qtbot.waitUntil(lambda: any("is damaged" in words for words in said))
    qtbot.waitUntil(lambda: window.queue.panel.lead() is not None)


def test_a_second_start_finds_the_first_window_also_through_a_link(
    qtbot, place: Path, tmp_path: Path
) -> None:
    assert not raise_first(place)
    door = Door(place)
    door.open()
    link = tmp_path / "link.pqldesk"
    link.symlink_to(place)
    with qtbot.waitSignal(door.knocked):
        assert raise_first(link)
    door.close()
