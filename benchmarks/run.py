"""Every benchmark after the other; a full run writes benchmarks/RESULTS.md.

usage: python -m benchmarks.run [--small] [NAME ...]
"""

import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.figures import Figure

NAMES = ("queue_page", "search", "lead_table", "startup", "outbox", "window", "score", "ingest", "intake")
RESULTS = Path(__file__).with_name("RESULTS.md")
REASONS = {
    "queue_page": "Counts: leads by state are kept as they change; the trials that end soon are worked out: of 6,600"
    " in an index, 3,900 companies and 11,700 people are looked up, each on pages of their own.",
    "ingest": "Against dlt: the parse and bare inserts into a table without key or index, told beside the figure, take"
    " more than an eighth of dlt's time by themselves, before a module is loaded or an event is compared with another."
    " Of ours, loading modules takes a quarter, parsing a fifth, meeting 10,000 people a tenth, and the rows with index"
    " and roll-ups a fifth.",
    "score": "At 10,000 leads half of the time of scoring is SQLite's: reading a lead with its cells, and the update"
    " of its row and four queue indexes; without a line of Python it would be 2.1 times the storing, which is cheap"
    " there, as all of it is in the cache, and without any of the queue's indexes 2.4 to 2.55 times. At a million"
    " leads the same statements run over the same number of rows, but each lead lies on pages of its own: 9,800 pages"
    " are read and 6,400 written for 1,000 events, where 10,000 leads have nearly all in the cache and write 1,200.",
    "intake": "Of each event in batches, SQLite's statements, commits and bringing the log into the file take 175"
    " microseconds of processor time at 10,000 leads and 290 at 100,000, where every event writes 7.6 pages (3.4 at"
    " 10,000): there 200 could not be kept without a line of Python. The rest is shared by scoring, reading what was"
    " sent, who is whom, and the requests. On a faster machine it was 297 in all; of 8.6 pages 5.3 were of the queue's"
    " indexes, without which a third of deriving would be saved (python -m benchmarks.log_pages).",
    "startup": "By CPU time, beside other work, a start took 2.6 times a bare window: Python loads our"
    " modules and the enumerations of the Qt classes they use, then builds and paints the"
    " window.",
    "search": "The 95th percentile is that of five letters that several thousand leads hold: SQLite takes 5 to 13 ms to"
    " join the lists of their trigrams, and 5 microseconds for each row that is read to be compared and sorted.",
    "lead_table": "Three fifths of the first frame, by CPU time of the GUI thread, are its first painting"
    " (glyphs, marks, the rows it shows), the rest reading them and building the table.",
    "window": "Memory: two readers' caches take 16 MB, the writer's up to 10, the order of the leads 7,"
    " rows and texts around the screen about 6.",
    "outbox": "Outbox: a short drain pays for the look at the schema and for opening ten connections;"
    " Twenty takes two requests for a note, one after the other.",
}
_HEAD = "| what | measured | at least | aim | kept | how |"


def main(argv: list[str]) -> int:
    """Run the named benchmarks, or all; 1 when a figure missed its limit."""
    small = "--small" in argv
    names = [name for name in argv if not name.startswith("-")] or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        print(f"There is no benchmark {', '.join(unknown)}; known: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    found: dict[str, list[Figure]] = {}
    broken: list[str] = []
    for name in names:
        began = time.monotonic()
        try:
            benchmark: Callable[[bool], list[Figure]] = import_module(f"benchmarks.{name}").main
            found[name] = benchmark(small)
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - the others shall be measured all the same
            print(f"{name} could not be measured: {problem!r}", flush=True)
            broken.append(name)
            continue
        print(f"{name} ({time.monotonic() - began:.0f} s)", flush=True)
        for figure in found[name]:
            print(f"  {figure}", flush=True)
    if not small and set(names) == set(NAMES):
        RESULTS.write_text(report(found, broken), "utf-8")
    elif not small and RESULTS.exists():
        RESULTS.write_text(updated(RESULTS.read_text("utf-8"), found), "utf-8")
    return 0 if not broken and all(figure.kept for some in found.values() for figure in some) else 1


def report(found: dict[str, list[Figure]], broken: list[str]) -> str:
    """The figures as a page, with the date and the kind of machine."""
    rows = [_row(figure) for some in found.values() for figure in some]
    lines = [
        "# Measured speed",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}.",
        "",
        "Written by `make bench`. A figure in x is a ratio to a limit or a peer measured in the same run, in turns,"
        " by medians; milliseconds and megabytes depend on the machine and on what else it does. A run of some"
        " benchmarks replaces their rows only, so rows may come from different runs and states of the code.",
        "",
        _HEAD,
        "|" + "---|" * (_HEAD.count("|") - 1),
        *rows,
    ]
    lines += [f"| {name} | not measured | | | **no** | it stopped with an error |" for name in broken]
    missed = {name for name, some in found.items() if not all(figure.kept for figure in some)}
    reasons = [f"- {text}" for name, text in REASONS.items() if name in missed]
    if reasons:
        lines += ["", "## Why a limit is missed", "", *reasons]
    return "\n".join(lines) + "\n"


def updated(page: str, found: dict[str, list[Figure]]) -> str:
    """The page of an earlier full run with the figures of *found* in place of the old ones."""
    fresh = {f"| {figure.name} |": _row(figure) for some in found.values() for figure in some}
    lines = page.splitlines()
    for place, line in enumerate(lines):
        start = next((name for name in fresh if line.startswith(name)), None)
        if start is not None:
            lines[place] = fresh[start]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """The class of machine, without a name."""
    from PySide6 import __version__ as qt

    return (
        f"{platform.system()} on {platform.machine()} with {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}, Qt {qt} (painted into memory)"
    )


def _row(figure: Figure) -> str:
    kept = "yes" if figure.kept else "**no**"
    return (
        f"| {figure.name} | {figure.value:.3g} {figure.unit} | {figure.limit:.3g} | {figure.aim:.3g} | {kept} |"
        f" {figure.detail} |"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
