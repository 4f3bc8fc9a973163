"""The intake with a window on the same workspace: batches of 100 events, single events, how far scores lag, memory.

A row says that a window is open, so transactions are as short as they are beside one. The clients are plain sockets in
this process and share the machine with the intake; each answered event is on disk, and the clock stops when all of
them are derived and scored.

On a machine that others use too, time says little; the processor time of the intake is told beside it.

usage: python -m benchmarks.intake [--small]
"""

import base64
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.ground import copy_of, emails_of
from pqldesk.services.workspaces.presence import arrive
from pqldesk.services.workspaces.workspace import open_workspace

CONNECTIONS = 4
HEADERS = {
    "Authorization": "Basic " + base64.b64encode(b"key:").decode(),
    "Content-Type": "application/json",
}
EVENTS = ("Signed In", "Feature Used", "Invite Sent", "Integration Connected", "Data Imported")


def main(small: bool) -> list[Figure]:
    """Time for 1,000 events in batches of 100, time for a single event, the longest lag, and growth of memory."""
    leads, batches, singles = (10_000, 200, 1_000) if small else (100_000, 3_000, 10_000)
    with copy_of(leads) as path:
        emails = emails_of(path)
        os.environ |= {"PQLDESK_SECRETS": "env", "BENCH_KEY": "key"}
        run = [sys.executable, "-m", "pqldesk", "--workspace", str(path)]
        subprocess.run(
            [*run, "connect", "segment", "--token-env", "BENCH_KEY"], check=True, capture_output=True
        )
        workspace = open_workspace(path, create=False)
        arrive(workspace.db)  # a window, as far as others can tell
        child = subprocess.Popen([*run, "intake", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        try:
            port = int(json.loads(child.stdout.readline())["listening"].rpartition(":")[2])
            _sent(port, path, 20, lambda n: _batch(n, emails, "w"))  # warm
            before, began = _memory(child.pid), _cpu(child.pid)
            together, lag = _sent(port, path, batches, lambda n: _batch(n, emails, "b"))
            between = _cpu(child.pid)
            alone, lag_alone = _sent(port, path, singles, lambda n: _single(n, emails))
            after, ended = _memory(child.pid), _cpu(child.pid)
        finally:
            child.terminate()
            child.wait()
            child.stdout.close()
            workspace.close()
    events = batches * 100
    return [
        Figure(
            f"intake: 1,000 events in batches of 100 at {leads:,} leads, scored",
            together / events * 1e6, "ms", 200, 100, f"{events / together:,.0f} events/s",
        ),
        Figure(
            "intake: a single event in a request, scored",
            alone / singles * 1e3, "ms", 2, 1, f"{singles / alone:,.0f} requests/s",
        ),
        Figure(
            "intake: processor time of 1,000 events in batches", (between - began) / events * 1e6, "ms", 200, 100,
            f"{events / (between - began):,.0f} events for each second of one core",
        ),
        Figure(
            "intake: processor time of a single event", (ended - between) / singles * 1e3, "ms", 2, 1,
            f"{singles / (ended - between):,.0f} requests for each second of one core",
        ),
        Figure("intake: scores behind what was answered, at most", max(lag, lag_alone), "s", 2, 0.5),
        Figure("intake: memory gained over the run", after - before, "MB", 40, 20, f"{after:.0f} MB at its end"),
    ]  # fmt: skip


def _sent(port: int, path: Path, requests: int, body: Callable[[int], bytes]) -> tuple[float, float]:
    """Seconds until all is answered and derived, and how old the oldest waiting page ever was."""
    turn = iter(range(requests))
    lock = threading.Lock()
    lag = 0.0
    is_over = threading.Event()

    def send() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                number = next(turn, None)
            if number is None:
                break
            client.request("POST", "/v1/batch", body(number), HEADERS)
            answer = client.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"the intake answered {answer.status}")
        client.close()

    def watch() -> None:
        nonlocal lag
        while not is_over.wait(0.1):
            lag = max(lag, _oldest(path))

    watching = threading.Thread(target=watch)
    senders = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in (watching, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    while _oldest(path) > 0:
        time.sleep(0.02)
    took = time.perf_counter() - began
    is_over.set()
    watching.join()
    return took, lag


def _oldest(path: Path) -> float:
    """Age in seconds of the oldest page that waits."""
    with closing(sqlite3.connect(path)) as file:
        at = file.execute("SELECT min(received_at) FROM raw_page WHERE done < items").fetchone()[0]
    return 0.0 if at is None else max(time.time() - at / 1e6, 1e-6)


def _event(number: int, emails: list[str], run: str) -> dict[str, object]:
    email = emails[number * 7919 % len(emails)]
    return {
        "type": "track", "event": EVENTS[number % 5], "messageId": f"{run}{number}", "userId": email,
        "context": {"traits": {"email": email}, "library": {"name": "analytics-python", "version": "2.4.0"}},
        "properties": {"feature": f"f{number % 9}", "records": number % 50, "url": "https://app.example.com/x"},
    }  # fmt: skip


def _batch(number: int, emails: list[str], run: str) -> bytes:
    return json.dumps({"batch": [_event(number * 100 + n, emails, run) for n in range(100)]}).encode()


def _single(number: int, emails: list[str]) -> bytes:
    return json.dumps({"batch": [_event(number, emails, "s")]}).encode()


def _memory(process: int) -> float:
    """Resident memory in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cpu(process: int) -> float:
    """Processor time used so far, in seconds: what the figures would be on a machine that does nothing else."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
