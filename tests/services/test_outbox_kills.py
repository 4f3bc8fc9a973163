"""Killing the delivering process at random moments: in the end there is exactly one of each."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from fixtures_crm import Desk, Sandbox, running_sandbox

ROUNDS = int(os.environ.get("PQLDESK_KILL_ROUNDS", "15"))
LEADS = 3
CHILD = """
import sys
from pathlib import Path
from pqldesk.services.outbox_delivery import run_outbox
from pqldesk.services.outbox_run import Pauses
from pqldesk.services.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]), create=False)
print("delivering", flush=True)
run_outbox(workspace.db, pauses=Pauses(settle_s=0.15, again_s=(0.02, 0.04, 0.08)))
workspace.close()
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox("--rate", "off", "--latency", "15") as slow:
        yield slow


def test_a_process_killed_at_any_moment_leaves_exactly_one_of_each(desk: Desk) -> None:
    chance = random.Random()  # a new course of events each time; the seed is not what matters, the end is
    for number in range(LEADS):
        desk.hand_off(desk.add_lead(f"lead{number}@firm{number}.example", f"Firm {number}"))
    kills = 0
    for number in range(ROUNDS):
        command = [sys.executable, "-c", CHILD, str(desk.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "delivering\n"
            time.sleep(chance.uniform(0.05, 0.6))  # the moment is what is tested
            kills += child.poll() is None
            child.kill()
        if set(desk.states().values()) == {"done"}:
            lead = desk.add_lead(f"more{number}@more{number}.example", f"More {number}")
            desk.hand_off(lead)
    assert desk.deliver(max_wait_s=30).undone is None
    there = desk.sandbox.dump()
    leads = len({row.lead_id for row in desk.outbox()})
    assert kills > 0
    assert [len(there[kind]) for kind in ("people", "companies", "deals", "tasks", "notes")] == [leads] * 5
    assert len(there["entries"]["pql_queue"]) == leads
    for kind, slug in (("people", "email_addresses"), ("companies", "domains"), ("deals", "name")):
        assert max(Counter(str(record[slug]) for record in there[kind]).values()) == 1
