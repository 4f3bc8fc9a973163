"""Which trials run, what became of the others, which went quiet, and in what order they are shown."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from pqldesk.models.people import Lead, Trial
from pqldesk.services import settings
from pqldesk.services.leads.timeline import lead_timeline
from pqldesk.services.leads.undo import undo
from pqldesk.services.modelling.replay import Outcome, outcomes
from pqldesk.services.queue.nav import nav_counts
from pqldesk.services.schedule import is_due, settle
from pqldesk.services.trial_outcomes import facts_of, over_at, runs_at
from pqldesk.services.trial_rules import OPEN_STATES, has_started, trial_state
from pqldesk.services.trials.trials import trials
from pqldesk.services.trials.work import close_trial, extend_trial

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KIM = "kim@example.com"
ZONE = "America/New_York"  # its midnight is not that of UTC


@pytest.fixture
def trial(write):
    numbers = itertools.count(1)

    def make(**columns):
        filled = {"source": "file", "key": f"t{next(numbers)}", "created_at": NOW, "starts_at": NOW - 10 * DAY,
                  "ends_at": NOW + 4 * DAY} | columns  # fmt: skip
        write(lambda session: session.add(Trial(**filled)))

    return make


@pytest.mark.both_databases
def test_the_condition_for_running_trials_says_what_the_rule_says(write, trial):
    write(lambda s: settings.store(s, "timezone", ZONE))
    midnight = datetime(2026, 11, 18, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    ends = (None, NOW - DAY, NOW, NOW + DAY, midnight, midnight - timedelta(microseconds=1))
    words = (None, "Active", " Converted ", "lost", "CANCELLED", "canceled", "paused", "expired", "trialing")
    for end, date_only, word in itertools.product(ends, (False, True), words):
        trial(ends_at=end, ends_date_only=date_only and end is not None, source_state=word)
    for columns in (
        {"starts_at": NOW + DAY}, {"starts_at": None}, {"converted_at": NOW - DAY}, {"converted_at": NOW + DAY},
        {"closed_at": NOW}, {"first_ends_at": NOW + DAY},
    ):  # fmt: skip
        trial(**columns)

    def both(session):
        by_sql = set(session.scalars(select(Trial.id).where(runs_at(session, NOW))))
        by_rule = {
            row.id
            for row in session.scalars(select(Trial))
            if has_started(facts_of(row), NOW)
            and trial_state(facts_of(row), NOW, ZoneInfo(ZONE)) in OPEN_STATES
        }
        over = dict(session.execute(select(Trial.id, over_at(session, NOW))).all())
        states = {
            row.id: trial_state(facts_of(row), NOW, ZoneInfo(ZONE)) for row in session.scalars(select(Trial))
        }
        assert over == {one: None if state in OPEN_STATES else state for one, state in states.items()}
        assert len(set(over.values())) == 4
        return by_sql, by_rule

    by_sql, by_rule = write(both)
    assert by_sql == by_rule
    page = [row for row in write(trials, NOW) if row.state in OPEN_STATES]
    assert write(nav_counts, NOW).trials == len(page) == len(by_rule) > 10


@pytest.mark.both_databases
def test_outcomes_are_noted_by_themselves_once_they_are_certain(write, trial, new_lead):
    ada = new_lead("ada@example.com")
    trial(lead_id=ada, ends_at=NOW + DAY)
    trial(converted_at=NOW - DAY)
    trial()
    assert write(is_due, NOW)  # the converted one
    write(settle, NOW)
    assert not write(is_due, NOW)
    outcomes = lambda s: [(t.outcome, t.outcome_at) for t in s.scalars(select(Trial).order_by(Trial.id))]  # noqa: E731
    assert write(outcomes) == [(None, None), ("converted", NOW - DAY), (None, None)]
    later = NOW + 2 * DAY
    assert write(is_due, later)
    write(settle, later)
    assert write(outcomes)[0] == ("expired", NOW + DAY)
    (entry,) = [entry for entry in write(lead_timeline, ada).entries if entry.kind == "trial"]
    assert (entry.title, entry.at) == ("expired", NOW + DAY)


def test_an_expired_trial_that_is_extended_runs_again_and_undo_ends_it(write, trial, new_lead):
    trial(lead_id=new_lead("ada@example.com"), ends_at=NOW - DAY)
    write(settle, NOW)
    one = lambda s: s.scalars(select(Trial)).one()  # noqa: E731
    write(lambda s: extend_trial(s, one(s), 7, "asked for it", KIM, NOW))
    assert write(lambda s: (one(s).outcome, one(s).ends_at)) == (None, NOW + 6 * DAY)
    (row,) = write(trials, NOW)
    assert (row.state, row.extensions, row.extendable_until) == ("extended", 1, NOW - DAY + 90 * DAY)
    write(undo, KIM, NOW)
    write(settle, NOW)
    assert write(lambda s: (one(s).outcome, one(s).ends_at)) == ("expired", NOW - DAY)


def test_closing_a_trial_is_noted_and_undo_opens_it_again(write, trial, new_lead):
    trial(lead_id=new_lead("ada@example.com"))
    one = lambda s: s.scalars(select(Trial)).one()  # noqa: E731
    write(lambda s: close_trial(s, one(s), "another tool", KIM, NOW))
    write(settle, NOW)
    assert write(lambda s: one(s).outcome) == "lost"
    write(undo, KIM, NOW)
    write(settle, NOW)
    assert write(lambda s: one(s).outcome) is None


def test_a_running_trial_in_which_nobody_does_anything_is_flagged_in_time(write, trial, new_lead):
    for name, seen in (("busy", NOW - DAY), ("quiet", NOW - 5 * DAY), ("never", None)):
        number = new_lead(f"{name}@example.com")
        write(lambda s, n=number, at=seen: s.execute(
            Trial.metadata.tables["lead"].update().where(Trial.metadata.tables["lead"].c.id == n)
            .values(last_active_at=at)))  # fmt: skip
        trial(lead_id=number, starts_at=NOW - 9 * DAY)
    trial(lead_id=new_lead("fresh@example.com"), starts_at=NOW - DAY)
    found = {row.email.partition("@")[0]: row.quiet_days for row in write(trials, NOW)}
    assert found == {"busy": 0, "quiet": 5, "never": 9, "fresh": 0}


def test_the_most_urgent_trial_comes_first(write, trial, new_lead):
    def add(name, days, activation, score):
        number = new_lead(f"{name}@example.com")
        table = Trial.metadata.tables["lead"]
        write(lambda s: s.execute(
            table.update().where(table.c.id == number).values(activation=activation, score=score)))  # fmt: skip
        trial(lead_id=number, ends_at=NOW + days * DAY)

    add("later", 9, 0, 9000)
    add("done-well", 2, 90, 9000)
    add("gap-cold", 2, 20, 1000)
    add("gap-hot", 2, 20, 8000)
    trial(ends_at=NOW - 5 * DAY)
    trial(ends_at=NOW - DAY)
    rows = write(trials, NOW)
    assert [row.email.partition("@")[0] for row in rows[:4]] == ["gap-hot", "gap-cold", "done-well", "later"]
    assert [row.ends_at for row in rows[4:]] == [NOW - DAY, NOW - 5 * DAY]


@pytest.mark.both_databases
def test_what_came_of_leads_is_told_of_those_that_are_listed_by_the_best_of_their_trials(
    write, trial, new_lead
):
    ada, bea, cid, dan, eve = (
        new_lead(f"{name}@example.com") for name in ("ada", "bea", "cid", "dan", "eve")
    )
    trial(lead_id=ada, ends_at=NOW - DAY)
    trial(lead_id=bea, ends_at=NOW - DAY, closed_at=NOW - 2 * DAY)
    trial(lead_id=cid, converted_at=NOW - 3 * DAY)
    trial(lead_id=cid, ends_at=NOW - DAY)
    trial(lead_id=dan)
    trial(lead_id=eve, ends_at=NOW - DAY)
    trial(ends_at=NOW - DAY)
    write(lambda session: session.execute(update(Lead).where(Lead.id == eve).values(state="merged")))
    assert write(outcomes, NOW) == {
        ada: Outcome(False, NOW - DAY), bea: Outcome(False, NOW - 2 * DAY), cid: Outcome(True, NOW - 3 * DAY),
    }  # fmt: skip
    write(lambda session: session.execute(update(Lead).where(Lead.id == dan).values(outcome="won")))
    assert write(outcomes, NOW)[dan] == Outcome(True, None)
