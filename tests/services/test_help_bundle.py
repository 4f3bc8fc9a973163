"""The file for whoever helps: it says what is wrong, and about nobody."""

import json
import zipfile
from pathlib import Path

import pytest
from fixtures_crm import NOW, Desk

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.basics.redacting import nameless
from pqldesk.services.doctor import doctor
from pqldesk.services.help_bundle import workspace_state, write_bundle


def test_a_bundle_tells_states_and_errors_and_nobodys_name(desk: Desk, tmp_path: Path) -> None:
    desk.hand_off(desk.add_lead())
    desk.sandbox.change("suspend_member", member="ines@northquay.example")
    assert desk.deliver().undone is not None
    checks = desk.db.read(doctor, NOW).result()
    state = desk.db.read(workspace_state).result()
    names = write_bundle(tmp_path / "help.zip", checks, state)
    with zipfile.ZipFile(tmp_path / "help.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(texts) == names
    found = json.loads(texts["workspace.json"])
    assert found["rows"]["lead"] == 1
    assert found["outbox"]["errors"][0]["error"].startswith("[e-mail] is suspended in Attio.")
    assert {one["check"] for one in json.loads(texts["checks.json"])} >= {"database", "outbox"}
    whole = "".join(texts.values())
    for told in ("Nadia", "Okoye", "northquay.example", "ines@"):
        assert told not in whole


def test_a_workspace_that_cannot_be_opened_still_makes_a_bundle(tmp_path: Path) -> None:
    write_bundle(tmp_path / "help.zip", [], None)
    with zipfile.ZipFile(tmp_path / "help.zip") as archive:
        assert json.loads(archive.read("workspace.json")) == {"opened": False}
        assert "sqlite" in json.loads(archive.read("versions.json"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_bundle_that_finds_no_room_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_archive: zipfile.ZipFile, _name: str, text: str) -> None:
        Path("/dev/full").write_text(text)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(BadInput, match="No space left on device"):
        write_bundle(tmp_path / "help.zip", [], None)
    assert list(tmp_path.iterdir()) == []


def test_addresses_names_and_the_home_folder_are_left_out_of_a_text() -> None:
    told = f"Jane Okafor <jane.okafor@acme.example> at {Path.home()}/x, see (kim@example.com)."
    assert nameless(told, ["Jane Okafor"]) == "[name] <[e-mail]> at ~/x, see ([e-mail])."
