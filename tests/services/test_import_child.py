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


def test_a_look_at_a_file_that_lacks_a_column_says_which_and_what_the_others_hold(tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text("user,action,when\nada@acme.example,login,2026-11-02 10:00\n")
    place = tmp_path / "w.pqldesk"
    look = import_beside_window(place, str(file), "events", (), dry_run=True, rep="")
    assert look["missing"] == ["occurred_at"]
    assert (look["mapping"], look["unmapped"]) == ({"user": "user_id", "action": "event"}, ["when"])
    assert look["examples"] == {"user": "ada@acme.example", "action": "login", "when": "2026-11-02 10:00"}
    chosen = [("when", "occurred_at")]
    again = import_beside_window(place, str(file), "events", chosen, dry_run=True, rep="")
    assert (again["missing"], again["rows"]) == ([], 1)


def test_letters_and_sheets_are_in_question_where_they_were_found_out(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("email,name\nada@acme.example,Zoë Żak\n".encode("cp1250"))
    look = import_beside_window(tmp_path / "w", str(file), "leads", (), dry_run=True, rep="")
    assert "encoding" in look["in_question"]
    assert not any("--" in note for note in look["notes"])  # nobody types options in the window
    polish = import_beside_window(
        tmp_path / "w", str(file), "leads", (), ("--encoding=cp1250",), dry_run=True, rep=""
    )
    assert (polish["encoding"], polish["examples"]["name"]) == ("cp1250", "Zoë Żak")
    assert "encoding" in polish["in_question"]


def test_events_that_nothing_counts_are_told_before_they_are_stored_and_what_they_mean_is_remembered(
    tmp_path: Path,
) -> None:
    file, place = tmp_path / "usage.csv", tmp_path / "w.pqldesk"
    file.write_text(
        "user,action,date\nada@acme.example,Connected Slack,2026-11-02 10:00\n"
        "ada@acme.example,connected slack,2026-11-03 10:00\nbo@acme.example,login,2026-11-03 11:00\n"
    )
    look = import_beside_window(place, str(file), "events", (), dry_run=True, rep="")
    assert look["uncounted"] == {"connected_slack": 2}
    assert look["mapping"]["user"] == "email"  # as ids they would belong to nobody
    meant = ("--map-event=connected_slack=integration_connected",)
    assert (
        import_beside_window(place, str(file), "events", (), meant, dry_run=True, rep="")["uncounted"] == {}
    )
    import_beside_window(place, str(file), "events", (), meant, dry_run=False, rep="")
    again = import_beside_window(place, str(file), "events", (), dry_run=True, rep="")
    assert (again["uncounted"], again["mapping"]["user"]) == ({}, "email")


def test_a_column_of_users_that_holds_ids_stays_one_of_ids(tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(
        "user,action,date\n4711,login,2026-11-02 10:00\nada@acme.example,login,2026-11-02 10:00\n"
    )
    look = import_beside_window(tmp_path / "w", str(file), "events", (), dry_run=True, rep="")
    assert look["mapping"]["user"] == "user_id"
