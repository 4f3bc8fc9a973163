"""Real requests of unmodified client libraries, recorded: each is answered as its client needs, and becomes these rows.

The bodies are sent as they were on the wire: compressed where they were, under the headers they had.
"""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.both_databases

RECORDED = Path(__file__).parents[2] / "data" / "recorded"
_LEFT_OUT = ("host", "content-length", "connection", "transfer-encoding")


def requests_of(name: str) -> list[dict[str, Any]]:
    """What httpx needs to send each recorded request again."""
    return [_request(one) for one in json.loads((RECORDED / f"{name}.json").read_text())["requests"]]


def _request(one: dict[str, Any]) -> dict[str, Any]:
    headers = {name: value for name, value in one["headers"] if name.lower() not in _LEFT_OUT}
    body = b""
    if "body_json" in one:
        body = json.dumps(one["body_json"]).encode()
    elif "body_form" in one:
        body = urlencode([tuple(pair) for pair in one["body_form"]]).encode()
    encoding = headers.get("Content-Encoding", headers.get("content-encoding"))
    if encoding == "gzip" or (encoding is None and "gzip" in one.get("decoded_by", "")):
        body = gzip.compress(body)
    elif encoding == "deflate":
        body = zlib.compress(body)
    prefix = "/in/mixpanel" if one["path"] in ("/track", "/engage", "/groups", "/import") else ""
    return {
        "method": one["method"],
        "url": prefix + one["path"],
        "params": [tuple(pair) for pair in one["query"]],
        "headers": headers,
        "content": body,
    }


EVENTS = """
SELECT k.name, k.key, count(*), sum(e.quantity) / 1000000, i.namespace || ':' || i.value
FROM usage_event e JOIN event_kind k ON k.id = e.kind_id JOIN identity i ON i.id = e.identity_id
GROUP BY 1, 2, 5 ORDER BY 1, 2
"""
LEADS = """
SELECT l.email, l.name, l.job_title, c.name FROM lead l LEFT JOIN company c ON c.id = l.company_id
"""
THEIRS = """
SELECT namespace || ':' || value FROM identity WHERE lead_id IS NOT NULL AND namespace <> 'email' ORDER BY 1
"""
DANA, LED = "dana.ruiz@example.com", "Platform lead"
SUCCESS, STATUS, OK = {"success": True}, {"status": 1}, b"ok"


def connected(name: str, person: str, page: str = "Step 2", times: int = 1) -> list[tuple[Any, ...]]:
    """What most of the recordings did: connect an integration, and look at a page."""
    return [
        ("integration_connected", "", times, times, f"{name}:{person}"),
        ("page_view", page, times, times, f"{name}:{person}"),
    ]


def snowplow(*what: str, times: int = 1) -> list[tuple[Any, ...]]:
    keys = {"feature_activated": "integrations"}
    return [(kind, keys.get(kind, ""), times, times, "snowplow:u_8841") for kind in what]


JS = "01a1f86c-5e54-7827-82ab-7177f8dd0ca3", "01a1f86c-3bdd-7541-9b0b-13bde0844bf2"
NEXT = "9ba35dca-e46b-4e76-beaa-1449a65fa4c2"
# name: answers, usage, (title, company) of Dana where the recording says who she is, her other ids
BECOMES: dict[str, tuple[Any, list[tuple[Any, ...]], tuple[Any, ...] | None, list[str]]] = {
    "segment-analytics-python-2.4.0": (
        SUCCESS,
        [*connected("segment", "u_8841", times=2), ("screen_view", "Invite team", 2, 2, "segment:u_8841")],
        ("Dana Ruiz", LED, "Example, Inc."),
        ["segment.anon:an_5c1", "segment:an_5c1", "segment:u_8841"],
    ),
    "segment-analytics-node-3.1.0": (
        SUCCESS, connected("segment", "u_8841"), ("Dana Ruiz", None, "Example, Inc."),
        ["segment.anon:an_5c1", "segment:u_8841"],
    ),
    "segment-analytics-next-1.84.3": (
        SUCCESS, connected("segment", "u_8841"), ("Dana Ruiz", None, "Example, Inc."),
        [f"segment.anon:{NEXT}", "segment:u_8841"],
    ),
    "rudder-sdk-python-2.1.9": (
        SUCCESS, connected("segment", "u_8841", times=2), ("Dana Ruiz", None, "Example, Inc."),
        ["segment.anon:an_5c1", "segment:u_8841"],
    ),
    "rudderstack-rudder-sdk-node-3.0.13": (
        SUCCESS, connected("segment", "u_8841"), ("Dana Ruiz", None, "Example, Inc."),
        ["segment.anon:an_5c1", "segment:u_8841"],
    ),
    "posthog-js-1.200.0": (
        STATUS, connected("posthog", "u_8841", "/onboarding"), (DANA, None, "example.com"),
        [f"posthog:{JS[0]}", "posthog:u_8841"],
    ),
    "posthog-js-1.400.0": (
        STATUS, connected("posthog", "u_8841", "/onboarding"), (DANA, None, "example.com"),
        [f"posthog:{JS[1]}", "posthog:u_8841"],
    ),
    "posthog-node-5.70.0": (
        STATUS, connected("posthog", "u_8841")[:1], ("Dana Ruiz", None, "Example, Inc."),
        ["posthog:an_5c1", "posthog:u_8841"],
    ),
    "posthog-python-7.91.1": (
        None, connected("posthog", "u_8841", times=4)[:1], ("Dana Ruiz", LED, "Example, Inc."),
        ["posthog:an_5c1", "posthog:u_8841"],
    ),
    "mixpanel-python-5.4.1": (
        None, [
            ("integration_connected", "", 1, 1, "mixpanel:u_8841"), ("trial_started", "", 1, 1, "mixpanel:u_8841"),
        ], ("Dana Ruiz", None, "example.com"), ["mixpanel:u_8841"],
    ),
    "amplitude-analytics-python-1.3.0": (
        None, connected("amplitude", "u_8841")[:1], (DANA, None, "example.com"),
        ["amplitude.anon:dev_1", "amplitude:u_8841"],
    ),
    "snowplow-browser-tracker-4.10.1": (OK, snowplow("click_button", "feature_activated"), None, []),
    "snowplow-node-tracker-4.8.0": (OK, snowplow("click_button", "feature_activated", "page_view"), None, []),
    "snowplow-tracker-python-1.1.0": (
        None, snowplow("click_button", "feature_activated", "page_view", times=3), None, [],
    ),
    "snowplow-tracker-ruby-0.6.1": (OK, snowplow("click_button"), None, []),
}  # fmt: skip
ELSEWHERE = ("vector", "sdk-0", "gitlab")  # other tests play these: signatures, files, forms
ALL = sorted(
    path.stem for path in RECORDED.glob("*.json") if not any(part in path.stem for part in ELSEWHERE)
)


