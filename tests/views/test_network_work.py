"""What the window starts on the network."""

from pathlib import Path

import pytest

from pqldesk.background import Background
from pqldesk.services.rows import ConnectWanted
from pqldesk.services.workspaces.workspace import open_workspace


@pytest.fixture
def background(tmp_path: Path, qtbot):
    made = Background(lambda: open_workspace(tmp_path / "w.pqldesk", create=True).db)
    made.open()
    yield made
    made.close()


def test_a_system_is_connected_with_what_the_sheet_gives(background, qtbot) -> None:
    wanted = ConnectWanted("attio", "http://127.0.0.1:1", {"token": "secret"}, False)
    heard, problems = [], []
    background.problem.connect(problems.append)

    async def connect(_net, asked, rep):
        return asked, rep

    background.start(connect, wanted, "kim@example.com").then(heard.append)
    qtbot.waitUntil(lambda: bool(heard or problems))
    assert (heard, problems) == ([(wanted, "kim@example.com")], [])


def test_the_same_work_is_not_started_twice_at_a_time(background) -> None:
    async def recheck(_net, system):
        return system

    first = background.start(recheck, "attio")
    assert background.start(recheck, "attio") is first
    assert background.start(recheck, "hubspot") is not first
