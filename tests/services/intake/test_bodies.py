"""Bodies as senders make them and as attackers do: any header, any compression, any size."""

import base64
import gzip
import json
import zlib

import pytest

from pqldesk.services.intake import decoding
from pqldesk.services.intake.answers import Refusal

CALL = {"type": "track", "event": "Login", "userId": "u", "messageId": "m"}
KEY = {"Authorization": "Basic " + base64.b64encode(b"wk_test_123:").decode()}


def as_form(text: bytes) -> bytes:
    return b"data=" + base64.b64encode(text).replace(b"+", b"%2B").replace(b"=", b"%3D")


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (json.dumps(CALL).encode(), {"Content-Type": "text/plain"}),
        (json.dumps(CALL).encode(), {"Content-Type": "application/x-www-form-urlencoded"}),
        (gzip.compress(json.dumps(CALL).encode()), {"Content-Encoding": "gzip"}),
        (gzip.compress(json.dumps(CALL).encode()), {"Content-Type": "text/plain"}),
        (zlib.compress(json.dumps(CALL).encode()), {"Content-Encoding": "deflate"}),
        (as_form(json.dumps(CALL).encode()), {"Content-Type": "application/x-www-form-urlencoded"}),
    ],
    ids=["as text", "as a form", "gzip", "gzip not said", "deflate", "base64 in a form"],
)
def test_what_is_json_at_heart_is_read_whatever_the_headers_say(connect, post, rows, content, headers):
    connect("segment")
    assert post("/v1/track", content=content, headers={**KEY, **headers}).status_code == 200
    assert rows("SELECT count(*) FROM usage_event") == [(1,)]


def test_a_chunked_body_is_read(connect, post, rows):
    connect("segment")

    async def pieces():
        for start in range(0, len(json.dumps(CALL)), 7):
            yield json.dumps(CALL)[start : start + 7].encode()

    assert post("/v1/track", content=pieces(), headers=KEY).status_code == 200
    assert rows("SELECT count(*) FROM usage_event") == [(1,)]


def test_a_slash_too_many_at_either_end_changes_nothing(connect, post, rows):
    connect("segment")
    for path in ("//v1/track", "/v1/track/", "/in/segment/v1/track"):
        assert post(f"http://127.0.0.1:8620{path}", json=CALL, headers=KEY).status_code == 200
    assert rows("SELECT count(*) FROM usage_event") == [(1,)]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"\x28\xb5\x2f\xfd", {"Content-Encoding": "zstd"}, 415),
        (gzip.compress(b"{}")[:-4], {"Content-Encoding": "gzip"}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"a":' * 200 + b"1" + b"}" * 200, {}, 400),
        (b"\xff\xfe{}", {}, 400),
    ],
    ids=["zstd", "cut off", "not gzip", "unclosed", "deep", "not UTF-8"],
)
def test_what_cannot_be_read_is_refused_once_and_for_all(connect, post, content, headers, status):
    connect("segment", "snowplow")
    answer = post("/v1/track", content=content, headers={**KEY, **headers})
    assert answer.status_code == status
    assert answer.json().keys() == {"code", "message", "detail", "errors"}
    snowplow = post("/com.snowplowanalytics.snowplow/tp2", content=content, headers=headers)
    assert snowplow.status_code == 400  # its trackers send again for ever on 413 and 415


def test_a_bomb_is_stopped_while_it_inflates(monkeypatch):
    monkeypatch.setattr(decoding, "INFLATED_LIMIT", 1_000_000)
    bomb = gzip.compress(b"0" * 1_000_001)
    assert len(bomb) < 2_000
    with pytest.raises(Refusal) as refused:
        decoding.inflated(bomb, "gzip")
    assert refused.value.status == 413
    assert len(decoding.inflated(gzip.compress(b"0" * 1_000_000), "gzip")) == 1_000_000
    several = gzip.compress(b"0" * 600_000) * 2
    with pytest.raises(Refusal):
        decoding.inflated(several, "gzip")


def test_a_body_beyond_the_limit_is_not_even_read(connect, served, monkeypatch):
    monkeypatch.setattr(decoding, "WIRE_LIMIT", 1_000)
    connect("segment", "snowplow")
    read = []

    async def endless():
        while True:
            read.append(1)
            yield b" " * 100

    async def work(client):
        told = await client.post("/v1/track", content=b" " * 1_001, headers=KEY)
        untold = await client.post("/v1/track", content=endless(), headers=KEY)
        tracker = await client.post("/com.snowplowanalytics.snowplow/tp2", content=b" " * 1_001)
        return [answer.status_code for answer in (told, untold, tracker)]

    assert served(work) == [413, 413, 400]
    assert len(read) < 20


def test_a_single_event_that_is_too_large_is_refused_and_one_in_a_batch_is_left_out(connect, post, rows):
    connect("segment")
    large = {**CALL, "messageId": "large", "properties": {"text": "x" * (1024**2 + 1)}}
    assert post("/v1/track", json=large, headers=KEY).status_code == 413
    assert post("/v1/batch", json={"batch": [large, CALL]}, headers=KEY).status_code == 200
    assert rows("SELECT count(*) FROM usage_event") == [(1,)]
    assert rows("SELECT reason FROM refused_call") == [("item: it was too large to be kept.",)]
