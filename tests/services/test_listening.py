"""On PostgreSQL a commit is heard of at once in every other process; a server that went away is connected to again."""

import queue
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pqldesk.services.basics.problems import WorkspaceAway
from pqldesk.services.leads.leads import LeadDraft, add_lead
from pqldesk.services.workspaces.commits import PROCESS
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import NOW, team_database

REP = "kim@example.com"
PATIENCE_S = 30


@pytest.fixture
def place(postgres_template: str) -> Iterator[str]:
    with team_database(postgres_template) as url:
        yield url


@pytest.fixture
def heard(workspace: Workspace) -> "queue.Queue[Any]":
    """What a listener that signs as another process is told: "heard", None for connected, or what broke."""
    told: queue.Queue[Any] = queue.Queue()
    assert workspace.db.listen("another process", lambda: told.put("heard"), told.put)
    assert told.get(timeout=PATIENCE_S) is None
    assert told.get(timeout=PATIENCE_S) == "heard"  # whatever happened before it listened
    return told


def test_a_commit_is_heard_of_without_asking(workspace: Workspace, heard: Any) -> None:
    workspace.db.write(add_lead, LeadDraft(email="zoe@north.example"), REP, NOW).result()
    assert heard.get(timeout=PATIENCE_S) == "heard"


def test_ones_own_commits_are_not_news(workspace: Workspace) -> None:
    told: queue.Queue[Any] = queue.Queue()
    workspace.db.listen(PROCESS, lambda: told.put("heard"), told.put)
    assert [told.get(timeout=PATIENCE_S) for _ in range(2)] == [None, "heard"]
    other: queue.Queue[Any] = queue.Queue()
    workspace.db.listen("another", lambda: other.put("heard"), other.put)
    assert [other.get(timeout=PATIENCE_S) for _ in range(2)] == [None, "heard"]
    workspace.db.write(add_lead, LeadDraft(email="zoe@north.example"), REP, NOW).result()
    assert other.get(timeout=PATIENCE_S) == "heard"
    assert told.empty()


def test_a_broken_connection_is_told_and_made_again(workspace: Workspace, heard: Any, place: str) -> None:
    with psycopg.connect(place, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%' AND pid <> pg_backend_pid()"
        )
    assert isinstance(heard.get(timeout=PATIENCE_S), WorkspaceAway)
    assert heard.get(timeout=PATIENCE_S) is None
    assert heard.get(timeout=PATIENCE_S) == "heard"
    workspace.db.write(add_lead, LeadDraft(email="zoe@north.example"), REP, NOW).result()
    assert heard.get(timeout=PATIENCE_S) == "heard"


def test_a_file_has_to_be_asked(tmp_path: Any) -> None:
    opened = open_workspace(tmp_path / "w.pqldesk", create=True)
    try:
        assert not opened.db.listen("another", lambda: None, lambda _why: None)
    finally:
        opened.close()
