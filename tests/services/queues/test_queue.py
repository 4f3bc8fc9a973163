"""The queue: order, views, pages, search, first frame, and the queue of a past moment."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from queued import KIM, NOW, Make
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pqldesk.models.driver import Driver
from pqldesk.models.ids import LEAD, public_id
from pqldesk.models.lead_counts import RECOUNT
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.services.basics.problems import NotFound
from pqldesk.services.filters.queue_filter import QueueFilter
from pqldesk.services.queue import queue
from pqldesk.services.queue.as_of import queue_as_of
from pqldesk.services.queue.saved_views import save_view
from pqldesk.services.workspaces.workspace import Workspace


@pytest.mark.both_databases
def test_best_score_comes_first_then_latest_activity_then_lead_id(
    lead: Make, listed: Callable[..., Any]
) -> None:
    lead("never1@example.com", 70)
    lead("never2@example.com", 70)
    lead("early@example.com", 70, last_active_at=NOW - timedelta(days=3))
    lead("late@example.com", 70, last_active_at=NOW - timedelta(hours=1))
    lead("best@example.com", 70.01)
    assert listed() == ["best", "late", "early", "never1", "never2"]
    assert listed(descending=False) == ["never2", "never1", "early", "late", "best"]


@pytest.mark.both_databases
def test_each_view_shows_its_leads_and_counts_them(
    lead: Make, listed: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    lead("free@example.com", 5)
    lead("mine@example.com", 4, state="claimed", owner=KIM)
    lead("theirs@example.com", 3, state="working", owner="lee@example.com")
    lead("raised@example.com", 2, hand_raised_at=NOW)
    lead("won@example.com", 9, state="won", owner=KIM)
    lead("noise@example.com", 9, excluded="Test account")
    lead("gone@example.com", 9, state="erased")
    expected = {
        "open": ["free", "mine", "theirs", "raised"],
        "unclaimed": ["free", "raised"],
        "hand-raises": ["raised"],
        "mine": ["mine"],
        "trials-ending": [],
        "all": ["won", "noise", "free", "mine", "theirs", "raised"],
    }
    assert {view: listed(view, rep=KIM) for view in expected} == expected
    counts = {view.key: view.count for view in ask(queue.queue_views, KIM, NOW)}
    assert counts == {view: len(shown) for view, shown in expected.items()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.of_a_file
def test_the_counts_of_the_views_follow_every_change_of_the_leads(workspace: Workspace, seed: int) -> None:
    dice = random.Random(seed)

    def change(session: Session) -> None:
        driver = Driver(session)
        for number in range(120):
            some = dice.randrange(max(1, number))
            state = dice.choice(("new", "qualified", "claimed", "won", "snoozed", "merged", "erased"))
            owner, excluded = dice.choice((None, KIM)), dice.choice((None, None, "Test account"))
            if dice.random() < 0.5:
                session.add(
                    Lead(name="x", state=state, owner=owner, excluded=excluded, created_at=NOW, score=number)
                )
                session.flush()
            elif dice.random() < 0.2:
                driver.run("DELETE FROM lead WHERE id = ?", (some,))
            elif dice.random() < 0.5:
                driver.run(
                    "UPDATE lead SET state = ?, excluded = ? WHERE id % 7 = ?", (state, excluded, some % 7)
                )
            else:
                driver.run("UPDATE lead SET owner = ?, score = ? WHERE id = ?", (owner, number, some))

    def counted(session: Session) -> tuple[list[Any], list[Any]]:
        driver = Driver(session)
        kept = driver.rows(
            "SELECT is_open, is_listed, owned, n FROM lead_count WHERE n <> 0 ORDER BY 1, 2, 3"
        )
        kinds = "is_open, is_listed, owner IS NOT NULL"
        return kept, driver.rows(f"SELECT {kinds}, count(*) FROM lead GROUP BY {kinds} ORDER BY 1, 2, 3")

    workspace.db.write(change).result()
    kept, there = workspace.db.read(counted).result()
    assert len(there) > 3
    assert kept == there
    workspace.db.write(lambda session: Driver(session).run("UPDATE lead_count SET n = 99") and None).result()
    workspace.db.write(lambda session: Driver(session).run(RECOUNT) and None).result()
    kept, there = workspace.db.read(counted).result()
    assert kept == there


@pytest.mark.both_databases
def test_trials_ending_goes_by_the_trial_that_the_lead_shows(
    workspace: Workspace, lead: Make, listed: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    def store(session: Session) -> int:
        company = Company(name="Acme", created_at=NOW)
        session.add(company)
        session.flush()
        return company.id

    acme = workspace.db.write(store).result()
    own = lead("own@acme.example", 3, company_id=acme)
    lead("team@acme.example", 2, company_id=acme)
    later = lead("later@acme.example", 1, company_id=acme)

    def add(session: Session) -> None:
        for key, columns in {
            "company's": {
                "company_id": acme,
                "starts_at": NOW - timedelta(days=9),
                "ends_at": NOW + timedelta(days=5),
            },
            "closed": {
                "lead_id": own,
                "starts_at": NOW - timedelta(days=9),
                "ends_at": NOW + timedelta(days=3),
            },
            "long": {
                "lead_id": later,
                "starts_at": NOW - timedelta(days=1),
                "ends_at": NOW + timedelta(days=40),
            },
            "to come": {
                "lead_id": own,
                "starts_at": NOW + timedelta(days=1),
                "ends_at": NOW + timedelta(days=6),
            },
        }.items():
            closed = NOW if key == "closed" else None
            session.add(Trial(source="file", key=key, created_at=NOW, closed_at=closed, **columns))

    workspace.db.write(add).result()
    assert listed("trials-ending") == ["team"]
    shown = {row.name: row.trial for row in ask(queue.lead_rows, ask(queue.lead_order, at=NOW), NOW)}
    assert {name: (trial.state, trial.days_left) for name, trial in shown.items() if trial} == {
        "own": ("lost", 0),
        "team": ("active", 5),
        "later": ("active", 40),
    }


@pytest.mark.both_databases
def test_a_saved_view_narrows_a_built_in_one(
    workspace: Workspace, lead: Make, listed: Callable[..., Any]
) -> None:
    lead("high@example.com", 75, source="form")
    lead("low@example.com", 20, source="form")
    lead("other@example.com", 90, source="file")
    spec = {"filter": "owner is nobody and score >= 50 and source is form"}
    workspace.db.write(save_view, "Form, hot", spec, KIM, NOW).result()
    assert listed("form-hot") == ["high"]
    with pytest.raises(NotFound, match="form-hot"):
        listed("no-such-view")


def test_rows_hold_every_signal_of_the_model_also_before_any_scoring(
    lead: Make, ask: Callable[..., Any]
) -> None:
    ids = [lead("new@example.com")]
    (row,) = ask(queue.lead_rows, ids, NOW)
    assert [signal.key for signal in row.signals] == [
        "logins", "features", "invites", "integrations", "records", "active_days",
    ]  # fmt: skip
    assert {signal.points for signal in row.signals} == {0}
    assert row.lead_id == public_id(LEAD, ids[0])


@pytest.mark.both_databases
def test_looking_at_a_past_moment_leaves_stored_scores_alone(
    workspace: Workspace, lead: Make, ask: Callable[..., Any]
) -> None:
    lead("raised@example.com", 77, hand_raised_at=NOW - timedelta(days=1), state="qualified")
    before = ask(lambda session: session.execute(select(Lead.score, Lead.state)).all())
    past = ask(queue_as_of, QueueFilter("all"), NOW - timedelta(days=2))
    assert [(row.score, row.state, row.qualified) for row in past] == [(0, "new", False)]
    later = ask(queue_as_of, QueueFilter("hand-raises"), NOW)
    assert [(row.state, row.qualified) for row in later] == [("qualified", True)]
    assert ask(lambda session: session.execute(select(Lead.score, Lead.state)).all()) == before


def test_a_claim_between_two_readings_moves_the_lead_out_of_unclaimed(
    workspace: Workspace, lead: Make, listed: Callable[..., Any]
) -> None:
    one = lead("one@example.com", 2)
    lead("two@example.com", 1)
    assert listed("unclaimed") == ["one", "two"]
    workspace.db.write(
        lambda session: session.execute(update(Lead).where(Lead.id == one).values(owner=KIM, state="claimed"))
    ).result()
    assert listed("unclaimed") == ["two"]
