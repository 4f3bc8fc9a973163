"""The list of trials by a few numbers of each against the same made of whole rows."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from pqldesk.models.base import micros
from pqldesk.models.ids import TRIAL, public_id, row_number
from pqldesk.models.people import Company, Lead, Trial
from pqldesk.services import settings
from pqldesk.services.basics.letters import as_searched
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.scoring.live import ensure_model, live_model
from pqldesk.services.trial_outcomes import settle_trials
from pqldesk.services.trials.order import SORTS, TABS, trial_order
from pqldesk.services.trials.trials import trials

NOW = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)  # the day after the clocks of Europe went back
RUNS = ("active", "extended")
KEEPS = {
    "active": lambda row: row.state in RUNS,
    "ending": lambda row: row.state in RUNS and row.days_left <= 7,
    "risk": lambda row: row.pace == "at risk" or row.quiet_days > 0,
    "converted": lambda row: row.state == "converted",
    "expired": lambda row: row.state in ("expired", "lost"),
}
SORTED_BY = {
    "company": lambda row: None if (name := row.company or row.email) is None else as_searched(name),
    "ends": lambda row: row.ends_at,
    "left": lambda row: row.days_left if row.state in RUNS else None,
    "activation": lambda row: row.activation,
    "pace": lambda row: row.pace or ("active" if row.state == "extended" else row.state),
    "seen": lambda row: row.last_active_at,
    "users": lambda row: row.active_users,
    "score": lambda row: row.score,
    "owner": lambda row: row.owner,
}


def fill(session, seed):
    dice = random.Random(seed)
    ensure_model(session, NOW)
    settings.store(session, "timezone", "Europe/Berlin")
    keys = [milestone.key for milestone in live_model(session).milestones]
    session.execute(
        insert(Company),
        [{"id": n, "name": f"Firm {dice.randint(0, 20)}", "created_at": NOW} for n in range(1, 31)],
    )
    leads = []
    for n in range(1, 121):
        reached = dice.randint(0, len(keys))
        leads.append({
            "id": n, "name": f"P{n}", "created_at": NOW, "company_id": dice.choice((None, *range(1, 31))),
            "email": dice.choice((None, f"p{n}@example.com")), "company_name": dice.choice((None, f"Shop {n % 7}")),
            "score": dice.choice((0, 8000, dice.randint(-1000, 12000))), "activation": reached * 100 // len(keys),
            "state": dice.choice(("new", "new", "won", "merged")),
            "owner": dice.choice((None, "kim@example.com", "ada@example.com")),
            "last_active_at": dice.choice((None, NOW - timedelta(days=dice.randint(0, 30), hours=1))),
            "milestones": {key: micros(NOW - timedelta(days=dice.randint(0, 30))) if place < reached else None
                           for place, key in enumerate(keys)},
        })  # fmt: skip
    session.execute(insert(Lead), leads)
    made = []
    for n in range(1, 181):
        start = dice.choice(
            (None, *(NOW - timedelta(days=days) for days in (9, 9, 10, 12, 40)), NOW + timedelta(days=1))
        )
        end = dice.choice(
            (None, NOW, NOW - timedelta(hours=1), NOW + timedelta(days=dice.randint(0, 12), hours=15))
        )
        company = dice.choice((None, *range(1, 31)))
        made.append({
            "id": n, "source": "file", "key": str(n), "created_at": NOW, "plan": "Team", "starts_at": start,
            "company_id": company, "ends_at": end, "ends_date_only": dice.random() < 0.5,
            "lead_id": dice.randint(1, 120) if company is None or dice.random() < 0.5 else None,
            "first_ends_at": dice.choice((None, NOW - timedelta(days=2))),
            "source_state": dice.choice((None, None, "active", " Converted", "Paused", "expired", "extended")),
            "converted_at": NOW - timedelta(days=dice.randint(0, 5)) if dice.random() < 0.35 else None,
            "closed_at": dice.choice((None,) * 6 + (NOW,)),
        })  # fmt: skip
    session.execute(insert(Trial), made)
    settle_trials(session, NOW)


def numbers(rows):
    return [row_number(TRIAL, row.trial_id) for row in rows]


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", [1, 2])
def test_each_tab_has_the_trials_that_whole_rows_give_it_in_their_order(write, seed):
    write(fill, seed)
    rows = write(trials, NOW)
    assert all(any(map(keeps, rows)) for keeps in KEEPS.values())
    for tab in TABS:
        order = write(trial_order, NOW, tab)
        assert list(order.ids) == numbers(filter(KEEPS[tab], rows))
    assert order.counts == {tab: sum(map(keeps, rows)) for tab, keeps in KEEPS.items()}


@pytest.mark.both_databases
@pytest.mark.parametrize("tab", ["active", "expired"])
def test_a_sort_goes_both_ways_with_those_that_have_nothing_last_and_equals_as_they_were(write, tab):
    write(fill, 3)
    rows = [row for row in write(trials, NOW) if KEEPS[tab](row)]
    for sort in SORTS:
        key = SORTED_BY[sort]
        some, none = [r for r in rows if key(r) is not None], [r for r in rows if key(r) is None]
        for descending in (False, True):
            order = write(trial_order, NOW, tab, sort, descending=descending)
            assert list(order.ids) == numbers([*sorted(some, key=key, reverse=descending), *none]), sort


def test_an_unknown_tab_is_refused_with_those_that_are_known(write):
    with pytest.raises(BadInput, match="'soon'"):
        write(trial_order, NOW, "soon")


def test_the_days_of_a_trial_are_those_of_the_workspace(write):
    """Midnight in Berlin is an hour later in UTC once the clocks went back."""
    write(fill, 4)
    zone = ZoneInfo("Europe/Berlin")
    ends = datetime(2026, 11, 2, 0, 0, tzinfo=zone).astimezone(UTC)

    def add(session):
        for n, at in ((500, ends + timedelta(microseconds=1)), (501, ends)):
            session.add(Trial(id=n, source="file", key=str(n), created_at=NOW, starts_at=NOW, ends_at=at))

    write(add)
    left = {row.trial_id: row.days_left for row in write(trials, NOW)}
    assert [left[public_id(TRIAL, n)] for n in (501, 500)] == [6, 7]
    order = list(write(trial_order, NOW, "active").ids)
    assert order.index(501) < order.index(500)
