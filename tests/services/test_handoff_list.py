"""The list of handoffs against the same made of all drafts and writes."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert

from pqldesk.models.ids import ITEM, LEAD, row_number
from pqldesk.models.people import Lead
from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff, HandoffDraft
from pqldesk.services.basics.problems import BadInput
from pqldesk.services.delivery import handoff_list
from pqldesk.services.delivery.handoff_list import (
    SORTS,
    TABS,
    handoff_group,
    handoff_order,
    handoff_rows,
)
from pqldesk.services.handoff_drafts import draft_rows
from pqldesk.services.handoffs.shown import DraftRow
from pqldesk.services.outbox_rows import outbox_list

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KINDS = {
    "company": {"name": "Acme"}, "person": {"email": "ada@example.com"}, "relay": {"email": "kim@example.com"},
    "field": {"field": "plan_type", "value": ["Pro", "Team"]}, "list_entry": {"list": "trials"},
    "deal": {"name": "PQL - Acme", "stage": "Lead"}, "task": {"content": "Call [pqd:12345678]"},
    "note": {"title": "Facts"},
}  # fmt: skip
STATES = ("pending", "sending", "unknown", "failed", "held", "done", "cancelled")


def fill(session):
    dice = random.Random(4)
    session.execute(insert(Lead), [
        {"id": n, "name": f"P{n * 7 % 5}", "created_at": NOW, "state": "merged" if n == 9 else "new"}
        for n in range(1, 13)
    ])  # fmt: skip
    session.execute(insert(Handoff), [
        {"id": n, "lead_id": n % 12 + 1, "playbook": "handoff", "system": "attio", "run_key": str(n), "facts": {},
         "created_by": "kim@example.com", "created_at": NOW}
        for n in range(1, 15)
    ])  # fmt: skip
    items = []
    for handoff in range(1, 15):
        for position in range(dice.randint(1, 5)):
            kind = dice.choice(list(KINDS))
            items.append({
                "handoff_id": handoff, "position": position, "lead_id": handoff % 12 + 1, "system": "attio",
                "kind": kind,
                "state": dice.choice(STATES), "payload": KINDS[kind], "attempts": 0,
                "next_attempt_at": dice.choice((None, NOW + timedelta(minutes=dice.randint(0, 9)))),
                "created_at": NOW - timedelta(minutes=dice.randint(0, 9)),
            })  # fmt: skip
    dice.shuffle(items)  # what was queued first need not be stored first
    session.execute(insert(OutboxItem), [
        {**item, "id": n, "idempotency_key": f"key{n:05}"} for n, item in enumerate(items, 1)
    ])  # fmt: skip
    kept = {"deal_value": None, "currency": "USD", "stage": "Lead", "note": "Facts"}
    session.execute(insert(HandoffDraft), [
        {"lead_id": lead, "rep": "kim@example.com", "saved_at": NOW - timedelta(hours=n),
         "payload": {**kept, "deal_name": f"Deal {n * 3 % 4}"}}
        for n, lead in enumerate((3, 9, 4, 7, 4), 1)
    ])  # fmt: skip


TAB_OF = {
    "drafts": ("draft",), "send": ("pending", "sending", "unknown"), "problems": ("failed", "held"),
    "done": ("done", "cancelled"),
}  # fmt: skip
SORTED_BY = {
    "state": lambda row: getattr(row, "state", "draft"), "next": lambda row: getattr(row, "next_attempt_at", None),
    "queued": lambda row: row.saved_at if isinstance(row, DraftRow) else row.created_at,
    "lead": lambda row: row.lead_name,
    "write": lambda row: row.deal_name if isinstance(row, DraftRow) else row.summary,
}  # fmt: skip


@pytest.fixture
def rows(write):
    """Everything by its number, in the list's own order."""
    write(fill)
    found = {}
    for draft in write(draft_rows):
        found.setdefault(-row_number(LEAD, draft.lead_id), draft)
    return found | {row_number(ITEM, row.item_id): row for row in write(outbox_list)}


def under(rows, tab):
    return [n for n, row in rows.items() if getattr(row, "state", "draft") in TAB_OF[tab]]


@pytest.mark.both_databases
def test_each_tab_has_its_writes_with_the_newest_handoff_first(write, rows):
    assert all(under(rows, tab) for tab in TABS)
    assert under(rows, "drafts") == [-3, -4, -7]  # one for each lead that is there, the one saved last
    for tab in TABS:
        order = write(handoff_order, NOW, tab)
        assert list(order.ids) == under(rows, tab)
        assert order.counts == {one: len(under(rows, one)) for one in TABS}
        assert write(handoff_rows, list(order.ids)) == {n: rows[n] for n in order.ids}


@pytest.mark.both_databases
@pytest.mark.parametrize("sort", SORTS)
def test_a_sort_goes_both_ways_with_those_that_have_nothing_last_and_equals_as_they_were(write, rows, sort):
    key = SORTED_BY[sort]
    for tab in TABS:
        some = [n for n in under(rows, tab) if key(rows[n]) is not None]
        none = [n for n in under(rows, tab) if key(rows[n]) is None]
        for descending in (False, True):
            order = write(handoff_order, NOW, tab, sort, descending=descending)
            assert list(order.ids) == sorted(some, key=lambda n: key(rows[n]), reverse=descending) + none


@pytest.mark.both_databases
@pytest.mark.parametrize("many", [0, 5_000])
def test_a_tab_begins_as_all_of_it_does_with_all_counts(write, rows, monkeypatch, many):
    monkeypatch.setattr(handoff_list, "_FIRST", 4)
    monkeypatch.setattr(handoff_list, "_MANY", many)
    for tab in TABS:
        whole, first = write(handoff_order, NOW, tab), write(handoff_list.first_handoffs, NOW, tab)
        assert list(first.ids) == list(whole.ids[:4])
        assert first.counts == whole.counts


def test_a_write_that_is_gone_is_left_out_of_the_rows(write, rows):
    write(lambda session: session.execute(delete(HandoffDraft).where(HandoffDraft.lead_id == 3)))
    assert list(write(handoff_rows, [-3, 2, 900, -4])) == [2, -4]
    assert write(handoff_rows, []) == {}


def test_a_handoff_has_its_writes_in_the_order_in_which_they_go_out(write, rows):
    group = write(handoff_group, "H000005")
    expected = {n: row for n, row in rows.items() if getattr(row, "handoff_id", "") == "H000005"}
    assert list(group.rows.items()) == list(expected.items())


def test_an_unknown_tab_or_sort_is_refused_with_those_that_are_known(write):
    with pytest.raises(BadInput, match="'sent'"):
        write(handoff_order, NOW, "sent")
