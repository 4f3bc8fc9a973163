"""Imports beside an open window: short turns with the write lock, and work that follows what is new."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pqldesk.services.basics.problems import BadInput
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.ingest.roll_ups import DAYS, TOTALS, TOUCHED
from pqldesk.services.workspaces.presence import arrive
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW


@pytest.mark.parametrize("sql", [TOTALS, DAYS, TOUCHED])
@pytest.mark.of_a_file
def test_rolling_up_a_batch_reads_only_that_batch(workspace: Workspace, sql: str) -> None:
    def plan(session: Session) -> list[str]:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,))
        return [str(row[3]) for row in rows]

    steps = workspace.db.write(plan).result()
    assert any("usage_event" in step or " e " in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN")]


@pytest.mark.of_a_file
def test_a_workspace_is_not_imported_into_itself(workspace: Workspace, tmp_path: Path) -> None:
    assert isinstance(workspace.place, Path)
    link = tmp_path / "leads.csv"
    link.symlink_to(workspace.place)
    with pytest.raises(BadInput, match=r"leads\.csv is this workspace itself"):
        import_file(
            workspace.db,
            Kind.LEADS,
            link,
            ImportOptions(),
            at=NOW,
            actor="kim@example.com",
            fallback_dir=tmp_path,
        )


def test_an_email_beside_an_id_that_is_anothers_gets_a_lead_of_its_own_and_a_suggestion(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(
        "event_id,email,user_id,event,occurred_at\n"
        "e1,bo@acme.example,u1,login,2026-11-10T10:00:00Z\n"
        "e2,ada@zeta.example,u1,login,2026-11-11T10:00:00Z\n"
    )
    options = ImportOptions(page=1)  # each in a transaction of its own
    import_file(
        workspace.db, Kind.EVENTS, file, options, at=NOW, actor="kim@example.com", fallback_dir=tmp_path
    )

    def found(session: Session) -> tuple[list[str], int]:
        emails = session.execute(text("SELECT email FROM lead ORDER BY email")).scalars()
        return list(emails), int(session.execute(text("SELECT count(*) FROM suggestion")).scalar_one())

    assert workspace.db.read(found).result() == (["ada@zeta.example", "bo@acme.example"], 1)


_PRIORITIES = """
import os, sys
from pathlib import Path
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.pace import Pace
from pqldesk.services.workspaces.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]), create=False)
Pace(workspace.db, Kind.EVENTS, None)
workspace.db.write(lambda session: None).result()
print({os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in os.listdir("/proc/self/task")})
workspace.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads with a priority of their own are Linux's")
@pytest.mark.of_a_file
def test_beside_a_window_an_import_lets_it_go_first(workspace: Workspace) -> None:
    def priorities() -> str:
        command = [sys.executable, "-c", _PRIORITIES, str(workspace.place)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    usual = os.getpriority(os.PRIO_PROCESS, 0)
    assert priorities() == f"{{{usual}}}"
    arrive(workspace.db)
    assert priorities() == f"{{{max(usual, 10)}}}"
    assert os.getpriority(os.PRIO_PROCESS, 0) == usual
