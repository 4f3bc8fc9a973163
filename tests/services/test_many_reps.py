"""Fifty reps claim, read and note in one workspace while a runner brings usage in: nothing is doubled, nothing lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.team import faults, simulate
from pqldesk.models.work import Claim
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW, team_database


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Iterator[Path | str]:
    """Where a workspace may be made."""
    if request.param == "sqlite":
        yield request.getfixturevalue("tmp_path") / "team.pqldesk"
        return
    with team_database(request.getfixturevalue("postgres_template")) as url:
        yield url


def test_nothing_is_doubled_and_nothing_lost(empty: Path | str) -> None:
    figures, wrong = simulate(empty, reps=50, processes=1, rounds=1, leads=30, events=100)
    assert wrong == []
    assert set(figures) == {"claim", "page", "note"}


def test_a_doubled_claim_would_be_found(workspace: Workspace, new_lead: Any) -> None:
    def doubled(session: Any) -> list[str]:
        session.add_all(
            Claim(lead_id=new, rep=rep, taken_at=NOW) for new, rep in ((number, "a"), (number, "b"))
        )
        session.flush()
        return faults(session, notes=0, events=0)

    number = new_lead("zoe@north.example")
    said = workspace.db.write(doubled).result()
    assert "lead 1 has 2 open claims" in said
    assert any(sentence.startswith("owners and open claims differ") for sentence in said)
