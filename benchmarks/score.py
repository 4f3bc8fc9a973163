"""Storing and scoring 1,000 events against storing them only, in workspaces of three sizes.

Every batch is 1,000 new events of the last hours on leads drawn at random, in one transaction, as a sync brings them.

usage: python -m benchmarks.score [--small]
"""

import itertools
import random
import statistics
import sys
import time
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.build import AT, AT_US
from benchmarks.build_usage import FEATURES, KINDS
from benchmarks.figures import Figure
from benchmarks.ground import copy_with_usage, emails_of
from pqldesk.services.basics.exact import MILLION
from pqldesk.services.basics.moments import HOUR
from pqldesk.services.files.event_rows import EventRow
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.workspaces.workspace import open_workspace

BATCH = 1_000
SIZES = (10_000, 100_000, 1_000_000)


def main(small: bool) -> list[Figure]:
    """One figure for each size; *small* leaves the largest out."""
    figures, scored = [], []
    for leads in SIZES[:-1] if small else SIZES:
        with copy_with_usage(leads) as path:
            store, both, touched, cpu = _measured(path, rounds=7 if small else 15)
        scored.append(both)
        figures.append(
            Figure(
                f"store and score 1,000 events at {leads:,} leads, against storing them",
                both / store,
                "x",
                2.2,
                1.5,
                f"{both * 1000:.0f} ms, storing {store * 1000:.0f} ms, {touched:.0f} leads touched,"
                f" {both / scored[0]:.1f} times as long as at {SIZES[0]:,} leads; {cpu:.2f} x by CPU time",
            )
        )
    return figures


def _measured(path: Path, rounds: int) -> tuple[float, float, float, float]:
    """Median seconds to store a batch, to store and score it, how many leads a batch touches, the ratio by CPU time."""
    emails = emails_of(path)
    workspace = open_workspace(path, create=False)
    rnd, numbers, store = random.Random(len(emails)), itertools.count(1), EventStore("bench")
    stored: list[float] = []
    scored: list[float] = []
    touched: list[int] = []
    paid: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for kept, score in ((stored, False), (scored, True)):
            batch = _batch(rnd, emails, numbers)
            began, cpu = time.perf_counter(), time.process_time()
            touched.append(workspace.db.write_bulk(_keep, store, batch, score).result())
            kept.append(time.perf_counter() - began)
            paid[score].append(time.process_time() - cpu)
    workspace.close()
    by_cpu = statistics.median(paid[True]) / statistics.median(paid[False])
    return statistics.median(stored), statistics.median(scored), statistics.mean(touched), by_cpu


def _keep(session: Session, store: EventStore, batch: list[EventRow], score: bool) -> int:
    stored = store.store(session, batch, AT, None)
    if score:
        rescore(session, stored.leads, AT, "events", stored.earliest)
    return len(stored.leads)


def _batch(rnd: random.Random, emails: list[str], numbers: "itertools.count[int]") -> list[EventRow]:
    rows = []
    kinds = rnd.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS], k=BATCH)
    for kind in kinds:
        number = next(numbers)
        key = rnd.choice(FEATURES) if kind == "feature_activated" else None
        at = AT_US - rnd.randrange(6 * HOUR)
        row = EventRow(
            number,
            number,
            f"s{number}",
            rnd.choice(emails),
            None,
            None,
            None,
            None,
            kind,
            key,
            MILLION,
            at,
            None,
        )
        rows.append(row)
    return rows


if __name__ == "__main__":
    for figure in main("--small" in sys.argv):
        print(figure)
