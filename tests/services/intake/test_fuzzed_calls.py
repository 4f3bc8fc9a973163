# ruff: noqa: E501, SIM905 - long lists of words read better in lines
"""Whatever comes through whichever door: an answer that the sender understands, never 500, and what else came counts.

More examples: PQLDESK_LONG_TESTS=1.
"""

import base64
import gzip
import hashlib
import hmac
import json
import os
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.services.intake.conftest import KEYS

LONG = os.environ.get("PQLDESK_LONG_TESTS") == "1"
SYSTEMS = (*KEYS, "snowplow", "button")
DOORS = (
    "/v1/track", "/v1/identify", "/v1/batch", "/v1/import", "/v1/merge", "/v1/t", "/pixel/v1/track",
    "/in/rudderstack/v1/batch", "/in/rudderstack/v1/identify", "/batch", "/i/v0/e", "/capture", "/engage",
    "/i/v1/analytics/events", "/flags", "/decide", "/in/mixpanel/track", "/in/mixpanel/engage", "/in/mixpanel/groups",
    "/in/mixpanel/import", "/2/httpapi", "/in/amplitude/batch", "/stripe/webhook", "/in/stripe/stripe/webhook", "/generic",
    "/in/generic/events", "/i", "/ice.png", "/com.snowplowanalytics.snowplow/tp2", "/com.acme.example/v1",
    "/com.snowplowanalytics.iglu/v1", "/embed/hand_raises", "/embed/placement_reports", "/trials/self_managed/ultimates",
    "/leads/self_managed/welcome_contacts", "/api/v1/gitlab/namespaces/trials/eligibility", "/trials", "/in/nobody/x",
    "/health", "/", "/v1/..%2f..%2fetc/passwd", "/embed/..%2f..%2f..%2fpyproject.toml", "/embed/%00", "/in/segment/%ff",
)  # fmt: skip
GOOD = {"type": "track", "event": "Login", "userId": "good"}

NAMES = st.sampled_from(
    "type event events batch userId anonymousId messageId traits properties timestamp sentAt context email name groupId "
    "previousId distinct_id $distinct_id api_key token $token $set $insert_id time data schema payload e aid p tv uid duid "
    "id object customer status user_id event_type event_properties user_properties glm_content glm_source company "
    "occurred_at quantity key company_domain state ends_at page button_text $add $groups uuid options first_name "
    "created namespace trial_user uid ue_px cx".split()
)  # fmt: skip
WORDS = st.sampled_from([
    "track", "identify", "alias", "group", "$identify", "$set", "Login", "u1", "jane@acme.example", "", "9" * 50, "1e999",
    "2026-11-12T10:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01", "-1", "\u202eevil\x1b[2J", "<img src=x>", "\0", "\ud800",
    "customer.subscription.updated", "evt_1", "ue", "pv", "=1+1", "../../etc/passwd", "null", "nan",
])  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=5),
    max_leaves=10,
)  # fmt: skip
# What a sender would say, and anything beside it or instead of it.
SAID = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "identify", "alias", "group", "page"]), "messageId": st.uuids().map(str),
     "userId": st.sampled_from(["u1", "u2"]), "event": st.sampled_from(["Login", "$identify", "$set"]),
     "distinct_id": st.sampled_from(["u1", "u2"]), "token": st.just("phc_test_123"), "api_key": st.just("phc_test_123")},
    optional={"properties": st.dictionaries(NAMES, st.deferred(lambda: ANY), max_size=4),
              "traits": st.dictionaries(NAMES, st.deferred(lambda: ANY), max_size=4),
              "timestamp": WORDS, "context": st.deferred(lambda: ANY), "previousId": WORDS, "groupId": WORDS},
)  # fmt: skip
CALL = SAID | st.dictionaries(NAMES, ANY, max_size=8)
BODY = (
    st.builds(lambda call: json.dumps(call).encode(), SAID)
    | st.binary(max_size=60)
    | st.builds(lambda value: json.dumps(value).encode(), CALL | st.lists(CALL, max_size=3) | ANY)
    | st.builds(lambda calls: json.dumps({"batch": calls, "events": calls, "api_key": "phc_test_123"}).encode(),
                st.lists(CALL | ANY, max_size=3))
    | st.builds(lambda call: b"data=" + base64.b64encode(json.dumps(call).encode()), CALL)
    | st.sampled_from([b'{"a":' * 300, b"[" * 5_000, b'{"type":"track","type":"alias"}', b'"' + b"\\ud800" * 50 + b'"'])
)  # fmt: skip
PACKED = st.sampled_from([
    *[(lambda body: body, {})] * 4, (gzip.compress, {"Content-Encoding": "gzip"}), (zlib.compress, {"Content-Encoding": "deflate"}),
    (lambda body: gzip.compress(body)[:-3], {"Content-Encoding": "gzip"}), (lambda body: body, {"Content-Encoding": "gzip"}),
    (lambda body: body, {"Content-Encoding": "br, gzip, gzip"}),
])  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Origin", "Referer", "User-Agent", "X-Forwarded-For", "Stripe-Signature"]),
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "", ";;",
                     "application/json; charset=klingon", "https://evil.example", "null", "t=1,v1=zz", "t=9e99"]),
    max_size=3,
)  # fmt: skip
REQUEST = st.tuples(
    st.sampled_from([*["POST"] * 8, "GET", "PUT"]), st.sampled_from(DOORS), BODY, PACKED, HEADERS
)


