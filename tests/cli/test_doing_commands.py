"""Commands that change something: what they do, what they refuse, and their exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import LEADS, Run

KIM, LEE = "kim@example.com", "lee@example.com"


def test_the_loser_of_a_claim_is_told_who_has_the_lead_and_since_when(filled: Run) -> None:
    assert filled("lead", "claim", "jane@acme.example", "--rep", KIM).code == 0
    assert filled("lead", "claim", "jane@acme.example", "--rep", KIM).code == 0
    lost = filled("lead", "claim", "jane@acme.example", "--rep", LEE)
    assert (lost.code, lost.out) == (1, "")
    assert len(lost.err.splitlines()) == 1
    assert KIM in lost.err
    assert "2024-12-06T12:00:00Z" in lost.err
    history = filled("show", "jane@acme.example", "--format", "json").json["history"]
    assert [entry["action"] for entry in history] == ["claimed"]


def test_of_two_processes_that_claim_at_once_exactly_one_wins(filled: Run, tmp_path: Path) -> None:
    reps = [f"rep{number}@example.com" for number in range(4)]
    racing = [
        subprocess.Popen(
            [sys.executable, "-m", "pqldesk", "lead", "claim", "jane@acme.example", "--rep", rep],
            stderr=subprocess.PIPE,
            text=True,
        )
        for rep in reps
    ]
    told = [process.communicate(timeout=60)[1] for process in racing]
    codes = [process.returncode for process in racing]
    assert sorted(codes) == [0, 1, 1, 1]
    winner = reps[codes.index(0)]
    assert filled("show", "jane@acme.example", "--format", "json").json["owner"] == winner
    assert all(winner in text for text, code in zip(told, codes, strict=True) if code)


def test_the_verbs_of_a_rep_move_a_lead_through_its_states(filled: Run) -> None:
    def state(*words: str) -> str:
        done = filled("lead", *words, "--rep", KIM, "--format", "json")
        assert done.code == 0, done.err
        return str(done.json["state"])

    assert state("claim", "jane@acme.example") == "claimed"
    assert state("release", "jane@acme.example") == "qualified"
    assert state("assign", "jane@acme.example", "--to", LEE) == "claimed"
    assert state("snooze", "jane@acme.example", "--until", "2024-12-08") == "snoozed"
    assert state("reopen", "jane@acme.example") in ("claimed", "working")
    assert state("disqualify", "bob@acme.example", "--reason", "Student") == "disqualified"
    assert state("reopen", "bob@acme.example") == "new"
    assert state("nurture", "bob@acme.example", "--days", "30") == "nurture"
    assert state("won", "cy@beta.example", "--value", "1200.50") == "won"
    assert filled("lead", "disqualify", "cy@beta.example", "--rep", KIM).code == 2


def test_a_snoozed_lead_is_back_when_it_is_due(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    filled("lead", "snooze", "jane@acme.example", "--until", "2024-12-08", "--rep", KIM)
    names = lambda: [row["name"] for row in filled("queue", "--format", "json").json]  # noqa: E731
    assert "Jane Doe" not in names()
    monkeypatch.setenv("PQLDESK_NOW", "2024-12-09T00:00:00Z")
    assert "Jane Doe" in names()


def test_a_lead_added_by_hand_as_hand_raise_is_qualified_at_once(run: Run) -> None:
    added = run(
        "lead",
        "add",
        "--email",
        "New@Acme.example",
        "--first-name",
        "Nell",
        "--kind",
        "hand_raise",
        "--format",
        "json",
    )
    assert added.code == 0
    assert (added.json["state"], added.json["qualified"], added.json["email"]) == (
        "qualified",
        True,
        "New@Acme.example",
    )
    again = run("lead", "add", "--email", "new@acme.example")
    assert again.code == 1
    assert added.json["lead_id"] in again.err


def test_two_leads_become_one_and_two_again(filled: Run) -> None:
    def scores() -> dict[str, int]:
        return {row["name"]: row["score"] for row in filled("queue", "--format", "json").json}

    apart = scores()
    assert filled("lead", "merge", "jane@acme.example", "bob@acme.example", "--rep", KIM).code == 0
    assert set(scores()) == {"Jane Doe", "Cy Poe"}
    assert filled("lead", "unmerge", "jane@acme.example", "--rep", KIM).code == 0
    assert scores() == apart


def test_a_wrong_id_is_parted_after_a_rehearsal_and_undo_joins_it_again(filled: Run) -> None:
    lead = ("lead", "part", "jane@acme.example", "file:u1", "--rep", KIM)
    told = filled(*lead, "--dry-run", "--format", "json").json
    assert (told["dry_run"], told["namespace"], told["value"]) == (True, "file", "u1")
    before = filled("show", "jane@acme.example", "--format", "json").json
    assert told["events"] == before["events"]["total"] > 0
    assert f"{told['events']} usage event" in filled(*lead, "--dry-run").err
    assert filled(*lead).code == 0
    assert filled("show", "jane@acme.example", "--format", "json").json["events"]["total"] == 0
    assert filled("lead", "part", "jane@acme.example", "file:u1", "--dry-run", "--rep", KIM).code == 1
    assert filled("undo", "--rep", KIM).code == 0
    assert filled("show", "jane@acme.example", "--format", "json").json["events"] == before["events"]


def test_tasks_are_added_listed_and_done(filled: Run) -> None:
    added = filled("task", "add", "jane@acme.example", "Call back", "--rep", KIM, "--format", "json").json
    assert set(added) == {"task_id", "lead_id", "title", "due_at", "assignee", "done_at"}
    assert added["due_at"] == "2024-12-09T10:00:00Z"  # the next working day after a Friday
    (listed,) = filled("task", "list", "--format", "json").json
    assert set(listed) >= set(added)
    assert filled("task", "done", added["task_id"], "--rep", KIM).code == 0
    assert filled("task", "list", "--format", "json").json == []
    (done,) = filled("task", "list", "--all", "--format", "json").json
    assert done["done_at"] == "2024-12-06T12:00:00Z"


def test_undo_takes_back_the_last_action_and_redo_does_it_again(filled: Run) -> None:
    owner = lambda: filled("show", "jane@acme.example", "--format", "json").json["owner"]  # noqa: E731
    filled("lead", "claim", "jane@acme.example", "--rep", KIM)
    assert filled("undo", "--rep", KIM).code == 0
    assert owner() is None
    assert filled("redo", "--rep", KIM).code == 0
    assert owner() == KIM
    nothing = filled("undo", "--rep", LEE)
    assert (nothing.code, LEE in nothing.err) == (1, True)


def test_a_verb_without_a_rep_asks_for_one(filled: Run) -> None:
    nobody = filled("lead", "claim", "jane@acme.example")
    assert (nobody.code, "--rep" in nobody.err) == (1, True)
    filled("settings", "set", "rep", KIM)
    assert filled("lead", "claim", "jane@acme.example").code == 0


def test_import_reports_each_file_and_a_dry_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(LEADS + "not-an-address,X,,,,,,,,\n\n" + LEADS.splitlines()[2] + "\n")
    dry = run("import", "leads", path, "--dry-run", "--format", "json").json
    wet = run("import", "leads", path, "--format", "json")
    assert set(wet.json) == {"dry_run", "files"}
    assert (dry["dry_run"], wet.json["dry_run"]) == (True, False)
    counts = {
        key: wet.json["files"][0][key]
        for key in ("rows", "created", "updated", "duplicates", "rejected", "set_aside", "blank")
    }
    assert counts == {
        "rows": 5, "created": 3, "updated": 0, "duplicates": 1, "rejected": 1, "set_aside": 0, "blank": 1,
    }  # fmt: skip
    assert {key: dry["files"][0][key] for key in counts} == counts
    assert wet.json["files"][0]["rejects"][0]["line"] == 5
    assert "1 of 5 rows were rejected" in wet.err
    assert run("import", "leads", path, "--format", "json").json["files"][0]["created"] == 0


def test_an_import_without_a_usable_file_exits_1_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "colours.csv").write_text("colour,size\nred,3\n")
    for path in (tmp_path / "none.csv", tmp_path / "colours.csv"):
        done = run("import", "leads", path)
        assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)


def test_progress_lines_are_json_on_stderr(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS)
    done = run("import", "leads", path, "--progress", "json", "--format", "json")
    assert json.loads(done.err.splitlines()[0])["done"] == 3
    assert done.json["files"][0]["created"] == 3


def test_settings_are_kept_checked_and_listed(run: Run) -> None:
    assert run("settings", "set", "timezone", "Europe/Berlin").code == 0
    assert run("settings", "get", "timezone", "--format", "json").json["value"] == "Europe/Berlin"
    wrong = run("settings", "set", "timezone", "Mars/Base")
    assert (wrong.code, "Mars/Base" in wrong.err) == (1, True)
    assert run("settings", "set", "event_map.app_opened", "login").code == 0
    for key, value, said in (
        ("key.nothing", "Y", "no command 'nothing'"), ("key.task", "C", "C already belongs to “Claim”"),
        ("key.task", "G", "G already belongs to"), ("key.task", "F2", "“F2” is no key"),
    ):  # fmt: skip
        wrong = run("settings", "set", key, value)
        assert (wrong.code, said in wrong.err) == (1, True), wrong.err
    assert run("settings", "set", "key.task", "Y").code == 0
    assert "Y already belongs" in run("settings", "set", "key.note", "Y").err
    keys = {row["key"] for row in run("settings", "list", "--format", "json").json}
    assert {"timezone", "default_owner", "event_map.app_opened"} <= keys


def test_a_changed_model_scores_once_it_is_published(filled: Run, tmp_path: Path) -> None:
    model = filled("model", "show").json
    model["cut"] = 20
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    stored = filled("model", "edit", path, "--format", "json").json
    assert (stored["version"], stored["live"]) == (2, False)
    assert filled("score", "--format", "json").json["qualified"] == 1
    assert filled("model", "publish", "PLG default@2").code == 0
    assert filled("score", "--format", "json").json["qualified"] == 2
    live = [row["version"] for row in filled("model", "list", "--format", "json").json if row["live"]]
    assert live == [2]


def test_replay_holds_the_model_against_outcomes(filled: Run) -> None:
    filled("lead", "won", "jane@acme.example", "--rep", KIM)
    filled("lead", "lost", "bob@acme.example", "--rep", KIM)
    told = filled("model", "replay", "--as-of", "2024-12-05", "--format", "json").json
    assert set(told) >= {
        "model", "version", "as_of", "cut", "n", "won", "base_rate", "tp", "fp", "fn", "tn", "precision", "recall",
        "lift", "lift_top_decile", "auc", "bands", "separates",
    }  # fmt: skip
    assert {key: told[key] for key in ("n", "won", "tp", "fp", "fn", "tn", "auc", "lift")} == {
        "n": 2, "won": 1, "tp": 1, "fp": 0, "fn": 0, "tn": 1, "auc": 1.0, "lift": 2.0,
    }  # fmt: skip
    assert {"band": "qualified", "n": 1, "won": 1} in told["bands"]
    strict = filled("model", "replay", "--as-of", "2024-12-05", "--cut", "90", "--format", "json").json
    assert (strict["tp"], strict["precision"], strict["fn"]) == (0, None, 1)


def test_a_backup_restores_what_it_held(filled: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pqldesk"
    assert filled("backup", copy).code == 0
    assert filled("backup", copy).code == 1
    filled("lead", "add", "--email", "later@example.com")
    assert filled("restore", copy).code == 0
    assert len(filled("queue", "--format", "json").json) == 3
    (tmp_path / "no.db").write_text("text")
    assert filled("restore", tmp_path / "no.db").code == 1
    assert len(filled("queue", "--format", "json").json) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("nosuch",),
        ("queue", "--limit", "many"),
        ("queue", "--as-of", "yesterday"),
        ("queue", "--format", "yaml"),
        ("lead",),
        ("lead", "claim"),
        ("playbook", "approve", "everything"),
    ],
)
def test_wrong_usage_exits_2_and_says_so_on_stderr(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert "usage" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("show", "nobody@example.com"),
        ("queue", "--view", "no-such-view"),
        ("trace", "nobody@example.com"),
        ("task", "done", "T999999", "--rep", "kim@example.com"),
        ("handoff", "jane@acme.example", "--rep", "kim@example.com"),
        ("model", "publish", "Unknown"),
        ("import", "undo", "B999999"),
    ],
)
def test_a_problem_exits_1_with_one_line_on_stderr(filled: Run, words: tuple[str, ...]) -> None:
    done = filled(*words)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)


def test_reading_a_missing_workspace_exits_1_and_makes_none(run: Run, tmp_path: Path) -> None:
    assert run("queue").code == 1
    assert not (tmp_path / "w.pqldesk").exists()


def test_a_bug_exits_3_keeps_the_details_and_says_where(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from pqldesk.cli import queue

    run("lead", "add", "--email", "x@example.com")
    monkeypatch.setattr(queue, "queue_row_json", lambda row: 1 / 0)
    broken = run("queue", "--format", "json")
    assert (broken.code, broken.out, len(broken.err.splitlines())) == (3, "", 1)
    log = next(Path(word.rstrip(";")) for word in broken.err.split() if word.rstrip(";").endswith(".log"))
    assert "ZeroDivisionError" in log.read_text()


def test_the_command_works_as_a_process_of_its_own(filled: Run, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pqldesk", "queue", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stderr, len(json.loads(done.stdout))) == (0, "", 3)
    closed = subprocess.run(
        [sys.executable, "-m", "pqldesk", "queue", "--view", "nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (closed.returncode, closed.stdout) == (1, "")


def test_scoring_reports_its_progress_and_agrees_with_the_plain_run(filled: Run) -> None:
    done = filled("score", "--full", "--progress", "json", "--format", "json")
    assert [json.loads(line)["done"] for line in done.err.splitlines()] == [3]
    assert filled("score", "--full", "--format", "json").json == done.json


def test_a_draft_is_compared_published_and_rolled_back(filled: Run, tmp_path: Path) -> None:
    model = filled("model", "show").json
    model["cut"] = 20
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    assert filled("model", "discard").code == 1
    filled("model", "edit", path)
    assert filled("model", "diff", "--format", "json").json == [{"change": "cut 60 → 20"}]
    told = filled("model", "replay", "--against", "live", "--format", "json").json
    assert (told["live"]["cut"], told["draft"]["cut"], told["newly_qualified"]) == (60, 20, 1)
    assert (
        "does not tell" in (text := filled("model", "replay", "--against", "live").err) or "cannot be" in text
    )
    assert filled("model", "publish", "--note", "Lower the bar").code == 0
    assert filled("score", "--format", "json").json["qualified"] == 2
    assert filled("model", "list", "--format", "json").json[0]["note"] == "Lower the bar"
    assert filled("model", "rollback").code == 0
    assert filled("score", "--format", "json").json["qualified"] == 1
    filled("model", "edit", path)
    assert filled("model", "discard").code == 0
    assert filled("model", "show", "draft").code == 1
    assert filled("model", "learn").code == 1


def test_the_inbox_tells_once_and_is_read(filled: Run) -> None:
    filled("settings", "set", "rep", KIM)
    assert filled("notifications", "list", "--format", "json").json == []  # the first look only remembers
    filled("lead", "add", "--email", "dee@gamma.example", "--kind", "hand_raise", "--name", "Dee Poe")
    (row,) = filled("notifications", "list", "--format", "json").json
    assert (row["kind"], row["lead"]) == ("hand_raise", "Dee Poe")
    assert len(filled("notifications", "list", "--format", "json").json) == 1
    put_off = filled("notifications", "snooze", row["notice_id"], "--days", "2", "--format", "json").json
    assert put_off["unread"] == 0
    assert filled("notifications", "list", "--format", "json").json == []
    (snoozed,) = filled("notifications", "list", "--all", "--format", "json").json
    assert snoozed["snoozed_until"] == put_off["snoozed_until"]
    assert filled("undo").code == 0
    assert filled("notifications", "read", "--format", "json").json == {"read": 1, "unread": 0}
    assert filled("notifications", "list", "--format", "json").json == []
    assert filled("notifications", "read", "Y999999").code == 1


def test_undo_names_the_lead(filled: Run) -> None:
    filled("lead", "claim", "jane@acme.example", "--rep", KIM)
    assert filled("undo", "--rep", KIM).err == "Took back: claimed (Jane Doe)\n"
    assert filled("redo", "--rep", KIM).err == "Did again: claimed (Jane Doe)\n"
