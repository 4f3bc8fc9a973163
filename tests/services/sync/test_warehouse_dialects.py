"""Engines that cannot be had here: what they are asked is written in their dialects, read again as those say, and
carried out by DuckDB with the same outcome."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

ibis = pytest.importorskip("ibis", reason="pip install 'pqldesk[warehouse]'")
duckdb = pytest.importorskip("duckdb", reason="pip install 'pqldesk[warehouse]'")

import sqlglot  # noqa: E402 - comes with Ibis

from pqldesk.services.pulls.warehouse import counts  # noqa: E402

COLUMNS = {
    "event_id": "id",
    "email": "mail",
    "event": "what",
    "key": "thing",
    "quantity": "much",
    "occurred_at": "ts",
}
KINDS = {"Login": "login", "Feature Used": "feature_activated", "page view": "activity"}
ROWS = [
    ("1", "ada@firm.example", "Login", None, None, "2026-10-24 21:59:59.700000"),
    ("2", "ada@firm.example", "Login", None, None, "2026-10-24 22:00:00.000000"),
    ("3", "ada@firm.example", "Feature Used", "maps", 2.5, "2026-10-25 22:59:59.999999"),
    ("3", "ada@firm.example", "Feature Used", "maps", 2.5, "2026-10-25 22:59:59.999999"),
    ("4", "kim@firm.example", "page view", "/", None, "2026-10-25 23:00:00.000000"),
    ("5", "kim@firm.example", "Login", None, None, "2026-10-27 23:00:00.000000"),
    ("6", "kim@firm.example", "Login", None, None, "2026-10-19 21:59:59.999999"),
    ("7", None, "Login", None, None, "2026-10-22 12:00:00.000000"),
]
BERLIN = {24: 1, 25: 2, 26: 1}  # day of October 2026 -> events; on the 25th the clock goes back
DIALECTS = ("snowflake", "bigquery", "trino")


def asked(kind, engine):
    kinds = {
        "id": "string",
        "mail": "string",
        "what": "string",
        "thing": "string",
        "much": "float64",
        "ts": kind,
    }
    table = ibis.table(kinds, name="usage")
    first, last = date(2026, 10, 20), date(2026, 10, 27)
    return counts(
        table, COLUMNS, KINDS, {"feature_activated"}, first, last, ZoneInfo("Europe/Berlin"), engine
    )


def carried_out(sql, kind):
    aware = "UTC" in kind
    with duckdb.connect() as con:
        con.execute("SET timezone = 'UTC'")
        con.execute(
            "CREATE TABLE usage (id TEXT, mail TEXT, what TEXT, thing TEXT, much DOUBLE,"
            f" ts {'TIMESTAMPTZ' if aware else 'TIMESTAMP'})"
        )
        con.executemany(
            "INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?)",
            [(*row[:5], f"{row[5]}+00" if aware else row[5]) for row in ROWS],
        )
        return con.execute(sql).fetchall()


@pytest.mark.parametrize("kind", ["timestamp", "timestamp('UTC')"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_engine_is_asked_the_same_in_its_own_dialect(dialect, kind):
    expected = carried_out(str(ibis.to_sql(asked(kind, "duckdb"), dialect="duckdb")), kind)
    theirs = str(ibis.to_sql(asked(kind, dialect), dialect=dialect))
    (read_again,) = sqlglot.transpile(theirs, read=dialect, write="duckdb")
    assert carried_out(read_again, kind) == expected
    found = {}
    for _mail, _user, begins, _kind, _key, n, *_ in expected:
        day = datetime.fromtimestamp(begins, UTC)
        assert (day.hour, day.minute, day.second) == (0, 0, 0)
        found[day.day] = found.get(day.day, 0) + n
    assert found == BERLIN


@pytest.mark.parametrize("kind", ["timestamp", "timestamp('UTC')"])
def test_bigquery_is_never_asked_to_mix_its_two_kinds_of_time(kind):
    """DATETIME and TIMESTAMP are not compared there, and each has functions that take no other."""
    sql = " ".join(str(ibis.to_sql(asked(kind, "bigquery"), dialect="bigquery")).split())
    column = "`t0`.`ts`"
    other = "DATETIME(" if "UTC" in kind else "TIMESTAMP('"
    assert re.search(rf"{column} >= {'TIMESTAMP' if 'UTC' in kind else 'DATETIME'}\(", sql)
    assert other not in sql
    if "UTC" in kind:
        assert f"UNIX_SECONDS(TIMESTAMP_TRUNC({column}, SECOND))" in sql
    else:
        assert f"DATETIME_DIFF({column}, DATETIME('1970-01-01T00:00:00'), SECOND)" in sql
    assert "AS TIMESTAMP)" not in sql  # by the zone that a project has set, not by UTC
    assert "_ADD(" not in sql


@pytest.mark.parametrize("dialect", ["snowflake", "trino"])
def test_a_time_with_a_zone_is_compared_as_one(dialect):
    """Made a time without one, it would be the hour on the clock that it was written with."""
    sql = " ".join(str(ibis.to_sql(asked("timestamp('UTC')", dialect), dialect=dialect)).split())
    assert not re.search(r'CAST\("t0"."ts" AS TIMESTAMP\)', sql)
