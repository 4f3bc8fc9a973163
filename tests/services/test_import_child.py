"""Imports that the window hands to a process of their own."""

from pathlib import Path

import pytest

from pqldesk.services.import_child import ImportFailed, import_beside_window


def test_a_file_is_looked_at_and_then_stored_by_another_process(tmp_path: Path) -> None:
    place, file = tmp_path / "w.pqldesk", tmp_path / "people.csv"
    file.write_text("Mail,Who\nada@acme.example,Ada\nbo@acme.example,Bo\n")
    choices = [("Who", "name")]
    look = import_beside_window(place, str(file), "leads", choices, dry_run=True, rep="")
    assert (look["created"], look["mapping"]) == (2, {"Mail": "email", "Who": "name"})
    assert not place.exists()
    heard: list[int] = []
    done = import_beside_window(
        place,
        str(file),
        "leads",
        choices,
        dry_run=False,
        rep="kim@example.com",
        report=lambda n, _: heard.append(n),
    )
    assert (done["created"], heard[-1]) == (2, 2)


def test_what_the_import_says_reaches_the_window(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Who\nAda\n")
    with pytest.raises(ImportFailed, match="identifies"):
        import_beside_window(tmp_path / "w.pqldesk", str(file), "leads", (), dry_run=False, rep="")
