"""Killing the delivering process at random moments, for every CRM and relay: in the end there is one of each."""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fixtures_crm import HOUSES, RELAYS, Desk, House, Sandbox, running_sandbox
from killing import killing
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.remote import OutboxItem

pytestmark = pytest.mark.of_a_file

ROUNDS = int(os.environ.get("PQLDESK_KILL_ROUNDS", "30"))  # for each
ALL = {**HOUSES, **RELAYS}
IMPORTS = """
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.delivery.pauses import Pauses
"""
WORK = "run_outbox(workspace.db, pauses=Pauses(settle_s=0.05, again_s=(0.02, 0.04, 0.08), late=0.0))"


@pytest.fixture(params=sorted(ALL))
def house(request: pytest.FixtureRequest) -> House:
    return ALL[request.param]


@pytest.fixture
def sandbox(house: House) -> Iterator[Sandbox]:
    with running_sandbox(*house.options, "--latency", "2", system=house.system) as slow:
        yield slow


def test_a_process_killed_at_any_moment_leaves_exactly_one_of_each(desk: Desk, house: House) -> None:
    chance = random.Random()  # a new course of events each time; the seed is not what matters, the end is
    _one_more(desk, "lead", 0)
    kills = 0
    with killing(IMPORTS, WORK, str(desk.path)) as deliveries:
        _one_more(desk, "lead", 1)
        deliveries.whole()  # one handoff, on this machine, with what else runs there
        for number in range(ROUNDS):
            _one_more(desk, "more", number)  # beside those that the killed ones have left
            kills += deliveries.at(chance.uniform(0.1, 1.1))  # the moment is what is tested
    assert desk.deliver(max_wait_s=30).undone is None
    assert kills > ROUNDS // 4
    there = desk.sandbox.dump()
    if house.system in RELAYS:
        _assert_each_delivery_counts_once(desk, there, house)
        return
    leads = ROUNDS + 2
    kinds = {"people": "person", "companies": "company", "deals": "deal", "tasks": "task", "notes": "note"}
    there_once = [name for name, kind in kinds.items() if kind not in house.cannot]
    assert [len(there[kind]) for kind in there_once] == [leads] * len(there_once)
    assert len(there["entries"][house.lists["pql"]]) == leads
    marks = Counter(mark for kind in ("tasks", "notes") for row in there[kind] for mark in _marks(row))
    assert set(marks.values()) == {1}
    assert len(marks) == 2 * leads
    for kind in {"people", "companies", "deals"} & set(there_once):
        assert len({_named(row) for row in there[kind]}) == leads


def _one_more(desk: Desk, kind: str, number: int) -> None:
    desk.hand_off(desk.add_lead(f"{kind}{number}@{kind}{number}.example", f"{kind.title()} {number}"))


def _assert_each_delivery_counts_once(desk: Desk, there: dict[str, Any], house: House) -> None:
    """Each by its event id: a relay that keeps them has one of each, another can tell the second from the first."""
    taken = [each["body"]["event_id"] for each in there["deliveries"]]
    assert set(taken) == set(desk.db.read(_codes).result())
    assert len(set(taken)) == ROUNDS + 2
    assert house.system != "relay" or len(taken) == ROUNDS + 2


def _codes(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxItem.idempotency_key)))


def _marks(row: dict[str, Any]) -> set[str]:
    return set(re.findall(r"pqd:[0-9A-Z]{8}", str(row)))


def _named(row: dict[str, Any]) -> str:
    """The lead a record is about."""
    kind, number = re.findall(r"(lead|more) ?(\d+)", str(row).casefold())[0]
    return f"{kind} {number}"
