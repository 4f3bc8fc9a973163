"""Two projects of one system send to one intake: their keys tell them apart, and equal ids are not the same."""

import hashlib
import hmac
import json
import time

import pytest

PEOPLE = """SELECT i.namespace, i.value, count(e.seq) FROM identity i
LEFT JOIN usage_event e ON e.identity_id = i.id GROUP BY 1, 2 ORDER BY 1, 2"""


def event(name, number="0190aaaa-0000-7000-8000-000000000001"):
    return {"event": name, "distinct_id": "u_1", "uuid": number, "properties": {}}


def test_each_project_is_a_source_of_its_own_and_follows_the_rules_of_its_kind(connect, post, rows):
    connect("posthog")
    connect("posthog-eu", key="phc_eu")
    for key in ("phc_test_123", "phc_eu"):
        sent = {
            "api_key": key,
            "batch": [event("Signed In"), event("$autocapture", "0190aaaa-0000-7000-8000-000000000002")],
        }
        for _ in range(2):  # sent again, it is the same event of the same project
            assert post("/batch/", json=sent).json() == {"status": 1}
    assert rows(PEOPLE) == [("posthog", "u_1", 1), ("posthog-eu", "u_1", 1)]
    assert post("/batch/", json={"api_key": "phc_nobody", "batch": [event("x")]}).status_code == 401
    mixed = [{**event("x"), "properties": {"token": key}} for key in ("phc_test_123", "phc_eu")]
    assert post("/e/", json=mixed).status_code == 401


def test_a_second_project_alone_is_connected_as_well(connect, post, rows):
    connect("segment-mobile", key="wk_mobile")
    message = {"type": "track", "userId": "u_1", "event": "Signed In", "messageId": "m1"}
    for path in ("/v1/batch", "/in/segment/v1/batch"):
        assert post(path, json={"batch": [message]}, auth=("wk_mobile", "")).status_code == 200
    assert rows(PEOPLE) == [("segment-mobile", "u_1", 1)]


@pytest.mark.parametrize("account", ["stripe", "stripe-us"])
def test_the_signature_tells_whose_webhook_it_is(connect, post, rows, account):
    secrets = {"stripe": "whsec_test_secret", "stripe-us": "whsec_us"}
    for name, secret in secrets.items():
        connect(name, key=secret)
    customer = {"id": "cus_1", "object": "customer", "email": "dana@example.com"}
    body = json.dumps({"id": "evt_1", "object": "event", "type": "customer.created", "created": 1763000000,
                       "data": {"object": customer}}).encode()  # fmt: skip
    stamp = int(time.time())
    made = hmac.new(secrets[account].encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={stamp},v1={made}"}
    assert post("/stripe/webhook", content=body, headers=headers).status_code == 200
    assert rows("SELECT namespace FROM identity WHERE value = 'cus_1'") == [(account,)]


@pytest.mark.parametrize("sender", ["generic", "generic-crm"])
def test_the_signature_tells_whose_json_it_is(connect, post, rows, sender):
    secrets = {"generic": "first", "generic-crm": "second"}
    for name, secret in secrets.items():
        connect(name, key=secret)
    body = json.dumps({"user_id": "u_1", "event": "Signed In", "event_id": "e1"}).encode()
    made = hmac.new(secrets[sender].encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-PQLDesk-Signature": f"sha256={made}"}
    assert post("/in/generic", content=body, headers=headers).status_code == 200
    assert rows(PEOPLE) == [(sender, "u_1", 1)]
    wrong = {"X-PQLDesk-Signature": "sha256=" + "0" * 64}
    assert post("/in/generic", content=body, headers=wrong).status_code == 401


def test_the_secret_of_the_path_tells_whose_tracker_it_is(connect, post, rows):
    connect("snowplow", key=None)  # trackers of this computer
    connect("snowplow-eu", key="eu_secret")
    event = {"e": "se", "se_ca": "login", "se_ac": "ok", "uid": "u_1", "eid": "0190aaaa-0000-7000-8000-000000000001",
             "dtm": "1763000000000", "p": "web", "tv": "js-3"}  # fmt: skip
    payload = {"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": [event]}
    path = "com.snowplowanalytics.snowplow/tp2"
    assert post(f"/in/snowplow/eu_secret/{path}", json=payload).status_code == 200
    assert rows(PEOPLE) == [("snowplow-eu", "u_1", 1)]
    assert post(f"/{path}", json=payload).status_code == 200
    assert rows(PEOPLE) == [("snowplow", "u_1", 1), ("snowplow-eu", "u_1", 1)]
