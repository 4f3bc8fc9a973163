"""Leads exactly as given, and the queue that they make."""

from collections.abc import Callable
from typing import Any

import pytest
from queued import NOW, Make, names
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services.queue import queue
from pqldesk.services.workspaces.workspace import Workspace


@pytest.fixture
def lead(workspace: Workspace) -> Make:
    """``lead("ada@example.com", score=80, last_active_at=...)``: a lead exactly as given, score in points."""

    def make(email: str, score: float = 0, **columns: Any) -> int:
        def store(session: Session) -> int:
            values = {
                "name": email.partition("@")[0],
                "created_at": NOW,
                "score": round(score * 100),
            } | columns
            row = Lead(email=email, **values)
            session.add(row)
            session.flush()
            return row.id

        return workspace.db.write(store).result()

    return make


@pytest.fixture
def ask(workspace: Workspace) -> Callable[..., Any]:
    """``ask(query, ...)``: its answer from a reader."""
    return lambda query, *args, **kwargs: workspace.db.read(query, *args, **kwargs).result()


@pytest.fixture
def listed(ask: Callable[..., Any]) -> Callable[..., list[str]]:
    """``listed("unclaimed", search="ada")``: the names of a view in order."""

    def names_of(view: str = "open", **how: Any) -> list[str]:
        ids = ask(queue.lead_order, view, at=NOW, **how)
        return names(ask(queue.lead_rows, ids, NOW))

    return names_of
