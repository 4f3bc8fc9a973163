"""Whom deriving has met: known in the next transaction, looked up again once anybody else has changed something."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from pqldesk.models.people import Identity
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.events.deriving import Met, derive_waiting
from pqldesk.services.events.raw_pages import Page, keep_pages, packed
from pqldesk.services.ingest.events import EventStore
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN = "SELECT i.value FROM usage_event e JOIN identity i ON i.id = e.identity_id ORDER BY e.seq"


@pytest.fixture
def arrive(workspace: Workspace) -> Callable[..., None]:
    """``arrive(met, "m1")``: Dana logs in once more, and that is derived."""

    def derive(met: Met, message: str) -> None:
        call = {
            "type": "track", "messageId": message, "userId": "u1", "event": "Login",
            "context": {"traits": {"email": "dana@example.com"}},
        }  # fmt: skip
        workspace.db.write(keep_pages, [packed(Page("segment", [call], NOW))]).result()
        workspace.db.write_bulk(derive_waiting, NOW + timedelta(seconds=1), 100, met).result()

    return derive


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many people each look-up was for."""
    found: list[int] = []
    meet = EventStore._meet

    def counted(self: EventStore, session: Session, new: Any, *rest: Any) -> None:
        found.append(len(new))
        meet(self, session, new, *rest)

    monkeypatch.setattr(EventStore, "_meet", counted)
    return found


@pytest.mark.both_databases
def test_a_person_is_looked_up_once_while_nobody_changes_anything(
    arrive: Callable[..., None], looked_up: list[int], rows: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    met = Met()
    for number in range(3):
        arrive(met, f"m{number}")
    assert looked_up == [1]
    assert rows(OWN) == [("dana@example.com",)] * 3


def test_after_somebody_elses_change_a_person_is_looked_up_again(
    workspace: Workspace, arrive: Callable[..., None], looked_up: list[int]
) -> None:
    met = Met()
    arrive(met, "m1")
    workspace.db.write(lambda _: Changes.to(Topic.LEADS)).result()
    arrive(met, "m2")
    arrive(met, "m3")
    assert looked_up == [1, 1]


def test_an_identity_that_went_without_a_word_is_made_again_and_no_event_hangs_on_anothers(
    workspace: Workspace, arrive: Callable[..., None], rows: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    met = Met()
    arrive(met, "m1")

    def undo(session: Session) -> None:
        gone = session.scalars(select(Identity.id).where(Identity.namespace == "email")).all()
        for table in ("usage_event", "usage_day", "usage_total", "identity_link"):
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(delete(Identity).where(Identity.id.in_(gone)))
        session.add(Identity(id=gone[0], namespace="email", folded="kim@example.com", value="kim@example.com",
                             verified=False, created_at=NOW))  # fmt: skip

    workspace.db.write(undo).result()
    arrive(met, "m2")
    assert rows(OWN) == [("dana@example.com",)]
