"""Usage counted inside a warehouse: the same digest from each engine as from a local import of the same events."""

import csv
import importlib.util
import io
import random
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import select, text

from pqldesk.models.people import Lead
from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.crm.source_columns import columns_shown, set_column
from pqldesk.services.doctor import doctor
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.net import run_network
from pqldesk.services.pulls import warehouse
from pqldesk.services.pulls.counted_usage import ACTIVITY, Cell, PersonDay, replace_days
from pqldesk.services.remote.problems import Held
from pqldesk.services.scoring.rescore import rescore_all
from pqldesk.services.setting_changes import change_setting
from pqldesk.services.sync import state
from pqldesk.services.workspaces.workspace import open_workspace
from tests.services.sync.conftest import PullDesk, Pulled

pytest.importorskip("ibis", reason="pip install 'pqldesk[warehouse]'")
duckdb = pytest.importorskip("duckdb", reason="pip install 'pqldesk[warehouse]'")

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table")  # Ibis asks DuckDB by its older name

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = (
    "Login",
    "Feature Used",
    "Invite Sent",
    "Integration Connected",
    "Data Imported",
    "page view",
    "search",
)
COLUMNS = {"table": "usage", "event_id": "id", "email": "mail", "event": "what", "key": "thing", "quantity": "much",
           "occurred_at": "ts"}  # fmt: skip


