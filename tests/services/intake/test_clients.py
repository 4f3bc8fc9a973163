"""Unmodified client libraries of the vendors deliver each event exactly once, though the first answer gets lost.

They are no dependencies of ours; what is not installed is skipped. All of them: pip install --group clients
"""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from pqldesk.cli import main

CLIENTS = {
    "segment": ("segment.analytics", """
        from segment.analytics.client import Client
        client = Client("key-segment", host=HOST + "/in/segment")
        client.identify("u1", {"email": "segment@example.com"})
        for n in range(3):
            client.track("u1", "Login", {"n": n})
        client.flush(); client.join()
    """),
    "rudderstack": ("rudderstack.analytics", """
        from rudderstack.analytics.client import Client
        client = Client("key-rudderstack", host=HOST + "/in/rudderstack", gzip=True)
        client.identify("u1", {"email": "rudderstack@example.com"})
        for n in range(3):
            client.track("u1", "Login", {"n": n})
        client.flush(); client.join()
    """),
    "posthog": ("posthog", """
        from posthog import Posthog
        client = Posthog("key-posthog", host=HOST + "/in/posthog", gzip=True)
        for n in range(3):
            client.capture("Login", distinct_id="u1", properties={"n": n, "$set": {"email": "posthog@example.com"}})
        client.shutdown()
    """),
    "snowplow": ("snowplow_tracker", """
        from snowplow_tracker import Emitter, SelfDescribingJson, StructuredEvent, Subject, Tracker
        host, _, port = HOST.removeprefix("http://").partition(":")
        emitter = Emitter(host, protocol="http", port=int(port), method="post", batch_size=1)
        subject = Subject(); subject.set_user_id("u1")
        tracker = Tracker("t", emitter, subject=subject, app_id="a")
        for n in range(3):
            tracker.track(StructuredEvent("app", "Login", property_=str(n)))
        tracker.flush()
        import time
        time.sleep(4)
        tracker.flush()
    """),
    "mixpanel": ("mixpanel", """
        from mixpanel import Consumer, Mixpanel, MixpanelException
        base = HOST + "/in/mixpanel"
        consumer = Consumer(base + "/track", base + "/engage")
        client = Mixpanel("key-mixpanel", consumer=consumer)
        client.people_set("u1", {"$email": "mixpanel@example.com"})
        for n in range(3):
            for attempt in range(2):  # it leaves sending again to its caller
                try:
                    client.track("u1", "Login", {"n": n, "$insert_id": f"i{n}", "time": 1795168982 + n})
                except MixpanelException:
                    continue
                break
    """),
    "amplitude": ("amplitude", """
        from amplitude import Amplitude, BaseEvent
        client = Amplitude("key-amplitude")
        client.configuration.server_url = HOST + "/2/httpapi"
        client.configuration.flush_queue_size = 3
        told = []
        client.configuration.callback = lambda event, code, message=None: told.append(code)
        for n in range(3):
            client.track(BaseEvent("Login", user_id="u1", event_properties={"n": n},
                                   user_properties={"email": "amplitude@example.com"}))
        client.flush()
        import time
        until = time.monotonic() + 20
        while len(told) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        client.shutdown()
        assert told == [200, 200, 200], told
    """),
}  # fmt: skip


class Losing(BaseHTTPRequestHandler):
    """Hands requests on to the intake; the answer to the first of each sender is lost on its way
    back: something in between says 503."""

    target = ""
    lost: set[str] = set()  # noqa: RUF012 - one for the whole server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        passed = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        answer = httpx.post(self.target + self.path, content=body, headers=passed)
        if self.path not in self.lost and self.path.count("/engage") == 0:
            self.lost.add(self.path)
            self.say(
                503, "application/json", b'{"code": 503, "message": "busy", "status": 0, "error": "busy"}'
            )
            return
        self.say(answer.status_code, answer.headers["content-type"], answer.content)

    def say(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The workspace and the address of an intake that loses its first answers."""
    place = tmp_path_factory.mktemp("clients") / "w.pqldesk"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PQLDESK_SECRETS", "env")
        for system in CLIENTS:
            environment.setenv(f"KEY_{system}", f"key-{system}")
            key = [] if system == "snowplow" else ["--token-env", f"KEY_{system}"]
            assert main(["--workspace", str(place), "connect", system, *key]) == 0
        child = subprocess.Popen(
            [sys.executable, "-m", "pqldesk", "--workspace", str(place), "intake", "serve", "--port", "0"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert child.stdout is not None
    Losing.target = json.loads(child.stdout.readline())["listening"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Losing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield place, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
    child.terminate()
    assert child.wait(30) == 0
    child.stdout.close()


def counted(place: Path, capsys: pytest.CaptureFixture[str], source: str) -> int:
    """How many log-ins of u1 of that source count."""
    capsys.readouterr()
    code = main(["--workspace", str(place), "show", f"{source}:u1", "--format", "json"])
    shown = capsys.readouterr().out
    return json.loads(shown)["events"]["by_kind"].get("login", {"count": 0})["count"] if code == 0 else 0


@pytest.mark.parametrize("source", CLIENTS)
def test_a_vendors_own_library_delivers_exactly_once(source, intake, capsys):
    package, script = CLIENTS[source]
    if importlib.util.find_spec(package.partition(".")[0]) is None:
        pytest.skip(f"{package} is not installed; all clients: pip install --group clients")
    place, address = intake
    lines = [line.removeprefix(" " * 8) for line in script.splitlines()]
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "\n".join([f"HOST = {address!r}", *lines])],
        capture_output=True, text=True, timeout=90, env={**os.environ, "NO_PROXY": "*"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    if source == "snowplow":  # it names nobody by e-mail: the log is asked
        import sqlite3

        main(["--workspace", str(place), "score"])
        with sqlite3.connect(place) as file:
            asked = "SELECT count(*) FROM usage_event e JOIN identity i ON i.id = e.identity_id"
            found = file.execute(f"{asked} WHERE i.namespace = 'snowplow'").fetchone()[0]
        file.close()
        assert found == 3
        return
    until = time.monotonic() + 20
    while (found := counted(place, capsys, source)) < 3 and time.monotonic() < until:
        pass
    assert found == 3
