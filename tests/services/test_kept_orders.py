"""The window's long lists: figures are worked out once for each state of the workspace, and old ones are told."""

import sqlite3
from array import array
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from pqldesk.models.people import Company, Lead
from pqldesk.models.ranking import Ranking
from pqldesk.services.basics.changes import Changes, Topic
from pqldesk.services.figure_rows import ListOrder
from pqldesk.services.figures.account_order import (
    SORTS,
    TABS,
    account_order,
    account_ranking,
    add_account_key,
    check_order,
)
from pqldesk.services.window.kept_orders import LASTS, LongList, add_keys, kept_order, order_at_hand

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


def fill(session):
    session.execute(insert(Company), [
        {"id": n, "name": f"Firm {n * 7 % 5}", "created_at": NOW} for n in range(1, 13)
    ])  # fmt: skip
    session.execute(insert(Lead), [
        {"id": n, "name": f"P{n * 5 % 7}", "created_at": NOW, "company_id": n % 10 + 1, "score": n * 37 % 11 * 100,
         "owner": "kim@example.com" if n % 3 else None, "last_active_at": NOW - timedelta(days=n)}
        for n in range(1, 25)
    ])  # fmt: skip


def best_is(company, topic):
    """Give one of a company's people the highest score, and say that *topic* has changed."""

    def command(session):
        session.execute(update(Lead).where(Lead.id == company - 1).values(score=90_000))
        return Changes.to(topic)

    return command


@pytest.fixture
def made():
    """The moments for which the figures were worked out."""
    return []


@pytest.fixture
def accounts(made):
    def ranking(session, at):
        made.append(at)
        return account_ranking(session, at)

    return LongList("accounts", ranking, add_account_key, check_order, frozenset({Topic.LEADS}))


@pytest.fixture
def ask(workspace, accounts):
    def asked(query, tab="all", sort="", *, at=NOW, descending=True):
        answer = workspace.db.read(query, accounts, at, tab, sort, descending=descending).result()
        return answer and list(answer.ids)

    return asked


@pytest.fixture
def is_old(workspace, accounts):
    def asked(at=NOW):
        return workspace.db.read(order_at_hand, accounts, at, "all", "", descending=True).result().is_old

    return asked


@pytest.mark.both_databases
def test_every_tab_and_sort_is_had_from_figures_worked_out_once(write, ask, made):
    write(fill)
    for sort in ("", *SORTS):
        for tab in TABS:
            for descending in (False, True):
                expected = write(account_order, NOW, tab, sort, descending=descending)
                assert ask(kept_order, tab, sort, descending=descending) == list(expected.ids)
                assert ask(order_at_hand, tab, sort, descending=descending) == list(expected.ids)
    assert len(made) == 1


@pytest.mark.both_databases
def test_figures_are_worked_out_again_once_something_they_are_made_of_has_changed(write, ask, made, is_old):
    write(fill)
    first = ask(kept_order)
    last = next(one for one in reversed(first) if one <= 10)
    write(best_is(last, Topic.TASKS))
    assert not is_old()
    assert ask(kept_order) == first
    write(best_is(last, Topic.LEADS))
    assert is_old()
    assert ask(order_at_hand) == first  # what is at hand answers at once
    assert ask(kept_order)[0] == last
    assert not is_old()
    assert len(made) == 2


def test_figures_are_worked_out_again_when_they_are_of_long_ago(write, ask, made, is_old):
    write(fill)
    ask(kept_order)
    ask(kept_order, at=NOW + LASTS / 2)
    assert not is_old(NOW + LASTS / 2)
    assert is_old(NOW + LASTS)
    ask(kept_order, at=NOW + LASTS)
    assert made == [NOW, NOW + LASTS]


def test_nothing_is_at_hand_before_it_was_worked_out(write, ask):
    write(fill)
    assert ask(order_at_hand) is None
    ask(kept_order)
    assert ask(order_at_hand, sort="name") is not None
    assert (
        ask(order_at_hand, sort="champion") is None
    )  # names of people are looked up for whoever sorts by them
    ask(kept_order, sort="champion")
    assert ask(order_at_hand, sort="owner") is not None


def test_a_list_that_tells_how_it_begins_has_that_at_hand_before_it_was_worked_out(
    write, workspace, accounts
):
    write(fill)
    what = replace(accounts, first=lambda _session, _at, tab: ListOrder(array("q", [len(tab)]), {}))

    def at_hand(tab, sort=""):
        return workspace.db.read(order_at_hand, what, NOW, tab, sort, descending=True).result()

    assert (list(at_hand("trial").ids), at_hand("trial").is_old) == ([5], True)
    assert at_hand("trial", "name") is None
    whole = workspace.db.read(kept_order, what, NOW, "all", "", descending=True).result()
    assert at_hand("all").ids == whole.ids


def test_orders_of_one_state_of_the_workspace_say_so(write, workspace, accounts):
    write(fill)

    def state(sort):
        return workspace.db.read(kept_order, accounts, NOW, "all", sort, descending=True).result().state

    before = state("")
    assert state("name") == before
    write(best_is(3, Topic.LEADS))
    assert state("name") != before


def test_more_orders_than_are_kept_are_worked_out_anew(write, ask):
    write(fill)
    orders = [(tab, sort) for tab in TABS for sort in SORTS]
    assert len(orders) > 20
    assert [ask(kept_order, *one) for one in orders] == [ask(kept_order, *one) for one in orders]


def test_what_is_kept_goes_with_the_workspace(write, workspace, accounts):
    write(fill)
    kept = []

    def ranking(session, at):
        kept.append(account_ranking(session, at))
        return kept[0]

    what = LongList("accounts", ranking, add_account_key, check_order, frozenset())
    workspace.db.read(kept_order, what, NOW, "all", "", descending=True).result()
    workspace.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept[0].ids("all", "name", descending=True)


def test_what_can_be_sorted_by_besides_is_worked_out_ahead_as_long_as_the_figures_hold(
    write, workspace, accounts
):
    write(fill)
    added = []

    def add_key(session, ranking, sort):
        added.append(sort)
        add_account_key(session, ranking, sort)

    accounts = replace(accounts, add_key=add_key, later=("champion", "owner"))

    def ask(query, *args, **kwargs):
        return workspace.db.read(query, accounts, *args, **kwargs).result()

    ask(add_keys, NOW)
    assert added == []  # nothing is kept yet
    ask(kept_order, NOW, "all", "", descending=True)
    assert ask(order_at_hand, NOW, "all", "owner", descending=True) is None
    ask(add_keys, NOW)
    ask(add_keys, NOW)
    assert added == ["champion"]  # which brings both
    for sort in ("champion", "owner"):
        told = ask(order_at_hand, NOW, "all", sort, descending=True)
        assert told.ids == write(account_order, NOW, "all", sort, descending=True).ids
    ask(kept_order, NOW + LASTS, "all", "", descending=True)
    write(best_is(5, Topic.LEADS))
    ask(add_keys, NOW + LASTS)
    assert added == ["champion"]  # by figures that are old nothing is added


def test_keys_that_are_given_up_half_way_can_be_added_again():
    def rows(until):
        for n in range(1, until):
            yield n, -n
        raise InterruptedError

    with closing(Ranking(("all",), ("score",), [(n, 1, n) for n in range(1, 5_001)])) as ranking:
        with pytest.raises(InterruptedError):
            ranking.add(("late",), rows(4_500))
        assert not ranking.has("late")
        ranking.add(("late",), ((n, -n) for n in range(1, 5_001)))
        assert ranking.ids("all", "late", descending=False).split(",")[:2] == ["5000", "4999"]
