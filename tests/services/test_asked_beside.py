"""Several processes at one system: each learns of the others, and takes its part of the budget."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fixtures_crm import Desk
from sqlalchemy import update
from sqlalchemy.orm import Session

from pqldesk.models.remote import OutboxItem
from pqldesk.services.crm.beside import asked_elsewhere, sharing
from pqldesk.services.net import Net, run_network
from pqldesk.services.remote.connector import Opening
from pqldesk.services.sync.state import note_begun
from pqldesk.services.workspaces.runner_lock import OUTBOX, SYNC, the_only

HOLDER = """
import asyncio, sys
from pqldesk.services.basics.places import place_of
from pqldesk.services.net import run_network
from pqldesk.services.workspaces.runner_lock import the_only
from pqldesk.services.workspaces.workspace import open_workspace

async def hold(net):
    async with the_only(net, sys.argv[2]):
        print("held", flush=True)
        await asyncio.sleep(600)

run_network(open_workspace(place_of(sys.argv[1]), create=False).db, hold)
"""


@contextmanager
def held_by_another(desk: Desk, name: str) -> Iterator[None]:
    """A process that is delivering or syncing, until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(desk.path), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.kill()


def _sending(session: Session) -> None:
    session.execute(update(OutboxItem).values(state="sending"))


def test_a_system_is_asked_elsewhere_while_another_process_pulls_or_writes_there(desk: Desk) -> None:
    with held_by_another(desk, SYNC):
        assert desk.db.read(asked_elsewhere).result() == {}  # it pulls something else
        desk.db.write(note_begun, "attio", desk.clock()).result()
        assert desk.db.read(asked_elsewhere).result() == {desk.sandbox.url: 1}
        with held_by_another(desk, OUTBOX):
            desk.hand_off(desk.add_lead())
            assert desk.db.read(asked_elsewhere).result() == {
                desk.sandbox.url: 1
            }  # nothing of it goes out yet
            desk.db.write(_sending).result()
            assert desk.db.read(asked_elsewhere).result() == {desk.sandbox.url: 2}
        assert desk.db.read(asked_elsewhere).result() == {desk.sandbox.url: 1}
    assert desk.db.read(asked_elsewhere).result() == {}  # a killed one asks nobody


def test_what_this_process_asks_by_itself_is_nobody_elses(desk: Desk) -> None:
    desk.db.write(note_begun, "attio", desk.clock()).result()

    async def syncing(net: Net) -> object:
        async with the_only(net, SYNC):
            return await net.read(asked_elsewhere)

    assert run_network(desk.db, syncing) == {}


def test_whoever_comes_second_takes_its_part_from_the_first_request_on(desk: Desk) -> None:
    desk.db.write(note_begun, "attio", desk.clock()).result()

    async def askers(net: Net) -> list[int]:
        budget = Opening(net.http, desk.sandbox.url, {}, {}).budget((80.0, 20.0))
        async with sharing(net):
            here = budget.reads.askers
        return [here, budget.reads.askers]

    assert run_network(desk.db, askers) == [1, 1]
    with held_by_another(desk, SYNC):
        assert run_network(desk.db, askers) == [2, 1]
