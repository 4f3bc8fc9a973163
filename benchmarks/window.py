"""The real window, driven as a person would: memory, keys while another process imports, its slots, its other lists.

usage: python -m benchmarks.window [--small]
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import build
from benchmarks.figures import Figure
from benchmarks.ground import copy_of, copy_with_usage, events_of, offscreen
from pqldesk.services.imports.child import ROWS_AT_ONCE
from pqldesk.services.workspaces.workspace import open_workspace


def main(small: bool) -> list[Figure]:
    """Memory at a million leads (a tenth if *small*), and both kinds of response at 100,000 (10,000)."""
    return [_memory(100_000 if small else 1_000_000), *_response(10_000 if small else 100_000, small)]


def _memory(leads: int) -> Figure:
    bare = median(_resident_mb_empty() for _ in range(3))
    full = median(_resident_mb(leads) for _ in range(3))
    return Figure(
        f"memory at {leads:,} leads after scrolling, search and sort, less that of an empty workspace",
        full - bare,
        "MB",
        60,
        40,
        f"{full:.0f} MB, empty {bare:.0f} MB",
    )


def _resident_mb(leads: int) -> float:
    """In a process and a copy of its own each time: what a killed window leaves would be looked through by the next."""
    with copy_of(leads) as path:
        return _driven("memory", path, 1)["resident_mb"]


def _resident_mb_empty() -> float:
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.pqldesk"
        open_workspace(empty, create=True).close()
        return _driven("memory", empty, 1)["resident_mb"]


def _response(leads: int, small: bool) -> list[Figure]:
    with copy_with_usage(leads) as path, _importing(path, events_of(leads, leads * 20)):
        keys = _driven("keys", path, 60 if small else 300)
    with copy_with_usage(leads) as path:
        turns = _driven("journeys", path, 1 if small else 3)
    with copy_with_usage(leads) as path:
        _add_tasks(path, leads // 5)
        _score(path)
        lists = _driven("lists", path, 20 if small else 60)
    spent, whole = keys["cpu"], keys["whole"]
    told = (
        f"{keys['strokes']:.0f} keys, p95 {keys['p95_ms']:.0f} ms, worst {keys['worst_ms']:.0f} ms; CPU of the window"
        f" {spent['median_ms']:.1f} ms, p99 {spent['p99_ms']:.1f} ms; the rest of the record laid out after"
        f" {whole['median_ms']:.0f} ms, p99 {whole['p99_ms']:.0f} ms, of {whole['turns']:.0f} that were waited for;"
        f" {leads:,} leads, another process importing"
    )
    return [
        Figure(
            "keystroke to painted next lead while importing, median", keys["median_ms"], "ms", 50, 25, told
        ),
        Figure("keystroke to painted next lead while importing, p99", keys["p99_ms"], "ms", 100, 33, told),
        Figure(
            "GUI slots in the journeys, thread CPU time, p99",
            turns["p99_ms"],
            "ms",
            16,
            8,
            f"whole turns of the event loop, {turns['turns']:.0f} of them, worst {turns['worst_ms']:.0f} ms:"
            f" {_named(turns['offenders'])}",
        ),
        *(
            _painted(name, ms, lists[f"{name}, CPU"])
            for name, ms in lists.items()
            if not name.endswith(", CPU")
        ),
    ]


def _named(offenders: list[tuple[str, int, float]]) -> str:
    """The longest turns, for a table's cell; each of them goes to the standard error too."""
    for name, many, longest in offenders:
        print(f"  {longest:6.1f} ms, {many} turns over 8 ms: {name}", file=sys.stderr)
    return "; ".join(f"{name} {longest:.0f} ms" for name, _many, longest in offenders[:3])


def _painted(name: str, ms: dict[str, float], cpu: dict[str, float]) -> Figure:
    """From something done in a list to the frame that shows it; opening one includes reading all of it."""
    limit, aim = (1_000, 300) if name.endswith(": open") else (100, 33)
    return Figure(
        f"{name}, to the painted frame, p99",
        ms["p99_ms"],
        "ms",
        limit,
        aim,
        f"median {ms['median_ms']:.1f} ms, p95 {ms['p95_ms']:.1f} ms of {ms['turns']:.0f}; CPU of the window"
        f" {cpu['median_ms']:.1f}, {cpu['p95_ms']:.1f}, {cpu['p99_ms']:.1f} ms",
    )


def _add_tasks(path: Path, many: int) -> None:
    """Tasks of the first leads, a tenth of them the window's own rep's, due around the day of the workspace."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO task (lead_id, title, due_at, assignee, created_by, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (n + 1, f"Call about step {n % 7}", build.AT_US + (n % 20 - 10) * build.DAY,
                 f"rep{n % 10 + 1:02d}@example.com", "rep01@example.com", build.AT_US)
                for n in range(many)
            ),
        )  # fmt: skip


def _score(path: Path) -> None:
    """What has fallen due since the workspace was built: a window that opens it scores it for half a minute, and each
    of these commits makes what the lists are ordered by old."""
    subprocess.run(
        [sys.executable, "-m", "pqldesk", "--workspace", str(path), "score"], check=True, capture_output=True
    )


@contextmanager
def _importing(path: Path, file: Path) -> Iterator[None]:
    """An import into the workspace by another process, as the window itself would start it."""
    command = [sys.executable, "-m", "pqldesk", "--workspace", str(path), "import", "events", str(file)]
    command += ["--source", "bench", "--page", str(ROWS_AT_ONCE)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield
            if process.poll() is not None:
                raise SystemExit("the import ended before the keys did")
        finally:
            process.terminate()


def _driven(what: str, place: Path, amount: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.driven", what, str(place), str(amount)]
    done = subprocess.run(command, capture_output=True, env=offscreen(), check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
