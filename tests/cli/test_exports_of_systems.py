"""Exports of analytics systems are read as their intake reads what they send, without any mapping."""

import csv
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
        (POSTHOG, "posthog.jsonl", (1, 1, 0, 1), {"integration_connected": 1}),
        (MIXPANEL, "mixpanel.jsonl.gz", (2, 1, 0, 0), {"login": 2}),
        (AMPLITUDE, "amplitude.json.gz", (1, 0, 0, 1), {"data_imported": 1}),
    ],
)
def test_an_export_needs_no_mapping(run, tmp_path, rows, name, counts, events):
    ran = run("import", "events", written(tmp_path, rows, name), "--source", "theirs", "--format", "json")
    assert ran.code == 0, ran.err
    (file,) = ran.json["files"]
    assert file["rows"] + file["ignored"] == len(rows) == sum(counts)
    assert (file["created"], file["duplicates"], file["rejected"], file["ignored"]) == counts
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


SEGMENT = [
    {"type": "track", "messageId": "m1", "event": "Signed In", "userId": "u1", "anonymousId": None,
     "timestamp": "2024-12-04T10:00:00Z", "properties": {}},
    {"type": "track", "messageId": "m2", "event": "", "anonymousId": None, "userId": "u2", "integrations": {},
     "timestamp": "2024-12-04T10:00:00Z", "context": {"traits": {"email": "eve@example.com"}, "ids": [1, "a"]},
     "properties": {"plan": {"name": "Gold"}, "note": "=1+1", "seats": 5, "trial": False}},
]  # fmt: skip
TABLE = ("app_id", "platform", "collector_tstamp", "event", "event_id", "user_id", "domain_userid", "page_url",
         "event_vendor", "event_name", "event_format", "event_version",
         "unstruct_event_com_example_feature_used_1_0_0", "contexts_com_example_page_1")  # fmt: skip


def snowplow_row(number: int, kind: str = "unstruct", **more: str) -> dict[str, str]:
    return {
        "platform": "web", "collector_tstamp": "2024-12-04 10:00:00.000", "event": kind, "event_id": f"e{number}",
        "user_id": "eve@example.com", "page_url": "https://example.com/", "event_vendor": "com.example",
        "event_name": "link_click", "event_format": "jsonschema", "event_version": "1-0-1",
        "contexts_com_example_page_1": '[{"id":"p1"}]', **more,
    }  # fmt: skip


def table(folder: Path, rows: list[dict[str, str]], name: str = "events.csv") -> Path:
    path = folder / name
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, TABLE)
        writer.writeheader()
        writer.writerows(rows)
    return path


def cells(path: str) -> list[dict[str, str]]:
    """The rows of a rejects file, each exactly as wide as its header."""
    with Path(path).open(newline="") as file:
        header, *rows = csv.reader(file)
    return [dict(zip(header, row, strict=True)) for row in rows]


def corrected(path: str, **cells_of: str) -> Path:
    """The rejects file with some cells written over in all its rows."""
    rows = [{**row, **cells_of} for row in cells(path)]
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return Path(path)


def imported(run, path, *more: str) -> dict:
    ran = run("import", "events", path, "--format", "json", *more)
    assert ran.code == 0, ran.err
    return ran.json["files"][0]


def test_a_rejected_row_of_a_table_is_kept_whole_and_taken_once_it_is_corrected(run, tmp_path):
    good, bad = snowplow_row(1, "page_view"), snowplow_row(2, "struck", app_id="")
    file = imported(run, table(tmp_path, [good, bad]))
    assert (file["created"], file["rejected"]) == (1, 1)
    whole = {**dict.fromkeys(TABLE, ""), **bad}
    assert file["rejects"][0]["values"] == whole
    (kept,) = cells(file["rejects_file"])
    assert {name: kept[name] for name in TABLE} == whole
    again = imported(run, corrected(file["rejects_file"], event="page_view"))
    assert (again["rows"], again["created"]) == (1, 1)
    assert (
        run("show", "eve@example.com", "--format", "json").json["events"]["by_kind"]["page_view"]["count"]
        == 2
    )


