"""Running the command line: in this process through main(), with stdout and stderr apart."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pqldesk.cli import main

NOW = "2024-12-06T12:00:00Z"
LEADS = """\
email,name,company,job_title,signup_at,user_id,kind,glm_source,glm_content,comment
jane@acme.example,Jane Doe,Acme,Product Lead,2024-12-01T00:00:00Z,u1,hand_raise,billing,group-billing,We need SSO
bob@acme.example,Bob Roe,Acme,,2024-12-02T00:00:00Z,u2,,,,
cy@beta.example,Cy Poe,Beta,,2024-12-03T00:00:00Z,u3,,,,
"""
EVENTS = """\
event_id,user_id,event,key,quantity,occurred_at
e1,u1,login,,,2024-12-03T10:00:00Z
e2,u1,integration_connected,slack,,2024-12-04T10:00:00Z
e3,u1,data_imported,,150,2024-12-05T10:00:00Z
e4,u1,team_invited,,1.5,2024-12-05T10:00:00Z
e5,u1,team_invited,,0.5,2024-12-05T11:00:00Z
e6,u2,team_invited,,3,2024-12-05T11:00:00Z
"""
_DAC_OVERRIDE, _DAC_READ_SEARCH, _PR_CAPBSET_DROP = 1, 2, 24
TRIALS = """\
email,plan,starts_at,ends_at,state
jane@acme.example,Ultimate,2024-12-01,2024-12-10,active
"""


@dataclass(frozen=True)
class Ran:
    """One call: exit code and what was printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def _as_a_plain_user() -> None:
    """Root may write everywhere; without these two capabilities it is bound by modes like anybody else."""
    if os.geteuid() == 0:
        for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def call(*words: object, **environment: str) -> Ran:
    """One command in a process of its own, bound by file modes."""
    done = subprocess.run(
        [sys.executable, "-m", "pqldesk", *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        preexec_fn=_as_a_plain_user,
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def sentence(ran: Ran) -> str:
    """The one line on stderr of a command that ended with a problem."""
    assert ran.code == 1, ran
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    return ran.err


@pytest.fixture
def run(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("queue", "--limit", 5)``: one command on this test's own workspace at noon of 2024-12-06."""
    monkeypatch.setenv("PQLDESK_WORKSPACE", str(tmp_path / "w.pqldesk"))
    monkeypatch.setenv("PQLDESK_NOW", NOW)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    capsysbinary.readouterr()

    def call(*words: object) -> Ran:
        code = main([str(word) for word in words])
        printed = capsysbinary.readouterr()
        return Ran(code, printed.out.decode(), printed.err.decode())

    return call


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three leads, six events and a trial, to copy."""
    folder = tmp_path_factory.mktemp("filled")
    place = folder / "w.pqldesk"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PQLDESK_NOW", NOW)
        for kind, text in (("leads", LEADS), ("events", EVENTS), ("trials", TRIALS)):
            path = folder / f"{kind}.csv"
            path.write_text(text)
            assert main(["--workspace", str(place), "import", kind, str(path)]) == 0
    return place


@pytest.fixture
def filled(filled_file: Path, tmp_path: Path, run: Run) -> Run:
    """The same on a workspace with three leads, six events and a trial."""
    shutil.copy(filled_file, tmp_path / "w.pqldesk")
    return run
