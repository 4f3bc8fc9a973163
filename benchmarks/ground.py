"""What the benchmarks stand on: workspaces and event files of a size, made once and kept between runs."""

import hashlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from benchmarks import build, build_usage
from benchmarks.build_usage import FEATURES, KINDS
from pqldesk.services.basics.moments import iso
from pqldesk.services.workspaces.workspace import open_workspace

USAGE_PER_LEAD = 6
SENT_AGAIN = 0.02
_DAYS = 60


def workspace_of(leads: int) -> Path:
    """A workspace with that many leads. Nobody may write to it: see copy_of."""
    path = _kept() / f"leads-{leads}-{_recipe()}.pqldesk"
    if not path.exists():
        for old in _kept().glob(f"*leads-{leads}-*.pqldesk*"):
            old.unlink(missing_ok=True)
        half = path.with_suffix(f".half{os.getpid()}")
        build.build(half, leads)
        half.rename(path)
    return path


@contextmanager
def copy_of(leads: int) -> Iterator[Path]:
    """A copy of that workspace to write to, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=_kept()) as folder:
        yield Path(shutil.copy(workspace_of(leads), Path(folder) / "bench.pqldesk"))


@contextmanager
def copy_with_usage(leads: int) -> Iterator[Path]:
    """A copy of a workspace whose leads have USAGE_PER_LEAD events each on average, scored, gone afterwards."""
    path = _kept() / f"used-{workspace_of(leads).name}"
    if not path.exists():
        half = path.with_suffix(f".half{os.getpid()}")
        shutil.copy(workspace_of(leads), half)
        build_usage.fill(half, leads * USAGE_PER_LEAD)
        half.rename(path)
    with tempfile.TemporaryDirectory(dir=_kept()) as folder:
        yield Path(shutil.copy(path, Path(folder) / "bench.pqldesk"))


def emails_of(path: Path) -> list[str]:
    """The addresses of a workspace's leads."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT email FROM lead ORDER BY id")]


def events_of(leads: int, events: int) -> Path:
    """A canonical JSONL file of *events* events of the leads of workspace_of(leads), in order of time.

    Activity differs between leads as it does between people (log-normal); 2 % of the lines come twice.
    """
    path = _kept() / f"events-{leads}-{events}.jsonl"
    if not path.exists():
        half = path.with_suffix(f".half{os.getpid()}")
        _write_events(half, emails_of(workspace_of(leads)), events)
        half.rename(path)
    return path


def _write_events(path: Path, emails: list[str], events: int) -> None:
    rnd = random.Random(events)
    weights = [rnd.lognormvariate(0, 1.2) for _ in emails]
    span = _DAYS * build.DAY
    times = sorted(build.AT_US - int(rnd.random() ** 1.3 * span) for _ in range(events))
    people = rnd.choices(emails, weights, k=events)
    kinds = rnd.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS], k=events)
    again: list[str] = []
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        for at, email, kind in zip(times, people, kinds, strict=True):
            key = f',"key":"{rnd.choice(FEATURES)}"' if kind == "feature_activated" else ""
            amount = f',"quantity":{rnd.randrange(1, 80)}' if kind == "data_imported" else ""
            line = (
                f'{{"event_id":"evt_{rnd.getrandbits(63):016x}","email":"{email}","event":"{kind}"{key}{amount},'
                f'"occurred_at":"{iso(at // 1_000_000 * 1_000_000)}"}}\n'
            )
            file.write(line)
            if rnd.random() < SENT_AGAIN:
                again.append(line)
            if len(again) > 500:
                file.writelines(again)
                again.clear()
        file.writelines(again)


@cache
def _recipe() -> str:
    """Changes when what is built would: with the tables, or with the builders."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.pqldesk"
        open_workspace(path, create=True).close()
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    builders = Path(build.__file__).read_bytes() + Path(build_usage.__file__).read_bytes()
    return hashlib.sha256(repr(tables).encode() + builders).hexdigest()[:12]


def _kept() -> Path:
    folder = Path(tempfile.gettempdir()) / f"pqldesk-benchmarks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def installed() -> dict[str, str]:
    """The environment of a child process that keeps its byte code, as once installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def offscreen() -> dict[str, str]:
    """The same for one that paints into memory."""
    return {**installed(), "QT_QPA_PLATFORM": "offscreen"}
