"""The list of follow-ups by the database against the same made of whole rows."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from pqldesk.models.ids import TASK, row_number
from pqldesk.models.people import Lead
from pqldesk.models.work import Task
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.leads.task_list import SORTS, TABS, task_list, task_order, tasks_of_ids

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 18, 23, 0, tzinfo=UTC)
KIM = "kim@example.com"


def mine(row):
    return row.done_at is None and row.assignee == KIM


KEEPS = {
    "mine": mine,
    "overdue": lambda row: mine(row) and row.due_at is not None and row.due_at < NOW,
    "today": lambda row: mine(row) and row.due_at is not None and NOW <= row.due_at < MIDNIGHT,
    "upcoming": lambda row: mine(row) and (row.due_at is None or row.due_at >= MIDNIGHT),
    "team": lambda row: row.done_at is None,
    "done": lambda row: row.done_at is not None,
}
SORTED_BY = {
    "title": lambda row: row.title, "lead": lambda row: row.lead_name, "due": lambda row: row.due_at,
    "assignee": lambda row: row.assignee,
}  # fmt: skip


def fill(session):
    dice = random.Random(1)
    session.execute(insert(Lead), [
        {"id": n, "name": f"P{dice.randint(0, 9)}", "created_at": NOW, "state": dice.choice(("new", "new", "merged"))}
        for n in range(1, 31)
    ])  # fmt: skip
    moments = (None, NOW, NOW - timedelta(microseconds=1), MIDNIGHT, MIDNIGHT - timedelta(microseconds=1))
    session.execute(insert(Task), [
        {"id": n, "lead_id": dice.randint(1, 30), "title": f"Call {dice.randint(0, 5)}", "due_at": dice.choice(moments),
         "assignee": dice.choice((None, KIM, KIM, "ada@example.com")), "created_by": KIM, "created_at": NOW,
         "done_at": dice.choice((None, None, NOW - timedelta(days=1)))}
        for n in range(1, 201)
    ])  # fmt: skip


def test_a_task_says_at_which_company_its_lead_is(write):
    def fill_one(session):
        lead = {"id": 1, "name": "Jane Doe", "company_name": "Example Inc", "created_at": NOW, "state": "new"}
        session.execute(insert(Lead), [lead])
        task = {"id": 1, "lead_id": 1, "title": "Call", "created_by": KIM, "created_at": NOW}
        session.execute(insert(Task), [task])

    write(fill_one)
    assert [row.company for row in write(tasks_of_ids, [1])] == ["Example Inc"]


def numbers(rows):
    return [row_number(TASK, row.task_id) for row in rows]


@pytest.mark.both_databases
def test_each_tab_has_the_tasks_that_whole_rows_give_it_in_their_order(write):
    write(fill)
    rows = write(task_list, done=True)
    assert all(any(map(keeps, rows)) for keeps in KEEPS.values())
    for tab in TABS:
        order = write(task_order, KIM, NOW, MIDNIGHT, tab)
        assert list(order.ids) == numbers(filter(KEEPS[tab], rows))
        assert {row.task_id for row in write(tasks_of_ids, list(order.ids))} == {
            row.task_id for row in rows if KEEPS[tab](row)
        }
    assert order.counts == {tab: sum(map(keeps, rows)) for tab, keeps in KEEPS.items()}


@pytest.mark.both_databases
def test_a_sort_goes_both_ways_with_those_that_have_nothing_last_and_equals_as_they_were(write):
    write(fill)
    rows = [row for row in write(task_list, done=True) if row.done_at is None]
    for sort in SORTS:
        key = SORTED_BY[sort]
        some, none = [r for r in rows if key(r) is not None], [r for r in rows if key(r) is None]
        for descending in (False, True):
            order = write(task_order, KIM, NOW, MIDNIGHT, "team", sort, descending=descending)
            assert list(order.ids) == numbers([*sorted(some, key=key, reverse=descending), *none]), sort


def test_an_unknown_tab_is_refused_with_those_that_are_known(write):
    with pytest.raises(BadInput, match="'soon'"):
        write(task_order, KIM, NOW, MIDNIGHT, "soon")
