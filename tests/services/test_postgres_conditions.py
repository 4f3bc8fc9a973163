"""A PostgreSQL workspace that refuses: the sentence names the database, the reason and the remedy, no password."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.orm import Session

from pqldesk.models import db
from pqldesk.models.engines import WRITER_LOCK
from pqldesk.models.people import Lead
from pqldesk.services.basics.problems import WorkspaceBusy, WorkspaceProblem
from pqldesk.services.workspaces.server_clock import clock_off_s, skewed
from pqldesk.services.workspaces.workspace import open_workspace
from tests.services.conftest import team_database


@pytest.fixture
def team_database_url(postgres_template: str) -> Iterator[str]:
    with team_database(postgres_template) as url:
        yield url


def with_account(url: str, account: str) -> str:
    return url.replace("postgres@", f"{account}@", 1)


def test_a_database_that_is_missing_is_named(postgres_template: str) -> None:
    url = f"{postgres_template.rpartition('/')[0]}/nowhere"
    with pytest.raises(
        WorkspaceProblem, match='refused the connection: database "nowhere" does not exist'
    ) as told:
        open_workspace(url, create=True)
    assert told.value.remedy == "Check its name, the user and the password in the URL."


def test_a_user_who_is_unknown_is_told_without_the_password(postgres_template: str) -> None:
    with pytest.raises(WorkspaceProblem, match='role "stranger" does not exist') as told:
        open_workspace(with_account(postgres_template, "stranger:canary"), create=False)
    assert "canary" not in str(told.value)


def test_a_user_without_rights_to_write_reads_and_is_told(postgres_template: str) -> None:
    url = f"{postgres_template.rpartition('/')[0]}/read_only_workspace"
    with psycopg.connect(postgres_template, autocommit=True) as admin:
        admin.execute("CREATE DATABASE read_only_workspace TEMPLATE template_workspace")
        admin.execute("CREATE ROLE reader LOGIN")
    try:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        workspace = open_workspace(with_account(url, "reader"), create=False)
        try:
            assert workspace.db.read(lambda session: session.query(Lead).count()).result() == 0

            def change(session: Session) -> None:
                session.query(Lead).delete()

            with pytest.raises(WorkspaceProblem, match="does not let you do this"):
                workspace.db.write(change).result()
        finally:
            workspace.close()
    finally:
        with psycopg.connect(postgres_template, autocommit=True) as admin:
            admin.execute("DROP DATABASE read_only_workspace WITH (FORCE)")
            admin.execute("DROP ROLE reader")


def test_somebody_who_waits_is_told_within_seconds_that_another_program_writes(
    team_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ASKED_S", 0.1)
    monkeypatch.setattr(db, "_AT_LEAST_S", 0.1)
    workspace = open_workspace(team_database_url, create=False)

    def number(session: Session) -> int:
        return session.query(Lead).count()

    try:
        with psycopg.connect(team_database_url) as other:
            other.execute(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
            with pytest.raises(WorkspaceBusy, match="is being written by another program"):
                workspace.db.write_asked(number).result(timeout=60)
        assert workspace.db.write_asked(number).result(timeout=60) == 0
    finally:
        workspace.close()


def test_somebody_elses_database_is_left_alone(postgres_template: str) -> None:
    url = f"{postgres_template.rpartition('/')[0]}/theirs"
    with psycopg.connect(postgres_template, autocommit=True) as admin:
        admin.execute("CREATE DATABASE theirs")
    try:
        with psycopg.connect(url, autocommit=True) as theirs:
            theirs.execute("CREATE TABLE song (title text)")
        with pytest.raises(WorkspaceProblem, match="holds no PQLDesk workspace"):
            open_workspace(url, create=True)
    finally:
        with psycopg.connect(postgres_template, autocommit=True) as admin:
            admin.execute("DROP DATABASE theirs WITH (FORCE)")


def test_a_database_of_a_newer_version_is_left_as_it_is(team_database_url: str) -> None:
    with psycopg.connect(team_database_url, autocommit=True) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceProblem, match=r"made by a newer PQLDesk \(schema 9999"):
        open_workspace(team_database_url, create=True)


@pytest.mark.parametrize(
    ("off_s", "said"), [(600.0, "10 min behind"), (-7_200.0, "2 h ahead of"), (20.0, None)]
)
def test_a_clock_that_differs_from_the_servers_is_one_sentence(off_s: float, said: str | None) -> None:
    problem = skewed("postgresql://db.example/growth", off_s)
    assert (problem is None) if said is None else (said in str(problem) and "db.example" in str(problem))


def test_the_clock_is_compared_where_there_is_a_server(team_database_url: str) -> None:
    workspace = open_workspace(team_database_url, create=False)
    try:
        off_s = workspace.db.read(clock_off_s).result()
        assert off_s is not None
        assert abs(off_s) < 60  # it is the same machine
    finally:
        workspace.close()
