"""The list of accounts by the database against the same worked out person by person."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from pqldesk.models.base import micros
from pqldesk.models.ids import COMPANY, row_number
from pqldesk.models.people import Company, Identity, Lead, Trial
from pqldesk.models.usage import UsageDay, UsageEvent
from pqldesk.services import settings
from pqldesk.services.basics.moments import local_days
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.figures import account_order as account_lists
from pqldesk.services.figures.account_order import SORTS, TABS, account_order, account_rows
from pqldesk.services.figures.accounts import accounts

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
EDGE = NOW - timedelta(days=14)
RULES = (("best", "200"), ("sum", "120"), ("active", "200"))
KEEPS = {
    "all": lambda row: True,
    "trial": lambda row: row.trial is not None and row.trial.state in ("active", "extended"),
    "several": lambda row: row.leads > 1,
    "unclaimed": lambda row: row.owner is None,
}
SORTED_BY = {
    "score": lambda row: row.score, "name": lambda row: row.name.lower(), "champion": lambda row: row.champion,
    "active": lambda row: row.active_users_14d, "seen": lambda row: row.last_active_at, "owner": lambda row: row.owner,
}  # fmt: skip


def fill(session, seed):
    """Companies with nobody to five people, hidden ones too, used or not, with and without trials."""
    dice = random.Random(seed)
    companies = 40
    session.execute(insert(Company), [
        {"id": n, "name": dice.choice(("Acme", "acme", "Bolt", "Kumo", "Zeta")) + dice.choice(("", " One", " two")),
         "domain": f"c{n}.example", "plan": dice.choice((None, "Pro")), "created_at": NOW}
        for n in range(1, companies + 1)
    ])  # fmt: skip
    leads, identities, events = [], [], []
    for n in range(1, 111):
        times = [
            dice.choice((EDGE, EDGE + timedelta(microseconds=1), EDGE - timedelta(hours=3), NOW,
                         NOW - timedelta(days=dice.randint(0, 40), minutes=dice.randint(0, 999))))
            for _ in range(dice.randint(0, 3))
        ]  # fmt: skip
        leads.append({
            "id": n, "name": f"P{dice.randint(0, 30)}", "created_at": NOW,
            "company_id": dice.choice((None, *range(1, companies - 5))),
            "score": dice.choice((0, 8000, 8000, dice.randint(-1000, 12000))),
            "state": dice.choice(("new", "new", "claimed", "won", "merged", "erased")),
            "owner": dice.choice((None, None, "kim@example.com", "ada@example.com")),
            "last_active_at": max(times, default=None),
        })  # fmt: skip
        identities.append({"id": n, "namespace": "email", "folded": f"p{n}", "value": f"p{n}", "lead_id": n,
                           "created_at": NOW})  # fmt: skip
        events += [(n, one) for one in times]
    session.execute(insert(Lead), leads)
    session.execute(insert(Identity), identities)
    day_of = local_days(UTC).day_of
    session.execute(insert(UsageEvent), [
        {"eid": n, "identity_id": who, "kind_id": 1, "at": micros(at), "day": day_of(micros(at)), "quantity": 0,
         "received_at": micros(NOW)}
        for n, (who, at) in enumerate(events)
    ])  # fmt: skip
    session.execute(insert(UsageDay), [
        {"identity_id": who, "day": day, "kind_id": 1, "n": 1, "quantity": 0}
        for who, day in {(who, day_of(micros(at))) for who, at in events}
    ])  # fmt: skip
    session.execute(insert(Trial), [
        {"id": n, "source": "file", "key": str(n), "created_at": NOW, "plan": dice.choice((None, "Team", "Pro")),
         "company_id": company, "lead_id": dice.randint(1, 110) if company is None or dice.random() < 0.5 else None,
         "starts_at": dice.choice((None, NOW - timedelta(days=10), NOW - timedelta(days=9), NOW + timedelta(days=1))),
         "ends_at": dice.choice((None, NOW - timedelta(hours=1), NOW, NOW + timedelta(days=dice.randint(0, 9)))),
         "ends_date_only": dice.random() < 0.5,
         "source_state": dice.choice((None, "active", " Converted", "Paused", "expired", "extended")),
         "converted_at": dice.choice((None, None, None, NOW)), "closed_at": dice.choice((None, None, None, NOW))}
        for n in range(1, 60) for company in [dice.choice((None, *range(1, companies)))]
    ])  # fmt: skip


def numbers(rows):
    return [row_number(COMPANY, row.company_id) for row in rows]


@pytest.mark.both_databases
@pytest.mark.parametrize("seed", [1, 2])
def test_rows_order_and_counts_are_those_worked_out_person_by_person(write, seed):
    write(fill, seed)
    for rule, cap in RULES:
        write(settings.store, "account_score", rule)
        write(settings.store, "account_cap", cap)
        expected = write(accounts, NOW)
        order = write(account_order, NOW)
        assert write(account_rows, NOW, order.ids) == expected
        assert (order.counts, order.about) == (
            {tab: sum(map(keeps, expected)) for tab, keeps in KEEPS.items()}, rule,
        )  # fmt: skip
        for tab in TABS:
            assert list(write(account_order, NOW, tab).ids) == numbers(filter(KEEPS[tab], expected))


@pytest.mark.both_databases
@pytest.mark.parametrize("sort", SORTED_BY)
def test_a_sort_goes_both_ways_with_those_that_have_nothing_last_and_equals_as_they_were(write, sort):
    write(fill, 3)
    rows, key = write(accounts, NOW), SORTED_BY[sort]
    some = [row for row in rows if key(row) is not None]
    none = [row for row in rows if key(row) is None]
    for descending in (False, True):
        order = write(account_order, NOW, "all", sort, descending=descending)
        assert list(order.ids) == numbers([*sorted(some, key=key, reverse=descending), *none])


@pytest.mark.both_databases
def test_sorted_by_trial_those_that_end_sooner_come_first_and_those_without_one_last(write):
    write(fill, 4)
    rows = {row_number(COMPANY, row.company_id): row.trial for row in write(accounts, NOW)}
    left = [
        rows[one] and rows[one].days_left
        for one in write(account_order, NOW, "all", "trial", descending=False).ids
    ]
    some = [one for one in left if one is not None]
    assert some == sorted(some)
    assert left == some + [None] * (len(left) - len(some))


@pytest.mark.both_databases
@pytest.mark.parametrize("near", [9, 30, 60])
def test_the_best_leads_tell_how_the_list_begins(write, monkeypatch, near):
    write(fill, 6)
    whole = list(write(account_order, NOW).ids)
    monkeypatch.setattr(account_lists, "NEAR", near)
    first = write(account_lists.first_accounts, NOW, "all")
    assert first.ids
    assert list(first.ids) == whole[: len(first.ids)]
    assert write(account_lists.first_accounts, NOW, "trial") is None
    write(settings.store, "account_score", "sum")
    assert write(account_lists.first_accounts, NOW, "all") is None


def test_of_many_equally_good_leads_more_are_looked_at_and_only_equals_tell_nothing(write, monkeypatch):
    write(fill, 6)
    monkeypatch.setattr(account_lists, "NEAR", 3)
    write(lambda session: session.execute(update(Lead).values(score=8000)))
    assert write(account_lists.first_accounts, NOW, "all") is None
    write(lambda session: session.execute(update(Lead).where(Lead.id <= 12).values(score=9000)))
    first = write(account_lists.first_accounts, NOW, "all")
    assert first.ids
    assert list(first.ids) == list(write(account_order, NOW).ids[: len(first.ids)])


def test_where_a_few_leads_stand_out_more_are_looked_at_until_a_screen_is_full(write, monkeypatch):
    write(fill, 6)
    monkeypatch.setattr(account_lists, "NEAR", 6)
    monkeypatch.setattr(account_lists, "SCREEN", 5)
    write(lambda session: session.execute(update(Lead).values(score=Lead.id * 10)))
    write(lambda session: session.execute(update(Lead).where(Lead.id.between(21, 32)).values(score=8000)))
    write(lambda session: session.execute(update(Lead).where(Lead.id == 7).values(score=9000)))
    first = write(account_lists.first_accounts, NOW, "all")
    assert len(first.ids) >= 5
    assert list(first.ids) == list(write(account_order, NOW).ids[: len(first.ids)])


def test_few_leads_do_not_tell_how_the_list_begins(write):
    write(fill, 6)
    assert write(account_lists.first_accounts, NOW, "all") is None  # all of it is as soon here


def test_a_company_that_is_gone_is_left_out_of_the_rows(write):
    write(fill, 5)
    assert [row.company_id for row in write(account_rows, NOW, [7, 4_000, 3])] == ["C000007", "C000003"]
    assert write(account_rows, NOW, []) == []


def test_an_unknown_tab_or_sort_is_refused_with_those_that_are_known(write):
    with pytest.raises(BadInput, match="'price'"):
        write(account_order, NOW, "all", "price")
    assert set(SORTS) >= set(SORTED_BY)
