"""Killing the delivering process at random moments, for every CRM: in the end there is exactly one of each."""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fixtures_crm import HOUSES, Desk, House, Sandbox, running_sandbox
from killing import killing

ROUNDS = int(os.environ.get("PQLDESK_KILL_ROUNDS", "10"))  # for each CRM
LEADS = 1
IMPORTS = """
import pqldesk.services.connectors.{system}
from pqldesk.services.delivery.deliver import run_outbox
from pqldesk.services.delivery.pauses import Pauses
"""
WORK = "run_outbox(workspace.db, pauses=Pauses(settle_s=0.05, again_s=(0.02, 0.04, 0.08), late=0.0))"


@pytest.fixture(params=sorted(HOUSES))
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


@pytest.fixture
def sandbox(house: House) -> Iterator[Sandbox]:
    with running_sandbox(*house.options, "--latency", "2", system=house.system) as slow:
        yield slow


def test_a_process_killed_at_any_moment_leaves_exactly_one_of_each(desk: Desk, house: House) -> None:
    chance = random.Random()  # a new course of events each time; the seed is not what matters, the end is
    for number in range(LEADS):
        desk.hand_off(desk.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}"))
    kills = 0
    with killing(IMPORTS.format(system=house.system), WORK, str(desk.path)) as deliveries:
        took = deliveries.whole()  # one handoff, on this machine, with what else runs there
        for number in range(ROUNDS):
            if set(desk.states().values()) == {"done"}:
                desk.hand_off(desk.add_lead(f"more{number}@more{number}.example", f"More {number}"))
            kills += deliveries.after(chance.uniform(0.1, 1.1) * took)  # the moment is what is tested
    assert desk.deliver(max_wait_s=30).undone is None
    there = desk.sandbox.dump()
    leads = len({row.lead_id for row in desk.outbox()})
    assert kills > ROUNDS // 4
    kinds = {"people": "person", "companies": "company", "deals": "deal", "tasks": "task", "notes": "note"}
    there_once = [name for name, kind in kinds.items() if kind not in house.cannot]
    assert [len(there[kind]) for kind in there_once] == [leads] * len(there_once)
    assert len(there["entries"][house.lists["pql"]]) == leads
    marks = Counter(mark for kind in ("tasks", "notes") for row in there[kind] for mark in _marks(row))
    assert set(marks.values()) == {1}
    for kind in {"people", "companies", "deals"} & set(there_once):
        assert len({_named(row) for row in there[kind]}) == leads


def _marks(row: dict[str, Any]) -> set[str]:
    return set(re.findall(r"pqd:[0-9A-Z]{8}", str(row)))


def _named(row: dict[str, Any]) -> str:
    """The firm or lead a record is about: the first by number, those who came later as ``more``."""
    kind, number = re.findall(r"(firm|lead|more) ?(\d+)", str(row).casefold())[0]
    return f"{'more' if kind == 'more' else 'first'} {number}"
