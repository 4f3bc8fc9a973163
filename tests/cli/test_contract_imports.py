"""What imports leave behind, seen through the command line: mappings, undo, calls, links, and the sandbox's end."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import NOW, Run

MONTH_AGO = "2024-11-06T12:00:00Z"


def file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def result(run: Run, *words: object) -> Any:
    done = run("import", *words, "--format", "json")
    assert done.code == 0, done.err
    return done.json["files"][0]


def test_a_column_that_was_left_out_is_reported_as_unmapped(run: Run, tmp_path: Path) -> None:
    leads = file(tmp_path, "l.csv", "email,plan", "ada@a.example,free")

    found = result(run, "leads", leads, "--map", "plan=")

    assert (found["mapping"], found["unmapped"]) == ({"email": "email"}, ["plan"])
    assert run("show", "ada@a.example", "--format", "json").json["plan"] is None


def test_taking_an_import_back_takes_back_the_milestones_it_reached(run: Run, tmp_path: Path) -> None:
    result(run, "leads", file(tmp_path, "l.csv", "email", "ada@a.example"))
    before = run("queue", "--format", "json").json
    events = file(
        tmp_path, "e.csv", "email,event,quantity,occurred_at", "ada@a.example,data_imported,500,2024-12-01T10:00:00Z"
    )  # fmt: skip
    batch = result(run, "events", events)["batch"]
    assert run("queue", "--format", "json").json[0]["milestones"]["imported_data"] == "2024-12-01T10:00:00Z"

    said = run("import", "undo", batch, "--dry-run", "--format", "json").json
    assert run("queue", "--format", "json").json != before, "a dry run takes nothing back"
    done = run("import", "undo", batch, "--format", "json").json
    assert (said["removed"], said["dry_run"]) == (done["removed"], True)

    assert run("queue", "--format", "json").json == before


def test_unmerging_takes_the_milestones_of_the_other_lead_away_again(run: Run, tmp_path: Path) -> None:
    result(run, "leads", file(tmp_path, "l.csv", "email", "ada@a.example", "bea@b.example"))
    events = file(
        tmp_path, "e.csv", "email,event,quantity,occurred_at", "bea@b.example,team_invited,3,2024-12-01T10:00:00Z"
    )  # fmt: skip
    result(run, "events", events)
    before = run("queue", "--format", "json").json

    assert run("lead", "merge", "ada@a.example", "bea@b.example", "--rep", "rep@r.example").code == 0
    assert run("lead", "unmerge", "ada@a.example", "--rep", "rep@r.example").code == 0

    assert run("queue", "--format", "json").json == before


@pytest.mark.parametrize("group_first", [False, True])
def test_a_group_call_beside_the_identify_call_names_the_company(
    run: Run, tmp_path: Path, group_first: bool
) -> None:
    calls = [
        {"type": "identify", "messageId": "m1", "userId": "s1", "traits": {"email": "ada@gmail.com"}},
        {"type": "group", "messageId": "m2", "userId": "s1", "groupId": "g1", "traits": {"name": "Globex"}},
    ]
    calls = [{**call, "timestamp": "2024-12-01T10:00:00Z"} for call in calls]
    written = [json.dumps(call) for call in (reversed(calls) if group_first else calls)]
    path = file(tmp_path, "calls.jsonl", *written)

    result(run, "events", path, "--source", "segment")

    assert run("show", "ada@gmail.com", "--format", "json").json["company"] == "Globex"
    assert result(run, "events", path, "--source", "segment")["duplicates"] == 2


def test_usage_that_came_before_its_lead_was_known_of_the_lead_all_along(run: Run, tmp_path: Path) -> None:
    events = file(
        tmp_path, "e.csv", "user_id,event,occurred_at,received_at",
        "u1,integration_connected,2024-11-01T10:00:00Z,2024-11-01T10:00:00Z",
        "u1,login,2024-11-01T10:00:00Z,2024-11-20T10:00:00Z",
    )  # fmt: skip
    result(run, "events", events)
    result(run, "leads", file(tmp_path, "l.csv", "email,user_id", "ada@a.example,u1"))

    (row,) = run("queue", "--known-at", MONTH_AGO, "--as-of", MONTH_AGO, "--format", "json").json

    assert (row["signals"]["integrations"]["value"], row["signals"]["logins"]["value"]) == (1, 0)


def test_an_id_counts_from_when_an_event_first_named_it_with_the_person(run: Run, tmp_path: Path) -> None:
    result(run, "leads", file(tmp_path, "l.csv", "email", "ada@a.example"))
    events = file(
        tmp_path, "e.csv", "email,user_id,event,occurred_at",
        ",u1,login,2024-12-01T10:00:00Z",
        "ada@a.example,u1,login,2024-12-03T10:00:00Z",
        "ada@a.example,u1,login,2024-12-02T10:00:00Z",
    )  # fmt: skip
    result(run, "events", events)

    def logins(known_at: str) -> int:
        (row,) = run("queue", "--known-at", known_at, "--as-of", NOW, "--format", "json").json
        return int(row["signals"]["logins"]["value"])

    assert [logins(f"2024-12-0{day}T12:00:00Z") for day in (1, 2, 3)] == [0, 2, 3]


@pytest.mark.parametrize(
    "kind", ["hand_raise", "trial", "signup", "contact", "cart_abandonment", "manual", "import"]
)
def test_a_lead_is_added_with_every_kind_of_submission(run: Run, kind: str) -> None:
    assert run("lead", "add", "--email", "ada@a.example", "--kind", kind, "--rep", "rep@r.example").code == 0

    assert run("show", "ada@a.example", "--format", "json").json["submissions"][0]["kind"] == kind


@pytest.mark.skipif(sys.platform == "win32", reason="ending a process does not reach its child there")
def test_ending_the_sandbox_command_ends_the_sandbox() -> None:
    command = [sys.executable, "-m", "pqldesk", "sandbox", "attio", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert json.loads(started.stdout.readline())["listening"].startswith("http://127.0.0.1:")

        started.send_signal(signal.SIGTERM)

        assert started.stdout.read() == ""  # ends only when nobody holds the other end any more
        started.wait(10)


def test_a_refused_import_leaves_no_new_workspace_behind(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "new" / "folder" / "w.db"
    colours = file(tmp_path, "c.csv", "colour,shape", "red,round")

    refused = run("import", "leads", colours, "--workspace", place)

    assert refused.code == 1
    assert "No column identifies a lead" in refused.err
    assert not (tmp_path / "new").exists()

    leads = file(tmp_path, "l.csv", "email", "ada@a.example")
    assert run("import", "leads", leads, colours, "--workspace", place).code == 1
    assert (
        len(run("queue", "--format", "json", "--workspace", place).json) == 1
    )  # what was stored before stays


def test_texts_that_mean_empty_are_those_of_exporters_or_those_that_are_named(
    run: Run, tmp_path: Path
) -> None:
    def leads(name: str, plan: str) -> Path:
        return file(tmp_path, name, "email,plan,country", f"{name}@a.example,{plan},none")

    def stored(name: str) -> Any:
        found = run("show", f"{name}@a.example", "--format", "json").json
        return found["plan"], found["country"]

    result(run, "leads", leads("1", "NULL"))
    assert stored("1") == (None, "none")
    result(run, "leads", leads("2", "leer"), "--null", "leer", "--null", "none")
    assert stored("2") == (None, None)
    result(run, "leads", leads("3", "leer"))  # remembered with the mapping of this header
    assert stored("3") == (None, None)
    result(run, "leads", leads("4", "NULL"))
    assert stored("4") == ("NULL", None)
    result(run, "leads", leads("5", "leer"), "--null", "NULL")
    assert stored("5") == ("leer", "none")


@pytest.mark.parametrize(
    ("name", "encoding", "text"),
    [
        ("l.csv", "utf-8", "email,name\na@a.example,Ann\nb@b.example,No\xebl\n"),
        ("l.jsonl", "ascii", '{"email": "a@a.example"}\n\n{"email": "\xeb@b.example"}\n'),
    ],
)
def test_a_wrong_encoding_is_said_with_the_line(
    run: Run, tmp_path: Path, name: str, encoding: str, text: str
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))

    done = run("import", "leads", path, "--encoding", encoding)

    assert done.code == 1
    said = f"{name} is not written in {encoding}: line 3 holds bytes that are none of its letters."
    assert done.err.startswith(said)


def test_trials_without_days_are_said_to_have_none(run: Run, tmp_path: Path) -> None:
    trials = tmp_path / "trials.csv"
    trials.write_text("email,plan\njane@acme.example,Ultimate\n")
    ran = run("import", "trials", trials)
    assert ran.code == 0
    assert "No column gives starts_at or ends_at: trials that are new have neither." in ran.err
