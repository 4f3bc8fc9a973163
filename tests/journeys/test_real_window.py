"""A rep's ten minutes in the real window: a virtual display, a window manager, and real key presses.

What happened is read from the workspace, as another process sees it, and from the CRM, over HTTP.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fixtures_crm import Sandbox
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pqldesk.models.db import Database
from pqldesk.models.people import Lead
from pqldesk.services.leads.show import shown
from pqldesk.services.workspaces.workspace import open_workspace

PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "import": "imagemagick"}
MISSING = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"sudo apt install {' '.join(MISSING)}")

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NOW = {"PQLDESK_NOW": AT.isoformat()}
REP = "ines@northquay.example"
USAGE = {"ada": (5, 3, 2, 1), "bo": (5, 3, 0, 1), "cy": (0, 3, 2, 0), "di": (0, 0, 2, 0)}
WAIT_S = 60.0  # a loaded machine; the answer usually comes within one


def pqldesk(workspace: Path, *arguments: str, **surroundings: str) -> Any:
    """What a command prints as JSON."""
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(workspace), *arguments, "--format", "json"]
    done = subprocess.run(
        command,
        env={**os.environ, **NOW, **surroundings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def workspace(tmp_path: Path, sandbox: Sandbox) -> Path:
    """Four leads with usage, and a connected CRM."""
    leads, events = tmp_path / "leads.csv", tmp_path / "events.csv"
    leads.write_text(
        "email,name,company,domain\n"
        + "".join(
            f"{who}@{who}works.example,{who.title()} Vane,{who.title()} Works,{who}works.example\n"
            for who in USAGE
        )
    )
    rows = ["event_id,email,event,key,quantity,occurred_at"]
    kinds = ("login", "feature_activated", "team_invited", "integration_connected")
    for who, counts in USAGE.items():
        for kind, count in zip(kinds, counts, strict=True):
            for n in range(count):
                at = f"2026-11-{15 + n:02d}T09:{len(rows) % 60:02d}:00Z"
                rows.append(f"{who}-{kind}-{n},{who}@{who}works.example,{kind},k{n},1,{at}")
    events.write_text("\n".join(rows) + "\n")
    place = tmp_path / "w.pqldesk"
    pqldesk(place, "import", "leads", str(leads))
    pqldesk(place, "import", "events", str(events))
    pqldesk(
        place, "connect", "attio", "--url", sandbox.url, "--token-env", "ATTIO", "--default-owner", REP,
        ATTIO="sandbox-attio-token", PQLDESK_SECRETS="env",
    )  # fmt: skip
    return place


@pytest.fixture
def seen(workspace: Path) -> Iterator[Database]:
    """The same workspace as another process sees it."""
    opened = open_workspace(workspace, create=False)
    yield opened.db
    opened.close()


@dataclass
class Keyboard:
    """A person's hands on the window's keys."""

    display: str
    pictures: Path

    def press(self, *keys: str) -> None:
        self._run("xdotool", "key", "--clearmodifiers", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        self._run("xdotool", "type", "--clearmodifiers", "--delay", "20", text)

    def until(self, truth: Callable[[], Any], what: str) -> None:
        """Wait for *truth*, asking again and again; a picture of the display is kept where it does not come."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if truth():
                return
            time.sleep(0.1)  # another process works; nothing tells us
        picture = self.pictures / "display.png"
        self._run("import", "-window", "root", str(picture))
        pytest.fail(f"not within {WAIT_S:.0f} s: {what}; the display as it was: {picture}")

    def _run(self, *command: str) -> None:
        subprocess.run(command, env={**os.environ, "DISPLAY": self.display}, check=True, timeout=60)


