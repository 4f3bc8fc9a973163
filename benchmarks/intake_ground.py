"""An intake in a process of its own beside an open window, what is sent to it, and what is seen of it from outside."""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground import copy_of, emails_of
from pqldesk.services.workspaces.presence import arrive
from pqldesk.services.workspaces.workspace import open_workspace

HEAD = (
    b"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Basic "
    + base64.b64encode(b"key:")
    + b"\r\nContent-Length: "
)
EVENTS = ("Signed In", "Feature Used", "Invite Sent", "Integration Connected", "Data Imported")


@dataclass(frozen=True, slots=True)
class Served:
    """Where it listens, which process it is, its workspace, and the people in there."""

    port: int
    process: int
    path: Path
    emails: list[str]


@contextmanager
def served(leads: int) -> Iterator[Served]:
    """An intake over a workspace of *leads* leads, with a window open on it as far as others can tell."""
    with copy_of(leads) as path:
        emails = emails_of(path)
        os.environ |= {"PQLDESK_SECRETS": "env", "BENCH_KEY": "key"}
        run = [sys.executable, "-m", "pqldesk", "--workspace", str(path)]
        subprocess.run(
            [*run, "connect", "segment", "--token-env", "BENCH_KEY"], check=True, capture_output=True
        )
        workspace = open_workspace(path, create=False)
        arrive(workspace.db)
        child = subprocess.Popen([*run, "intake", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        try:
            port = int(json.loads(child.stdout.readline())["listening"].rpartition(":")[2])
            yield Served(port, child.pid, path, emails)
        finally:
            child.terminate()
            child.wait()
            child.stdout.close()
            workspace.close()


def status(line: socket.socket) -> str:
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


def oldest(path: Path) -> float:
    """Age in seconds of the oldest page that waits."""
    with closing(sqlite3.connect(path)) as file:
        at = file.execute("SELECT min(received_at) FROM raw_page WHERE done < items").fetchone()[0]
    return 0.0 if at is None else max(time.time() - at / 1e6, 1e-6)


def event(number: int, emails: list[str], run: str) -> dict[str, object]:
    """One of the events that are sent, as Segment would send it; *run* and *number* tell it from others."""
    email = emails[number * 7919 % len(emails)]
    return {
        "type": "track", "event": EVENTS[number % 5], "messageId": f"{run}{number}", "userId": email,
        "context": {"traits": {"email": email}, "library": {"name": "analytics-python", "version": "2.4.0"}},
        "properties": {"feature": f"f{number % 9}", "records": number % 50, "url": "https://app.example.com/x"},
    }  # fmt: skip


def request(numbers: Iterable[int], emails: list[str], run: str) -> bytes:
    body = json.dumps({"batch": [event(number, emails, run) for number in numbers]}).encode()
    return HEAD + f"{len(body)}\r\n\r\n".encode() + body


def memory(process: int) -> float:
    """Resident memory in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu(process: int) -> float:
    """Processor time used so far, in seconds: what the figures would be on a machine that does nothing else."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
