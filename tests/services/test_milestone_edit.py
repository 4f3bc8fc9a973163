"""Milestones that are added, changed, removed and brought back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pqldesk.models.people import Lead
from pqldesk.services.basics.problems import BadInput, NotFound
from pqldesk.services.basics.statistics import newcombe
from pqldesk.services.figures.activation import activation_figures
from pqldesk.services.leads.undo import undo
from pqldesk.services.modelling.milestone_edit import milestone_rows, remove_milestone, set_milestone
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIM = "kim@example.com"


def _keys(workspace: Workspace) -> list[str]:
    return [row["key"] for row in workspace.db.read(milestone_rows).result()]


def test_a_milestone_is_added_changed_removed_and_undone(
    write: Callable[..., Any], workspace: Workspace
) -> None:
    write(set_milestone, "shared", {"kind": "report_shared", "label": "Shared a report"}, KIM, NOW)
    assert _keys(workspace)[-1] == "shared"
    write(set_milestone, "shared", {"threshold": 3, "within_days": 14}, KIM, NOW)
    assert workspace.db.read(milestone_rows).result()[-1]["threshold"] == 3
    write(remove_milestone, "first_login", KIM, NOW)
    assert "first_login" not in _keys(workspace)
    write(undo, KIM, NOW)
    assert "first_login" in _keys(workspace)
    write(undo, KIM, NOW)
    assert workspace.db.read(milestone_rows).result()[-1]["threshold"] == 1


def test_a_wrong_milestone_is_refused_and_nothing_kept(
    write: Callable[..., Any], workspace: Workspace
) -> None:
    with pytest.raises(BadInput, match="threshold"):
        write(set_milestone, "first_login", {"threshold": -1}, KIM, NOW)
    with pytest.raises(NotFound, match="Known: signed_up"):
        write(remove_milestone, "nosuch", KIM, NOW)
    assert len(_keys(workspace)) == 6


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # Newcombe 1998, table II, method 10: 56/70 - 48/80.
    found = newcombe(56, 70, 48, 80)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert newcombe(0, 0, 1, 2) is None


def test_a_milestone_that_comes_before_wins_tells_them_apart(
    write: Callable[..., Any], workspace: Workspace
) -> None:
    def fill(session: Any) -> None:
        for n in range(80):
            signup = NOW - timedelta(days=20)
            reached = {"signed_up": 0}
            if n < 40:
                reached["first_login"] = int((signup + timedelta(days=1)).timestamp() * 1_000_000)
            won = n < 30 or n in (50, 51)
            session.add(Lead(name=f"p{n}", email=f"p{n}@firm.example", created_at=signup, signup_at=signup,
                             signed_up_at=signup, milestones=reached, outcome="won" if won else "lost",
                             outcome_at=NOW - timedelta(days=1)))  # fmt: skip

    write(fill)
    figures = workspace.db.read(activation_figures, NOW).result()
    step = next(one for one in figures.steps if one.milestone == "first_login")
    assert (step.won_with.n, step.won_with.of, step.won_without.n, step.won_without.of) == (30, 40, 2, 40)
    assert step.difference[0] == pytest.approx(0.7)
    assert step.difference[1] > 0
    assert [week.n for week in figures.weeks] == [80]
