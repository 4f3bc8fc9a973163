"""The log of bugs stays small and holds no secrets; what the interpreter says when it dies has a file of its own."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pqldesk.services.basics import bugs
from pqldesk.services.basics.bugs import every_log, keep_bug, keep_words, kept_bugs, watch
from pqldesk.services.basics.places import bug_log, fault_log
from pqldesk.services.doctor import doctor
from pqldesk.services.help_bundle import write_bundle
from pqldesk.services.workspaces.workspace import Workspace


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the logs of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "state"


def raised(text: str) -> ValueError:
    try:
        raise ValueError(text)
    except ValueError as bug:
        return bug


def test_the_log_keeps_the_newest_and_stays_within_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bugs, "LOG_BYTES", 4_000)
    for number in range(200):
        keep_bug(raised(f"number {number}."))
    logs = every_log()
    assert [log.name for log in logs] == ["pqldesk-bugs.log", *(f"pqldesk-bugs.log.{n}" for n in (1, 2, 3))]
    assert all(log.stat().st_size <= 4_000 for log in logs)
    assert "number 199." in bug_log().read_text()
    assert "number 1." not in "".join(log.read_text() for log in logs)


def test_one_endless_stack_does_not_fill_the_log() -> None:
    path = keep_bug(raised("no end " * 1_000_000))
    assert path == bug_log()
    assert path.stat().st_size < bugs.ENTRY_BYTES + 1_000
    assert "ValueError" in path.read_text()


def test_what_is_kept_is_for_the_person_alone() -> None:
    assert keep_words("Something of Qt's").stat().st_mode & 0o077 == 0


def test_the_doctor_counts_what_is_kept_and_says_where(workspace: Workspace) -> None:
    def said() -> tuple[bool, str, str]:
        at = kept_bugs().last or bugs.now()
        (one,) = [check for check in workspace.db.read(doctor, at).result() if check.check == "bugs"]
        return one.ok, one.what, one.do

    assert said() == (True, f"No bug is in {bug_log()}.", "")
    keep_bug(raised("first"))
    keep_bug(raised("second"))
    is_ok, what, remedy = said()
    assert not is_ok
    assert what.startswith("2 bugs are in")
    assert str(bug_log()) in what
    assert "doctor --bundle" in remedy


_DIES = """
import os, sys
from pqldesk.services.basics.bugs import watch
watch()
import ctypes
ctypes.string_at(0)
"""


def died(program: str = _DIES) -> int:
    return subprocess.run(
        [sys.executable, "-c", program], env=os.environ, stderr=subprocess.DEVNULL, check=False
    ).returncode


def test_a_process_that_dies_of_a_fault_leaves_its_stack_and_the_next_start_says_when(
    workspace: Workspace,
) -> None:
    assert died() == -signal.SIGSEGV
    left = fault_log().read_text()
    assert "Segmentation fault" in left
    assert "string_at" in left
    assert died("from pqldesk.services.basics.bugs import watch; watch()") == 0
    found = kept_bugs()
    assert (found.faults, found.bugs) == (1, 0)
    assert found.last is not None
    assert fault_log().read_text().startswith(left)
    (one,) = [check for check in workspace.db.read(doctor, found.last).result() if check.check == "bugs"]
    assert not one.ok
    assert str(fault_log()) in one.what


def test_faults_do_not_pile_up_either(monkeypatch: pytest.MonkeyPatch) -> None:
    fault_log().parent.mkdir(parents=True)
    fault_log().write_bytes(b"x" * (bugs.LOG_BYTES + 1))
    assert died("from pqldesk.services.basics.bugs import watch; watch()") == 0
    assert fault_log().stat().st_size == 0
    assert sorted(path.name for path in every_log()) == ["pqldesk-faults.log", "pqldesk-faults.log.1"]


def test_a_command_of_the_command_line_is_watched() -> None:
    program = (
        "import ctypes\n"
        "from pqldesk import cli\n"
        "cli.main = lambda: ctypes.string_at(0)\n"
        "from pqldesk.__main__ import main\n"
        "main()\n"
    )
    assert died(program) == -signal.SIGSEGV
    assert "string_at" in fault_log().read_text()


def test_a_thread_that_ends_with_a_bug_leaves_it_in_the_log() -> None:
    died(
        "import threading\n"
        "from pqldesk.services.basics.bugs import watch\n"
        "watch()\n"
        "one = threading.Thread(target=lambda: {}['of a thread'])\n"
        "one.start()\n"
        "one.join()\n"
    )
    assert "KeyError: 'of a thread'" in bug_log().read_text()


@pytest.fixture
def bundled(tmp_path: Path) -> Callable[[], dict[str, str]]:
    def write() -> dict[str, str]:
        write_bundle(tmp_path / "help.zip", [], None)
        with zipfile.ZipFile(tmp_path / "help.zip") as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    return write


def test_the_bundle_holds_stacks_and_faults_without_secrets_and_names(
    bundled: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTIO_TOKEN", "tok_canary_123")
    keep_bug(raised("invalid literal for int() with base 10: 'Zoe Quagmire' of \"Heptagon\" tok_canary_123"))
    keep_bug(
        raised(
            'duplicate key value violates unique constraint "uq_lead"\nDETAIL:  Key (name)=(Zoe Quagmire) is there.\n'
            "[SQL: INSERT INTO lead (name) VALUES (%(name)s)]\n[parameters: {'name': 'Zoe Quagmire'}]"
        )
    )
    died()
    texts = bundled()
    assert "invalid literal for int()" in texts["bugs.log"]
    assert "[SQL: INSERT INTO lead" in texts["bugs.log"]
    assert "raise ValueError(text)" in texts["bugs.log"]
    assert "Segmentation fault" in texts["faults.log"]
    whole = json.dumps(texts)
    for told in ("Quagmire", "Heptagon", "tok_canary_123", str(Path.home()) + "/"):
        assert told not in whole


def test_where_no_log_can_be_written_nothing_else_fails(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.write_text("a file in the place of the folder")
    monkeypatch.setattr("tempfile.tempdir", str(state))
    assert keep_bug(raised("lost")) == Path("stderr")
    watch()
    assert kept_bugs().bugs == 0
