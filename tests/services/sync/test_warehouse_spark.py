"""Usage counted on a Spark cluster, one of whose workers dies in the middle of it."""

import threading
import time
from datetime import timedelta

import pytest

from tests.services.sync.spark_cluster import INSTALL, running_spark, spark_home
from tests.services.sync.test_warehouse import NOW, digest, imported, made_events, reach
from tests.services.sync.test_warehouse import desk as desk  # a fixture

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore"),  # what Spark's client says of its own libraries
]


class Spark:
    """A table of forty files: each query has many tasks."""

    user = None

    def __init__(self, url, folder, rows):
        import pyarrow as pa
        from pyarrow import parquet
        from pyspark.sql import SparkSession

        self.url = url
        types = [pa.string()] * 4 + [pa.float64(), pa.timestamp("us", "UTC")]
        names = ("id", "mail", "what", "thing", "much", "ts")
        place = folder / "usage"
        place.mkdir()
        for n in range(40):
            columns = zip(*rows[n::40], strict=True)
            arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
            parquet.write_table(pa.table(dict(zip(names, arrays, strict=True))), place / f"{n}.parquet")
        session = SparkSession.builder.remote(url).getOrCreate()
        session.sql(f"CREATE TABLE usage USING parquet LOCATION '{place}'")
        session.stop()


def test_a_cluster_gives_the_same_scores_though_a_worker_dies_while_it_counts(desk, tmp_path):
    home = spark_home()
    if home is None:
        pytest.fail(f"needs {INSTALL}")
    recent = NOW - timedelta(days=8)
    rows = [row for row in made_events() if row[5] >= recent.replace(tzinfo=None)]
    with running_spark(home, tmp_path) as cluster:
        engine = Spark(cluster.url, tmp_path, rows)
        assert "usage" in reach(desk, engine, since=f"{recent:%Y-%m-%d}", late_days="0").account
        outcomes = []
        pulling = threading.Thread(target=lambda: outcomes.append(desk.pull()))
        pulling.start()
        while pulling.is_alive() and not cluster.running_tasks():
            time.sleep(0.01)
        assert pulling.is_alive()
        assert cluster.executors() == 2
        cluster.kill_a_worker()
        pulling.join()
        assert [one.state for one in outcomes] == ["ok"]
        while cluster.executors() == 2:  # its end is noticed after a while
            time.sleep(0.1)
        assert digest(desk.db) == imported(tmp_path, rows)
        again = desk.pull()
        assert (again.state, again.created, again.updated) == ("ok", 0, 0)
