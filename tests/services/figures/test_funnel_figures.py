"""The funnel: who came how far, how soon somebody spoke to them, and who won."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from figured import ALL, DAY, KIM, NOW, Store
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Claim, Handoff
from pqldesk.services.figure_rows import WAITING, FunnelFigures, LeadRows, RepRow
from pqldesk.services.figures.activation import activation_figures
from pqldesk.services.figures.funnel import STEPS, Cohort, funnel, funnel_by
from pqldesk.services.figures.funnel_marks import funnel_rows as leads_behind
from pqldesk.services.figures.funnel_now import funnel_now
from pqldesk.services.figures.funnel_ways import Asked
from pqldesk.services.figures.outcome_bands import Closed, closed_by_band
from pqldesk.services.figures.rep_rows import reps
from pqldesk.services.files.fields import Kind
from pqldesk.services.imports.importing import import_file
from pqldesk.services.imports.result import ImportOptions
from pqldesk.services.leads.notes import add_note
from pqldesk.services.modelling.replay import outcomes
from pqldesk.services.workspaces.workspace import Workspace


def funnel_figures(session: Session, at: datetime, **asked: Any) -> FunnelFigures:
    return funnel_now(session, Asked(at, **asked))


def funnel_rows(session: Session, at: datetime, mark: tuple[Any, ...], **asked: Any) -> LeadRows:
    return leads_behind(session, Asked(at, **asked), mark)


def by_band(session: Session, **options: Any) -> Closed:
    return closed_by_band(session, outcomes(session, NOW), NOW, **options)


def rep_rows(session: Session) -> list[RepRow]:
    return reps(session, outcomes(session, NOW), NOW - 30 * DAY, NOW)


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


def test_speed_to_lead_counts_from_the_crossing_not_from_the_signup(
    new_lead: Callable[..., int], write: Callable[..., Any]
) -> None:
    signup, raised = NOW - timedelta(days=20), NOW - timedelta(hours=3)
    number = new_lead("ada@acme.example", signup_at=signup, hand_raised_at=raised)
    write(lambda session: add_note(session, session.get_one(Lead, number), "Called.", "kim@example.com", NOW))
    found = write(funnel_figures, NOW, weeks=8)
    assert (found.speed.n, found.speed.median_hours) == (1, 3.0)
