"""Usage counted inside DuckDB: time, rows and bytes that cross, for a first range and for a later run.

    python -m benchmarks.warehouse [EVENTS]      one million otherwise; the table is made in a temporary folder

One thread, so that the figure is the engine's and not the machine's. A tenth of the events are of the five kinds that
the default model asks for, the rest is other activity.
"""

import sys
import tempfile
import time
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from pqldesk.services.pulls.warehouse import HAVE_KEYS, counts

COLUMNS = {"user_id": "uid", "event": "what", "key": "thing", "quantity": "much", "occurred_at": "ts"}
KINDS = {"Login": "login", "Feature Used": "feature_activated", "Invite Sent": "team_invited",
         "Integration Connected": "integration_connected", "Data Imported": "data_imported"}  # fmt: skip
OTHERS = [f"event {n}" for n in range(20)]
DAYS, FIRST = 30, date(2026, 10, 1)


def main(events: int) -> None:
    """Make the table, count it twice, print what it took."""
    ibis = import_module("ibis")
    people = max(1_000, events // 1_000)
    with tempfile.TemporaryDirectory(prefix="pqldesk-warehouse-") as folder:
        path = Path(folder) / "events.duckdb"
        con = ibis.duckdb.connect(path)
        con.raw_sql("SET threads = 1")
        names = ", ".join(f"'{name}'" for name in KINDS)
        others = ", ".join(f"'{name}'" for name in OTHERS)
        begun = time.perf_counter()
        con.raw_sql(
            f"""CREATE TABLE usage AS SELECT 'user ' || (hash(i) % {people}) AS uid,
            CASE WHEN i % 10 = 0 THEN list_extract([{names}], 1 + (i // 10) % 5)
              ELSE list_extract([{others}], 1 + i % 20) END AS what,
            'feature ' || (hash(i + 7) % 8) AS thing, 1.0 + (i % 3) AS much,
            TIMESTAMP '{FIRST}' + to_seconds((i * {DAYS * 86_400.0 / events})::BIGINT) AS ts
            FROM range({events}) r(i)"""
        )
        made = time.perf_counter() - begun
        size = path.stat().st_size
        print(
            f"{events:,} events of {people:,} people over {DAYS} days; table made in {made:.1f} s, {size >> 20} MB"
        )
        kinds = {**KINDS, **dict.fromkeys(OTHERS, "activity")}
        last = FIRST.replace(day=DAYS)
        for words, begin in (
            ("first range, 30 days", FIRST),
            ("later run, 4 days", last.replace(day=DAYS - 3)),
        ):
            begun = time.perf_counter()
            found = counts(
                con.table("usage"), COLUMNS, kinds, HAVE_KEYS, begin, last, ZoneInfo("UTC")
            ).to_pyarrow()
            took = time.perf_counter() - begun
            print(f"{words}: {took:.1f} s, {found.num_rows:,} counts, {found.nbytes / 1e6:.1f} MB crossed")
        con.disconnect()
        print(f"at {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
