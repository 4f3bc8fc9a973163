"""In a team workspace one process at a time syncs or delivers, and another takes over when it dies, hangs or is cut."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cable import Cable

from pqldesk.models.runner_hold import Hold
from pqldesk.services.net import Net, run_network
from pqldesk.services.workspaces.runner_lock import SYNC, AlreadyRunning, is_running, the_only
from pqldesk.services.workspaces.workspace import Workspace, open_workspace
from tests.services.conftest import team_database

TAKES_OVER_S = 10
HOLDER = """
import asyncio, sys
from pqldesk.services.net import run_network
from pqldesk.services.workspaces.runner_lock import SYNC, the_only
from pqldesk.services.workspaces.workspace import open_workspace

async def hold(net):
    async with the_only(net, SYNC):
        print("held", flush=True)
        await asyncio.sleep(600)

run_network(open_workspace(sys.argv[1], create=False).db, hold)
"""


@pytest.fixture
def place(postgres_template: str) -> Iterator[str]:
    with team_database(postgres_template) as url:
        yield url


@pytest.fixture
def holder(place: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that is syncing."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, place], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def once(net: Net) -> str:
    async with the_only(net, SYNC):
        return "held"


def taken_over_after_s(workspace: Workspace) -> float:
    """How long it takes until the lock is ours."""
    began = time.monotonic()
    while True:
        try:
            run_network(workspace.db, once)
            return time.monotonic() - began
        except AlreadyRunning:
            time.sleep(0.05)


def test_a_second_process_is_told_who_is_at_it(workspace: Workspace, holder: Any) -> None:
    with pytest.raises(AlreadyRunning, match=rf"Process {holder.pid} on .* has been syncing since"):
        run_network(workspace.db, once)
    assert workspace.db.read(is_running, SYNC).result()


def test_another_takes_over_when_the_holder_is_killed(workspace: Workspace, holder: Any) -> None:
    holder.kill()
    holder.wait()
    assert taken_over_after_s(workspace) < TAKES_OVER_S
    assert not workspace.db.read(is_running, SYNC).result()


def test_another_takes_over_when_the_holder_hangs(workspace: Workspace, holder: Any) -> None:
    os.kill(holder.pid, signal.SIGSTOP)
    try:
        taken_over_after_s(workspace)  # the server ends a silent holder after 8 s
    finally:
        os.kill(holder.pid, signal.SIGCONT)
    assert holder.wait(timeout=60) != 0  # once awake it finds that it is the holder no more


def test_a_holder_whose_network_breaks_stops(place: str) -> None:
    cable = Cable(place)
    far = open_workspace(cable.url, create=False)

    async def hold(net: Net) -> None:
        async with the_only(net, SYNC):
            cable.cut()
            await asyncio.sleep(60)

    try:
        with pytest.raises(asyncio.CancelledError):
            run_network(far.db, hold)
    finally:
        far.close()
        cable.cut()


def test_who_is_done_lets_the_next_one_in(workspace: Workspace, place: str) -> None:
    assert [run_network(workspace.db, once) for _ in range(3)] == ["held"] * 3
    hold = Hold.take(place, SYNC)
    assert hold is not None
    with pytest.raises(AlreadyRunning, match=r"Another process is syncing|has been syncing"):
        run_network(workspace.db, once)
    hold.close()


def test_in_a_file_the_process_is_asked_for(tmp_path: Path) -> None:
    opened = open_workspace(tmp_path / "w.pqldesk", create=True)
    try:
        assert run_network(opened.db, once) == "held"
        # Asked in the row of writes: letting go is one, and nobody waits for it.
        assert not opened.db.write(is_running, SYNC).result()
    finally:
        opened.close()
