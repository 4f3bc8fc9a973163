"""The intake with a window on the same workspace: batches of 100 events, single events, how far scores lag, memory.

A row says that a window is open, so transactions are as short as they are beside one. The clients are plain sockets in
this process with requests written beforehand, and share the machine with the intake; each answered event is on disk,
and the clock stops when all of them are derived and scored. No part of it sends for longer than its share of time, so
that a slow machine sends fewer and the run comes to its end.

On a machine that others use too, time says little; the processor time of the intake is told beside it.

usage: python -m benchmarks.intake [--small]
"""

import socket
import sys
import threading
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.intake_ground import cpu, memory, oldest, request, served, status

CONNECTIONS = 4
SEND_S = 40.0  # the batches; single events half as long
DRAIN_S = 60.0  # for deriving what was answered, after which the run is given up


def main(small: bool) -> list[Figure]:
    """Time for 1,000 events in batches of 100, time for a single event, the longest lag, and growth of memory."""
    leads, batches, singles = (10_000, 200, 1_000) if small else (100_000, 3_000, 10_000)
    with served(leads) as intake:
        port, path, emails = intake.port, intake.path, intake.emails
        warm = [request(range(n * 100, n * 100 + 100), emails, "w") for n in range(20)]
        _sent(port, path, warm, SEND_S)
        many = [request(range(n * 100, n * 100 + 100), emails, "b") for n in range(batches)]
        before, began = memory(intake.process), cpu(intake.process)
        answered, together, lag = _sent(port, path, many, SEND_S)
        between = cpu(intake.process)
        few = [request((n,), emails, "s") for n in range(singles)]
        started = cpu(intake.process)
        alone, took, lag_alone = _sent(port, path, few, SEND_S / 2)
        after, ended = memory(intake.process), cpu(intake.process)
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
                    asked = next(turn, None)
                if asked is None:
                    break
                line.sendall(asked)
                if (told := status(line)) != "200":
                    wrong.append(told)
                    break
                with lock:
                    answered += 1

    def watch() -> None:
        nonlocal lag
        while not is_over.wait(0.1):
            lag = max(lag, oldest(path))

    watching = threading.Thread(target=watch)
    senders = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in (watching, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    sent = time.perf_counter()
    while oldest(path) > 0 and time.perf_counter() - sent < DRAIN_S:
        time.sleep(0.02)
    took = time.perf_counter() - began
    is_over.set()
    watching.join()
    if wrong:
        raise SystemExit(f"the intake answered {wrong[0]}")
    if not answered or time.perf_counter() - sent >= DRAIN_S:
        raise SystemExit(f"{answered} requests were answered, and not all was derived {DRAIN_S:.0f} s later")
    return answered, took, lag


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
