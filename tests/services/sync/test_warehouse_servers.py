"""Usage counted by the unmodified clients of Snowflake, BigQuery and Trino, each against a server that stands in for
it. `make test-warehouses`."""

import json

import pytest

pytest.importorskip("ibis", reason="pip install 'pqldesk[warehouse]'")
pytest.importorskip("duckdb", reason="pip install 'pqldesk[warehouse]'")

from pqldesk.services.remote.problems import RemoteProblem
from tests.services.sync.test_warehouse import desk as desk
from tests.services.sync.test_warehouse import (  # the same tests, with the engines below
    made_events,
    reach,
    test_counts_give_the_same_scores_as_a_local_import_of_the_same_events,
    test_days_begin_at_midnight_of_the_workspace,
    test_only_days_that_changed_are_stored_again_and_late_events_replace_their_day,
    test_the_last_half_second_of_a_day_is_still_that_day,
)
from tests.services.sync.trino_double import running_double
from tests.services.sync.warehouse_servers import (
    python_of,
    running_bqemulator,
    running_fakesnow,
    service_account,
)

pytestmark = [
    pytest.mark.warehouses,
    pytest.mark.filterwarnings("ignore"),  # what the vendors' clients say of their own libraries
]

SAME = (
    test_counts_give_the_same_scores_as_a_local_import_of_the_same_events,
    test_days_begin_at_midnight_of_the_workspace,
    test_only_days_that_changed_are_stored_again_and_late_events_replace_their_day,
    test_the_last_half_second_of_a_day_is_still_that_day,
)


def values(rows, moment):
    def text(word):
        return "'" + str(word).replace("'", "''") + "'"

    return ", ".join(
        f"({', '.join(map(text, row[:4]))}, {row[4]}, {moment.format(row[5].isoformat(' ', 'microseconds'))})"
        for row in rows
    )


class Trino:
    def __init__(self, double, rows):
        self._double, self.url, self.user = double, double.url, "reader@firm.example"
        double.con.execute("DROP TABLE IF EXISTS usage")
        self._ask("CREATE TABLE usage (id VARCHAR, mail VARCHAR, what VARCHAR, thing VARCHAR, much DOUBLE,"
                  " ts TIMESTAMP(6) WITH TIME ZONE)")  # fmt: skip
        self.add(rows)

    def _ask(self, sql):
        self._double.answered(sql)

    def add(self, rows):
        self._ask("INSERT INTO usage VALUES " + values(rows, "TIMESTAMP '{} UTC'"))


class Snowflake:
    """Names in capitals, as there; the source names them in small letters."""

    def __init__(self, port, rows, monkeypatch):
        import snowflake.connector

        here = {
            "host": "127.0.0.1",
            "port": port,
            "protocol": "http",
            "account": "firm",
            "user": "fill",
            "password": "x",
        }
        self._con = snowflake.connector.connect(**here)
        for one in ("CREATE DATABASE IF NOT EXISTS analytics", "CREATE SCHEMA IF NOT EXISTS analytics.events",
                    "CREATE OR REPLACE TABLE analytics.events.usage (id TEXT, mail TEXT, what TEXT, thing TEXT,"
                    " much FLOAT, ts TIMESTAMP_NTZ)"):  # fmt: skip
            self._con.cursor().execute(one)
        self.url = f"snowflake://firm/analytics/events?host=127.0.0.1&port={port}&protocol=http"
        self.user, self.secrets = "reader@firm.example", {"pull_token": "WAREHOUSE_WORD"}
        monkeypatch.setenv("WAREHOUSE_WORD", "a+b@c/%40")
        self.add(rows)

    def add(self, rows):
        self._con.cursor().execute(
            "INSERT INTO analytics.events.usage VALUES " + values(rows, "'{}'::TIMESTAMP_NTZ")
        )


