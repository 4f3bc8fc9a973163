"""Segment's and RudderStack's tracking API: what is accepted, what it becomes, what senders are told."""

import base64
import gzip
import json

import pytest

pytestmark = pytest.mark.both_databases

EVENTS = """
SELECT k.name, k.key, e.quantity / 1000000, i.namespace, i.value FROM usage_event e
JOIN event_kind k ON k.id = e.kind_id JOIN identity i ON i.id = e.identity_id ORDER BY e.at, k.name, e.seq
"""
BATCH = {
    "batch": [
        {"type": "identify", "messageId": "m1", "userId": "u1", "timestamp": "2026-11-18T09:00:00Z",
         "traits": {"email": "dana@example.com", "firstName": "Dana", "title": "CTO"}},
        {"type": "track", "messageId": "m2", "userId": "u1", "event": "Integration Connected",
         "timestamp": "2026-11-18T09:00:01Z", "properties": {"integration": "slack"}},
        {"type": "track", "messageId": "m3", "userId": "u1", "event": "Data Imported",
         "timestamp": "2026-11-18T09:00:02Z", "properties": {"records": 140}},
    ]
}  # fmt: skip


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def test_a_batch_becomes_a_scored_lead(connect, post, rows):
    connect("segment")
    answer = post("/v1/batch", json=BATCH, headers=basic("wk_test_123"))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert rows(EVENTS) == [
        ("integration_connected", "slack", 1, "segment", "u1"),
        ("data_imported", "", 140, "segment", "u1"),
    ]
    assert rows("SELECT email, name, job_title, score FROM lead") == [
        ("dana@example.com", "Dana", "CTO", 4500)
    ]


def test_a_batch_that_is_sent_again_changes_nothing(connect, post, rows):
    connect("segment")
    post("/v1/batch", json=BATCH, headers=basic("wk_test_123"))
    before = rows(EVENTS), rows("SELECT score FROM lead"), rows("SELECT n FROM usage_total")
    post("/v1/batch", content=gzip.compress(json.dumps(BATCH).encode()), headers=basic("wk_test_123"))
    assert (rows(EVENTS), rows("SELECT score FROM lead"), rows("SELECT n FROM usage_total")) == before


def test_the_key_may_stand_in_the_body_and_decides_between_the_two_systems(connect, post, rows):
    connect("segment", "rudderstack")
    assert (
        post("/v1/track", json={"writeKey": "rk_test_123", "userId": "u", "event": "Login"}).status_code
        == 200
    )
    assert [row[3] for row in rows(EVENTS)] == ["rudderstack"]


@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        ({"json": BATCH}, 401),
        ({"json": BATCH, "headers": basic("wrong")}, 401),
        ({"content": b"{", "headers": basic("wk_test_123")}, 400),
        ({"json": {"batch": {}}, "headers": basic("wk_test_123")}, 400),
        ({"json": [1], "headers": basic("wk_test_123")}, 400),
    ],
)
def test_a_refusal_has_the_shape_that_every_client_understands(connect, post, rows, request_of, status):
    connect("segment")
    answer = post("/v1/batch", **request_of)
    assert answer.status_code == status
    assert answer.json().keys() == {"code", "message", "detail", "errors"}
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]


def test_a_system_that_is_not_connected_is_not_there(post):
    assert post("/v1/batch", json=BATCH, headers=basic("wk_test_123")).status_code == 404


def test_what_cannot_be_used_is_kept_with_its_reason_and_the_rest_counts(connect, post, rows):
    connect("segment")
    batch = {"batch": [{"type": "track", "messageId": "1", "userId": "u"}, {"type": "x"}, 7, *BATCH["batch"],
                       {"type": "track", "event": "Login", "messageId": "2"}]}  # fmt: skip
    assert post("/v1/batch", json=batch, headers=basic("wk_test_123")).status_code == 200
    assert len(rows(EVENTS)) == 2
    reasons = [reason for (reason,) in rows("SELECT reason FROM refused_call ORDER BY id")]
    assert len(reasons) == 4
    assert "has no name" in reasons[0]
    assert "names nobody" in reasons[3]


def test_a_time_that_cannot_be_believed_waits_with_its_reason(connect, post, rows):
    connect("segment")
    call = {"type": "track", "event": "Login", "userId": "u", "messageId": "m"}
    for time in ("1999-01-01T00:00:00Z", "yesterday", "2999-01-01T00:00:00Z"):
        call["messageId"] = time
        post("/v1/track", json={**call, "timestamp": time}, headers=basic("wk_test_123"))
    assert rows(EVENTS) == []
    assert [reason[:9] for (reason,) in rows("SELECT reason FROM event_set_aside ORDER BY id")] == [
        "Its time ", "Its time ", "Its time ",
    ]  # fmt: skip


def test_an_alias_joins_what_two_ids_did(connect, post, rows):
    connect("segment")
    calls = [
        {"type": "track", "event": "Login", "userId": "old", "messageId": "1"},
        {"type": "identify", "userId": "new", "messageId": "2", "traits": {"email": "eve@example.com"}},
        {"type": "alias", "previousId": "old", "userId": "new", "messageId": "3"},
    ]
    for call in calls:
        post("/v1/batch", json={"batch": [call]}, headers=basic("wk_test_123"))
    assert rows("SELECT count(*) FROM lead") == [(1,)]
    assert rows("SELECT DISTINCT lead_id FROM identity WHERE value = 'old'") == [(1,)]


def test_a_trait_that_is_null_takes_back_what_was_said(connect, post, rows):
    connect("segment")
    for title in ("CTO", None):
        traits = {"email": "dana@example.com", "title": title}
        post("/v1/identify", json={"userId": "u1", "traits": traits}, headers=basic("wk_test_123"))
    assert rows("SELECT job_title FROM lead") == [(None,)]


def test_an_item_of_odd_values_is_refused_and_those_after_it_do_not_wait(connect, post, rows):
    connect("segment")
    odd = [{"type": []}, {"type": {}, "userId": "u"}, {"type": "track", "event": [1], "userId": {"a": 1}},
           {"type": "identify", "userId": "u", "traits": {"email": ["x"], "createdAt": {"a": []}}},
           {"type": "track", "event": "x", "userId": "u", "timestamp": [], "properties": {"quantity": []}}]  # fmt: skip
    assert (
        post("/v1/batch", json={"batch": [*odd, *BATCH["batch"]]}, headers=basic("wk_test_123")).status_code
        == 200
    )
    assert {"integration_connected", "data_imported"} <= {row[0] for row in rows(EVENTS)}
    assert rows("SELECT count(*) FROM raw_page WHERE done < items") == [(0,)]


def test_a_call_whose_type_is_no_word_is_refused_by_name(connect, post, rows):
    connect("segment")
    strange = {"type": ["track"], "userId": "u", "messageId": "m1"}
    sound = {"type": "track", "event": "Login", "userId": "u", "messageId": "m2"}
    assert post("/v1/batch", json={"batch": [strange, sound]}, auth=("wk_test_123", "")).status_code == 200
    assert rows("SELECT count(*) FROM usage_event") == [(1,)]
    assert "is no call" in rows("SELECT reason FROM refused_call")[0][0]
