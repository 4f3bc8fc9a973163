"""An import that is stopped or killed leaves whole batches; importing again completes it without doubles."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run

LEADS, PAGE = 400, 2  # 200 lines of progress: more than PIPE_BYTES take, so that no import ends unheard
PIPE_BYTES = 4096


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.csv"
    rows = (f"user{n}@company{n % 40}.example,User {n}\n" for n in range(LEADS))
    path.write_text("email,name\n" + "".join(rows))
    return path


def start(many: Path) -> "subprocess.Popen[bytes]":
    """An import that waits until what it says is read, line by line."""
    command = [
        sys.executable,
        "-m",
        "pqldesk",
        "import",
        "leads",
        many,
        "--page",
        str(PAGE),
        "--progress",
        "json",
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        pipesize=PIPE_BYTES,
        preexec_fn=_heeding,
    )


def _heeding() -> None:
    """Ctrl+C is heard even where the tests themselves were started so that they ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def stored(tmp_path: Path) -> tuple[int, int, str]:
    """Leads, different e-mails among them, and what SQLite says of the file."""
    with closing(sqlite3.connect(tmp_path / "w.pqldesk")) as connection:
        counts = connection.execute("SELECT count(*), count(DISTINCT email) FROM lead").fetchone()
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    return (*counts, sound)


def test_ctrl_c_keeps_whole_batches_and_says_how_many(run: Run, many: Path, tmp_path: Path) -> None:
    with start(many) as child:
        assert child.stderr is not None
        child.stderr.readline()  # the first batch is in
        child.send_signal(signal.SIGINT)
        said = child.stderr.read().decode().splitlines()[-1]
        assert child.wait() == 1
    leads, _, _ = stored(tmp_path)
    assert leads < LEADS
    assert leads % PAGE == 0
    batches = leads // PAGE
    assert f"Stopped in many.csv after {batches} whole batch" in said
    assert f"{leads} rows are stored. Import the file again to go on" in said
    again = run("import", "leads", many, "--format", "json").json["files"][0]
    assert (again["created"], again["duplicates"]) == (LEADS - leads, leads)
    assert stored(tmp_path) == (LEADS, LEADS, "ok")


@pytest.mark.parametrize("after", [0, 1, 2, 5, 9])
def test_a_killed_import_leaves_whole_batches_and_is_completed_by_the_next(
    run: Run, many: Path, tmp_path: Path, after: int
) -> None:
    with start(many) as child:
        assert child.stderr is not None
        for _ in range(after):
            child.stderr.readline()
        child.kill()
    leads = stored(tmp_path)[0] if after else 0
    assert leads >= after * PAGE
    assert leads % PAGE == 0
    again = run("import", "leads", many, "--format", "json").json["files"][0]
    assert (again["created"], again["duplicates"]) == (LEADS - leads, leads)
    assert stored(tmp_path) == (LEADS, LEADS, "ok")
