"""The queue of a past moment shows whose each lead was then, and in which state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services.claims import claim_lead, release_lead
from pqldesk.services.files.fields import Kind
from pqldesk.services.import_result import ImportOptions
from pqldesk.services.importing import import_file
from pqldesk.services.queue_as_of import queue_as_of
from pqldesk.services.queue_filter import QueueFilter
from pqldesk.services.undo import redo, undo
from pqldesk.services.workspace import Workspace
from tests.services.conftest import NOW

KIM, BEN = "kim@example.com", "ben@example.com"
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.both_databases


@pytest.fixture
def stood(workspace: Workspace) -> Callable[[datetime], dict[str | None, tuple[str, str | None]]]:
    def ask(at: datetime) -> dict[str | None, tuple[str, str | None]]:
        rows = workspace.db.read(queue_as_of, QueueFilter("all"), at).result()
        return {row.email: (row.state, row.owner) for row in rows}

    return ask


def test_each_moment_has_the_owner_and_state_of_then(
    new_lead: Callable[..., int], write: Callable[..., Any], stood: Callable[..., Any]
) -> None:
    number = new_lead("ada@example.com", at=NOW)

    def do(verb: Callable[..., Any], rep: str, hours: int) -> None:
        write(lambda session: verb(session, session.get_one(Lead, number), rep, NOW + hours * HOUR))

    do(claim_lead, KIM, 1)
    do(release_lead, KIM, 3)
    do(claim_lead, BEN, 5)
    found = [stood(NOW + hours * HOUR)["ada@example.com"] for hours in (0, 2, 4, 6)]
    assert found == [("new", None), ("claimed", KIM), ("new", None), ("claimed", BEN)]


def test_what_was_undone_stood_until_then_and_what_was_redone_again_since(
    new_lead: Callable[..., int], write: Callable[..., Any], stood: Callable[..., Any]
) -> None:
    number = new_lead("ada@example.com", at=NOW)
    write(lambda session: claim_lead(session, session.get_one(Lead, number), KIM, NOW + HOUR))
    write(undo, KIM, NOW + 3 * HOUR)
    write(redo, KIM, NOW + 5 * HOUR)
    found = [stood(NOW + hours * HOUR)["ada@example.com"] for hours in (0, 2, 4, 6)]
    assert found == [("new", None), ("claimed", KIM), ("new", None), ("claimed", KIM)]


def test_what_an_import_changed_is_not_shown_before_it(
    workspace: Workspace, new_lead: Callable[..., int], stood: Callable[..., Any], tmp_path: Path
) -> None:
    new_lead("ada@example.com", at=NOW)
    file = tmp_path / "crm.csv"
    file.write_text(f"email,owner,outcome,outcome_at\nada@example.com,{BEN},won,2026-11-18\n")
    at = NOW + 2 * HOUR
    import_file(workspace.db, Kind.LEADS, file, ImportOptions(), at=at, actor=KIM, fallback_dir=tmp_path)
    assert stood(NOW + HOUR)["ada@example.com"] == ("new", None)
    assert stood(NOW + 3 * HOUR)["ada@example.com"] == ("won", BEN)


def test_a_view_of_a_past_moment_shows_what_was_open_then(
    workspace: Workspace, new_lead: Callable[..., int], write: Callable[..., Any]
) -> None:
    number = new_lead("ada@example.com", at=NOW)
    write(lambda session: claim_lead(session, session.get_one(Lead, number), KIM, NOW + 2 * HOUR))

    def unclaimed(session: Session, hours: int) -> list[str | None]:
        return [row.email for row in queue_as_of(session, QueueFilter("unclaimed"), NOW + hours * HOUR)]

    assert workspace.db.read(unclaimed, 1).result() == ["ada@example.com"]
    assert workspace.db.read(unclaimed, 3).result() == []
