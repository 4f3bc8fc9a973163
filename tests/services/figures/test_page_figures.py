"""The figures of Activation, Accounts, Trials, Tasks and Scoring, and of one lead."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from figured import ALL, DAY, KIM, NOW, Store
from sqlalchemy.orm import Session

from pqldesk.models.people import Company, Trial
from pqldesk.models.work import Task
from pqldesk.services.figures.accounts import accounts
from pqldesk.services.figures.activation import activation_figures
from pqldesk.services.figures.activation_rows import activation_rows
from pqldesk.services.leads.detail import lead_detail
from pqldesk.services.leads.task_list import task_list
from pqldesk.services.modelling.replay import replay
from pqldesk.services.modelling.shown import model_shown
from pqldesk.services.queue.nav import nav_counts
from pqldesk.services.trials.trials import trials


@pytest.mark.both_databases
def test_activation_tells_share_speed_and_who_stalled(lead: Store, ask: Callable[..., Any]) -> None:
    lead("quick", reached=dict.fromkeys(ALL, 0.5))
    lead("slow", score=30, reached={"first_login": 1.2})
    lead("ahead", reached={"first_login": 12})
    figures = ask(activation_figures, NOW)
    reached = {step.milestone: (step.reached, step.of, step.median_days) for step in figures.steps}
    assert reached["signed_up"] == (3, 3, 0)
    assert reached["first_login"] == (2, 3, 0.5)
    assert (figures.cohort_size, figures.activated) == (3, 1)
    assert [(one.name, one.last_milestone, one.days_stalled) for one in figures.stalled] == [
        ("slow", "First login", 8),
        ("ahead", "Signed up", 10),
    ]
    behind = ask(activation_rows, NOW, ("milestone", "first_login"))
    assert (behind.total, {row.name for row in behind.rows}) == (2, {"quick", "slow"})
    for week in figures.weeks:
        assert ask(activation_rows, NOW, ("week", week.week, "signed_up")).total == week.reached[0]
    assert ask(activation_rows, NOW, ("milestone", "gone")).total == 0
    login = next(step for step in figures.steps if step.milestone == "first_login")
    assert login.by_day[0] == pytest.approx(1 / 3)
    assert login.by_day[1] == pytest.approx(2 / 3)


@pytest.mark.both_databases
def test_accounts_and_trials_gather_their_people(lead: Store, store: Store, ask: Callable[..., Any]) -> None:
    acme = store(Company, name="Acme", domain="acme.example", created_at=NOW)
    store(Company, name="Quiet", created_at=NOW)
    lead("low", score=20, company_id=acme, activation=17)
    best = lead("best", score=85, company_id=acme, owner=KIM, activation=83, last_active_at=NOW - DAY)
    store(
        Trial, source="file", key="t", company_id=acme, plan="Ultimate", created_at=NOW, starts_at=NOW - 9 * DAY,
        ends_at=NOW + 2 * DAY, first_ends_at=NOW - DAY,
    )  # fmt: skip
    store(Trial, source="file", key="gone", lead_id=best, created_at=NOW, ends_at=NOW - 3 * DAY)
    first, second = ask(accounts, NOW)
    assert (first.name, first.leads, first.score, first.owner) == ("Acme", 2, 85, KIM)
    assert first.trial is not None
    assert (first.trial.state, first.trial.days_left) == ("extended", 2)
    assert (second.name, second.leads, second.score, second.trial) == ("Quiet", 0, 0, None)
    running, over = ask(trials, NOW)
    assert (running.state, running.days_left, running.active_users, running.score) == ("extended", 2, 1, 85)
    assert (running.band, running.owner, running.activation) == ("hot", KIM, 83)
    assert (over.state, over.days_left, over.pace, over.email) == ("expired", 0, "", "best@example.com")


def test_tasks_come_by_urgency_and_finished_ones_last(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    one = lead("one")
    for title, due, done in (
        ("late", NOW - DAY, None),
        ("done", NOW - 9 * DAY, NOW),
        ("open end", None, None),
    ):
        store(
            Task,
            lead_id=one,
            title=title,
            due_at=due,
            done_at=done,
            created_at=NOW,
            created_by=KIM,
            assignee=KIM,
        )
    assert [task.title for task in ask(task_list)] == ["late", "open end"]
    assert [task.title for task in ask(task_list, done=True)] == ["late", "open end", "done"]
    assert ask(task_list, assignee="lee@example.com") == []
    assert ask(nav_counts, NOW).tasks == 2


def test_the_detail_of_a_lead_holds_its_team_and_milestones_with_days(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    acme = store(Company, name="Acme", created_at=NOW)
    one = lead("one", company_id=acme, reached={"first_login": 2.9})
    lead("two", company_id=acme, score=40, last_active_at=NOW - DAY)
    lead("three", company_id=acme, score=10, last_active_at=NOW - 30 * DAY)
    store(Task, lead_id=one, title="Call", created_at=NOW, created_by=KIM)
    detail = ask(lead_detail, "L000001", NOW)
    assert [(member.name, member.score) for member in detail.teammates] == [("two", 40), ("three", 10)]
    assert detail.active_teammates == 1
    assert {m.key: m.days_since_signup for m in detail.milestones}["first_login"] == 2
    assert len(detail.daily_usage) == 14
    assert [task.title for task in detail.tasks] == ["Call"]


def test_the_scoring_page_tells_the_share_that_meets_each_signal(
    lead: Store, ask: Callable[..., Any]
) -> None:
    met = [[5_000_000, 1000], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]]
    lead("one", signals=met)
    lead("two", signals=[[0, 0]] * 6)
    shown = ask(model_shown)
    assert [signal.reached_by for signal in shown.signals] == [0.5, 0, 0, 0, 0, 0]
    assert (shown.cut, shown.total_weight, shown.leads_scored) == (60, 100, 2)


def test_replay_with_a_horizon_counts_later_wins_as_lost(lead: Store, ask: Callable[..., Any]) -> None:
    lead("soon", outcome="won", outcome_at=NOW + 5 * DAY)
    lead("late", outcome="won", outcome_at=NOW + 50 * DAY)
    lead("lost", outcome="lost", outcome_at=NOW + DAY)
    lead("open", outcome="open")
    whole = ask(replay, NOW, NOW + 90 * DAY)
    assert (whole["n"], whole["won"]) == (3, 2)
    month = ask(replay, NOW, NOW + 90 * DAY, within=30)
    assert (month["n"], month["won"], month["tp"], month["precision"]) == (3, 1, 0, None)
    assert month["auc"] == 0.5
    assert month["separates"] is False


def test_the_pace_of_a_trial_is_held_against_converted_trials_on_the_same_day(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    def trial(one: int, key: str, days: int, **columns: Any) -> None:
        columns = {"ends_at": NOW + 9 * DAY} | columns
        store(
            Trial, source="file", key=key, lead_id=one, created_at=NOW, starts_at=NOW - days * DAY, **columns
        )

    def converted(number: int) -> None:
        one = lead(
            f"won{number}", days_ago=60, reached={"first_login": 1, "first_feature": 2}
        )  # 50 % by day five
        trial(one, f"won{number}", 60, converted_at=NOW - DAY)

    for number in range(29):
        converted(number)
    for activation in (83, 50, 33, 17):
        trial(lead(f"trial{activation}", days_ago=5, activation=activation), f"t{activation}", 5)
    running = [row for row in ask(trials, NOW) if row.state == "active"]
    assert {(row.pace, row.usual, row.usual_of) for row in running} == {("not enough yet", None, 29)}
    converted(29)
    running = [row for row in ask(trials, NOW) if row.state == "active"]
    assert {row.activation: row.pace for row in running} == {
        83: "ahead",
        50: "on pace",
        33: "slow",
        17: "at risk",
    }
    assert {(row.usual, row.usual_of) for row in running} == {(50, 30)}


def test_the_navigation_counts_the_trials_that_the_page_shows_as_running(write: Callable[..., Any]) -> None:
    today = NOW.replace(hour=0, minute=0)
    ends = {"later": NOW + timedelta(days=2), "today": today, "over": today - timedelta(days=1)}

    def store(session: Session) -> None:
        company = Company(name="Acme", created_at=NOW)
        session.add(company)
        session.flush()
        for key, end in ends.items():
            session.add(
                Trial(
                    source="file", key=key, company_id=company.id, starts_at=NOW - timedelta(days=9), ends_at=end,
                    ends_date_only=True, created_at=NOW, source_state="lost" if key == "later" else None,
                )
            )  # fmt: skip

    write(store)
    running = [row for row in write(trials, NOW) if row.state in ("active", "extended")]
    assert write(nav_counts, NOW).trials == len(running) == 1
