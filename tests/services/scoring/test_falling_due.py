"""Leads whose score changes by itself: a few are rescored at once, many in short steps by a process of its own."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.services import score_now
from pqldesk.services.basics.changes import Topic
from pqldesk.services.basics.progress import Progress
from pqldesk.services.scoring.rescore import due_leads
from pqldesk.services.workspaces.workspace import Workspace
from tests.services.conftest import NOW

LATER = NOW + timedelta(days=1)


@pytest.fixture
def due(write: Any, new_lead: Any) -> list[int]:
    """Three leads whose windows lapse before LATER."""
    numbers = [new_lead(f"{name}@example.com") for name in ("ada", "bo", "cy")]
    write(lambda session: session.execute(update(Lead).values(due_at=LATER, score=7_700)) and None)
    return numbers


def scores(session: Session) -> list[int]:
    return [lead.score for lead in session.query(Lead).order_by(Lead.id)]


@pytest.mark.both_databases
def test_a_few_that_are_due_are_rescored_at_once(write, due, monkeypatch) -> None:
    monkeypatch.setattr(score_now, "FEW", len(due))
    fell = write(score_now.fall_due, LATER)
    assert not fell.is_more
    assert Topic.LEADS in fell.changes.topics
    assert write(scores) == [0, 0, 0]
    assert write(due_leads, LATER) == []


@pytest.mark.both_databases
def test_more_than_a_few_are_left_to_be_scored_in_steps(
    workspace: Workspace, write, due, monkeypatch
) -> None:
    monkeypatch.setattr(score_now, "FEW", len(due) - 1)
    fell = write(score_now.fall_due, LATER)
    assert fell.is_more
    assert write(scores) == [7_700, 7_700, 7_700]
    assert score_now.score_in_steps(workspace.db, LATER).changed == len(due)
    assert write(scores) == [0, 0, 0]
    assert not write(score_now.fall_due, LATER).is_more


def test_what_another_has_scored_meanwhile_is_not_scored_again(
    workspace: Workspace, write, due, monkeypatch
) -> None:
    asked: list[list[int]] = []
    rescore = score_now.rescore
    monkeypatch.setattr(
        score_now,
        "rescore",
        lambda session, ids, *rest: asked.append(list(ids)) or rescore(session, ids, *rest),
    )
    monkeypatch.setattr(score_now.Pace, "rows", lambda pace: 2)

    def another(progress: Progress) -> None:
        if progress.done == 2:
            score_now.score_in_steps(workspace.db, LATER)

    score_now.score_in_steps(workspace.db, LATER, report=another)
    assert asked == [due[:2], due[2:], []]
