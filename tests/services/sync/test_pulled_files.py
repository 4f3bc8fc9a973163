"""Sources that are files or a database: watched folders, enriched Snowplow lines, a portal's tables."""

import gzip
import itertools
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from pqldesk.models.people import Lead, Submission
from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.calls.snowplow import FIELDS
from pqldesk.services.crm.connecting import ConnectRequest, connect
from pqldesk.services.crm.source_columns import columns_shown, set_column
from pqldesk.services.disconnecting import disconnect
from pqldesk.services.leads.undo import undo
from pqldesk.services.net import run_network
from pqldesk.services.remote.problems import Held
from pqldesk.services.rows import ConnectWanted
from pqldesk.services.sync import state
from pqldesk.services.trials.trials import trials
from pqldesk.services.window import sources as window_sources
from tests.services.sync.conftest import PullDesk, Pulled

NOW = datetime.now(UTC).replace(microsecond=0)
_databases = itertools.count(1)


@pytest.fixture
def desk(workspace, monkeypatch):
    """A workspace and no double."""
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    return PullDesk(workspace.db, workspace.place, None, Pulled("folder", {}, {}))


def connected(desk, system, url=None, secrets=None, **settings):
    desk.system = Pulled(system, {}, {})
    return run_network(desk.db, connect, ConnectRequest(system, url, secrets or {}, settings), NOW)


def leads(desk):
    return desk.db.read(lambda session: list(session.scalars(select(Lead)))).result()


