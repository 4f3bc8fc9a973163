"""Imports that the window hands to a process of their own."""

from pathlib import Path

import pytest

from pqldesk.services.child import Stop
from pqldesk.services.imports.child import ImportFailed, import_beside_window


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


def test_a_stopped_import_says_how_much_of_it_is_stored(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\n" + "".join(f"user{n}@acme.example\n" for n in range(20_000)))
    stop = Stop(gently=True)
    with pytest.raises(ImportFailed, match=r"Stopped in people.csv after \d+ whole batch"):
        import_beside_window(
            tmp_path / "w.pqldesk", str(file), "leads", (), dry_run=False, rep="",
            report=lambda _done, _text: stop.ask(), stop=stop,
        )  # fmt: skip
