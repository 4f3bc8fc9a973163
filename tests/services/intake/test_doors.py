"""Who is let in: hosts, origins, peers, keys, rates; and what happens when there is too much."""

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path

import pytest

from pqldesk.cli import main
from pqldesk.services import settings
from pqldesk.services.intake import desk as desks
from pqldesk.services.intake.limits import Bucket
from pqldesk.services.intake.others import signed_at_times

TP2 = "/com.snowplowanalytics.snowplow/tp2"
EVENT = {
    "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
    "data": [{"e": "se", "se_ac": "click", "uid": "u", "eid": "1", "p": "web"}],
}
VECTOR = json.loads(
    (Path(__file__).parents[2] / "data" / "recorded" / "stripe-webhook-vector-16.1.0.json").read_text()
)


def test_a_name_that_was_made_to_point_here_is_refused(connect, post, write):
    connect("snowplow")
    for host in ("127.0.0.1:8620", "localhost:8620", "[::1]:8620", "192.0.2.7"):
        assert post(TP2, json=EVENT, headers={"Host": host}).status_code == 200
    refused = post(TP2, json=EVENT, headers={"Host": "evil.example:8620"})
    assert refused.status_code == 403
    assert "intake_hosts" in refused.json()["message"]
    write(settings.store, "intake_hosts", "tracker.acme.example")
    assert post(TP2, json=EVENT, headers={"Host": "tracker.acme.example"}).status_code == 200