def emails(desk):
    return sorted(lead.email for lead in leads(desk))


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path):
        path = tmp_path / "drop"
        (path / "events").mkdir(parents=True)
        return path

    def test_files_are_imported_and_put_away_and_a_copy_is_not_read_again(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        (folder / "leads-monday.csv").write_text("email,name\nada@firm.example,Ada\nkim@firm.example,Kim\n")
        (folder / "events" / "week.csv").write_text(
            "email,event,occurred_at,event_id\nada@firm.example,login,2026-11-20T10:00:00Z,e1\n"
        )
        outcome = desk.pull()
        assert (outcome.state, outcome.created) == ("ok", 3)
        assert emails(desk) == ["ada@firm.example", "kim@firm.example"]
        assert (folder / "done" / "leads-monday.csv").exists()
        assert (folder / "events" / "done" / "week.csv").exists()
        (folder / "leads-again.csv").write_text((folder / "done" / "leads-monday.csv").read_text())
        assert desk.pull().rows == 0
        assert (folder / "done" / "leads-again.csv").exists()

    def test_what_cannot_be_read_goes_aside_with_the_reason_and_the_rest_goes_on(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        (folder / "leads-bad.csv").write_text("colour,shape\nred,round\n")
        (folder / "nobody-knows.csv").write_text("email\nx@firm.example\n")
        (folder / "leads-good.csv").write_text("email\nada@firm.example\n")
        assert desk.pull().state == "ok"
        assert emails(desk) == ["ada@firm.example"]
        report = (folder / "failed" / "leads-bad.csv.report.txt").read_text()
        assert "No column identifies a lead" in report
        assert (
            "not said what nobody-knows.csv holds"
            in (folder / "failed" / "nobody-knows.csv.report.txt").read_text()
        )

    def test_a_name_that_is_no_text_or_as_long_as_names_can_be_keeps_no_file_back(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        folder_in_bytes = os.fsencode(folder)
        longest = b"leads-" + "\u00e9".encode() * 122 + b"1.csv"  # 255 bytes, and a cut falls into a letter
        steering = "leads-\x1b[31m\u202egnp.csv".encode()
        names = (b"leads-\xff\xfe.csv", b"\xffnothing.csv", longest, steering)
        for number, name in enumerate(names):
            Path(os.fsdecode(os.path.join(folder_in_bytes, name))).write_text(
                f"email,name\nada{len(name)}@firm.example,{number}\n"
            )
        (folder / ("x" * 251 + ".csv")).write_text("email\nx@firm.example\n")  # nobody says what it holds
        assert desk.pull().state == "ok"
        assert emails(desk) == [f"ada{len(steering)}@firm.example", "ada255@firm.example"]
        reports = [path.read_text() for path in (folder / "failed").glob("*.report.txt")]
        assert len(reports) == 3
        assert len([text for text in reports if "not UTF-8 text" in text]) == 1
        assert desk.pull().rows == 0
        assert [path for path in folder.iterdir() if path.is_file()] == []

    def test_a_file_that_may_still_grow_waits_unless_a_mark_says_it_is_whole(self, desk, folder):
        connected(desk, "folder", folder=str(folder), kind="leads", quiet_s="3600")
        (folder / "new.csv").write_text("email\nada@firm.example\n")
        (folder / "half.csv.part").write_text("email\nkim@firm.example\n")
        assert desk.pull().rows == 0
        (folder / "new.csv.done").touch()
        assert desk.pull().created == 1
        assert not (folder / "new.csv.done").exists()
        assert (folder / "half.csv.part").exists()

    def test_two_folders_have_names_sources_and_figures_of_their_own(self, desk, folder, tmp_path):
        west = tmp_path / "west"
        west.mkdir()
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        connected(desk, "folder-west", folder=str(west), quiet_s="0")
        (folder / "leads-1.csv").write_text("email,user_id\nada@firm.example,7\n")
        (west / "leads-1.csv").write_text("email,user_id\nkim@firm.example,7\n")
        outcomes = {one.source: (one.state, one.created) for one in desk.sync().outcomes}
        assert outcomes == {"folder": ("ok", 1), "folder-west": ("ok", 1)}
        assert {lead.source for lead in leads(desk)} == {"folder", "folder-west"}
        rows = desk.db.read(state.source_states).result()
        assert [(row.title, row.url, row.total) for row in rows] == [
            ("Folder", "", 1),
            ("Folder west", "", 1),
        ]
        (west / "leads-2.csv").write_text("email,user_id\nkim@firm.example,8\n")
        assert [one.source for one in desk.sync("folder-west").outcomes] == ["folder-west"]
        run_network(desk.db, disconnect, "folder-west", "kim@firm.example", NOW)
        assert desk.db.read(state.source_names).result() == ["folder"]

    def test_the_window_connects_another_one_under_the_name_it_is_given(self, desk, folder):
        wanted = ConnectWanted("folder", "", {}, False, {"folder": str(folder), "name": " West Coast "})
        run_network(desk.db, window_sources.connect, wanted, "kim@example.com")
        (row,) = desk.db.read(state.source_states).result()
        assert (row.source, row.title) == ("folder-west-coast", "Folder west-coast")

    def test_what_one_connection_reads_no_other_reads_again(self, desk, folder):
        connected(desk, "folder", folder=str(folder))
        for inside in (folder, folder / "events", folder / ".." / folder.name):
            with pytest.raises(BadInput, match=r"Folder reads .* already"):
                connected(desk, "folder-west", folder=str(inside))
        connected(desk, "folder", folder=str(folder), quiet_s="0")  # itself again

    @pytest.mark.parametrize(
        "name", ["folder-", "folder-West", "folder-a_b", "folder-" + "x" * 41, "attio-2"]
    )
    def test_a_name_that_is_none_is_refused(self, desk, folder, name):
        with pytest.raises(BadInput):
            connected(desk, name, folder=str(folder))

    def test_a_link_that_leads_out_of_the_folder_is_never_followed(self, desk, folder, tmp_path):
        secret = tmp_path / "elsewhere.csv"
        secret.write_text("email\nsecret@firm.example\n")
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "leads-more.csv").write_text("email\nmore@firm.example\n")
        (folder / "leads-link.csv").symlink_to(secret)
        (folder / "leads").symlink_to(tmp_path / "more")
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        (folder / "leads-good.csv").write_text("email\nada@firm.example\n")
        assert desk.pull().state == "ok"
        assert emails(desk) == ["ada@firm.example"]
        assert secret.exists()
        assert (tmp_path / "more" / "leads-more.csv").exists()

    def test_a_packed_bomb_goes_aside_and_the_rest_goes_on(self, desk, folder):
        connected(desk, "folder", folder=str(folder), quiet_s="0")
        with gzip.open(folder / "leads-bomb.csv.gz", "wt") as file:
            file.write("email\n" + "\0" * 80_000_000)
        (folder / "leads-good.csv").write_text("email\nada@firm.example\n")
        assert desk.pull().state == "ok"
        assert emails(desk) == ["ada@firm.example"]
        assert (folder / "failed" / "leads-bomb.csv.gz.report.txt").exists()

    def test_a_folder_that_is_not_there_or_not_said_is_told_at_connect(self, desk, tmp_path):
        with pytest.raises(BadInput, match="needs its folder"):
            connected(desk, "folder")
        with pytest.raises(BadInput, match="is no folder"):
            connected(desk, "folder", folder=str(tmp_path / "nowhere"))


class TestSnowplow:
    @staticmethod
    def line(number, **more):
        values = {"app_id": "app", "event": "struct", "event_id": f"00000000-0000-4000-8000-{number:012}",
                  "collector_tstamp": "2026-11-20 10:00:00.000", "derived_tstamp": "2026-11-20 10:00:00.000",
                  "user_id": f"user-{number % 3}", "se_category": "app", "se_action": "login", **more}  # fmt: skip
        return "\t".join(values.get(name, "") for name in FIELDS) + "\n"

    def test_lines_of_plain_and_gzipped_files_come_once(self, desk, tmp_path):
        folder = tmp_path / "enriched"
        (folder / "run=1").mkdir(parents=True)
        (folder / "run=1" / "part-0000.tsv").write_text("".join(map(self.line, range(20))) + "broken\tline\n")
        (folder / "part-0001.gz").write_bytes(gzip.compress("".join(map(self.line, range(10, 30))).encode()))
        connected(desk, "snowplow", folder=str(folder), quiet_s="0", page="7")
        outcome = desk.pull()
        assert (outcome.created, outcome.duplicates, outcome.refused) == (30, 10, 1)
        assert sum(desk.counts().values()) == 30
        assert desk.pull().rows == 0
        assert (folder / "part-0001.gz").exists()

    def test_a_damaged_file_is_told_once_and_keeps_nobody_back(self, desk, tmp_path):
        folder = tmp_path / "enriched"
        folder.mkdir()
        whole = gzip.compress("".join(map(self.line, range(40))).encode())
        random = bytearray(gzip.compress(b"".join(bytes([n % 251]) * n for n in range(200))))
        random[40:80] = b"\xff" * 40
        (folder / "a-random.gz").write_bytes(random)
        (folder / "b-cut.gz").write_bytes(whole[:-10])
        (folder / "d-good.tsv").write_text("".join(map(self.line, range(40, 50))))
        connected(desk, "snowplow", folder=str(folder), quiet_s="0", move="yes")
        outcome = desk.pull()
        assert outcome.state == "failed"
        assert all(name in outcome.problem for name in ("a-random.gz", "b-cut.gz"))
        assert "d-good" not in outcome.problem
        assert sum(desk.counts().values()) == 10
        assert "damaged" in (folder / "failed" / "b-cut.gz.report.txt").read_text()
        assert desk.pull().state == "ok"

    @pytest.mark.parametrize("inside", ["x", "\n", "x\n"])
    def test_a_packed_bomb_is_left_early(self, desk, tmp_path, inside):
        folder = tmp_path / "enriched"
        folder.mkdir()
        with gzip.open(folder / "bomb.gz", "wt") as file:
            for _ in range(400):
                file.write(inside * 200_000)
        connected(desk, "snowplow", folder=str(folder), quiet_s="0")
        outcome = desk.pull()
        assert outcome.state == "failed" if "\n" in inside else outcome.refused <= 1_000
        assert outcome.refused <= 1_000

    def test_a_link_that_leads_out_of_the_folder_is_never_followed(self, desk, tmp_path):
        folder = tmp_path / "enriched"
        folder.mkdir()
        (tmp_path / "elsewhere.tsv").write_text(self.line(1))
        (folder / "link.tsv").symlink_to(tmp_path / "elsewhere.tsv")
        connected(desk, "snowplow", folder=str(folder), quiet_s="0")
        assert desk.pull().rows == 0

    def test_a_file_goes_on_inside_where_a_run_was_broken_off(self, desk, tmp_path, monkeypatch):
        from pqldesk.services.pulls import snowplow

        folder = tmp_path / "enriched"
        folder.mkdir()
        (folder / "events.tsv").write_text("".join(map(self.line, range(20))))
        connected(desk, "snowplow", folder=str(folder), quiet_s="0", page="5")
        item, seen = snowplow._item, []

        def breaks(text, number):
            seen.append(number)
            if number == 12 and seen.count(12) == 1:
                raise snowplow.Refused("The disk went away.", "")
            return item(text, number)

        monkeypatch.setattr(snowplow, "_item", breaks)
        assert (desk.pull().state, desk.cursor()["lines"]) == ("failed", 10)
        assert desk.pull().created == 10
        assert seen.count(1) == 1
        assert sum(desk.counts().values()) == 20


TABLES = """
CREATE TABLE leads (id INTEGER PRIMARY KEY, work_email TEXT, first_name TEXT, last_name TEXT, company_name TEXT,
  uid INTEGER, glm_content TEXT, product_interaction TEXT, comment TEXT, created_at TIMESTAMP, updated_at TIMESTAMP);
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, first_name TEXT, company TEXT, created_at TIMESTAMP,
  updated_at TIMESTAMP);
CREATE TABLE trial_histories (id INTEGER PRIMARY KEY, uid INTEGER, gl_namespace_id INTEGER, trial_type TEXT,
  start_date DATE, end_date DATE, created_at TIMESTAMP);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, trial BOOLEAN, plan_name TEXT, start_date DATE,
  end_date DATE);
"""


class Database:
    """A portal's own database, as its product writes to it."""

    def __init__(self, url, connection):
        self.url, self._connection = url, connection

    def run(self, sql, *values):
        is_sqlite = isinstance(self._connection, sqlite3.Connection)
        self._connection.execute(sql if is_sqlite else sql.replace("?", "%s"), values)
        self._connection.commit()

    def add_lead(self, number, *, at=NOW, **more):
        row = {"id": number, "work_email": f"lead{number}@firm{number}.example", "first_name": "Lead",
               "last_name": str(number), "company_name": f"Firm {number}", "uid": 1000 + number,
               "glm_content": "group-billing", "product_interaction": "Hand Raise PQL", "comment": "Seats?",
               "created_at": at, "updated_at": at, **more}  # fmt: skip
        values = [f"{v:%Y-%m-%d %H:%M:%S.%f}" if isinstance(v, datetime) else v for v in row.values()]
        marks = ", ".join("?" * len(row))
        self.run(f"INSERT INTO leads ({', '.join(row)}) VALUES ({marks})", *values)


@pytest.fixture(params=["sqlite", "postgres"])
def portal(request, tmp_path):
    if request.param == "sqlite":
        path = tmp_path / "portal.db"
        connection = sqlite3.connect(path)
        connection.executescript(TABLES)
        yield Database(f"sqlite:///{path}", connection)
        connection.close()
        return
    server = request.getfixturevalue("postgres_template")
    name = f"portal_{next(_databases)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        url = f"{server.rpartition('/')[0]}/{name}"
        with psycopg.connect(url) as connection:
            connection.execute(TABLES)
            connection.commit()
            yield Database(url, connection)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def reach(portal, desk, system="portal_tables", **settings):
    """Connect without the user in the address, as it is asked for."""
    scheme, _, rest = portal.url.partition("://")
    user, sign, where = rest.rpartition("@")
    url = f"{scheme}://{where}" if sign else portal.url
    return connected(
        desk, system, url, page="3", **({"user": user.partition(":")[0]} if sign else {}), **settings
    )


class TestPortal:
    def test_columns_are_read_there_and_chosen_for_a_field_one_at_a_time(self, desk, portal):
        portal.add_lead(1, comment="Kim Lo")
        reach(portal, desk)

        def filled():
            shown = run_network(desk.db, columns_shown, "portal_tables", NOW)
            return {(one.part, one.name): (one.theirs, one.by_itself) for one in shown.fields}, shown.columns

        def choose(field, column, part="leads"):
            desk.db.write(set_column, "portal_tables", part, field, column, "kim@example.com", NOW).result()

        fields, columns = filled()
        assert fields["leads", "email"] == ("work_email", True)
        assert fields["leads", "job_title"] == (None, False)
        assert {one.name for one in columns if one.part == "orders"} >= {"customer_id", "plan_name"}
        choose("job_title", "comment")
        choose("email", "")
        fields, _columns = filled()
        assert fields["leads", "job_title"] == ("comment", False)
        assert fields["leads", "comment"] == (None, False)
        assert fields["leads", "email"] == (None, False)
        choose("email", "work_email")
        assert filled()[0]["leads", "email"] == ("work_email", True)
        desk.pull()
        title = desk.db.read(lambda session: session.scalar(select(Lead.job_title))).result()
        assert title == "Kim Lo"
        with pytest.raises(BadInput, match="nothing of ours"):
            choose("shoe_size", "comment")
        desk.db.write(undo, "kim@example.com", NOW).result()
        assert filled()[0]["leads", "email"] == (None, False)

    def test_a_second_portal_is_a_source_of_its_own_and_never_the_same_tables(self, desk, portal, tmp_path):
        portal.add_lead(1)
        reach(portal, desk)
        with pytest.raises(BadInput, match="Portal's tables reads leads"):
            reach(portal, desk, "portal_tables-eu")
        other = tmp_path / "eu.db"
        with sqlite3.connect(other) as made:
            made.execute("CREATE TABLE leads (id INTEGER PRIMARY KEY, work_email TEXT, created_at TEXT)")
            made.execute("INSERT INTO leads VALUES (1, 'eu@firm.example', '2026-11-10 09:00:00')")
        made.close()
        connected(desk, "portal_tables-eu", f"sqlite:///{other}")
        outcomes = {one.source: one.created for one in desk.sync().outcomes}
        assert outcomes == {"portal_tables": 1, "portal_tables-eu": 1}
        assert {lead.source for lead in leads(desk)} == {"portal_tables", "portal_tables-eu"}
        fields = run_network(desk.db, columns_shown, "portal_tables-eu", NOW).fields
        assert [one.theirs for one in fields if one.name == "email"] == ["work_email"]

    def test_leads_customers_and_trials_come_with_who_asked_for_what(self, desk, portal):
        for number in range(1, 8):
            portal.add_lead(number)
        portal.run("INSERT INTO customers VALUES (5, 'owner@firm1.example', 'Olu', 'Firm 1', '2026-10-01 08:00:00',"
                   " '2026-10-01 08:00:00')")  # fmt: skip
        portal.run("INSERT INTO trial_histories VALUES (1, 1003, 77, 'ultimate_with_dap', '2026-11-10', '2026-12-10',"
                   " '2026-11-10 09:00:00')")  # fmt: skip
        portal.run("INSERT INTO orders VALUES (9, 5, true, 'Premium', '2026-11-15', '2026-12-15')")
        portal.run("INSERT INTO orders VALUES (10, 5, false, 'Premium', '2026-11-15', '2027-11-15')")
        assert "leads" in reach(portal, desk).account
        outcome = desk.pull()
        assert (outcome.state, outcome.refused, outcome.created) == ("ok", 0, 10)
        assert len(emails(desk)) == 8
        lead = next(one for one in leads(desk) if one.email == "lead3@firm3.example")
        assert lead.qualified  # a hand-raise
        assert (lead.placement, lead.company_name) == ("group-billing", "Firm 3")
        kinds = desk.db.read(lambda session: set(session.scalars(select(Submission.kind)))).result()
        assert kinds == {"hand_raise"}
        found = {trial.email: trial for trial in desk.db.read(trials, clock.now()).result()}
        assert set(found) == {"lead3@firm3.example", "owner@firm1.example"}
        assert (found["owner@firm1.example"].plan, found["lead3@firm3.example"].plan) == (
            "Premium",
            "ultimate_with_dap",
        )

    def test_a_row_whose_updated_at_is_empty_until_it_changes_is_not_overlooked(self, desk, portal):
        portal.add_lead(1, updated_at=None)
        reach(portal, desk)
        assert desk.pull().created == 1
        portal.add_lead(2, updated_at=None, at=NOW + timedelta(minutes=1))
        assert desk.pull().created == 1
        portal.run("UPDATE leads SET updated_at = ?, first_name = 'Changed' WHERE id = 1",
                   f"{NOW + timedelta(hours=1):%Y-%m-%d %H:%M:%S}")  # fmt: skip
        desk.pull()
        names = desk.db.read(lambda session: set(session.scalars(select(Lead.name)))).result()
        assert names == {"Changed 1", "Lead 2"}

    def test_the_next_run_brings_what_changed_and_doubles_nothing(self, desk, portal):
        for number in range(1, 5):
            portal.add_lead(number)
        reach(portal, desk)
        desk.pull()
        portal.add_lead(5, at=NOW - timedelta(minutes=5))  # committed late, inside the overlap
        portal.run("UPDATE leads SET first_name = 'Ada', updated_at = ? WHERE id = 2",
                   f"{NOW + timedelta(minutes=1):%Y-%m-%d %H:%M:%S.%f}")  # fmt: skip
        again = desk.pull()
        assert (again.created, again.updated) == (1, 1)
        third = desk.pull()
        assert (third.created, third.updated) == (0, 0)

    def test_rows_that_share_one_moment_are_not_lost_between_pages(self, desk, portal):
        for number in range(1, 12):
            portal.add_lead(number, at=NOW)
        reach(portal, desk)
        assert desk.pull().created == 11

    def test_columns_and_tables_of_other_names_are_mapped(self, desk, portal):
        portal.run("CREATE TABLE prospects (id INTEGER PRIMARY KEY, mail TEXT, who TEXT)")
        portal.run("INSERT INTO prospects VALUES (1, 'ada@firm.example', 'Ada'), (2, 'no address', 'Bo')")
        only = {"customers": "", "trial_histories": "", "orders": ""}
        reach(portal, desk, leads="prospects", **{"leads.mail": "email", "leads.who": "name"}, **only)
        outcome = desk.pull()
        assert (outcome.created, outcome.refused) == (1, 1)
        assert emails(desk) == ["ada@firm.example"]

    def test_nothing_can_be_written_there(self, desk, portal):
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError

        from pqldesk.services.crm.connections import linked_named, setup_for
        from pqldesk.services.pulls.portal_tables import Portal

        reach(portal, desk)
        setup = desk.db.read(lambda s: setup_for(s, linked_named(s, "portal_tables"), NOW)).result()
        with Portal(setup)._engine.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
            connection.execute(text("INSERT INTO customers (id) VALUES (1)"))

    def test_a_field_or_table_that_is_not_there_is_said_at_connect(self, desk, portal):
        with pytest.raises(BadInput, match="favourite"):
            reach(portal, desk, **{"leads.comment": "favourite"})
        with pytest.raises(Held, match="no table prospects"):
            reach(portal, desk, leads="prospects")

    def test_an_address_with_a_password_is_not_stored(self, desk):
        with pytest.raises(BadInput, match="names a user"):
            connected(desk, "portal_tables", "postgresql://kim:secret@db.example/portal")
