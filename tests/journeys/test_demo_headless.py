"""The demo as somebody without a display runs it: a child process, what it prints, what it paints, what it leaves."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from pqldesk.sandbox.browser import find_chromium

WAIT_S = 500  # two demos at once on a machine that does other things too; alone each takes half a minute
AS_OF = "2026-11-20T10:00:00Z"
PAGES = (
    "queue", "accounts", "trials", "activation", "tasks", "handoffs", "funnel", "scoring", "sources", "settings",
)  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """Two demos of the same moment: where they ran, where their pictures are, the JSON they printed, their queues."""

    folder: Path
    pictures: Path
    printed: dict[str, Any]
    other_pictures: Path
    other_printed: dict[str, Any]
    queue: list[Any]
    other_queue: list[Any]


def start(folder: Path, *arguments: str, **surroundings: str) -> subprocess.Popen[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PQLDESK_NOW", "PQLDESK_WORKSPACE")
    }
    return subprocess.Popen(
        [sys.executable, "-m", "pqldesk", *arguments],
        cwd=folder, env={**kept, "XDG_DATA_HOME": str(folder / "data"), **surroundings},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(folder: Path, *arguments: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    child = start(folder, *arguments, **surroundings)
    stdout, stderr = child.communicate(timeout=WAIT_S)
    return subprocess.CompletedProcess(child.args, child.returncode, stdout, stderr)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Both at once: one names no folder, the other does, and paints only what is compared."""
    folder, other = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("other")
    first = start(folder, "demo", "--as-of", AS_OF, "--format", "json")
    second = start(
        other, "--format=json", "demo", "--headless", str(other / "named"), "--pages", "--as-of", AS_OF
    )
    said = [child.communicate(timeout=WAIT_S) for child in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), said
    # What goes wrong in a slot of the window is told there, and ends nothing.
    assert [stderr for _stdout, stderr in said if "Error" in stderr or "Traceback" in stderr] == []
    printed = [json.loads(stdout) for stdout, _stderr in said]
    pictures, other_pictures = folder / "pqldesk-demo", other / "named"
    queues = [_queue(where) for where in (pictures, other_pictures)]
    return Demo(folder, pictures, printed[0], other_pictures, printed[1], *queues)


def _queue(pictures: Path) -> list[Any]:
    """Every lead of a demo, best first."""
    place = str(pictures / "workspace")
    said = run(
        pictures,
        "--workspace",
        place,
        "queue",
        "--view",
        "all",
        "--limit",
        "0",
        "--format",
        "json",
        PQLDESK_NOW=AS_OF,
    )
    leads: list[Any] = json.loads(said.stdout)
    return leads


def test_without_a_display_every_page_is_painted_light_and_dark(demo: Demo) -> None:
    folder = demo.pictures
    for page in PAGES:
        light, dark = (QImage(str(folder / f"{page}-{scheme}.png")) for scheme in ("light", "dark"))
        assert _colours(light) > 20, page
        assert _colours(dark) > 20, page
        assert light.pixelColor(4, 4).lightness() > 200 > 60 > dark.pixelColor(4, 4).lightness(), page