def test_a_page_of_another_origin_cannot_post_to_a_source_without_a_key(connect, post, rows, write):
    connect("snowplow")
    evil = {"Origin": "https://evil.example"}
    assert post(TP2, json=EVENT, headers=evil).status_code == 403
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]
    assert "access-control-allow-origin" not in post(TP2, "OPTIONS", headers=evil).headers
    assert post(TP2, json=EVENT, headers={"Origin": "http://localhost:3000"}).status_code == 200
    write(settings.store, "intake_origins", "https://app.acme.example")
    answer = post(TP2, json=EVENT, headers={"Origin": "https://app.acme.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.acme.example"
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_browser_library_may_ask_before_it_sends(connect, post):
    connect("segment")
    answer = post(
        "/v1/t",
        "OPTIONS",
        headers={
            "Origin": "https://app.acme.example",
            "Access-Control-Request-Headers": "authorization,content-type,x-retry-count",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.acme.example"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type,x-retry-count"


def test_snowplow_without_a_secret_serves_this_computer_alone(connect, post):
    connect("snowplow")
    assert post(TP2, json=EVENT, peer="192.0.2.7").status_code == 403
    assert post(TP2, json=EVENT, peer="192.0.2.7", may_lack_key=True).status_code == 200


def test_snowplow_with_a_secret_has_it_in_its_path(connect, post):
    connect("snowplow", key="s3cret")
    assert post(TP2, json=EVENT).status_code == 401
    assert post(f"/in/snowplow/wrong{TP2}", json=EVENT).status_code == 401
    assert post(f"/in/snowplow/s3cret{TP2}", json=EVENT, peer="192.0.2.7").status_code == 200
    assert post("/in/snowplow/s3cret/i", "GET", params={"e": "pv", "uid": "u"}).status_code == 200


def test_requests_without_a_key_are_taken_only_where_that_was_allowed(connect, post):
    connect("segment")
    call = {"type": "track", "event": "Login", "userId": "u"}
    assert post("/v1/track", json=call).status_code == 401
    assert post("/v1/track", json=call, may_lack_key=True).status_code == 200
    assert post("/v1/track", json={**call, "writeKey": "wrong"}, may_lack_key=True).status_code == 401


def test_a_list_with_keys_of_two_projects_is_refused(connect, post):
    connect("posthog")
    events = [
        {"event": "x", "distinct_id": "u", "properties": {"token": t}} for t in ("phc_test_123", "phc_2")
    ]
    assert post("/e/", json=events).status_code == 401


def test_mixpanel_is_only_below_its_own_prefix(connect, post):
    connect("mixpanel")
    assert post("/import", json=[]).status_code == 404
    event = {"event": "x", "properties": {"distinct_id": "u", "token": "mp_test_123"}}
    assert post("/in/mixpanel/track", json=event).text == "1"
    refused = post("/in/mixpanel/track", json={"event": "x", "properties": {"token": "wrong"}})
    assert (refused.status_code, refused.json()["status"]) == (401, 0)  # what its library reads
    assert refused.json()["error"]


def test_stripes_vectors_are_told_apart_as_its_own_library_does():
    header, body, secret = VECTOR["header"], VECTOR["payload"].encode(), VECTOR["secret"]
    now, made = VECTOR["timestamp"], VECTOR["header"].partition("v1=")[2]
    assert signed_at_times(header, body, secret, now)
    assert signed_at_times(f"t={now},v1={'0' * 64},v1={made}", body, secret, now)
    assert signed_at_times(header, body, secret, now - 1_000_000)
    assert not signed_at_times(header, body + b" ", secret, now)
    assert not signed_at_times(header.replace("v1", "v0"), body, secret, now)
    assert not signed_at_times(header, body, secret, now + 301)
    assert not signed_at_times(f"v1={made}", body, secret, now)


def stripe_request(event: dict) -> dict:
    body = json.dumps(event).encode()
    stamp = int(time.time())
    made = hmac.new(b"whsec_test_secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"content": body, "headers": {"Stripe-Signature": f"t={stamp},v1={made}"}}


def subscription(status: str, **more: object) -> dict:
    return {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": status,
            "trial_start": 1763000000, "trial_end": 1764209600, **more}  # fmt: skip


def stripe_event(number: int, kind: str, thing: dict, **before: object) -> dict:
    return {"id": f"evt_{number}", "object": "event", "type": kind, "created": 1763000000 + number,
            "data": {"object": thing, "previous_attributes": before}}  # fmt: skip


def test_a_stripe_trial_follows_its_subscription_whatever_order_its_events_come_in(connect, post, rows):
    connect("stripe")
    customer = {"id": "cus_1", "object": "customer", "email": "dana@example.com", "name": "Dana Ruiz"}
    events = [
        stripe_event(1, "customer.created", customer),
        stripe_event(9, "customer.subscription.updated", subscription("active"), status="trialing"),
        stripe_event(2, "customer.subscription.created", subscription("trialing")),
    ]
    for event in events:
        answer = post("/stripe/webhook", **stripe_request(event))
        assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert rows("SELECT l.email, t.source_state FROM trial t JOIN lead l ON l.id = t.lead_id") == [
        ("dana@example.com", "converted")
    ]
    wrong = stripe_request(events[0])
    wrong["headers"]["Stripe-Signature"] += "0"
    assert post("/in/stripe/webhook", **wrong).status_code == 400
    assert (
        post("/stripe/webhook", **stripe_request({"object": "v2.core.event", "id": "x"})).status_code == 200
    )


def test_signed_json_under_our_own_names_becomes_usage_people_forms_and_trials(connect, post, rows):
    connect("generic")
    body = json.dumps({"events": [
        {"event_id": "1", "user_id": "u", "event": "feature_activated", "key": "sso", "occurred_at": "2026-11-18"},
        {"email": "eve@example.com", "user_id": "u", "first_name": "Eve"},
        {"email": "eve@example.com", "kind": "hand_raise", "comment": "We need SSO", "glm_content": "billing"},
        {"email": "eve@example.com", "plan": "Premium", "starts_at": "2026-11-10", "ends_at": "2026-12-10"},
    ]}).encode()  # fmt: skip
    made = "sha256=" + hmac.new(b"generic-secret", body, hashlib.sha256).hexdigest()
    assert post("/in/generic", content=body).status_code == 401
    assert (
        post("/in/generic", content=body, headers={"X-PQLDesk-Signature": made[:-1] + "x"}).status_code == 401
    )
    assert post("/in/generic", content=body, headers={"X-PQLDesk-Signature": made}).status_code == 200
    assert rows("SELECT email, first_name, placement, hand_raised_at IS NOT NULL FROM lead") == [
        ("eve@example.com", "Eve", "billing", 1)
    ]
    assert rows("SELECT k.name, k.key FROM usage_event e JOIN event_kind k ON k.id = e.kind_id") == [
        ("feature_activated", "sso")
    ]
    assert rows("SELECT plan FROM trial") == [("Premium",)]
    assert rows("SELECT count(*) FROM refused_call") == [(0,)]


def test_too_many_requests_are_told_to_come_again():
    bucket = Bucket(2.0)
    for _ in range(4):
        bucket.take("a", now=0.0)
    with pytest.raises(Exception, match="later"):
        bucket.take("a", now=0.1)
    bucket.take("b", now=0.1)
    bucket.take("a", now=0.7)


def test_requests_that_arrive_together_at_a_fresh_intake_are_all_let_in(connect, served):
    connect("segment")

    async def work(client):
        calls = [{"writeKey": "wk_test_123", "userId": f"u{n}", "event": "Login"} for n in range(5)]
        return await asyncio.gather(*(client.post("/v1/track", json=call) for call in calls))

    assert [answer.status_code for answer in served(work)] == [200] * 5


def test_when_too_much_waits_nothing_is_accepted(connect, served, rows, monkeypatch):
    connect("segment")
    monkeypatch.setattr(desks, "WAITING_LIMIT", -1)

    async def work(client):
        return await client.post(
            "/v1/track", json={"writeKey": "wk_test_123", "userId": "u", "event": "Login"}
        )

    answer = served(work)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]


def test_what_cannot_be_stored_is_to_be_sent_again(connect, served, rows, workspace):
    from pqldesk.services.basics.problems import WorkspaceProblem

    connect("segment")

    async def work(client):
        await client.get("/health")
        workspace.db.refuse_writes(WorkspaceProblem("The disk is full."))
        return await client.post(
            "/v1/track", json={"writeKey": "wk_test_123", "userId": "u", "event": "Login"}
        )

    answer = served(work, seconds=0.1)
    assert answer.status_code == 503
    assert rows("SELECT count(*) FROM raw_page") == [(0,)]


def test_every_inbound_source_connects_with_its_key_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    monkeypatch.setenv("KEY", "k")
    for system in (
        "segment",
        "rudderstack",
        "posthog",
        "gitlab",
        "stripe",
        "mixpanel",
        "amplitude",
        "generic",
    ):
        assert main(["--workspace", str(tmp_path / "w"), "connect", system, "--token-env", "KEY"]) == 0
    assert main(["--workspace", str(tmp_path / "w"), "connect", "snowplow"]) == 0
    assert capsys.readouterr().err == ""
