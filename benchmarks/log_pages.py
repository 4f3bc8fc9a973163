"""What an event costs where it is stored: pages of the write-ahead log by table and index, and processor time.

Events that the intake has kept are derived and scored in transactions of 200, as beside an open window, once for the
time and once, on another copy, for the log, whose beginning a reader holds so that nothing of it is overwritten. With
usage each lead has had six events before; without, nearly every event is its lead's first and moves its score.

usage: python -m benchmarks.log_pages [--small] [--in ITEMS] [--sql FILE]

--in: events in a transaction. --sql: statements for the copy before, such as other indexes to try.
"""

import argparse
import sqlite3
import struct
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from benchmarks.ground import copy_of, copy_with_usage, emails_of
from benchmarks.intake_ground import event
from pqldesk.services.basics import clock
from pqldesk.services.events.deriving import FEWEST, Met, derive_waiting
from pqldesk.services.events.raw_pages import Page, keep_durably, packed
from pqldesk.services.workspaces.workspace import Workspace, open_workspace

WARM = 2_000
EVENTS = 6_000
BATCH = 100
SHOWN = 16  # tables and indexes
_HEAD = 24  # bytes before each page in the log, and 32 before the first; the page's number comes first


def main(leads: int, most: int, sql: str) -> None:
    """Print both for a workspace without usage and for one with it."""
    for name, made in (("without usage", copy_of), ("with usage", copy_with_usage)):
        with made(leads) as path:
            cpu, _ = _derived(path, most, sql, held=False)
        with made(leads) as path:
            _, pages = _derived(path, most, sql, held=True)
        print(
            f"{leads:,} leads {name}, {most} events in a transaction: {cpu:.0f} microseconds of processor time and"
        )
        print(f"{pages.total() / EVENTS:.2f} pages of the log an event, of which")
        for tree, many in pages.most_common(SHOWN):
            print(f"  {tree:34} {many / EVENTS:.2f}")


def _derived(path: Path, most: int, sql: str, *, held: bool) -> tuple[float, Counter[str]]:
    """Microseconds of processor time an event, with the log brought in unless *held*; pages of the log by tree."""
    emails = emails_of(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
    workspace = open_workspace(path, create=False)
    try:
        _keep(workspace, range(WARM), emails)
        _derive(workspace, most)
        _keep(workspace, range(WARM, WARM + EVENTS), emails)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            if held:
                reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM setting").fetchone()
            began = time.process_time()
            _derive(workspace, most)
            cpu = time.process_time() - began
            log = path.with_name(f"{path.name}-wal").read_bytes() if held else b""
        return cpu / EVENTS * 1e6, _by_tree(path, log)
    finally:
        workspace.close()


def _keep(workspace: Workspace, numbers: range, emails: list[str]) -> None:
    for start in numbers[::BATCH]:
        items = [event(number, emails, "p") for number in range(start, start + BATCH)]
        keep_durably(workspace.db, [packed(Page("segment", items, clock.now()))]).result()


def _derive(workspace: Workspace, most: int) -> None:
    met, is_more = Met(), True
    while is_more:
        is_more = workspace.db.write_bulk(derive_waiting, clock.now(), most, met).result().is_more


def _by_tree(path: Path, log: bytes) -> Counter[str]:
    """How many pages of *log* belong to each table and index."""
    if not log:
        return Counter()
    (size,) = struct.unpack_from(">I", log, 8)
    with closing(sqlite3.connect(path)) as connection:
        trees = dict(connection.execute("SELECT pageno, name FROM dbstat"))
    places = range(32, len(log), _HEAD + size)
    return Counter(trees.get(struct.unpack_from(">I", log, place)[0], "free by now") for place in places)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--small", action="store_true")
    asked.add_argument("--in", dest="most", type=int, default=FEWEST)
    asked.add_argument("--sql", type=Path)
    given = asked.parse_args()
    main(10_000 if given.small else 100_000, given.most, given.sql.read_text() if given.sql else "")
