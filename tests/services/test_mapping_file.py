"""A mapping as a file: taken whole or not at all, and usable for another account."""

import json
from pathlib import Path

import pytest
from fixtures_crm import Desk

from pqldesk.cli import main
from pqldesk.services.basics.problems import BadInput, NotAllowed
from pqldesk.services.crm.connections import linked_named
from pqldesk.services.crm.mapping_file import mapping_document, read_mapping, take_mapping


def written(desk: Desk, path: Path, **names: str) -> dict[str, str]:
    document = desk.db.read(mapping_document, "attio").result()
    document["mapping"] |= names
    path.write_text(json.dumps(document))
    return read_mapping(path)


def test_what_was_exported_and_is_taken_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    before = desk.db.read(linked_named, "attio").result().mapped
    taken = desk.db.write(take_mapping, "attio", written(desk, tmp_path / "m.json")).result()
    assert taken.changed == ()
    assert desk.db.read(linked_named, "attio").result().mapped == before


def test_lists_go_by_their_titles_because_ids_are_another_accounts(desk: Desk) -> None:
    document = desk.db.read(mapping_document, "attio").result()
    assert document["mapping"]["list.pql"] == "PQL queue"
    assert document["mapping"]["person.pql_score"] == "pql_score"


def test_a_field_left_out_stays_left_out_also_after_connecting_again(desk: Desk, tmp_path: Path) -> None:
    given = written(desk, tmp_path / "m.json", **{"person.pql_score": ""})
    taken = desk.db.write(take_mapping, "attio", given).result()
    assert taken.changed == (("person.pql_score", "pql_score", None),)
    assert "person.pql_score" not in desk.connect().mapped
    assert desk.db.read(mapping_document, "attio").result()["mapping"]["person.pql_score"] == ""


def test_a_dry_run_says_what_would_change_and_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    given = written(desk, tmp_path / "m.json", **{"person.pql_score": ""})
    assert desk.db.read(take_mapping, "attio", given, dry_run=True).result().changed
    assert desk.db.read(linked_named, "attio").result().mapped.slug("person", "pql_score") == "pql_score"


def test_a_name_that_is_not_there_is_named_and_nothing_is_changed(desk: Desk, tmp_path: Path) -> None:
    given = written(desk, tmp_path / "m.json", **{"person.pql_score": "no_such", "person.plan_type": ""})
    with pytest.raises(BadInput, match=r"person\.pql_score: no such field"):
        desk.db.write(take_mapping, "attio", given).result()
    assert desk.db.read(linked_named, "attio").result().mapped.slug("person", "plan_type") == "plan_type"


def test_a_mapping_for_another_system_is_refused(desk: Desk, tmp_path: Path) -> None:
    given = {**written(desk, tmp_path / "m.json"), "system": "hubspot"}
    with pytest.raises(NotAllowed, match="for HubSpot, not for Attio"):
        desk.db.write(take_mapping, "attio", given).result()


def test_the_command_line_writes_it_changes_it_and_says_what_changed(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "m.json"
    asked = ("--workspace", str(desk.path), "mapping")
    assert main([*asked, "export", "attio", str(file)]) == 0
    document = json.loads(file.read_text())
    document["mapping"]["person.plan_type"] = ""
    file.write_text(json.dumps(document))
    capsys.readouterr()
    assert main([*asked, "import", "attio", str(file), "--dry-run"]) == 0
    assert "would be mapped so" in capsys.readouterr().out
    assert main([*asked, "import", "attio", str(file)]) == 0
    assert "person.plan_type: plan_type → nothing" in capsys.readouterr().out
    assert main([*asked, "import", "hubspot", str(file)]) == 1
    assert "HubSpot is not connected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no mapping"),
        ("[" * 100_000, "is no mapping"),
        ("{}", "is no mapping"),
        ('{"mapping": {}, "pqldesk_mapping": 2}', "of version 2"),
        ('{"mapping": {"person.x": 3}, "pqldesk_mapping": 1}', "nothing of ours"),
        ('{"mapping": {"rate": "1/1"}, "pqldesk_mapping": 1}', "nothing of ours"),
        ("\udcff", "is no mapping"),
        (" " * 1_000_001, "too large"),
    ],
)
def test_a_file_that_is_no_mapping_gets_a_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput, match=sentence):
        read_mapping(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_mapping(tmp_path / "none.json")
