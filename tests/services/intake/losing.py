"""A running intake behind something that loses the answer to each sender's first request."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from pqldesk.cli import main


class Losing(BaseHTTPRequestHandler):
    """Hands requests on to the intake; the answer to the first of each path is lost on its way back: something in
    between says 503."""

    target = ""
    lost: set[str] = set()  # noqa: RUF012 - one for the whole server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        passed = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        answer = httpx.request(self.command, self.target + self.path, content=body, headers=passed)
        path = self.path.partition("?")[0]
        if path not in self.lost and path.count("/engage") == 0:
            self.lost.add(path)
            self.say(
                503, "application/json", b'{"code": 503, "message": "busy", "status": 0, "error": "busy"}'
            )
            return
        self.say(answer.status_code, answer.headers["content-type"], answer.content)

    def do_GET(self) -> None:  # Mixpanel's library for Node sends so
        self.do_POST()

    def say(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_said: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Takes in as many at once as there are clients."""

    request_queue_size = 50


@contextlib.contextmanager
def losing_intake(place: Path, systems: Iterable[str]) -> Iterator[str]:
    """The address of an intake at *place* that *systems* are connected with, the key of each being ``key-SYSTEM``."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PQLDESK_SECRETS", "env")
        for system in systems:
            environment.setenv(f"KEY_{system}", f"key-{system}")
            key = [] if system == "snowplow" else ["--token-env", f"KEY_{system}"]
            assert main(["--workspace", str(place), "connect", system, *key]) == 0
        child = subprocess.Popen(
            [sys.executable, "-m", "pqldesk", "--workspace", str(place), "intake", "serve", "--port", "0"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert child.stdout is not None
    Losing.target = json.loads(child.stdout.readline())["listening"]
    Losing.lost.clear()
    server = Server(("127.0.0.1", 0), Losing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
    child.terminate()
    assert child.wait(30) == 0
    child.stdout.close()


def counted(place: Path, capsys: pytest.CaptureFixture[str], source: str) -> int:
    """How many log-ins of u1 of that source count, once all three do or 20 seconds are over."""
    until = time.monotonic() + 20
    while (found := _counted(place, capsys, source)) < 3 and time.monotonic() < until:
        pass
    return found


def _counted(place: Path, capsys: pytest.CaptureFixture[str], source: str) -> int:
    if source == "snowplow":  # it names nobody by e-mail: the log is asked
        return _in_the_log(place, source)
    capsys.readouterr()
    code = main(["--workspace", str(place), "show", f"{source}:u1", "--format", "json"])
    shown = capsys.readouterr().out
    return json.loads(shown)["events"]["by_kind"].get("login", {"count": 0})["count"] if code == 0 else 0


def _in_the_log(place: Path, source: str) -> int:
    import sqlite3

    main(["--workspace", str(place), "score"])
    with contextlib.closing(sqlite3.connect(place)) as file:
        asked = "SELECT count(*) FROM usage_event e JOIN identity i ON i.id = e.identity_id"
        found: int = file.execute(f"{asked} WHERE i.namespace = ?", (source,)).fetchone()[0]
    return found