def test_every_recording_is_played():
    assert sorted(BECOMES) == ALL


@pytest.mark.parametrize("name", ALL)
def test_a_recorded_client_is_content_and_its_words_become_rows(name, connect, served, rows):
    connect("segment", "posthog", "snowplow", "amplitude")
    connect("mixpanel", key="tok_test_123")
    answer, usage, about, ids = BECOMES[name]

    async def twice(client):
        return [await client.request(**one) for _ in range(2) for one in requests_of(name)]

    answers = served(twice)
    assert {one.status_code for one in answers} == {200}
    if answer is not None:
        assert all((one.content if answer == OK else one.json()) == answer for one in answers)
    assert rows(EVENTS) == usage
    assert rows(LEADS) == ([] if about is None else [(DANA, *about)])
    assert [value for (value,) in rows(THEIRS)] == ids
    assert rows("SELECT reason FROM refused_call") == []


def test_the_newer_posthog_path_answers_for_each_event(connect, served):
    connect("posthog")

    async def work(client):
        return [await client.request(**one) for one in requests_of("posthog-python-7.91.1")]

    for one in [answer for answer in served(work) if "results" in answer.json()]:
        assert len(one.json()["results"]) == 4
        assert {result["result"] for result in one.json()["results"].values()} == {"ok"}


def test_what_mixpanel_and_amplitude_read_is_in_the_body(connect, served):
    connect("amplitude")
    connect("mixpanel", key="tok_test_123")

    async def work(client):
        wanted = requests_of("mixpanel-python-5.4.1") + requests_of("amplitude-analytics-python-1.3.0")
        return [(await client.request(**one)).json() for one in wanted]

    *mixpanel, amplitude = served(work)
    assert all(one["status"] == 1 and one["error"] is None for one in mixpanel)
    assert amplitude["code"] == 200
    assert amplitude["events_ingested"] == 2


def test_a_pixel_is_a_pixel(connect, served):
    connect("snowplow")

    async def work(client):
        return [await client.request(**one) for one in requests_of("snowplow-tracker-python-1.1.0")]

    pixels = [one for one in served(work) if one.request.method == "GET"]
    assert len(pixels) == 3
    for one in pixels:
        assert one.headers["content-type"] == "image/gif"
        assert one.headers["cache-control"] == "no-cache, no-store, must-revalidate"
        assert len(one.content) in (42, 43)
        assert one.content.startswith(b"GIF89a")
        assert one.content.endswith(b";")


def test_a_snowplow_line_of_the_analytics_sdk_is_read_by_the_same_reader():
    from pqldesk.services.calls import snowplow as reader
    from pqldesk.services.calls.reading import Reading
    from pqldesk.services.files.options import ValueOptions

    known = json.loads((RECORDED / "snowplow-analytics-sdk-0.2.3.json").read_text())
    assert list(reader.FIELDS) == known["field_order"]
    calls = list(reader.read(reader.line(known["tsv_line"].split("\t")), Reading(ValueOptions())))
    usage = calls[-1]
    assert usage.event_id == known["sdk_output"]["event_id"]
    assert usage.user_id == known["sdk_output"]["user_id"]


def test_what_is_said_of_somebody_before_it_is_known_who_they_are_is_not_lost(connect, post, rows):
    connect("posthog")
    told = {
        "event": "$set",
        "distinct_id": "u1",
        "uuid": "a1",
        "properties": {"$set": {"title": "Platform lead"}},
    }
    named = {
        "event": "Login",
        "distinct_id": "u1",
        "uuid": "a2",
        "properties": {"$set": {"email": "dana@example.com"}},
    }
    assert post("/batch", json={"api_key": "phc_test_123", "batch": [told, named]}).status_code == 200
    assert rows("SELECT email, job_title FROM lead") == [("dana@example.com", "Platform lead")]
