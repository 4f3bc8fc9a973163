"""Activation summed by the database against the same worked out person by person."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from pqldesk.models.base import micros
from pqldesk.models.people import Lead, Trial
from pqldesk.models.settings import Setting
from pqldesk.services import settings
from pqldesk.services.figures.activation import STALLED_AT_MOST, activation_figures
from pqldesk.services.figures.activation_now import activation_now
from pqldesk.services.scoring.live import MILESTONES, ensure_model, live_model
from pqldesk.services.scoring.milestones import milestones_to_json

NOW = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)  # the day after the clocks of Europe went back


def fill(session, seed, people=400):
    dice = random.Random(seed)
    ensure_model(session, NOW)
    settings.store(session, "timezone", "Europe/Berlin")
    keys = [milestone.key for milestone in live_model(session).milestones]
    leads = []
    for n in range(1, people + 1):
        signup = NOW - timedelta(
            days=dice.choice((0, 1, 7, 8, 50, dice.randint(0, 90))), seconds=dice.randint(0, 90_000)
        )
        times = {
            key: micros(signup) + dice.choice((-1, 0, 86_400_000_000, dice.randint(0, 40 * 86_400_000_000)))
            for key in dice.sample(keys, dice.randint(0, len(keys)))
        }
        leads.append({
            "id": n, "name": f"P{n}", "created_at": NOW, "company_name": dice.choice((None, "Acme")),
            "score": dice.choice((0, 4000, 4000, dice.randint(-1000, 12000))),
            "state": dice.choice(("new", "new", "claimed", "won", "lost", "disqualified", "merged")),
            "excluded": dice.choice((None, None, None, "test")),
            "outcome": dice.choice((None, None, "won", "lost")),
            "outcome_at": dice.choice((None, NOW - timedelta(days=3))),
            "signed_up_at": dice.choice((signup, signup, signup, None, NOW + timedelta(days=1))),
            "milestones": dice.choice((times, times, times, {**dict.fromkeys(keys), **times}, None)),
        })  # fmt: skip
    session.execute(insert(Lead), leads)
    session.execute(insert(Trial), [
        {"id": n, "source": "file", "key": str(n), "created_at": NOW, "lead_id": dice.randint(1, people),
         "starts_at": NOW - timedelta(days=20), "ends_at": NOW - timedelta(days=dice.randint(-5, 5)),
         "converted_at": dice.choice((None, NOW - timedelta(days=6)))}
        for n in range(1, 60)
    ])  # fmt: skip


@pytest.mark.both_databases
@pytest.mark.parametrize("days", [None, 30])
def test_figures_are_those_worked_out_person_by_person(write, days):
    write(fill, 1)
    expected = write(activation_figures, NOW, days)
    assert write(activation_now, NOW, days) == expected
    assert expected.cohort_size > 100
    assert len(expected.stalled) == min(expected.stalled_in_all, STALLED_AT_MOST) > 0
    assert expected.median_days_to_value is not None
    assert len(expected.weeks) > 3
    assert any(step.difference for step in expected.steps)


@pytest.mark.both_databases
def test_a_workspace_without_leads_has_figures_too(write):
    write(ensure_model, NOW)
    assert write(activation_now, NOW) == write(activation_figures, NOW)


@pytest.mark.both_databases
def test_a_milestones_key_may_hold_what_sql_and_json_take_for_their_own(write):
    odd = ['he said "go"', "it's 100% done?", "a.b-c"]

    def rename(session):
        live = live_model(session)
        rules = milestones_to_json(live.milestones)
        for rule, key in zip(rules, odd, strict=False):
            session.execute(
                text("UPDATE lead SET milestones = replace(milestones, :old, :new)"),
                {"old": json.dumps(rule["key"]) + ":", "new": json.dumps(key) + ":"},
            )
            rule["key"] = key
        session.merge(Setting(key=MILESTONES, value=json.dumps(rules)))

    write(fill, 2, 60)
    write(rename)
    expected = write(activation_figures, NOW)
    assert write(activation_now, NOW) == expected
    assert [(step.milestone, step.reached > 0) for step in expected.steps[:3]] == [(key, True) for key in odd]
