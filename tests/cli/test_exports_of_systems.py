"""Exports of analytics systems are read as their intake reads what they send, without any mapping."""

import gzip
import json
from pathlib import Path

import pytest

RECORDED = Path(__file__).parents[1] / "data" / "recorded"
LINE = json.loads((RECORDED / "snowplow-analytics-sdk-0.2.3.json").read_text())["tsv_line"]
POSTHOG = [
    {"uuid": "1", "event": "integration connected", "distinct_id": "u1", "timestamp": "2024-12-04T10:00:00Z",
     "created_at": "2024-12-04T10:00:05Z", "properties": {"$groups": {"company": "acc_71"}, "integration": "slack"},
     "person_properties": {"email": "dana@example.com", "name": "Dana Ruiz"}},
    {"uuid": "2", "event": "$autocapture", "distinct_id": "u1", "timestamp": "2024-12-04T10:00:00Z", "properties": {}},
    {"uuid": "1", "event": "integration connected", "distinct_id": "u1", "timestamp": "2024-12-04T10:00:00Z",
     "properties": {}},
]  # fmt: skip
MIXPANEL = [
    {"event": "Login", "properties": {"time": 1733306400, "distinct_id": "u1", "$insert_id": "a",
                                      "$email": "dana@example.com"}},
    {"event": "Login", "properties": {"time": 1733306400, "distinct_id": "u1", "$insert_id": "a"}},
    {"event": "Login", "properties": {"time": 1733306400, "distinct_id": "u1", "$insert_id": "b"}},
]  # fmt: skip
AMPLITUDE = [
    {"uuid": "x", "event_type": "Data Imported", "event_time": "2024-12-04 10:00:00.123456", "user_id": "u1",
     "device_id": "d1", "amplitude_id": 7, "event_properties": {"records": 150},
     "user_properties": {"email": "dana@example.com"}, "groups": {"company": ["acc_71"]}},
    {"uuid": "y", "event_type": "session_start", "event_time": "2024-12-04 10:00:00", "user_id": "u1",
     "amplitude_id": 7, "event_properties": {}},
]  # fmt: skip


def written(folder: Path, rows: list, name: str) -> Path:
    path = folder / name
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize(
    ("rows", "name", "counts", "events"),
    [
        (POSTHOG, "posthog.jsonl", (1, 1, 1), {"integration_connected": 1}),
        (MIXPANEL, "mixpanel.jsonl.gz", (2, 1, 0), {"login": 2}),
        (AMPLITUDE, "amplitude.json.gz", (1, 0, 1), {"data_imported": 1}),
    ],
)
def test_an_export_needs_no_mapping(run, tmp_path, rows, name, counts, events):
    ran = run("import", "events", written(tmp_path, rows, name), "--source", "theirs", "--format", "json")
    assert ran.code == 0, ran.err
    (file,) = ran.json["files"]
    assert file["rows"] == len(rows) == sum(counts)
    assert (file["created"], file["duplicates"], file["rejected"]) == counts
    shown = run("show", "dana@example.com", "--format", "json").json
    assert {kind: found["count"] for kind, found in shown["events"]["by_kind"].items()} == events
    assert {"namespace": "theirs", "value": "u1"} in shown["identities"]


def test_enriched_lines_of_snowplow_are_read_and_a_broken_one_is_rejected_alone(run, tmp_path):
    short = "\t".join(LINE.split("\t")[:130])
    other = LINE.replace("4a958a57-afe5-421a-a11f-3eb97b8bbfb7", "other").replace("2026-11-19", "2024-12-04")
    path = written(
        tmp_path,
        [other, short, other, other.replace("other", "another").replace("u_8841", "eve@example.com")],
        "run=1.tsv",
    )
    ran = run("import", "events", path, "--format", "json")
    assert ran.code == 0, ran.err
    (file,) = ran.json["files"]
    assert (file["rows"], file["created"], file["duplicates"], file["rejected"]) == (4, 2, 1, 1)
    assert [(one["line"], one["reason"]) for one in file["rejects"]] == [(2, "It has 130 fields, not 131.")]
    shown = run("show", "eve@example.com", "--format", "json").json
    assert shown["events"]["by_kind"].keys() == {"click_button"}
    assert shown["events"]["by_kind"]["click_button"]["first_at"] == "2024-12-04T14:03:07.75Z"


def test_event_rules_hold_for_exports_too(run, tmp_path):
    run("events", "rules", "add", "click*", "login", "--source", "snowplow", "--when", "label~hand_raise")
    line = LINE.replace("2026-11-19", "2024-12-04").replace("u_8841", "eve@example.com")
    run("import", "events", written(tmp_path, [line], "x.tsv"))
    assert run("show", "eve@example.com", "--format", "json").json["events"]["by_kind"].keys() == {"login"}
