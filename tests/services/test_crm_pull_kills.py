"""Killing the pulling process at random moments, for every CRM: in the end everything is here, and once."""

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from crm_colleagues import COLLEAGUES
from fixtures_crm import HOUSES, INES, NOW, Desk, House, Sandbox, running_sandbox
from killing import killing
from sqlalchemy import select
from sqlalchemy.orm import Session

from pqldesk.models.people import Lead
from pqldesk.models.remote import Conflict, RemoteLink
from pqldesk.services.net import run_network
from pqldesk.services.outbox.playbooks import approve_playbook
from pqldesk.services.sync.run import sync
from pqldesk.services.sync.state import source_states

pytestmark = pytest.mark.of_a_file

ROUNDS = int(os.environ.get("PQLDESK_KILL_ROUNDS", "10"))  # for each CRM
PEOPLE = 8
IMPORTS = """
import pqldesk.services.connectors.{system}
from pqldesk.services.net import run_network
from pqldesk.services.sync.run import sync
"""
WORK = "run_network(workspace.db, sync, sys.argv[2:])"


@pytest.fixture(params=sorted(COLLEAGUES))
def house(request: pytest.FixtureRequest) -> House:
    return HOUSES[request.param]


@pytest.fixture
def sandbox(house: House) -> Iterator[Sandbox]:
    with running_sandbox(*house.options, "--latency", "10", system=house.system) as slow:
        yield slow


def test_a_pull_that_is_killed_at_any_moment_ends_with_everything_here_once(desk: Desk, house: House) -> None:
    desk.connect(settings={**house.choose, "pull_people": "all"})
    colleague = COLLEAGUES[house.system](desk.sandbox)
    desk.add_lead()
    desk.db.write(approve_playbook, "signup", INES, NOW, backfill=True).result()
    assert desk.deliver().undone is None
    person = desk.db.read(_person_link).result()
    for number in range(PEOPLE):
        colleague.add_person(f"p{number}@firm{number}.example", f"Pat {number} Doe", "CTO")
    chance = random.Random()  # a new course of events each time; what matters is the end
    kills = 0
    with killing(IMPORTS.format(system=house.system), WORK, str(desk.path), house.system) as pulls:
        for number in range(ROUNDS):
            colleague.retitle(person, f"Chief {number}")
            kills += pulls.after(chance.uniform(0.02, 0.5))  # the moment is what is tested
    outcome = run_network(desk.db, sync, [house.system]).outcomes[0]
    assert (outcome.state, outcome.problem) == ("ok", None)
    assert kills > 0
    emails = desk.db.read(_emails).result()
    assert Counter(emails) == Counter(
        ["nadia@quayworks.example", *(f"p{number}@firm{number}.example" for number in range(PEOPLE))]
    )
    assert desk.db.read(_title).result() == f"Chief {ROUNDS - 1}"
    told = desk.db.read(_told).result()
    assert len(told) == len(set(told))  # each change once in the history
    run_network(desk.db, sync, [house.system])  # companies that the new people have made known
    again = run_network(desk.db, sync, [house.system]).outcomes[0]
    assert (again.created, again.updated) == (0, 0)
    (state,) = [row for row in desk.db.read(source_states).result() if row.source == house.system]
    assert (state.state, state.problem) == ("ok", "")


def _person_link(session: Session) -> str:
    return str(session.scalar(select(RemoteLink.remote_id).where(RemoteLink.kind == "person")))


def _emails(session: Session) -> list[str | None]:
    return list(session.scalars(select(Lead.email)))


def _title(session: Session) -> str | None:
    return session.scalar(select(Lead.job_title).where(Lead.email == "nadia@quayworks.example"))


def _told(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Conflict.field, Conflict.theirs, Conflict.local_id))
    return [(f"{field} {local_id}", str(theirs)) for field, theirs, local_id in rows]
