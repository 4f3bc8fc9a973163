"""What reading commands print: keys, forms, places of options, and nothing but the answer on stdout."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

QUEUE_KEYS = {
    "lead_id", "name", "email", "company", "domain", "score", "band", "qualified", "qualified_at", "signals",
    "activation", "milestones", "trial", "owner", "state", "last_active_at", "source", "placement",
}  # fmt: skip
SIGNALS = ["logins", "features", "invites", "integrations", "records", "active_days"]


def test_queue_rows_hold_the_agreed_keys_and_points_that_add_up(filled: Run) -> None:
    rows = filled("queue", "--format", "json").json
    assert [row["name"] for row in rows] == ["Jane Doe", "Bob Roe", "Cy Poe"]
    jane = rows[0]
    assert set(jane) >= QUEUE_KEYS
    assert list(jane["signals"]) == SIGNALS
    assert jane["signals"]["invites"] == {"value": 2, "threshold": 2, "points": 20}
    assert sum(signal["points"] for signal in jane["signals"].values()) == jane["score"] == 65
    assert (jane["band"], jane["qualified"], jane["qualified_at"]) == (
        "qualified",
        True,
        "2024-12-01T00:00:00Z",
    )
    assert jane["activation"] == 83
    assert jane["milestones"]["invited_teammate"] == "2024-12-05T10:00:00Z"
    assert jane["milestones"]["first_feature"] is None
    assert jane["trial"] == {
        "plan": "Ultimate",
        "starts_at": "2024-12-01T00:00:00Z",
        "ends_at": "2024-12-10T00:00:00Z",
        "state": "active",
        "days_left": 4,
    }
    assert jane["placement"] == "group-billing"
    assert rows[2]["trial"] is None
    assert rows[2]["last_active_at"] is None


def test_options_may_stand_before_and_after_their_command(filled: Run) -> None:
    after = filled("queue", "--format", "json", "--limit", "1", "--view", "all").out
    assert filled("--format", "json", "--limit", "1", "--view", "all", "queue").out == after
    assert filled("--format=json", "queue", "--view=all", "--limit", "1").out == after
    claimed = filled("--rep", "kim@example.com", "lead", "--format", "json", "claim", "bob@acme.example")
    assert claimed.json["owner"] == "kim@example.com"


def test_the_workspace_option_beats_the_environment(filled: Run, tmp_path: Path) -> None:
    missing = filled("--workspace", tmp_path / "other.pqldesk", "queue")
    assert (missing.code, missing.out) == (1, "")
    assert str(tmp_path / "other.pqldesk") in missing.err


def test_limit_min_score_owner_and_views_narrow_the_queue(filled: Run) -> None:
    def names(*options: str) -> list[str]:
        return [row["name"] for row in filled("queue", "--format", "json", *options).json]

    assert names("--limit", "0") == ["Jane Doe", "Bob Roe", "Cy Poe"]
    assert names("--limit", "2") == ["Jane Doe", "Bob Roe"]
    assert names("--min-score", "20") == ["Jane Doe", "Bob Roe"]
    assert names("--min-score", "20.01") == ["Jane Doe"]
    assert names("--view", "hand-raises") == ["Jane Doe"]
    assert names("--search", "beta") == ["Cy Poe"]
    filled("lead", "claim", "bob@acme.example", "--rep", "kim@example.com")
    assert names("--owner", "kim@example.com") == ["Bob Roe"]
    assert names("--view", "mine", "--rep", "kim@example.com") == ["Bob Roe"]
    filled("view", "save", "Team Beta", "--search", "beta")
    assert names("--view", "team-beta") == ["Cy Poe"]


def test_names_are_found_without_their_accents_now_and_as_of_a_past_day(filled: Run, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(
        "email,name,company,signup_at\nzs@straße.example,Zoë Šťastná,Straße AG,2024-12-01\n", encoding="utf-8"
    )
    assert filled("import", "leads", more).code == 0

    def names(*options: str) -> list[str]:
        return [row["name"] for row in filled("queue", "--view", "all", "--format", "json", *options).json]

    for typed in ("stastna", "ŠŤASTNÁ", "zoe strasse"):
        assert (
            names("--search", typed) == names("--as-of", "2024-12-05", "--search", typed) == ["Zoë Šťastná"]
        )
    for written in ("name contains stastna", "company is 'strasse ag'"):
        assert (
            names("--filter", written)
            == names("--as-of", "2024-12-05", "--filter", written)
            == ["Zoë Šťastná"]
        )
    exported = filled("export", "leads", "--format", "json", "--search", "stastna").json
    assert [row["name"] for row in exported] == ["Zoë Šťastná"]


def test_a_past_queue_counts_only_what_had_occurred(filled: Run) -> None:
    at_noon = filled("queue", "--format", "json", "--as-of", "2024-12-05T10:30:00Z").json
    assert at_noon[0]["signals"]["invites"] == {"value": 1.5, "threshold": 2, "points": 0}
    day_before = filled("queue", "--format", "json", "--as-of", "2024-12-04").json
    assert [row["score"] for row in day_before] == [25, 0, 0]
    assert day_before[0]["last_active_at"] == "2024-12-04T10:00:00Z"
    assert filled("queue", "--format", "json").json[0]["score"] == 65


def test_known_at_leaves_out_what_arrived_later(filled: Run, tmp_path: Path) -> None:
    late = tmp_path / "late.csv"
    late.write_text(
        "event_id,user_id,event,key,occurred_at,received_at\n"
        "l1,u2,integration_connected,slack,2024-12-03T10:00:00Z,2024-12-06T10:00:00Z\n"
    )
    assert filled("import", "events", late).code == 0
    bob = filled("queue", "--format", "json", "--as-of", "2024-12-05", "--search", "bob").json[0]
    known = filled(
        "queue", "--format", "json", "--as-of", "2024-12-05", "--known-at", "2024-12-05", "--search", "bob"
    ).json[0]
    assert (bob["score"], known["score"]) == (45, 20)


def test_score_says_how_many_and_the_second_time_nothing_changes(filled: Run) -> None:
    first = filled("score", "--format", "json").json
    assert set(first) == {"leads", "changed", "qualified", "model", "version", "as_of"}
    assert (first["leads"], first["qualified"], first["model"], first["version"]) == (3, 1, "PLG default", 1)
    assert first["as_of"] == "2024-12-06T12:00:00Z"
    assert filled("score", "--full", "--format", "json").json["changed"] == 0


def test_midnight_lapses_a_window_and_a_full_rescore_agrees(
    filled: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled("queue", "--format", "json").json[0]["signals"]["logins"]["value"]
    monkeypatch.setenv("PQLDESK_NOW", "2024-12-10T00:00:00Z")
    after = filled("queue", "--format", "json").json[0]["signals"]["logins"]["value"]
    assert (before, after) == (1, 0)
    assert filled("score", "--full", "--format", "json").json["changed"] == 0


def test_explain_prints_the_whole_arithmetic(filled: Run) -> None:
    told = filled("score", "--explain", "jane@acme.example", "--format", "json").json
    assert list(told)[:3] == ["lead_id", "as_of", "model"]
    assert (told["cut"], told["score"], len(told["signals"])) == (60, 65, 6)
    logins = told["signals"][0]
    assert set(logins) >= {
        "key", "label", "measure", "window_days", "from", "to", "value", "threshold", "weight", "points",
    }  # fmt: skip
    assert (logins["from"], logins["to"]) == ("2024-11-30", "2024-12-06")
    assert sum(signal["points"] for signal in told["signals"]) == told["score"]


def test_show_tells_everything_about_one_lead(filled: Run) -> None:
    filled("lead", "claim", "u1", "--rep", "kim@example.com")
    filled("lead", "claim", "file:u1", "--rep", "kim@example.com")
    lead = filled("show", "file:u1", "--format", "json").json
    assert set(lead) >= QUEUE_KEYS | {
        "identities", "submissions", "events", "trials", "tasks", "notes", "outbox", "history",
    }  # fmt: skip
    assert {"namespace": "email", "value": "jane@acme.example"} in lead["identities"]
    assert {"namespace": "file", "value": "u1"} in lead["identities"]
    (form,) = lead["submissions"]
    assert {key: form[key] for key in ("kind", "glm_source", "glm_content", "comment", "times")} == {
        "kind": "hand_raise",
        "glm_source": "billing",
        "glm_content": "group-billing",
        "comment": "We need SSO",
        "times": 1,
    }
    assert lead["events"]["total"] == 5
    assert lead["events"]["by_kind"]["team_invited"] == {
        "count": 2,
        "quantity": 2,
        "first_at": "2024-12-05T10:00:00Z",
        "last_at": "2024-12-05T11:00:00Z",
    }
    assert [(entry["actor"], entry["action"]) for entry in lead["history"]] == [
        ("kim@example.com", "claimed")
    ]


def test_the_other_figures_of_the_activation_page_are_told_too(filled):
    whole = filled("activation", "--format", "json").json
    curves = filled("activation", "--show", "curves", "--format", "json").json
    assert {row["milestone"] for row in curves} <= {row["milestone"] for row in whole}
    assert {tuple(row) for row in curves} == {("milestone", "within_days", "rate")}
    assert min(row["within_days"] for row in curves) == 1
    (value,) = filled("activation", "--show", "value", "--format", "json").json
    assert value["n"] == whole[0]["of"]
    weeks = filled("activation", "--show", "weeks", "--format", "json").json
    assert {*weeks[0]} == {"week", "n", *(row["milestone"] for row in whole)}
    assert len(filled("activation", "--show", "winners", "--format", "json").json) == len(whole)
    stalled = filled("activation", "--show", "stalled", "--format", "json").json
    assert all(row["days_stalled"] >= 0 for row in stalled)
    (recent,) = filled("activation", "--show", "value", "--days", "1", "--format", "json").json
    assert recent["n"] <= value["n"]


def test_trials_accounts_activation_and_funnel_hold_the_agreed_keys(filled: Run) -> None:
    (trial,) = filled("trials", "--format", "json").json
    assert set(trial) >= {
        "trial_id", "company", "domain", "email", "lead_id", "plan", "starts_at", "ends_at", "state", "days_left",
        "converted_at",
    }  # fmt: skip
    (expired,) = filled("trials", "--format", "json", "--as-of", "2024-12-11").json
    assert (trial["state"], trial["days_left"], expired["state"], expired["days_left"]) == (
        "active",
        4,
        "expired",
        0,
    )
    assert filled("trials", "--format", "json", "--as-of", "2024-11-30").json == []
    accounts = filled("accounts", "--format", "json").json
    agreed = {"company_id", "name", "domain", "leads", "active_users_14d", "trial", "score"}
    assert [set(row) >= agreed for row in accounts] == [True] * 2
    assert (accounts[0]["leads"], accounts[0]["active_users_14d"], accounts[0]["score"]) == (2, 2, 65)
    steps = filled("activation", "--format", "json").json
    assert steps[0] == {"milestone": "signed_up", "reached": 3, "of": 3, "median_days": 0}
    assert [step["reached"] for step in steps] == [3, 1, 0, 2, 1, 1]
    funnel = filled("funnel", "--format", "json").json
    assert [step["step"] for step in funnel] == [
        "signed_up", "activated", "qualified", "claimed", "contacted", "handed_off", "opportunity", "won",
    ]  # fmt: skip
    assert set(funnel[0]) >= {"step", "n", "of", "rate", "low", "high", "median_hours"}
    assert (funnel[2]["step_of"], funnel[1]["n"]) == (funnel[1]["n"], funnel[2]["step_of"])
    assert filled("funnel", "--from", "2030-01-01", "--format", "json").json[0]["n"] == 0
    assert filled("funnel", "--by", "plan", "--rep", "nobody@example.com", "--format", "json").json == []
    assert (funnel[2]["n"], funnel[2]["of"], round(funnel[2]["rate"], 4)) == (1, 3, 0.3333)
    for part, keys in (
        ("speed", {"within_hours", "touched", "n", "late"}),
        ("bands", {"band", "won", "of", "rate", "low", "high"}),
        ("reps", {"rep", "claimed", "in_time", "in_time_of", "handed_off", "given_back", "won"}),
        ("retention", {"week", "after_weeks", "active", "of", "rate"}),
        ("value", {"day", "n"}),
    ):
        rows = filled("funnel", "--show", part, "--days", "364", "--format", "json").json
        assert all(set(row) >= keys for row in rows), part
        assert rows or part in {"reps", "retention"}
    refused = filled("funnel", "--show", "speed", "--by", "week")
    assert (refused.code, "--show is of the last weeks" in refused.err) == (1, True)
    weeks = filled("funnel", "--by", "week", "--format", "json").json
    assert {step["week"] for step in weeks} == {"2024-11-25", "2024-12-02"}


def test_csv_of_the_queue_has_the_columns_of_the_export(filled: Run) -> None:
    queue = list(csv.DictReader(io.StringIO(filled("queue", "--format", "csv").out)))
    export = list(csv.DictReader(io.StringIO(filled("export", "leads").out)))
    assert list(queue[0]) == list(export[0])
    assert {"signals.logins.value", "signals.logins.points", "user_ids", "outcome", "outcome_at"} <= set(
        queue[0]
    )
    assert (queue[0]["user_ids"], queue[0]["qualified"]) == ("u1", "true")
    as_json = filled("export", "leads", "--format", "json").json
    lines = [json.loads(line) for line in filled("export", "leads", "--format", "jsonl").out.splitlines()]
    assert as_json == lines
    assert as_json[0]["signals.records.value"] == 150


def test_a_formula_in_a_name_leaves_no_csv_unharmed(run: Run) -> None:
    run("lead", "add", "--email", "x@example.com", "--name", "=1+1")
    rows = list(csv.DictReader(io.StringIO(run("queue", "--format", "csv").out)))
    assert rows[0]["name"] == "'=1+1"


def test_every_listing_prints_json_alone_on_stdout(filled: Run) -> None:
    for words in (
        "queue", "trials", "accounts", "activation", "funnel", "task list", "outbox list", "history", "view list",
        "suggestions list", "placement list", "events set-aside list", "settings list", "connections",
        "playbook list", "model list", "doctor", "trace jane@acme.example",
    ):  # fmt: skip
        done = filled(*words.split(), "--format", "json")
        assert done.code == 0, words
        assert isinstance(done.json, list), words


def test_trace_lists_the_steps_known_here(filled: Run) -> None:
    (received,) = filled("trace", "jane@acme.example", "--format", "json").json
    assert set(received) >= {"hop", "system", "status", "at", "remote_id", "error"}
    assert received["hop"] == "received"


def test_doctor_says_what_to_do_about_an_unknown_placement(filled: Run) -> None:
    def found() -> dict[str, bool]:
        return {row["check"]: row["ok"] for row in filled("doctor", "--format", "json").json}

    assert found()["placements"] is False
    filled("placement", "add", "group-billing", "--place", "Billing page")
    assert all(found().values())


def test_help_and_version_load_no_heavy_library() -> None:
    import subprocess

    for option in ("--version", "--help"):
        code = (
            "import sys; from pqldesk.cli import main; code = main([sys.argv[1]]);"
            "sys.exit(code or any(m in sys.modules for m in ('sqlalchemy', 'PySide6', 'httpx', 'numpy')))"
        )
        done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), option


def test_doctor_knows_a_source_without_an_address(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    monkeypatch.setenv("SEGMENT_KEY", "write-key")
    filled("connect", "segment", "--token-env", "SEGMENT_KEY")
    said = {row["check"]: row["what"] for row in filled("doctor", "--format", "json").json}
    assert said["connection segment"] == "Segment is connected."


def test_people_are_told_times_to_the_second(filled: Run) -> None:
    due = ("--due", "2024-12-09", "--rep", "kim@example.com")
    assert "due 2024-12-09T23:59:59Z" in filled("task", "add", "jane@acme.example", "Call", *due).err
    assert "2024-12-09T23:59:59Z" in filled("task", "list").out
    assert "task 2024-12-09T23:59:59Z  Call" in filled("show", "jane@acme.example").out
    assert filled("task", "list", "--format", "json").json[0]["due_at"] == "2024-12-09T23:59:59.999999Z"


def test_a_state_that_does_not_exist_is_refused_with_those_that_do(filled: Run) -> None:
    refused = filled("queue", "--state", "weird")
    assert refused.code == 1
    assert "There is no state 'weird'. Known: new, " in refused.err


def test_a_shown_lead_names_nothing_twice(filled: Run) -> None:
    filled("lead", "add", "--email", "bo@north.example", "--rep", "kim@example.com")
    first, second, *_more = filled("show", "bo@north.example").out.splitlines()
    assert first.split()[0] == "bo@north.example"
    assert "<" not in first
    assert second == "north.example"


def test_an_owner_whom_nobody_knows_is_refused_with_those_there_are(filled: Run) -> None:
    filled("lead", "claim", "bob@acme.example", "--rep", "kim@example.com")
    refused = filled("queue", "--owner", "zzz")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "No lead is owned by 'zzz'. Known: kim@example.com, or nobody.\n"
    assert filled("queue", "--owner", "nobody").code == 0
    filled("lead", "release", "bob@acme.example", "--rep", "kim@example.com")
    assert filled("queue", "--owner", "kim@example.com", "--format", "json").json == []


def test_a_shown_lead_calls_signals_and_milestones_by_their_titles(filled: Run) -> None:
    told = filled("show", "jane@acme.example").out
    assert "  Integration connected  1 / 1  +25\n" in told
    assert "First integration " in told
    assert "active_days" not in told


def test_explain_says_what_made_the_lead_a_pql(filled: Run) -> None:
    filled("lead", "add", "--email", "dee@delta.example", "--kind", "hand_raise", "--rep", "kim@example.com")
    told = filled("score", "--explain", "dee@delta.example", "--format", "json").json
    assert (told["score"], told["qualified"], told["qualified_by"]) == (0, True, "hand_raise")
    assert told["hand_raised_at"] == "2024-12-06T12:00:00Z"
    assert "Qualified by a hand raised on 2024-12-06" in filled("score", "--explain", "dee@delta.example").out
    by_score = filled("score", "--explain", "jane@acme.example", "--format", "json").json
    assert by_score["qualified_by"] == "score"
    short = filled("score", "--explain", "cy@beta.example")
    assert "Not qualified: 60 points short of the cut" in short.out


def test_the_queue_loads_nothing_that_only_other_commands_need(filled: Run, tmp_path: Path) -> None:
    asked = (
        "import sys; from pqldesk.cli import main; main(['queue', '--limit', '1']);"
        "print(sorted(m for m in sys.modules if m in ('httpx', 'rich', 'pqldesk.services.connectors',"
        " 'pqldesk.services.leads.show', 'pqldesk.services.claims')), file=sys.stderr)"
    )
    environment = {**os.environ, "PQLDESK_WORKSPACE": str(tmp_path / "w.pqldesk")}
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env=environment)
    assert ran.stderr.strip().splitlines()[-1] == "[]"


def test_a_query_of_ones_own_is_printed_in_every_form_and_says_where_it_was_cut(filled: Run) -> None:
    query = "SELECT name, score / 100 AS points FROM lead ORDER BY id"
    assert filled("sql", query, "--format", "json", "--limit", 1).json == [{"name": "Jane Doe", "points": 65}]
    cut = filled("sql", query, "--format", "csv", "--limit", 2)
    assert (cut.out.splitlines()[:2], len(cut.out.splitlines())) == (["name,points", "Jane Doe,65"], 3)
    assert cut.err == "These are the first 2 rows; --limit 0 prints all.\n"
    assert filled("sql", query + ";", "--limit", 0).err == ""
    assert filled("sql", "SELECT name FROM lead WHERE id < 0", "--format", "csv").out == "name\n"
    refused = filled("sql", "DELETE FROM lead")
    assert (refused.code, refused.out) == (1, "")
    assert "does more than read" in refused.err
