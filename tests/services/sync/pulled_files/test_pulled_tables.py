"""A source that is a portal's tables, in a file or on a server."""

import itertools
import sqlite3
from datetime import datetime, timedelta

import psycopg
import pytest
from pulled import NOW, connected, emails, leads
from sqlalchemy import select

from pqldesk.models.people import Lead, Submission
from pqldesk.services.basics import clock
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.crm.source_columns import columns_shown, set_column
from pqldesk.services.leads.undo import undo
from pqldesk.services.net import run_network
from pqldesk.services.remote.problems import Held
from pqldesk.services.trials.trials import trials

_databases = itertools.count(1)
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