class BigQuery:
    """Signed in by a service account's key; the table's times are moments (TIMESTAMP)."""

    user = None

    def __init__(self, port, account, rows, monkeypatch):
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("WAREHOUSE_KEY", json.dumps(account))
        # bqemulator keeps no table of an answer, which the Storage Read API would read: rows come over REST.
        monkeypatch.setattr("google.cloud.bigquery.table.RowIterator._should_use_bqstorage", lambda *_: False)
        self._client = bigquery.Client(project="firm-usage", credentials=AnonymousCredentials())
        self._client.create_dataset("Events", exists_ok=True)
        self._client.query_and_wait(
            "CREATE OR REPLACE TABLE Events.usage (id STRING, mail STRING, what STRING, thing STRING, much FLOAT64,"
            " ts TIMESTAMP)"
        )
        self.url, self.secrets = "bigquery://firm-usage/Events", {"pull_token": "WAREHOUSE_KEY"}
        self.add(rows)

    def add(self, rows):
        names = ("id", "mail", "what", "thing", "much", "ts")
        some = [dict(zip(names, (*row[:5], f"{row[5].isoformat(' ')}+00:00"), strict=True)) for row in rows]
        assert self._client.insert_rows_json("Events.usage", some) == []


@pytest.fixture(scope="module")
def trino_there():
    pytest.importorskip("trino", reason="make test-warehouses")
    with running_double() as double:
        yield double


def server(name):
    python = python_of(name)
    if python is None:
        pytest.fail(f"{name} is not installed: make test-warehouses")
    return python


@pytest.fixture(scope="module")
def snowflake_there(tmp_path_factory):
    with running_fakesnow(server("fakesnow"), tmp_path_factory.mktemp("fakesnow")) as port:
        yield port


@pytest.fixture(scope="module")
def bigquery_there(tmp_path_factory):
    python = server("bqemulator")
    with running_bqemulator(python, tmp_path_factory.mktemp("bq")) as port, service_account() as key:
        yield port, key


@pytest.fixture(params=["trino", "snowflake", "bigquery"])
def engine(request, monkeypatch):
    rows = made_events()
    there = request.getfixturevalue(f"{request.param}_there")
    if request.param == "trino":
        return Trino(there, rows)
    if request.param == "snowflake":
        return Snowflake(there, rows, monkeypatch)
    return BigQuery(*there, rows, monkeypatch)


def test_trino_is_told_who_asks_and_an_answer_of_many_pages_is_whole(desk, trino_there, tmp_path):
    trino_there.asked.clear()
    reach(desk, Trino(trino_there, made_events()))
    assert desk.pull().state == "ok"
    assert {user for user, _ in trino_there.asked} == {"reader@firm.example"}
    assert max(len(rows) for _, rows in trino_there.rest.values()) > 100


def test_trino_is_not_sent_a_password_in_the_clear(desk, trino_there, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_WORD", "secret")
    engine = Trino(trino_there, made_events(5))
    engine.secrets = {"pull_token": "WAREHOUSE_WORD"}
    trino_there.asked.clear()
    with pytest.raises(RemoteProblem):  # the double speaks no TLS
        reach(desk, engine)
    assert not trino_there.asked


def test_nothing_is_made_in_a_snowflake_account(desk, snowflake_there, monkeypatch):
    engine = Snowflake(snowflake_there, made_events(20), monkeypatch)
    reach(desk, engine)
    desk.pull()
    found = engine._con.cursor().execute("SHOW DATABASES").fetchall()
    assert not [row for row in found if "IBIS" in str(row).upper()]


def test_a_table_of_another_dataset_is_found_by_its_whole_name(desk, bigquery_there, monkeypatch):
    engine = BigQuery(*bigquery_there, made_events(20), monkeypatch)
    engine.url = "bigquery://firm-usage/Other"
    assert "usage" in reach(desk, engine, table="Events.usage").account
    assert reach(desk, engine, table="firm-usage.Events.usage").account
    with pytest.raises(RemoteProblem):
        reach(desk, engine, table="usage")
