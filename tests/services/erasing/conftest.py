"""A workspace in which much was done with the person."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from erased import EVENTS, LEADS, REP, TRIALS, WHO, nothing

from pqldesk.services import claims
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads import notes, tasks
from pqldesk.services.queue.find import lead_of
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW


@pytest.fixture
def bring(workspace: Workspace, tmp_path: Path) -> Callable[..., Any]:
    def bring(kind: Kind, text: str, name: str) -> Any:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        options = ImportOptions(source="app", rejects_dir=tmp_path)
        return import_file(
            workspace.db, kind, path, options, at=NOW, actor=REP, fallback_dir=tmp_path, report=nothing
        )

    return bring


@pytest.fixture
def lived(workspace: Workspace, bring: Callable[..., Any]) -> Workspace:
    """A workspace in which much was done with the person."""
    bring(Kind.LEADS, LEADS, "leads.csv")
    bring(Kind.EVENTS, EVENTS, "events.csv")
    bring(Kind.TRIALS, TRIALS, "trials.csv")
    db = workspace.db
    db.write(lambda s: claims.claim_lead(s, lead_of(s, WHO), REP, NOW)).result()
    db.write(lambda s: notes.add_note(s, lead_of(s, WHO), "Zoe Quagmire wants heptagonal", REP, NOW)).result()
    due = NOW + timedelta(days=1)
    db.write(lambda s: tasks.add_task(s, lead_of(s, WHO), "Call Zoe Quagmire", REP, NOW, due_at=due)).result()
    return workspace
