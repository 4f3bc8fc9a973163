"""Usage for a built workspace: written through the driver, with roll-ups and scores as the product keeps them."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.build import AT, AT_US, DAY
from pqldesk.services.scoring.rescore import rescore_all
from pqldesk.services.workspaces.workspace import open_workspace

KINDS = (
    ("login", 55), ("feature_activated", 20), ("data_imported", 12), ("team_invited", 9), ("integration_connected", 4),
)  # fmt: skip
FEATURES = ("boards", "reports", "api", "sso", "export", "alerts", "forms", "templates", "search", "audit")
_DAYS = 60


def fill(path: Path, events: int) -> None:
    """Give the leads of the workspace at *path* that many events in the last 60 days, and score them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-262144; PRAGMA foreign_keys=OFF")
        (index,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'ix_usage_event_identity_at'"
        ).fetchone()
        connection.execute("BEGIN")
        connection.execute("DROP INDEX ix_usage_event_identity_at")
        connection.executemany(
            "INSERT INTO usage_event (eid, identity_id, kind_id, at, day, quantity, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            _events(connection, events),
        )
        connection.execute(index)
        connection.execute(
            "INSERT INTO usage_total SELECT identity_id, kind_id, count(*), sum(quantity), min(at), max(at)"
            " FROM usage_event GROUP BY identity_id, kind_id"
        )
        connection.execute(
            "INSERT INTO usage_day SELECT identity_id, day, kind_id, count(*), sum(quantity)"
            " FROM usage_event GROUP BY identity_id, day, kind_id"
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    workspace = open_workspace(path, create=False)
    workspace.db.write_bulk(rescore_all, AT).result()
    workspace.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM score_event")  # that everybody began at 0 is no news of last week
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _events(connection: sqlite3.Connection, events: int) -> Iterator[tuple[int, ...]]:
    rnd = random.Random(events)
    kinds: list[int] = []
    for name, weight in KINDS:
        keys = FEATURES if name == "feature_activated" else ("",)
        for key in keys:
            row = connection.execute(
                "INSERT INTO event_kind (name, key) VALUES (?, ?) RETURNING id", (name, key)
            )
            kinds += [row.fetchone()[0]] * (weight * 10 // len(keys))
    ((identities,),) = connection.execute("SELECT count(*) FROM identity")
    active = sorted(rnd.sample(range(1, identities + 1), identities * 3 // 4))
    for eid in range(1, events + 1):
        at = AT_US - int(rnd.random() ** 1.3 * _DAYS * DAY)
        identity = active[int(rnd.random() ** 2 * len(active))]  # a few do much
        yield eid * 2_654_435_761, identity, rnd.choice(kinds), at, at // DAY, 1_000_000, at