def test_a_rejected_object_is_kept_whole_under_its_keys_and_taken_once_it_is_corrected(run, tmp_path):
    file = imported(run, written(tmp_path, SEGMENT, "seg.jsonl"), "--source", "site")
    assert (file["created"], file["rejected"]) == (1, 1)
    values = file["rejects"][0]["values"]
    assert (values["anonymousId"], values["userId"], values["messageId"]) == (None, "u2", "m2")
    (kept,) = cells(file["rejects_file"])
    assert {name: text for name, text in kept.items() if name not in ("line", "row", "reason")} == {
        "type": "track", "messageId": "m2", "event": "", "userId": "u2", "anonymousId": "",
        "timestamp": "2024-12-04T10:00:00Z", "properties": "", "integrations": "{}",
        "context.traits.email": "eve@example.com", "context.ids": '[1,"a"]', "properties.plan.name": "Gold",
        "properties.note": "'=1+1", "properties.seats": "5", "properties.trial": "false",
    }  # fmt: skip
    again = imported(run, corrected(file["rejects_file"], event="Signed In"), "--source", "site")
    assert (again["rows"], again["created"]) == (1, 1)
    shown = run("show", "eve@example.com", "--format", "json").json
    assert shown["events"]["by_kind"]["login"]["count"] == 1
    assert {"namespace": "site", "value": "u2"} in shown["identities"]


@pytest.mark.parametrize(
    ("rows", "column", "right"),
    [
        ([{**POSTHOG[0], "timestamp": "noon"}, POSTHOG[0]], "timestamp", "2024-12-04T11:00:00Z"),
        ([{**MIXPANEL[0], "properties": {**MIXPANEL[0]["properties"], "time": "noon"}}, MIXPANEL[0]],
         "properties.time", "1733306500"),
        ([{**AMPLITUDE[0], "event_time": "noon"}, AMPLITUDE[0]], "event_time", "2024-12-04 11:00:00"),
    ],
)  # fmt: skip
def test_what_was_rejected_of_any_export_can_be_imported_once_it_is_corrected(
    run, tmp_path, rows, column, right
):
    rows[0] = json.loads(
        json.dumps(rows[0]).replace('"1"', '"9"').replace('"a"', '"z"').replace('"x"', '"z"')
    )
    file = imported(run, written(tmp_path, rows, "theirs.jsonl"))
    assert (file["created"], file["rejected"]) == (1, 1)
    again = imported(run, corrected(file["rejects_file"], **{column: right}))
    assert (again["created"], again["rejected"]) == (1, 0)


def test_self_describing_events_of_a_table_are_named_by_its_columns(run, tmp_path):
    used = {"event_name": "feature_used", "event_version": "1-0-0"}
    data = "unstruct_event_com_example_feature_used_1_0_0"
    rows = [
        snowplow_row(1),
        snowplow_row(2, **used, **{data: '[{"feature": "export", "gdpr": false}]'}),
        snowplow_row(3, **used, **{data: '{"feature": "reports"}'}),
        snowplow_row(4, event_name=""),
    ]
    file = imported(run, table(tmp_path, rows))
    assert (file["created"], file["rejected"]) == (3, 1)
    assert file["rejects"][0]["reason"] == "event_name: a self-describing event has no name."
    shown = run("show", "eve@example.com", "--format", "json").json
    kinds = {kind: found["count"] for kind, found in shown["events"]["by_kind"].items()}
    assert kinds == {"link_click": 1, "feature_activated": 2}
    assert shown["signals"]["features"]["value"] == 2


def test_page_pings_count_for_nothing_and_are_no_rejects(run, tmp_path):
    pings = [snowplow_row(number, "page_ping", event_name="page_ping") for number in (2, 3)]
    ran = run("import", "events", table(tmp_path, [snowplow_row(1), *pings]), "--format", "json")
    (file,) = ran.json["files"]
    assert (file["rows"], file["created"], file["ignored"], file["rejected"]) == (1, 1, 2, 0)
    assert file["rejects_file"] is None
    assert "2 rows are of kinds that count for nothing, such as page pings" in ran.err
    alone = run("import", "events", table(tmp_path, pings, "pings.csv"))
    assert alone.code == 1
    assert "pings.csv holds nothing that counts: all 2 rows are page pings" in alone.err