def made_events(count=900, seed=7):
    """(id, mail, what, thing, much, ts): twelve people over 40 days, some rows loaded twice."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        at = NOW - timedelta(seconds=chance.randrange(40 * 86_400), microseconds=chance.randrange(10**6))
        name = chance.choice(NAMES)
        much = chance.choice((1, 2, 25, 0.5)) if name in ("Invite Sent", "Data Imported") else 1
        who = f"person{chance.randrange(12)}@firm.example"
        rows.append((f"e{number}", who, name, f"f{chance.randrange(5)}", much, at.replace(tzinfo=None)))
    return rows + rows[:40]


class DuckDb:
    def __init__(self, folder, rows):
        self.path = folder / "events.duckdb"
        self.url, self.user = f"duckdb://{self.path}", None
        with duckdb.connect(str(self.path)) as con:
            con.execute(
                "CREATE TABLE usage (id TEXT, mail TEXT, what TEXT, thing TEXT, much DOUBLE, ts TIMESTAMP)"
            )
        self.add(rows)

    def add(self, rows):
        file = self.path.with_suffix(".csv")
        with file.open("w", newline="") as out:
            csv.writer(out).writerows(rows)
        with duckdb.connect(str(self.path)) as con:
            con.execute(f"COPY usage FROM '{file}' (HEADER false)")

    def close(self):
        pass


class Postgres:
    def __init__(self, server, rows):
        self._server = server
        self._name = f"warehouse_{random.randrange(10**9)}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {self._name}")
        self._url = f"{server.rpartition('/')[0]}/{self._name}"
        scheme, _, rest = self._url.partition("://")
        user, _, where = rest.rpartition("@")
        self.url, self.user = f"{scheme}://{where}", user.partition(":")[0]
        with psycopg.connect(self._url) as con:
            con.execute(
                "CREATE TABLE usage (id TEXT, mail TEXT, what TEXT, thing TEXT, much FLOAT8, ts TIMESTAMPTZ)"
            )
        self.add(rows)

    def add(self, rows):
        with psycopg.connect(self._url) as con, con.cursor() as cursor:
            cursor.execute("SET timezone TO 'UTC'")
            cursor.executemany("INSERT INTO usage VALUES (%s, %s, %s, %s, %s, %s)", rows)

    def close(self):
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {self._name} WITH (FORCE)")


class ClickHouse:
    """Its engine in this process, which keeps to one folder."""

    user = None

    def __init__(self, folder, rows):
        self.url, self._folder = f"chdb://{folder}", str(folder)
        with self._client() as client:
            client.command("DROP TABLE IF EXISTS usage")
            client.command(
                "CREATE TABLE usage (id String, mail String, what String, thing String, much Float64,"
                " ts DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY id"
            )
        self.add(rows)

    def _client(self):
        return importlib.import_module("clickhouse_connect").get_client(interface="chdb", path=self._folder)

    def add(self, rows):
        with self._client() as client:
            client.insert("usage", [(*row[:5], row[5].replace(tzinfo=UTC)) for row in rows])

    def close(self):
        pass


@pytest.fixture(scope="session")
def clickhouse_folder(tmp_path_factory):
    if importlib.util.find_spec("chdb") is None or importlib.util.find_spec("clickhouse_connect") is None:
        pytest.skip("ClickHouse's engine is not installed: make engines")
    return tmp_path_factory.mktemp("clickhouse")


@pytest.fixture(params=["duckdb", "postgres", "clickhouse"])
def engine(request, tmp_path):
    rows = made_events()
    if request.param == "duckdb":
        made = DuckDb(tmp_path, rows)
    elif request.param == "clickhouse":
        made = ClickHouse(request.getfixturevalue("clickhouse_folder"), rows)
    else:
        made = Postgres(request.getfixturevalue("postgres_template"), rows)
    yield made
    made.close()


@pytest.fixture
def desk(workspace, monkeypatch):
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    return PullDesk(workspace.db, workspace.place, None, Pulled("warehouse", {}, {}))


def reach(desk, engine, **settings):
    chosen = {**COLUMNS, "since": f"{NOW - timedelta(days=60):%Y-%m-%d}", **settings}
    if engine.user:
        chosen["user"] = engine.user
    secrets = getattr(engine, "secrets", {})
    return run_network(desk.db, connect, ConnectRequest("warehouse", engine.url, secrets, chosen), NOW)


def digest(db):
    """Score, signals and activation of everybody, by address."""

    def read(session):
        found = session.execute(select(Lead.email, Lead.score, Lead.signals, Lead.activation, Lead.qualified))
        return sorted(
            (email, score, str(signals), activation, ok) for email, score, signals, activation, ok in found
        )

    return db.read(read).result()


def imported(tmp_path, rows, zone="UTC"):
    """The digest of a local import of the same events."""
    table = io.StringIO()
    out = csv.writer(table)
    out.writerow(("event_id", "email", "event", "key", "quantity", "occurred_at"))
    out.writerows((*row[:5], f"{row[5].isoformat()}Z") for row in rows)
    path = tmp_path / "events.csv"
    path.write_text(table.getvalue())
    place = open_workspace(tmp_path / "local.pqldesk", create=True)
    try:
        if zone != "UTC":
            place.db.write(change_setting, "timezone", zone, "kim@example.com", clock.now()).result()
        options = ImportOptions(source="warehouse")
        import_file(place.db, Kind.EVENTS, path, options, at=clock.now(), actor="t", fallback_dir=tmp_path)
        return digest(place.db)
    finally:
        place.close()


def test_counts_give_the_same_scores_as_a_local_import_of_the_same_events(desk, engine, tmp_path):
    assert "usage" in reach(desk, engine).account
    assert desk.pull().state == "ok"
    assert digest(desk.db) == imported(tmp_path, made_events())
    assert len(digest(desk.db)) == 12


def test_days_begin_at_midnight_of_the_workspace(desk, engine, tmp_path):
    zone = "America/Los_Angeles"
    desk.db.write(change_setting, "timezone", zone, "kim@example.com", clock.now()).result()
    reach(desk, engine)
    assert desk.pull().state == "ok"
    assert digest(desk.db) == imported(tmp_path, made_events(), zone)
    assert ZoneInfo(zone)


def test_the_last_half_second_of_a_day_is_still_that_day(desk, engine):
    midnight = (NOW - timedelta(days=50)).replace(hour=0, minute=0, second=0, tzinfo=None)
    late = midnight - timedelta(milliseconds=300)
    engine.add([("half", "ada@firm.example", "Login", "", 1, late)])
    reach(desk, engine)
    assert desk.pull().state == "ok"
    query = text("SELECT e.at, e.day FROM usage_event e JOIN identity i ON i.id = e.identity_id"
                 " WHERE i.folded = 'ada@firm.example'")  # fmt: skip
    ((at, day),) = desk.db.read(lambda session: session.execute(query).all()).result()
    assert datetime.fromtimestamp(at / 1e6, UTC).replace(tzinfo=None) == late.replace(microsecond=0)
    assert day == (late.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days


def test_only_days_that_changed_are_stored_again_and_late_events_replace_their_day(
    desk, engine, tmp_path, monkeypatch
):
    monkeypatch.setenv(
        "XDG_STATE_HOME", str(tmp_path / "state")
    )  # what other tests do wrong is in the process's own
    reach(desk, engine, late_days="5")
    desk.pull()
    quiet = desk.pull()
    assert (quiet.created, quiet.updated) == (0, 0)
    assert quiet.duplicates <= 12 * 6  # people times the days that are counted again
    at = (NOW - timedelta(days=4)).replace(tzinfo=None)
    late = [(f"late{n}", "person1@firm.example", "Data Imported", "", 60, at) for n in range(2)]
    engine.add(late)
    again = desk.pull()
    assert again.created + again.updated == 1
    assert digest(desk.db) == imported(tmp_path, [*made_events(), *late])
    checks = {one.check: one.ok for one in desk.db.read(doctor, clock.now()).result()}
    assert all(ok for name, ok in checks.items() if name not in ("backups", "connections")), checks


def test_a_query_under_way_is_ended_and_the_run_was_stopped(desk, tmp_path, monkeypatch):
    path = tmp_path / "large.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "CREATE VIEW usage AS SELECT '' || i AS id, 'ada@firm.example' AS mail, 'Login' || i % 7 AS what,"
            " '' AS thing, 1.0 AS much, now()::TIMESTAMP - to_seconds(i % 86400) AS ts FROM range(2000000000) r(i)"
        )
    chosen = {**COLUMNS, "since": f"{NOW - timedelta(days=3):%Y-%m-%d}"}
    run_network(desk.db, connect, ConnectRequest("warehouse", f"duckdb://{path}", {}, chosen), NOW)
    calls, asked = [], threading.Event()
    really = warehouse.tried

    def tried(query):
        calls.append(query)
        if len(calls) == 2:  # the table was looked at; now its names are asked for
            asked.set()
        return really(query)

    monkeypatch.setattr(warehouse, "tried", tried)
    outcomes = []
    pulling = threading.Thread(target=lambda: outcomes.append(desk.pull()))
    pulling.start()
    asked.wait()
    desk.db.write(state.ask_to_stop, []).result()
    pulling.join()
    assert [one.state for one in outcomes] == ["stopped"]
    assert desk.state().problem == ""


def test_a_full_rescore_changes_nothing(desk, engine):
    reach(desk, engine)
    desk.pull()
    before = digest(desk.db)
    desk.db.write(rescore_all, clock.now()).result()
    assert digest(desk.db) == before


def test_what_is_missing_is_said_at_connect(desk, tmp_path):
    engine = DuckDb(tmp_path, made_events(10))
    with pytest.raises(Held, match="no column nothing"):
        reach(desk, engine, key="nothing")
    with pytest.raises(BadInput, match="whose events"):
        reach(desk, engine, email="", user_id="")


def test_a_day_that_is_counted_anew_leaves_log_and_rollups_equal(desk):
    day = NOW.date()
    first = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())

    def cell(kind, n, quantity):
        return Cell(kind, "", n, quantity, first, first + n)

    for cells in (
        (cell("login", 5, 5_000_000), cell(ACTIVITY, 9_000, 9_000_000_000)),
        (cell("login", 2, 2_000_000),),
        (cell("login", 7, 7_000_000), cell("data_imported", 3, 100_000_000)),
    ):
        days = [PersonDay("ada@firm.example", None, day, cells)]
        desk.db.write(replace_days, "warehouse", days, clock.now(), None).result()
        found = desk.counts()
        assert found["ada@firm.example", "login", ""] == cells[0].n
        amount = desk.db.read(
            lambda session: session.execute(text("SELECT sum(quantity) FROM usage_event")).scalar()
        ).result()
        assert amount == sum(each.quantity for each in cells)


def test_a_column_is_chosen_among_those_that_are_there_and_what_is_needed_stays(desk, tmp_path):
    engine = DuckDb(tmp_path, made_events(5))
    reach(desk, engine)
    shown = run_network(desk.db, columns_shown, "warehouse", NOW)
    assert [one.name for one in shown.columns] == ["id", "mail", "what", "thing", "much", "ts"]
    assert {one.name: one.theirs for one in shown.fields}["email"] == "mail"

    def choose(field, column):
        desk.db.write(set_column, "warehouse", "", field, column, "kim@example.com", NOW).result()

    choose("user_id", "thing")
    choose("email", "")
    fields = {one.name: one.theirs for one in run_network(desk.db, columns_shown, "warehouse", NOW).fields}
    assert (fields["user_id"], fields["email"]) == ("thing", None)
    with pytest.raises(BadInput, match="whose events"):
        choose("user_id", "")
    with pytest.raises(BadInput, match="without event"):
        choose("event", "")
