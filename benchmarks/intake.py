"""The intake with a window on the same workspace: batches of 100 events, single events, how far scores lag, memory.

A row says that a window is open, so transactions are as short as they are beside one. The clients are plain sockets in
this process with requests written beforehand, and share the machine with the intake; each answered event is on disk,
and the clock stops when all of them are derived and scored. No part of it sends for longer than its share of time, so
that a slow machine sends fewer and the run comes to its end.

On a machine that others use too, time says little; the processor time of the intake is told beside it.

usage: python -m benchmarks.intake [--small]
"""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.ground import copy_of, emails_of
from pqldesk.services.workspaces.presence import arrive
from pqldesk.services.workspaces.workspace import open_workspace

CONNECTIONS = 4
SEND_S = 40.0  # the batches; single events half as long
DRAIN_S = 60.0  # for deriving what was answered, after which the run is given up
HEAD = (
    b"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Basic "
    + base64.b64encode(b"key:")
    + b"\r\nContent-Length: "
)
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
            warm = [_request(range(n * 100, n * 100 + 100), emails, "w") for n in range(20)]
            _sent(port, path, warm, SEND_S)
            many = [_request(range(n * 100, n * 100 + 100), emails, "b") for n in range(batches)]
            before, began = _memory(child.pid), _cpu(child.pid)
            answered, together, lag = _sent(port, path, many, SEND_S)
            between = _cpu(child.pid)
            few = [_request((n,), emails, "s") for n in range(singles)]
            started = _cpu(child.pid)
            alone, took, lag_alone = _sent(port, path, few, SEND_S / 2)
            after, ended = _memory(child.pid), _cpu(child.pid)
        finally:
            child.terminate()
            child.wait()
            child.stdout.close()
            workspace.close()
    events = answered * 100
    return [
        Figure(
            f"intake: 1,000 events in batches of 100 at {leads:,} leads, scored",
            together / events * 1e6, "ms", 200, 100, f"{events / together:,.0f} events/s, {events:,} of them",
        ),
        Figure(
            "intake: a single event in a request, scored",
            took / alone * 1e3, "ms", 2, 1, f"{alone / took:,.0f} requests/s, {alone:,} of them",
        ),
        Figure(
            "intake: processor time of 1,000 events in batches", (between - began) / events * 1e6, "ms", 200, 100,
            f"{events / (between - began):,.0f} events for each second of one core",
        ),
        Figure(
            "intake: processor time of a single event", (ended - started) / alone * 1e3, "ms", 2, 1,
            f"{alone / (ended - started):,.0f} requests for each second of one core",
        ),
        Figure("intake: scores behind what was answered, at most", max(lag, lag_alone), "s", 2, 0.5),
        Figure("intake: memory gained over the run", after - before, "MB", 40, 20, f"{after:.0f} MB at its end"),
    ]  # fmt: skip


def _sent(port: int, path: Path, requests: list[bytes], seconds: float) -> tuple[int, float, float]:
    """How many were answered, the seconds until all of it was derived, and how old the oldest waiting page ever was."""
    turn = iter(requests)
    lock = threading.Lock()
    lag = 0.0
    answered = 0
    wrong: list[str] = []
    is_over = threading.Event()
    began = time.perf_counter()

    def send() -> None:
        nonlocal answered
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() - began < seconds:
                with lock:
                    request = next(turn, None)
                if request is None:
                    break
                line.sendall(request)
                if (told := _status(line)) != "200":
                    wrong.append(told)
                    break
                with lock:
                    answered += 1

    def watch() -> None:
        nonlocal lag
        while not is_over.wait(0.1):
            lag = max(lag, _oldest(path))

    watching = threading.Thread(target=watch)
    senders = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in (watching, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    sent = time.perf_counter()
    while _oldest(path) > 0 and time.perf_counter() - sent < DRAIN_S:
        time.sleep(0.02)
    took = time.perf_counter() - began
    is_over.set()
    watching.join()
    if wrong:
        raise SystemExit(f"the intake answered {wrong[0]}")
    if not answered or time.perf_counter() - sent >= DRAIN_S:
        raise SystemExit(f"{answered} requests were answered, and not all was derived {DRAIN_S:.0f} s later")
    return answered, took, lag


def _status(line: socket.socket) -> str:
    """The status of one answer, which is read to its end; what is wrong with it where it has none."""
    told = b""
    while b"\r\n\r\n" not in told:
        if not (part := line.recv(65_536)):
            return "by hanging up"
        told += part
    head, _, body = told.partition(b"\r\n\r\n")
    left = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]) - len(body)
    while left > 0 and (part := line.recv(65_536)):
        left -= len(part)
    return head[9:12].decode()


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


def _request(numbers: Iterable[int], emails: list[str], run: str) -> bytes:
    body = json.dumps({"batch": [_event(number, emails, run) for number in numbers]}).encode()
    return HEAD + f"{len(body)}\r\n\r\n".encode() + body


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
