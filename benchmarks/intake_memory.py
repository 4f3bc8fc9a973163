"""Memory of the intake while it is sent to for ten minutes, window open: batches, single events, wrong requests.

It sends at a steady pace that leaves the machine to others, and each event but every tenth is new. Memory is read twice
a minute, once what had been sent is derived; the figure is what the last third holds more than the second.

usage: python -m benchmarks.intake_memory [MINUTES]
"""

import sys
import time
from contextlib import closing
from itertools import count
from socket import create_connection
from statistics import median

from benchmarks.figures import Figure
from benchmarks.intake_ground import HEAD, Served, memory, oldest, request, served, status

LEADS = 10_000
ROUND_S = 0.5  # one batch of 50, ten single events, one unreadable request, one with a wrong key
LOOK_S = 30.0
THIRDS = 3  # the first warms up, the last is held against the second
LIMIT_MB = 2.0  # that memory may rise in a third of the time; Python's own allocator moves by as much


def main(minutes: float) -> list[Figure]:
    """How much memory rises between the second and the last third of the time."""
    with served(LEADS) as intake:
        looks, sent = _looked(intake, minutes)
    if len(looks) < THIRDS:
        raise SystemExit(f"{minutes:g} minutes are too short to look at memory three times: give 2 or more")
    third = len(looks) // THIRDS
    rise = median(looks[-third:]) - median(looks[third : 2 * third])
    told = " ".join(f"{look:.0f}" for look in looks)
    return [
        Figure(
            f"intake: memory that {minutes:g} minutes of sending add, last third against second", rise, "MB",
            LIMIT_MB, 0.5, f"{sent:,} events; MB each {LOOK_S:.0f} s: {told}",
        )
    ]  # fmt: skip


def _looked(intake: Served, minutes: float) -> tuple[list[float], int]:
    """Megabytes twice a minute, and how many events were sent."""
    looks: list[float] = []
    numbers, sent = count(), 0
    wrong = HEAD.replace(b"Basic ", b"Basic x") + b"2\r\n\r\n{}"
    odd = HEAD + b"9\r\n\r\nnot json!"
    began = time.monotonic()
    looked = began
    with closing(create_connection(("127.0.0.1", intake.port))) as line:
        while time.monotonic() - began < minutes * 60:
            round_began = time.monotonic()
            some = [next(numbers) for _ in range(60)]
            again = [max(0, number - 40) if number % 10 == 0 else number for number in some]
            parts = (again[:50], *((one,) for one in again[50:]))
            for asked in (*(request(part, intake.emails, "m") for part in parts), odd, wrong):
                line.sendall(asked)
                status(line)
            sent += len(some)
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                while oldest(intake.path) > 0 and time.monotonic() - looked < LOOK_S:
                    time.sleep(0.1)
                looks.append(memory(intake.process))
            time.sleep(max(0.0, ROUND_S - (time.monotonic() - round_began)))
    return looks, sent


if __name__ == "__main__":
    for figure in main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0):
        print(figure)
