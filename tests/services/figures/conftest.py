"""Leads exactly as given, and what the workspace says of them."""

from collections.abc import Callable
from typing import Any

import pytest
from figured import DAY, NOW, Store
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.people import Lead
from pqldesk.services.workspaces.workspace import Workspace


@pytest.fixture
def store(workspace: Workspace) -> Store:
    """``store(Lead, name=...)``: one row exactly as given; its number."""

    def make(table: type[Any], **columns: Any) -> int:
        def add(session: Session) -> int:
            row = table(**columns)
            session.add(row)
            session.flush()
            return int(row.id)

        return workspace.db.write(add).result()

    return make


@pytest.fixture
def lead(store: Store) -> Store:
    """``lead("ada", days_ago=3, reached={"first_login": 1})``: signed up then, the milestone a day after that."""

    def make(
        name: str,
        days_ago: float = 10,
        score: float = 0,
        reached: dict[str, float] | None = None,
        **columns: Any,
    ) -> int:
        signup = NOW - days_ago * DAY
        times = {key: micros(signup + after * DAY) for key, after in (reached or {}).items()}
        values: dict[str, Any] = {
            "name": name,
            "email": f"{name}@example.com",
            "created_at": signup,
            "signup_at": signup,
            "signed_up_at": signup,
            "score": round(score * 100),
            "milestones": {"signed_up": micros(signup), **times},
        }
        return store(Lead, **values | columns)

    return make


@pytest.fixture
def ask(workspace: Workspace) -> Callable[..., Any]:
    return lambda query, *args, **kwargs: workspace.db.read(query, *args, **kwargs).result()
