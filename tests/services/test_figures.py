"""Figures behind the pages: funnel, activation, accounts, trials, task list, navigation, replay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pqldesk.models.base import micros
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Claim, Handoff, Task
from pqldesk.services.figure_rows import WAITING, FunnelFigures, LeadRows, RepRow
from pqldesk.services.figures.accounts import accounts
from pqldesk.services.figures.activation import activation_figures
from pqldesk.services.figures.activation_rows import activation_rows
from pqldesk.services.figures.funnel import STEPS, Cohort, funnel, funnel_by
from pqldesk.services.figures.funnel_marks import funnel_rows as leads_behind
from pqldesk.services.figures.funnel_now import funnel_now
from pqldesk.services.figures.funnel_ways import Asked
from pqldesk.services.figures.outcome_bands import Closed, closed_by_band
from pqldesk.services.figures.rep_rows import reps
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads.detail import lead_detail
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.task_list import task_list
from pqldesk.services.modelling.replay import outcomes, replay
from pqldesk.services.modelling.shown import model_shown
from pqldesk.services.queue.nav import nav_counts
from pqldesk.services.trials.trials import trials
from pqldesk.services.workspaces.workspace import Workspace

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
KIM = "kim@example.com"
Store = Callable[..., int]


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


def funnel_figures(session: Session, at: datetime, **asked: Any) -> FunnelFigures:
    return funnel_now(session, Asked(at, **asked))


def funnel_rows(session: Session, at: datetime, mark: tuple[Any, ...], **asked: Any) -> LeadRows:
    return leads_behind(session, Asked(at, **asked), mark)


def by_band(session: Session, **options: Any) -> Closed:
    return closed_by_band(session, outcomes(session, NOW), NOW, **options)


def rep_rows(session: Session) -> list[RepRow]:
    return reps(session, outcomes(session, NOW), NOW - 30 * DAY, NOW)


ALL = ("first_login", "first_feature", "invited_teammate", "first_integration", "imported_data")


@pytest.mark.both_databases
def test_each_step_counts_the_leads_that_ever_reached_it_also_out_of_order(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    lead("starter")
    done = lead("done", reached=dict.fromkeys(ALL, 1.5), qualified_at=NOW - 8 * DAY)
    bought = lead("bought", outcome="won", outcome_at=NOW - DAY)
    lead("noise", excluded="Test account")
    lead("later", days_ago=-1)
    store(Claim, lead_id=done, rep=KIM, taken_at=NOW - 7 * DAY)
    store(
        Handoff, lead_id=bought, playbook="handoff", run_key="x", system="attio", facts={}, created_at=NOW - 2 * DAY,
        created_by=KIM,
    )  # fmt: skip
    steps = {step.step: (step.n, step.of, step.median_hours) for step in ask(funnel, Cohort(NOW))}
    assert steps == {
        "signed_up": (3, 3, 0),
        "activated": (1, 3, 36),
        "qualified": (1, 3, 48),
        "claimed": (1, 3, 72),
        "contacted": (0, 3, None),
        "handed_off": (1, 3, 192),
        "opportunity": (0, 3, None),
        "won": (1, 3, 216),
    }
    before = {step.step: step.n for step in ask(funnel, Cohort(NOW - 5 * DAY))}
    assert (before["qualified"], before["handed_off"], before["won"]) == (1, 0, 0)


def test_a_converted_trial_is_a_win_of_its_lead(lead: Store, store: Store, ask: Callable[..., Any]) -> None:
    one = lead("one")
    store(Trial, source="file", key="t", lead_id=one, created_at=NOW, converted_at=NOW - DAY)
    assert {step.step: step.n for step in ask(funnel, Cohort(NOW))}["won"] == 1


def test_a_split_funnel_adds_up_to_the_whole(lead: Store, ask: Callable[..., Any]) -> None:
    lead("a", days_ago=1, source="form", placement="billing")
    lead("b", days_ago=9, source="form", owner=KIM)
    lead("c", days_ago=9, source="file")
    for by, groups in {
        "week": {"2026-11-09": 2, "2026-11-16": 1},
        "source": {"file": 1, "form": 2},
        "placement": {"billing": 1, None: 2},
        "rep": {KIM: 1, None: 2},
    }.items():
        found = {key: step.n for key, step in ask(funnel_by, by, Cohort(NOW)) if step.step == "signed_up"}
        assert found == groups, by


def test_a_steps_conversion_counts_who_came_from_the_step_before(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    for n in range(40):
        one = lead(
            f"p{n}", qualified_at=NOW - 8 * DAY if n < 20 else None, source="form" if n % 2 else "file"
        )
        if n < 12 or n == 30:
            store(Claim, lead_id=one, rep=KIM, taken_at=NOW - (7 if n < 6 else 5) * DAY)
    steps = {step.step: step for step in ask(funnel, Cohort(NOW))}
    claimed = steps["claimed"]
    assert (claimed.n, claimed.from_before.n, claimed.from_before.of) == (13, 12, 20)
    assert claimed.hours_from_before == 48  # the median of 24 h and 72 h, six of each
    assert (round(claimed.from_before.low, 4), round(claimed.from_before.high, 4)) == (0.3866, 0.7812)
    page = ask(funnel_figures, NOW, weeks=4)
    for step in STEPS:
        rows = ask(funnel_rows, NOW, ("step", step), weeks=4)
        shown = next(one for one in page.steps if one.step == step)
        assert (rows.total, len(rows.rows)) == (shown.n, shown.n)
    for group in page.groups:
        for place, step in enumerate(STEPS):
            mark = ("group", "source", group.value, step)
            assert ask(funnel_rows, NOW, mark, weeks=4).total == group.steps[place].n
    only = ask(funnel_figures, NOW, weeks=4, source="form")
    assert only.steps[0].n == 20
    assert page.sources == ("file", "form")
    assert ask(funnel_rows, NOW, ("rep", KIM), weeks=4).total == 13
    assert [row.claimed for row in ask(rep_rows)] == [13]


def test_the_speed_to_lead_falls_into_buckets_that_open(lead: Store, ask: Callable[..., Any]) -> None:
    hours = (0.1, 0.2, 0.4, 3, 23, 25, 100)
    for n, wait in enumerate(hours):
        crossed = NOW - 8 * DAY
        lead(f"q{n}", qualified_at=crossed, first_touch_at=crossed + timedelta(hours=wait))
    speed = ask(funnel_figures, NOW, weeks=4).speed
    assert [bucket.n for bucket in speed.buckets] == [2, 1, 0, 0, 1, 0, 1, 1, 1]
    assert (speed.n, speed.median_hours, speed.target_hours) == (7, 3, 24)
    assert (speed.in_time.n, speed.in_time.of) == (5, 7)
    for n, bucket in enumerate(speed.buckets):
        assert ask(funnel_rows, NOW, ("speed", n), weeks=4).total == bucket.n


def test_who_still_waits_when_the_clock_has_run_out_is_late_and_counts_in_the_median(
    lead: Store, ask: Callable[..., Any]
) -> None:
    crossed = NOW - 8 * DAY
    lead("quick", qualified_at=crossed, first_touch_at=crossed + timedelta(hours=2))
    for n in range(3):
        lead(f"waits{n}", qualified_at=crossed)
    lead("fresh", qualified_at=NOW - timedelta(hours=3))
    speed = ask(funnel_figures, NOW, weeks=4).speed
    assert (speed.in_time.n, speed.in_time.of) == (1, 4)
    assert (speed.n, speed.waiting, speed.overdue, speed.median_hours) == (1, 4, 3, None)
    assert ask(funnel_rows, NOW, ("speed", WAITING), weeks=4).total == 4


def test_a_hand_raise_is_in_time_by_its_own_working_hours(lead: Store, ask: Callable[..., Any]) -> None:
    raised = datetime(2026, 11, 13, 16, tzinfo=UTC)  # a Friday: one working hour is left, three on Monday
    for name, touched in (("monday", raised + timedelta(hours=67)), ("late", raised + timedelta(hours=69))):
        lead(name, hand_raised_at=raised, qualified_at=raised, first_touch_at=touched)
    lead("warm", qualified_at=raised, first_touch_at=raised + timedelta(hours=67))
    speed = ask(funnel_figures, NOW, weeks=4).speed
    assert (speed.in_time.n, speed.in_time.of) == (1, 3)
    assert [(one.n, one.late) for one in speed.buckets if one.n] == [(3, 2)]


def test_who_was_touched_before_it_qualified_or_won_untouched_in_time_had_no_clock(
    lead: Store, ask: Callable[..., Any]
) -> None:
    crossed = NOW - 8 * DAY
    lead("known", qualified_at=crossed, first_touch_at=crossed - DAY)
    lead("bought", qualified_at=crossed, outcome="won", outcome_at=crossed + timedelta(hours=5))
    lead("old", qualified_at=crossed, outcome="lost", outcome_at=NOW - 3 * DAY, created_at=NOW - DAY)
    speed = ask(funnel_figures, NOW, weeks=4).speed
    assert (speed.n, speed.waiting, speed.in_time.of) == (0, 0, 0)


def test_the_median_to_first_value_counts_those_that_wait(lead: Store, ask: Callable[..., Any]) -> None:
    for days in (1, 2, 4):
        lead(f"came{days}", reached={"first_feature": days})
    for n in range(3):
        lead(f"waits{n}")
    page = ask(funnel_figures, NOW, weeks=4)
    assert page.median_days_to_value == ask(activation_figures, NOW).median_days_to_value == 4


def test_a_win_without_a_time_is_a_win_and_says_nothing_of_how_long_it_took(
    lead: Store, ask: Callable[..., Any]
) -> None:
    lead("dated", outcome="won", outcome_at=NOW - 8 * DAY)
    lead("undated", outcome="won")
    (won,) = (step for step in ask(funnel, Cohort(NOW)) if step.step == "won")
    assert (won.n, won.median_hours) == (2, 48)


def test_who_came_the_other_way_round_says_nothing_of_the_time_between_two_steps(
    lead: Store, ask: Callable[..., Any]
) -> None:
    lead("forth", reached=dict.fromkeys(ALL, 1), qualified_at=NOW - 7 * DAY)
    for n in range(3):
        lead(f"back{n}", reached=dict.fromkeys(ALL, 5), qualified_at=NOW - 9 * DAY)
    qualified = ask(funnel, Cohort(NOW))[2]
    assert (qualified.from_before.n, qualified.hours_from_before) == (4, 48)


def test_deals_are_a_share_of_the_qualified_alone(lead: Store, store: Store, ask: Callable[..., Any]) -> None:
    both = lead("both", qualified_at=NOW - 5 * DAY)
    lead("qualified", qualified_at=NOW - 5 * DAY)
    for n, number in enumerate((both, lead("dealt"))):
        handoff = store(
            Handoff, lead_id=number, playbook="handoff", run_key=f"x{n}", system="attio", facts={},
            created_at=NOW - 2 * DAY, created_by=KIM,
        )  # fmt: skip
        store(
            OutboxItem, handoff_id=handoff, lead_id=number, position=0, system="attio", kind="deal", state="done",
            payload={}, idempotency_key=f"k{n}", attempts=1, created_at=NOW - 2 * DAY, done_at=NOW - DAY,
        )  # fmt: skip
    deals = ask(funnel_figures, NOW, weeks=4).deals
    assert (deals.n, deals.of) == (1, 2)
    assert round(deals.low, 3) == 0.095


def test_a_rep_is_credited_with_converted_trials_and_with_handoffs_after_the_claim(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    bought, old, back = lead("bought"), lead("old"), lead("back")
    for number in (bought, old, back):
        store(
            Claim, lead_id=number, rep=KIM, taken_at=NOW - 3 * DAY,
            end_reason="lapsed" if number == back else None,
        )  # fmt: skip
    store(
        Trial, source="x", key="1", lead_id=bought, starts_at=NOW - 9 * DAY, ends_at=NOW, ends_date_only=False,
        converted_at=NOW - DAY, created_at=NOW - 9 * DAY,
    )  # fmt: skip
    store(
        Handoff, lead_id=old, playbook="handoff", run_key="x", system="attio", facts={}, created_at=NOW - 5 * DAY,
        created_by=KIM,
    )  # fmt: skip
    (kim,) = ask(rep_rows)
    assert (kim.claimed, kim.won, kim.handed_off, kim.given_back) == (3, 1, 0, 1)


def test_a_reps_leads_are_in_time_by_the_clock_of_each(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    crossed = NOW - 8 * DAY
    hours = {"quick": 2, "slow": 30, "never": None, "known": -1, "fresh": None}
    for name, waited in hours.items():
        qualified = NOW - timedelta(hours=3) if name == "fresh" else crossed
        touched = None if waited is None else crossed + timedelta(hours=waited)
        one = lead(name, days_ago=90, qualified_at=qualified, first_touch_at=touched)
        store(Claim, lead_id=one, rep=KIM, taken_at=NOW - 7 * DAY)
    store(Claim, lead_id=lead("cold"), rep=KIM, taken_at=NOW - DAY)
    (kim,) = ask(rep_rows)
    assert (kim.claimed, kim.in_time.n, kim.in_time.of) == (
        6,
        1,
        3,
    )  # quick, of those who were not known before


def test_every_other_mark_opens_as_many_leads_as_it_counts(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    for n in range(6):
        lead(f"r{n}", reached={"first_feature": n + 0.5}, score=10 * n,
             outcome="won" if n % 2 else "lost", outcome_at=NOW - DAY)  # fmt: skip
    page = ask(funnel_figures, NOW, weeks=4)
    for band in page.bands:
        assert ask(funnel_rows, NOW, ("band", band.band), weeks=4).total == band.n
    for day, count in enumerate(page.days_to_first_value):
        assert ask(funnel_rows, NOW, ("day", day), weeks=4).total == count
    for cohort in page.cohorts:
        for week, share in enumerate(cohort.active):
            if share is not None:
                found = ask(funnel_rows, NOW, ("cohort", cohort.week, week), weeks=4)
                assert found.total == round(share * cohort.n)


def test_rates_by_band_go_by_the_score_at_the_outcome(lead: Store, ask: Callable[..., Any]) -> None:
    lead("hot", score=85, outcome="won", outcome_at=NOW)
    lead("cold", score=5, outcome="lost", outcome_at=NOW)
    rates = {rate.band: (rate.won, rate.n, rate.rate) for rate in ask(by_band).rates()}
    assert rates == {
        "hot": (1, 1, 1.0),
        "qualified": (0, 0, None),
        "warming": (0, 0, None),
        "cold": (0, 1, 0.0),
    }


def test_who_was_decided_before_coming_here_is_in_the_band_that_its_usage_made_then(
    workspace: Workspace, new_lead: Callable[..., int], write: Callable[..., Any], tmp_path: Path
) -> None:
    """An import of last month's outcomes: no score was stored then, and today's would be another."""
    file = tmp_path / "events.csv"
    rows = [f"{n},ada@acme.example,integration_connected,2026-10-{10 + n}T08:00:00Z,1" for n in range(2)]
    rows.append("9,ada@acme.example,data_imported,2026-10-12T08:00:00Z,500")
    rows += [f"x{n},ada@acme.example,team_invited,2026-11-0{n}T08:00:00Z,2" for n in (1, 2)]  # after the win
    file.write_text("event_id,email,event,occurred_at,quantity\n" + "\n".join(rows) + "\n", "utf-8")
    number = new_lead("ada@acme.example", signup_at=datetime(2026, 10, 1, tzinfo=UTC), outcome="won",
                      outcome_at=datetime(2026, 10, 20, tzinfo=UTC))  # fmt: skip
    undated = new_lead("bo@acme.example", signup_at=datetime(2026, 10, 1, tzinfo=UTC), outcome="lost")
    import_file(
        workspace.db,
        Kind.EVENTS,
        file,
        ImportOptions(source="file"),
        at=NOW,
        actor=KIM,
        fallback_dir=tmp_path,
    )
    closed = write(by_band)
    assert closed.by_band["warming"] == [(number, True)]
    assert closed.by_band["cold"] == [(undated, False)]
    assert (closed.worked_out, closed.undated, closed.left_out) == (1, 1, 0)
    assert write(by_band, at_most=0).left_out == 1


def test_the_funnel_page_compares_with_the_weeks_before(
    lead: Store, store: Store, ask: Callable[..., Any]
) -> None:
    lead("new", days_ago=3, reached={"first_feature": 2.2})
    lead("old", days_ago=30)
    claimed = lead("mine", days_ago=5, first_touch_at=NOW - 2 * DAY)
    store(Claim, lead_id=claimed, rep=KIM, taken_at=NOW - 3 * DAY)
    page = ask(funnel_figures, NOW, weeks=4)
    assert (page.steps[0].n, page.previous[0].n) == (2, 1)
    assert sum(page.weekly_signups) == 2
    assert page.days_to_first_value[2] == 1
    (kim,) = page.reps
    assert (kim.rep, kim.claimed, kim.median_first_touch_hours) == (KIM, 1, 24)
    assert [row.n for row in page.cohorts] == [1, 2]


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


def test_speed_to_lead_counts_from_the_crossing_not_from_the_signup(
    new_lead: Callable[..., int], write: Callable[..., Any]
) -> None:
    signup, raised = NOW - timedelta(days=20), NOW - timedelta(hours=3)
    number = new_lead("ada@acme.example", signup_at=signup, hand_raised_at=raised)
    write(lambda session: add_note(session, session.get_one(Lead, number), "Called.", "kim@example.com", NOW))
    found = write(funnel_figures, NOW, weeks=8)
    assert (found.speed.n, found.speed.median_hours) == (1, 3.0)


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
