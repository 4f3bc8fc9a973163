"""A workspace and no double beside it."""

import pytest

from tests.services.sync.conftest import PullDesk, Pulled


@pytest.fixture
def desk(workspace, monkeypatch):
    """A workspace and no double."""
    monkeypatch.setenv("PQLDESK_SECRETS", "env")
    return PullDesk(workspace.db, workspace.place, None, Pulled("folder", {}, {}))
