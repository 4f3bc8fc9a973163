"""The Funnel page summed by the database against the same worked out lead by lead."""

import json
import random
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from pqldesk.models.base import micros
from pqldesk.models.driver import Driver
from pqldesk.models.history import ScoreEvent
from pqldesk.models.people import Identity, Lead, Trial
from pqldesk.models.remote import OutboxItem
from pqldesk.models.usage import EventKind, UsageDay
from pqldesk.models.work import Claim, Handoff
from pqldesk.services import settings
from pqldesk.services.basics.moments import DAY, local_days
from pqldesk.services.figure_rows import WAITING
from pqldesk.services.figures.funnel import STEPS
from pqldesk.services.figures.funnel_marks import funnel_rows
from pqldesk.services.figures.funnel_now import funnel_now, known
from pqldesk.services.figures.funnel_ways import Asked, local_day
from pqldesk.services.scoring.live import ensure_model, live_model
from tests.services import funnel_by_person as by_person

NOW = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)  # the day after the clocks of Europe went back
REPS = ("kim@example.com", "lee@example.com")


def fill(session, seed, people=300):
    dice = random.Random(seed)
    ensure_model(session, NOW)
    settings.store(session, "timezone", "Europe/Berlin")
    keys = [milestone.key for milestone in live_model(session).milestones]

    def near(at, hours):
        return at + timedelta(seconds=dice.randint(0, hours * 3_600), microseconds=dice.choice((0, 1)))

    session.execute(insert(EventKind), [{"id": 1, "name": "login", "key": ""}])
    rows = {table: [] for table in (Lead, Identity, UsageDay, Claim, Handoff, OutboxItem, Trial, ScoreEvent)}
    for n in range(1, people + 1):
        signup = NOW - timedelta(
            days=dice.choice((0, 1, 2, 56, dice.randint(0, 130))), seconds=dice.randint(0, 90_000)
        )
        times = {
            key: micros(signup) + dice.choice((-1, 0, DAY, dice.randint(0, 40 * DAY)))
            for key in dice.sample(keys, dice.choice((len(keys), dice.randint(0, len(keys)))))
        }
        qualified = dice.choice((None, near(signup, 400)))
        touched = dice.choice((None, None if qualified is None else near(qualified, 50), near(signup, 300)))
        rows[Lead].append({
            "id": n, "name": f"P{n}", "created_at": dice.choice((signup, signup, near(signup, 300))),
            "score": dice.choice((0, 4000, dice.randint(-1000, 12000))),
            "state": dice.choice(("new", "new", "claimed", "won", "lost", "merged")),
            "excluded": dice.choice((None, None, None, None, "test")),
            "source": dice.choice((None, "form", "file")), "placement": dice.choice((None, "billing")),
            "plan": dice.choice((None, "pro")), "owner": dice.choice((None, *REPS)),
            "outcome": dice.choice((None, None, "won", "lost")),
            "outcome_at": dice.choice((None, near(signup, 900))),
            "hand_raised_at": dice.choice((None, None, signup)),
            "qualified_at": qualified, "first_touch_at": touched,
            "signed_up_at": dice.choice((signup, signup, signup, signup, None, NOW + timedelta(days=1))),
            "milestones": dice.choice((times, times, times, {**dict.fromkeys(keys), **times}, None)),
        })  # fmt: skip
        rows[Identity].append({"id": n, "namespace": "user", "folded": str(n), "value": str(n), "lead_id": n,
                               "verified": True, "created_at": signup})  # fmt: skip
        first = local_days(settings.zone(session)).day_of(micros(signup))
        rows[UsageDay] += [
            {"identity_id": n, "day": first + day, "kind_id": 1, "n": 1, "quantity": 0}
            for day in dice.sample(range(-2, 60), dice.randint(0, 8))
        ]
        for _ in range(dice.choice((0, 0, 1, 2))):
            rows[Claim].append({"lead_id": n, "rep": dice.choice(REPS), "taken_at": near(signup, 500),
                                "end_reason": dice.choice((None, "lapsed"))})  # fmt: skip
        if dice.random() < 0.3:
            made = near(signup, 600)
            rows[Handoff].append({"id": n, "lead_id": n, "playbook": dice.choice(("handoff", "other")),
                                  "run_key": str(n), "system": "attio", "facts": {}, "created_at": made,
                                  "created_by": REPS[0]})  # fmt: skip
            rows[OutboxItem].append({"handoff_id": n, "lead_id": n, "position": 0, "system": "attio",
                                     "kind": dice.choice(("deal", "deal", "note")),
                                     "state": dice.choice(("done", "waiting")), "payload": {}, "attempts": 1,
                                     "idempotency_key": str(n), "created_at": made,
                                     "done_at": near(made, 60)})  # fmt: skip
        if dice.random() < 0.2:
            rows[Trial].append({"source": "file", "key": str(n), "created_at": NOW, "lead_id": n, "starts_at": signup,
                                "ends_at": near(signup, 800),
                                "converted_at": dice.choice((None, near(signup, 500)))})  # fmt: skip
        if qualified is not None:
            rows[ScoreEvent].append({"lead_id": n, "at": near(qualified, 1), "old": 0, "cause": "usage", "parts": [],
                                     "new": dice.choice((6000, 9500))})  # fmt: skip
    for table, found in rows.items():
        session.execute(insert(table), found)