@pytest.fixture
def keyboard(workspace: Path, tmp_path: Path) -> Iterator[Keyboard]:
    """The window on its own display, ready for keys; nothing may have been written to its standard error."""
    with ExitStack() as stack:

        def start(*command: str, **kept: Any) -> subprocess.Popen[bytes]:
            process = stack.enter_context(subprocess.Popen(command, **kept))
            stack.callback(process.terminate)
            return process

        read, write = os.pipe()
        start(
            "Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset",
            pass_fds=(write,), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as answer:
            display = f":{answer.readline().strip()}"
        surroundings = {
            **{k: v for k, v in os.environ.items() if k != "WAYLAND_DISPLAY"},
            "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"), "ATTIO": "sandbox-attio-token", "PQLDESK_SECRETS": "env",
            **NOW,
        }  # fmt: skip
        start("openbox", env=surroundings, stderr=subprocess.DEVNULL)
        errors = tmp_path / "errors.txt"
        with errors.open("wb") as stderr:
            command = (sys.executable, "-m", "pqldesk", "--workspace", str(workspace), "--rep", REP)
            window = start(*command, env=surroundings, stderr=stderr)
            found = _window_on(surroundings)
            subprocess.run(
                ["xdotool", "windowactivate", "--sync", found], env=surroundings, check=True, timeout=60
            )
            hands = Keyboard(display, tmp_path)
            hands.until(lambda: list(workspace.parent.glob("**/w-20*.pqldesk")), "the window is at work")
            yield hands
            window.terminate()
        assert errors.read_text() == ""


def _window_on(surroundings: dict[str, str]) -> str:
    """The number of our window, once it is there. xdotool ends with an error where another one goes while it looks."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "^PQLDesk"],
            env=surroundings, capture_output=True, text=True, check=False, timeout=WAIT_S,
        )  # fmt: skip
        if found.returncode == 0 and found.stdout.split():
            return found.stdout.split()[0]
        time.sleep(0.1)
    raise AssertionError("no window of ours on the display")


def test_a_rep_claims_notes_takes_back_and_hands_over_with_the_keyboard_alone(
    seen: Database, keyboard: Keyboard, sandbox: Sandbox
) -> None:
    def lead(who: str) -> Any:
        return seen.read(shown, f"{who}@{who}works.example", AT).result()

    keyboard.press("j", "c")  # the second lead of the queue
    keyboard.until(lambda: lead("bo")["owner"] == REP, "C claims the lead under the cursor")
    assert lead("ada")["owner"] is None

    keyboard.press("t")
    keyboard.type("Call about single sign-on")
    keyboard.press("Return")
    keyboard.until(
        lambda: [t["title"] for t in lead("bo")["tasks"]] == ["Call about single sign-on"], "T adds a task"
    )

    keyboard.press("n")
    keyboard.type("Asked for prices")
    keyboard.press("ctrl+Return")
    keyboard.until(lambda: [n["text"] for n in lead("bo")["notes"]] == ["Asked for prices"], "N adds a note")
    keyboard.press("z")
    keyboard.until(lambda: lead("bo")["notes"] == [], "Z takes the note back")

    def handed_over() -> bool:
        keyboard.press("ctrl+Return")  # again and again: the dialog opens when its facts are there
        return lead("bo")["state"] == "handed_off"

    keyboard.press("h")
    keyboard.until(handed_over, "H, then Ctrl+Enter hands the lead over")
    keyboard.until(
        lambda: {item["state"] for item in lead("bo")["outbox"]} == {"done"}, "the window delivers by itself"
    )
    there = sandbox.dump()
    assert {kind: len(there[kind]) for kind in ("people", "companies", "deals", "tasks", "notes")} == {
        "people": 1, "companies": 1, "deals": 1, "tasks": 1, "notes": 1,
    }  # fmt: skip


def test_a_lead_is_found_by_typing_and_added_by_hand(seen: Database, keyboard: Keyboard) -> None:
    keyboard.press("slash")
    keyboard.type("diworks")
    keyboard.press("Return", "c")
    keyboard.until(
        lambda: seen.read(shown, "di@diworks.example", AT).result()["owner"] == REP,
        "what was found is claimed",
    )
    keyboard.press("Escape", "l")
    keyboard.type("new.person@freshworks.example")
    keyboard.press("ctrl+Return")
    keyboard.until(lambda: seen.read(count_leads).result() == 5, "L adds a lead")


def count_leads(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Lead)) or 0
