"""The intake as a process of its own: told to stop, killed, and started again."""

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pqldesk.services.basics import clock
from pqldesk.services.schedule import is_due, settle

Serve = Callable[[], tuple[subprocess.Popen[str], str]]
KEY = httpx.BasicAuth("wk_test_123", "")


@pytest.fixture
def serve(place: Path | str) -> Iterator[Serve]:
    """Start ``pqldesk intake serve``; gives the process and its address."""
    running: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str]:
        command = [
            sys.executable,
            "-m",
            "pqldesk",
            "--workspace",
            str(place),
            "intake",
            "serve",
            "--port",
            "0",
        ]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
        running.append(child)
        assert child.stdout is not None
        return child, json.loads(child.stdout.readline())["listening"]

    yield start
    for child in running:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def calls(number: int, count: int = 5) -> dict[str, Any]:
    who = {"userId": f"u{number % 7}"}
    named = [
        {
            "type": "identify",
            "messageId": f"i{number}",
            **who,
            "traits": {"email": f"u{number % 7}@example.com"},
        }
    ]
    return {"batch": named + [
        {"type": "track", "messageId": f"m{number}-{i}", "event": "Login", **who} for i in range(count)
    ]}  # fmt: skip


def send_until_it_ends(address: str, answered: list[int], begun: threading.Event) -> None:
    with httpx.Client(base_url=address, auth=KEY, timeout=30) as client, contextlib.suppress(httpx.HTTPError):
        for number in range(100_000):
            response = client.post("/v1/batch", json=calls(number))
            if response.status_code == 200:
                answered.append(number)
                if len(answered) >= 20:
                    begun.set()


def events_there(workspace: Any, rows: Any) -> set[str]:
    """Which events count once everybody who waits has been worked off."""
    while workspace.db.read(is_due, clock.now()).result():
        workspace.db.write(settle, clock.now()).result()
    return rows("SELECT count(*) FROM usage_event")[0][0]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_answered_is_there_however_it_ends(serve, connect, workspace, rows, how):
    connect("segment")
    child, address = serve()
    answered: list[int] = []
    begun = threading.Event()
    sender = threading.Thread(target=send_until_it_ends, args=(address, answered, begun))
    sender.start()
    assert begun.wait(60)
    told = time.monotonic()
    child.send_signal(how)
    assert child.wait(30) == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    took = time.monotonic() - told
    sender.join(60)
    there = events_there(workspace, rows)
    # The last request may have been kept without its answer having arrived.
    assert there in (5 * len(answered), 5 * len(answered) + 5)
    assert rows("SELECT count(*) FROM lead") == [(7,)]
    if how == signal.SIGTERM:
        assert took < 5


def test_what_is_sent_again_after_a_crash_counts_once(serve, connect, workspace, rows):
    connect("segment")
    child, address = serve()
    httpx.post(f"{address}/v1/batch", json=calls(1), auth=KEY)
    child.kill()
    child.wait()
    _, address = serve()
    assert httpx.post(f"{address}/v1/batch", json=calls(1), auth=KEY).status_code == 200
    assert events_there(workspace, rows) == 5


def test_a_taken_port_is_said_in_a_sentence(serve, place):
    _, address = serve()
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(place), "intake", "serve"]
    ran = subprocess.run(
        [*command, "--port", address.rpartition(":")[2]], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1
    assert "cannot listen on 127.0.0.1" in ran.stderr


def heard(address: str, *said: bytes) -> bytes:
    """What the intake answers to bytes until it closes the connection."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        with contextlib.suppress(ConnectionError):  # it need not listen to the end
            for some in said:
                line.sendall(some)
        found = b""
        with contextlib.suppress(ConnectionError):
            while some := line.recv(65_536):
                found += some
    return found


def test_what_is_no_body_is_not_gathered_without_end(serve, connect):
    connect("segment")
    _, address = serve()
    start, long = b"POST /v1/track HTTP/1.1\r\nHost: localhost\r\n", b"x" * 300_000
    chunked = start + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    for said in (
        start + b"X-Long: " + long,
        b"GET /" + long,
        start + b"".join(b"X-%d: %s\r\n" % (number, b"y" * 900) for number in range(300)),
        chunked + b"2;" + long,
        chunked + b"2\r\n{}\r\n0\r\nX-Long: " + long,
    ):
        assert heard(address, said).startswith(b"HTTP/1.1 4")
    assert httpx.get(f"{address}/health").status_code == 200


def test_a_key_that_is_said_after_the_body_is_said_too_late(serve, connect):
    connect("segment")
    _, address = serve()
    key = b"Authorization: Basic " + base64.b64encode(b"wk_test_123:") + b"\r\n"
    body = b'{"type": "track", "event": "Login", "userId": "u1", "messageId": "m1"}'

    def request(before: bytes, after: bytes) -> bytes:
        return (
            b"POST /v1/track HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            + before + b"\r\n%x\r\n%s\r\n0\r\n" % (len(body), body) + after + b"\r\n"
        )  # fmt: skip

    assert heard(address, request(key, b"")).startswith(b"HTTP/1.1 200")
    assert heard(address, request(b"", key)).startswith(b"HTTP/1.1 401")