def _colours(picture: QImage) -> int:
    return len(
        {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
    )


def test_the_crm_holds_one_of_each_record_for_the_lead_handed_over(demo: Demo) -> None:
    printed = demo.printed
    crm = printed["crm"]
    assert {kind: len(records) for kind, records in crm.items()} == {
        "people": 1, "companies": 1, "deals": 1, "tasks": 1, "notes": 1,
    }  # fmt: skip
    (deal,), (task,), (note,), (person,) = crm["deals"], crm["tasks"], crm["notes"], crm["people"]
    assert deal["name"] == f"Enterprise Upgrade - {crm['companies'][0]['name']}"
    assert deal["stage"] == "Sales Qualified"
    assert task["content"].startswith("PLG → Sales Handoff: ")
    assert note["content"].startswith(f"PQL Score: {printed['score']['score']}\nActive Users: ")
    assert person["pql_score"] == printed["score"]["score"]
    assert person["email_addresses"] == [printed["handoff"]["email"]]


def test_a_hand_raise_made_in_a_browser_arrives_is_scored_claimed_and_in_the_crm(demo: Demo) -> None:
    raised = demo.printed["hand_raise"]
    assert raised["by"] == ("browser" if find_chromium() else "http")
    lead = raised["lead"]
    assert (lead["email"], lead["state"], lead["qualified"]) == (
        "dana.ruiz@birchline.example",
        "claimed",
        True,
    )
    assert lead["placement"] == "group-billing"
    assert {(hop["hop"], hop["system"], hop["status"]) for hop in raised["hops"]} >= {
        ("received", "button", "ok"), ("crm", "attio", "found"),
    }  # fmt: skip
    assert raised["where"] == "dana.ruiz@birchline.example has arrived in Attio."


def test_the_printed_score_is_the_sum_of_its_signals(demo: Demo) -> None:
    score = demo.printed["score"]
    assert sum(signal["points"] for signal in score["signals"]) == score["score"]


def test_the_workspace_can_be_asked_afterwards_and_the_sample_removed(demo: Demo) -> None:
    folder, printed, place = demo.folder, demo.printed, demo.pictures / "workspace"
    shown = run(
        folder, "--workspace", str(place), "show", printed["handoff"]["lead_id"], "--format", "json",
        PQLDESK_NOW=AS_OF,
    )  # fmt: skip
    lead = json.loads(shown.stdout)
    assert lead["state"] == "handed_off"
    assert [entry["action"] for entry in lead["history"]] == [
        "claimed",
        "task_added",
        "note_added",
        "handed_off",
    ]
    assert {item["state"] for item in lead["outbox"]} == {"done"}
    assert run(folder, "--workspace", str(place), "sample", "remove").returncode == 0
    assert json.loads(run(folder, "--workspace", str(place), "queue", "--format", "json").stdout) == []


def test_nothing_is_written_outside_its_folder(demo: Demo) -> None:
    assert [path.name for path in demo.folder.iterdir()] == ["pqldesk-demo"]


def test_the_same_moment_gives_the_same_text_and_the_same_pictures(demo: Demo) -> None:
    assert _stable(demo.printed) == _stable(demo.other_printed)
    for page in PAGES:
        if page != "sources":  # it shows the port, another one where two demos run at once
            name = f"{page}-light.png"
            assert (demo.pictures / name).read_bytes() == (demo.other_pictures / name).read_bytes(), name


def test_two_demos_of_the_same_moment_have_the_same_queue(demo: Demo) -> None:
    assert len(demo.queue) > 400
    assert demo.queue == demo.other_queue


def _stable(printed: dict[str, Any]) -> dict[str, Any]:
    """Without what the CRM stamps by its own running clock and with its own ids."""
    own = ("created_at", "pqldesk_id")
    for records in printed["crm"].values():
        for record in records:
            for key in own:
                record.pop(key, None)
    return printed


def test_a_system_without_qts_libraries_is_told_what_to_install(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "PySide6"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')\n")
    done = run(tmp_path, "demo", "--as-of", AS_OF, PYTHONPATH=str(broken.parent))
    assert done.returncode == 1
    assert "apt install" in done.stderr
    assert "libgl1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder\n")
    done = run(tmp_path, "demo", "--headless", str(tmp_path / "taken"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot be made" in done.stderr


def test_a_workspace_of_somebodys_own_in_the_folder_is_not_replaced(tmp_path: Path) -> None:
    own = tmp_path / "pictures" / "workspace"
    own.mkdir(parents=True)
    place = own / "workspace.pqldesk"
    assert (
        run(tmp_path, "--workspace", str(place), "settings", "set", "rep", "me@example.com").returncode == 0
    )
    done = run(tmp_path, "demo", "--headless", str(tmp_path / "pictures"))
    assert done.returncode == 1
    assert "somebody's own" in done.stderr
    assert (
        run(tmp_path, "--workspace", str(place), "settings", "get", "rep").stdout.strip() == "me@example.com"
    )