def differing(one, other):
    return {field.name for field in fields(one) if getattr(one, field.name) != getattr(other, field.name)}


@pytest.mark.both_databases
def test_figures_and_the_rows_behind_each_mark_are_those_worked_out_lead_by_lead(write):
    write(fill, 1)
    for asked, by in (
        (Asked(NOW, 8), "source"),
        (Asked(NOW, 4), "week"),
        (Asked(NOW, 13), "placement"),
        (Asked(NOW, 8, source="form"), "plan"),
        (Asked(NOW, 8, rep=REPS[0]), "owner"),
        (Asked(NOW, 8, source="file", rep=REPS[1]), "rep"),
        (Asked(NOW, 52), "week"),
    ):
        only = {"weeks": asked.weeks, "source": asked.source, "rep": asked.rep}
        expected = write(by_person.funnel_figures, NOW, by=by, **only)
        found = write(funnel_now, asked, by)
        assert differing(found, expected) == set(), (asked, by)
        assert asked.is_filtered or expected.steps[-1].n > 0
        if asked.weeks in (4, 13) or asked.is_filtered:
            continue
        marks = [("step", step) for step in STEPS]
        marks += [("group", by, group.value, "claimed") for group in expected.groups]
        marks += [("day", day) for day in (0, 1, 30)]
        marks += [("speed", bucket) for bucket in (WAITING, 0, 6, 8)]
        marks += [("band", band.band) for band in expected.bands]
        marks += [("cohort", cohort.week, later) for cohort in expected.cohorts[:3] for later in (0, 1)]
        marks += [("rep", rep.rep) for rep in expected.reps]
        for mark in marks:
            assert write(funnel_rows, asked, mark) == write(by_person.funnel_rows, NOW, mark, **only), mark


@pytest.mark.both_databases
def test_rows_keep_to_the_source_and_the_rep_that_are_chosen(write):
    write(fill, 2, 120)
    asked = Asked(NOW, 8, "form", REPS[0])
    only = {"weeks": 8, "source": "form", "rep": REPS[0]}
    for mark in (("step", "signed_up"), ("group", "plan", None, "signed_up"), ("band", "cold"), ("rep", REPS[0]),
                 ("speed", WAITING), ("day", 0)):  # fmt: skip
        assert write(funnel_rows, asked, mark) == write(by_person.funnel_rows, NOW, mark, **only), mark


@pytest.mark.both_databases
def test_the_comparison_is_told_and_counts_those_that_wait(write):
    write(fill, 3)
    found = write(funnel_now, Asked(NOW, 8), "source")
    assert found.previous[0].n > 0
    assert found.speed.waiting > 0
    assert found.speed_before.n > 0
    assert found.median_days_to_value is not None
    assert sum(step.hours_from_before is not None for step in found.steps) > 1
    assert any(rep.in_time.of for rep in found.reps)
    assert len(found.cohorts) > 6


@pytest.mark.both_databases
def test_a_workspace_without_leads_has_figures_too(write):
    write(ensure_model, NOW)
    assert differing(write(funnel_now, Asked(NOW)), write(by_person.funnel_figures, NOW)) == set()
    assert write(funnel_rows, Asked(NOW), ("step", "won")).total == 0


@pytest.mark.both_databases
def test_the_choices_are_the_sources_and_owners_of_listed_leads(write):
    write(fill, 4, 40)
    write(
        lambda session: (
            session.execute(text("UPDATE lead SET source = 'gone' WHERE state = 'merged'")) and None
        )
    )
    sources = write(lambda session: known(Driver(session), "source"))
    assert sources == ("file", "form")
    assert write(lambda session: known(Driver(session), "owner")) == REPS


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Tehran", "UTC"])
def test_a_local_day_is_the_same_in_sql(write, zone):
    """Apia left out a day in 2011; the others have days of 23 and of 25 hours."""
    from zoneinfo import ZoneInfo

    days, dice = local_days(ZoneInfo(zone)), random.Random(5)
    for year in (2011, 2026):
        first = days.day_of(micros(datetime(year, 1, 1, 12, tzinfo=UTC)))
        last = first + 370
        edges = [days.midnight(day) + by for day in range(first + 1, last) for by in (-1, 0)]
        moments = [*edges, *(dice.randrange(days.midnight(first), days.midnight(last)) for _ in range(500))]
        sql = f"SELECT value, {local_day('value', days, first, last)} FROM json_each(?)"
        told = write(lambda session, sql=sql, m=moments: Driver(session).rows(sql, (json.dumps(m),)))
        assert [day for _at, day in told] == [days.day_of(at) for at, _day in told]