def keyed(path: str, body: bytes) -> dict[str, str]:
    """The credential that opens the door, so that what comes is looked at."""
    if "stripe" in path:
        at = "1794994200"
        told = hmac.new(KEYS["stripe"].encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={at},v1={told}"}
    if path.startswith(("/trials", "/leads", "/api")):
        return {"X-Admin-Token": KEYS["gitlab"], "X-Admin-Email": "admin@example.com"}
    if "/generic" in path:
        told = hmac.new(KEYS["generic"].encode(), body, hashlib.sha256).hexdigest()
        return {"X-PQLDesk-Signature": f"sha256={told}"}
    system = "rudderstack" if "rudder" in path else "mixpanel" if "mixpanel" in path else "segment"
    return {"Authorization": "Basic " + base64.b64encode(f"{KEYS[system]}:".encode()).decode()}


@pytest.mark.of_a_file
def test_no_call_through_any_door_breaks_the_intake_or_what_comes_after(
    connect, served, rows, monkeypatch
) -> None:
    monkeypatch.setenv("PQLDESK_NOW", "2026-11-18T09:30:00Z")
    connect(*SYSTEMS)
    good = []

    @settings(
        max_examples=1_500 if LONG else 12, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(requests=st.lists(REQUEST, min_size=15, max_size=25))
    def try_some(requests: list[Any]) -> None:
        async def send(client) -> list[tuple[str, bytes, int]]:
            broken = []
            for method, path, body, (pack, said), headers in requests:
                content = pack(body)
                answer = await client.request(
                    method, path, content=content, headers={**headers, **keyed(path, content), **said}
                )
                away = answer.status_code == 502 and path.startswith(
                    "/api"
                )  # the portal, which nobody connected
                if (answer.status_code >= 500 and not away) or b"Traceback" in answer.content:
                    broken.append((path, body, answer.status_code))
            call = {**GOOD, "messageId": f"good-{len(good)}"}
            good.append(call)
            assert (
                await client.post("/v1/track", json=call, headers=keyed("/v1/track", b""))
            ).status_code == 200
            return broken

        assert served(send) == []
        assert rows("SELECT id, source, body FROM raw_page WHERE done < items") == []

    try_some()
    counted = (
        "SELECT count(*) FROM usage_event e JOIN identity i ON i.id = e.identity_id WHERE i.value = 'good'"
    )
    assert rows(counted) == [(len(good),)]
    assert rows("PRAGMA integrity_check") == [("ok",)]
