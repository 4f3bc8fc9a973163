"""A team workspace on PostgreSQL: kim and lee are reps, max a manager, ada an admin."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from seats import ADA, KIM, LEE, MAX, NEW, NOW, Held, act, on

from pqldesk.models.remote import OutboxItem
from pqldesk.models.work import Handoff
from pqldesk.services.claims import claim_lead
from pqldesk.services.invitations import invite, url_for
from pqldesk.services.leads.notes import add_note
from pqldesk.services.leads.tasks import add_task
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import team_database

NUMBERS = itertools.count(1)


@pytest.fixture(scope="package")
def team_url(postgres_template: str) -> Iterator[str]:
    """One workspace for all of these tests: a team is set up once."""
    with team_database(postgres_template) as url:
        yield url


@pytest.fixture(scope="package")
def workspace(team_url: str) -> Iterator[Workspace]:
    """The workspace as its owner has it open."""
    opened = open_workspace(team_url, create=False)
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def urls(workspace: Workspace, team_url: str) -> dict[str, str]:
    """Everybody's URL: kim and lee are reps, max a manager, ada an admin."""
    given = {}
    for email, role in ((KIM, "rep"), (LEE, "rep"), (MAX, "manager"), (ADA, "admin")):
        made = workspace.db.write(invite, email, role, "owner", NOW).result()
        given[email] = url_for(team_url, made.login, made.password)
    return given


@pytest.fixture(scope="package")
def seat(urls: dict[str, str]) -> Iterator[Callable[[str], Workspace]]:
    """``seat(KIM)``: the workspace as that person has it open."""
    opened: dict[str, Workspace] = {}

    def open_as(email: str) -> Workspace:
        if email not in opened:
            opened[email] = open_workspace(urls[email], create=False)
        return opened[email]

    yield open_as
    for workspace in opened.values():
        workspace.close()


@pytest.fixture
def newcomer(workspace: Workspace, team_url: str) -> str:
    """The URL of a rep whom a test may promote or remove."""
    made = workspace.db.write(invite, NEW, "rep", "owner", NOW).result()
    return url_for(team_url, made.login, made.password)


@pytest.fixture
def held(seat: Any, new_lead: Any) -> Held:
    name = next(NUMBERS)
    number = new_lead(f"zoe{name}@north.example")
    free = new_lead(f"free{name}@north.example")
    act(seat(KIM), on(claim_lead), number, KIM, NOW)
    act(seat(KIM), on(add_note), number, "Mine", KIM, NOW)
    act(seat(KIM), on(add_task), number, "Mine", KIM, NOW)
    for rep, lead in ((KIM, number), (LEE, free)):
        act(seat(rep), hand_off, lead, rep, f"{name} of {rep}")
    return Held(number, free)


def hand_off(session: Any, lead_id: int, rep: str, key: str) -> None:
    """A handoff with one write, as push_handoff() stores it."""
    handoff = Handoff(
        lead_id=lead_id,
        playbook="handoff",
        run_key=key,
        system="attio",
        facts={},
        created_at=NOW,
        created_by=rep,
    )
    session.add(handoff)
    session.flush()
    session.add(
        OutboxItem(
            handoff_id=handoff.id, lead_id=lead_id, position=0, system="attio", kind="note", payload={},
            idempotency_key=key, created_at=NOW,
        )
    )  # fmt: skip
