"""Storing usage events: against bare inserts of the same parse, and against dlt into SQLite.

Both sides read the same file with the same parser, make integers of it and insert many rows with one statement. The
bare side has a table without a key or an index; ours drops what came before by (source, event id), keeps the index by
identity and time, and both roll-ups, all of it gathered and stored at once as a first import is while no window is
open. Scores and playbooks are not counted. The people are there already; how long it takes when everybody is new is
told beside it.

usage: python -m benchmarks.ingest [--small]
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from benchmarks.build import AT
from benchmarks.figures import Figure
from benchmarks.ground import copy_of, events_of, installed
from benchmarks.rounds import medians
from pqldesk.models.db import Database
from pqldesk.models.driver import Driver
from pqldesk.services.files.event_rows import EventColumns, event_mapping, event_pieces, in_pages
from pqldesk.services.files.opening import open_table
from pqldesk.services.files.options import ValueOptions
from pqldesk.services.files.table import ReadOptions
from pqldesk.services.imports.pace import EVENTS
from pqldesk.services.ingest.bulk import BulkLoad
from pqldesk.services.ingest.events import EventStore, event_hashes
from pqldesk.services.workspaces.workspace import open_workspace

PER_LEAD = 20
DLT_EVENTS = 200_000
_DLT = """
import json, sys
import dlt

@dlt.resource(name="event", primary_key="event_id", write_disposition="merge")
def events():
    with open(sys.argv[1], "rb") as file:
        while lines := file.readlines(2_000_000):
            yield [json.loads(line) for line in lines]

place = dlt.destinations.sqlalchemy(f"sqlite:///{sys.argv[2]}/event.db")
dlt.pipeline("bench", destination=place, dataset_name="d", pipelines_dir=sys.argv[2]).run(events())
"""


def main(small: bool) -> list[Figure]:
    """Both figures; *small* takes a tenth of the events for the first and the same file for the second."""
    events = 200_000 if small else 2_000_000
    rounds = 3 if small else 1  # two million events even out what else the machine does
    file, leads = events_of(events // PER_LEAD, events), events // PER_LEAD
    taken = medians({"bare": lambda: bare_s(file), "ours": lambda: stored_s(file, leads)}, rounds)
    fewer = events_of(10_000, 200_000)
    new, known = stored_s(fewer, 0), stored_s(fewer, 10_000)
    figures = [
        Figure(
            f"ingest of {events:,} events, against bare inserts of the same parse",
            taken["ours"] / taken["bare"],
            "x",
            6,
            3.5,
            f"{taken['ours']:.1f} s, bare {taken['bare']:.1f} s; 200,000 events of 10,000 new people take"
            f" {new / known:.1f} times as long as of known ones",
        )
    ]
    return figures + against_dlt(1 if small else 3)


def against_dlt(rounds: int) -> list[Figure]:
    """200,000 events into SQLite, each side a process of its own that begins with nothing loaded; [] without dlt."""
    if importlib.util.find_spec("dlt") is None:
        print("dlt is not installed, so its row is left out: pip install 'dlt[sqlalchemy]'")
        return []
    leads = DLT_EVENTS // PER_LEAD
    file = events_of(leads, DLT_EVENTS)
    _process_s(file, leads)  # so that there is byte code, as of whatever pip installed
    sides = {
        "dlt": lambda: _dlt_s(file),
        "ours": lambda: _process_s(file, leads),
        "bare": lambda: bare_s(file),
    }
    taken = medians(sides, rounds)
    return [
        Figure(
            f"the same work on {DLT_EVENTS:,} events, against dlt into SQLite on the same file",
            taken["ours"] / taken["dlt"],
            "x",
            1 / 8,
            1 / 20,
            f"{taken['ours']:.1f} s, dlt {taken['dlt']:.1f} s: 1/{taken['dlt'] / taken['ours']:.0f} of its time,"
            " both with the start of the process; the parse and bare inserts alone, in a process that runs already,"
            f" {taken['bare']:.1f} s",
        )
    ]


def _dlt_s(file: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"}
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", _DLT, str(file), folder],
            check=True,
            env=env,
            cwd=folder,
            capture_output=True,
        )
        return time.perf_counter() - began


def _process_s(file: Path, leads: int) -> float:
    with copy_of(leads) as path:
        began = time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.ingest", "--store", str(file), str(path)]
        subprocess.run(command, check=True, capture_output=True, env=installed())
        return time.perf_counter() - began


def pages(file: Path) -> Iterator[EventColumns]:
    """The events of a file as the import reads them."""
    table = open_table(file, ReadOptions())
    options = ValueOptions(zone=ZoneInfo("UTC"))
    pieces = event_pieces(table, event_mapping(table), options, lambda reject: None)
    for page in in_pages(pieces, lambda: EVENTS):
        yield page if isinstance(page, EventColumns) else EventColumns.of(page)


def bare_s(file: Path) -> float:
    """Seconds to parse the file and insert integers, and nothing else."""
    names = ("eid", "who", "kind", "at", "n")
    with tempfile.TemporaryDirectory() as folder:
        db = Database(Path(folder) / "bare.db")
        db.write(
            lambda session: Driver(session).run(f"CREATE TABLE event ({', '.join(names)})") and None
        ).result()

        def keep(session: Session, page: EventColumns) -> None:
            hashes = event_hashes(b"file\0", page.event_ids)
            rows = zip(hashes, page.who, page.kinds, page.occurred_at, page.quantities, strict=True)
            Driver(session).add_flat("event", names, [*chain.from_iterable(rows)])

        began = time.perf_counter()
        for page in pages(file):
            db.write_bulk(keep, page).result()
        took = time.perf_counter() - began
        db.close()
        return took


def stored_s(file: Path, leads: int) -> float:
    """Seconds to store the file's events in a workspace of *leads* leads, as the import does, without scoring."""
    if not leads:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.pqldesk"
            open_workspace(path, create=True).close()
            return _stored_s(file, path)
    with copy_of(leads) as path:
        return _stored_s(file, path)


def _stored_s(file: Path, path: Path) -> float:
    workspace = open_workspace(path, create=False)
    began = time.perf_counter()
    load = BulkLoad(EventStore("file"), AT)
    for page in pages(file):
        load.add(page)
        if load.is_full:
            workspace.db.write_bulk(load.store, None).result()
    if load.events:
        workspace.db.write_bulk(load.store, None).result()
    took = time.perf_counter() - began
    workspace.close()
    return took


if __name__ == "__main__":
    if sys.argv[1:2] == ["--store"]:
        print(_stored_s(Path(sys.argv[2]), Path(sys.argv[3])))
    else:
        for figure in main("--small" in sys.argv):
            print(figure)
