"""Memory of the intake while it is sent to for ten minutes, window open: batches, single events, wrong requests.

It sends at a steady pace that leaves the machine to others, and each event but every tenth is new. Memory is read twice
a minute, once what had been sent is derived; the figure is what the last third holds more than the second.

usage: python -m benchmarks.intake_memory [MINUTES]
"""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from socket import create_connection
from statistics import median

from benchmarks.figures import Figure
from benchmarks.ground import copy_of, emails_of
from benchmarks.intake import HEAD, _memory, _oldest, _request, _status
from pqldesk.services.workspaces.presence import arrive
from pqldesk.services.workspaces.workspace import open_workspace

LEADS = 10_000
ROUND_S = 0.5  # one batch of 50, ten single events, one unreadable request, one with a wrong key
LOOK_S = 30.0
LIMIT_MB = 2.0  # that memory may rise in a third of the time; Python's own allocator moves by as much


def main(minutes: float) -> list[Figure]:
    """How much memory rises between the second and the last third of the time."""
    with copy_of(LEADS) as path:
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
            looks, sent = _looked(port, path, child.pid, emails, minutes)
        finally:
            child.terminate()
            child.wait()
            child.stdout.close()
            workspace.close()
    third = len(looks) // 3
    rise = median(looks[-third:]) - median(looks[third : 2 * third])
    told = " ".join(f"{look:.0f}" for look in looks)
    return [
        Figure(
            f"intake: memory that {minutes:g} minutes of sending add, last third against second", rise, "MB",
            LIMIT_MB, 0.5, f"{sent:,} events; MB each {LOOK_S:.0f} s: {told}",
        )
    ]  # fmt: skip


def _looked(
    port: int, path: Path, process: int, emails: list[str], minutes: float
) -> tuple[list[float], int]:
    """Megabytes twice a minute, and how many events were sent."""
    looks: list[float] = []
    numbers, sent = count(), 0
    wrong = HEAD.replace(b"Basic ", b"Basic x") + b"2\r\n\r\n{}"
    odd = HEAD + b"9\r\n\r\nnot json!"
    began = time.monotonic()
    looked = began
    with closing(create_connection(("127.0.0.1", port))) as line:
        while time.monotonic() - began < minutes * 60:
            round_began = time.monotonic()
            some = [next(numbers) for _ in range(60)]
            again = [max(0, number - 40) if number % 10 == 0 else number for number in some]
            for request in (
                _request(again[:50], emails, "m"), *(_request((one,), emails, "m") for one in again[50:]), odd, wrong
            ):  # fmt: skip
                line.sendall(request)
                _status(line)
            sent += len(some)
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                while _oldest(path) > 0 and time.monotonic() - looked < LOOK_S:
                    time.sleep(0.1)
                looks.append(_memory(process))
            time.sleep(max(0.0, ROUND_S - (time.monotonic() - round_began)))
    return looks, sent


if __name__ == "__main__":
    for figure in main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0):
        print(figure)
