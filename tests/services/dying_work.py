"""What test_dying_anywhere.py lets die: a piece of work on the workspace at *place*, its files beside it."""

import asyncio
import contextlib
import io
import os
from pathlib import Path

import httpx

from pqldesk.cli import admin, erasing, importing, main, scores, syncing
from pqldesk.services.erasure import erase
from pqldesk.services.imports import importing as _importing
from pqldesk.services.intake.app import Intake
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.keys import Keys
from pqldesk.services.workspaces.workspace import open_workspace

__all__ = [
    "_importing",
    "admin",
    "erase",
    "erasing",
    "importing",
    "scores",
    "syncing",
]  # warm when a child begins
ERASED = "person7@firm7.example"


def _command(place: str, *words: str, may_refuse: bool = False) -> None:
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = main(["--workspace", place, *words])
    assert code == 0 or (may_refuse and code == 1), said.getvalue()


def _beside(place: str, name: str) -> str:
    return str(Path(place).with_name(name))


def leads(place: str) -> None:
    _command(place, "import", "leads", _beside(place, "more.csv"), "--source", "app")


def events(place: str) -> None:
    _command(place, "import", "events", _beside(place, "events.csv"), "--source", "app")


def pulling(place: str) -> None:
    _command(place, "sync", "folder")


def scoring(place: str) -> None:
    """Every day roll-up is made again, and every lead is scored anew."""
    _command(place, "settings", "set", "timezone", "Pacific/Auckland", "--rep", "kim@example.com")


def migrating(place: str) -> None:
    open_workspace(place if "://" in place else Path(place), create=False).close()


def erasing_somebody(place: str) -> None:
    _command(place, "erase", ERASED, "--rep", "kim@example.com", may_refuse=True)  # they may be gone already


def receiving(place: str) -> None:
    """Twenty calls through the intake's door; what was answered with 200 is noted beside the workspace."""
    os.environ["TEST_KEY"] = "wk_test_123"
    noted = os.open(_beside(place, "accepted"), os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def send() -> None:
        desk = Desk(workspace.db)
        intake = Intake(desk, Keys(False), [])
        await desk.start()
        transport = httpx.ASGITransport(intake, client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8620") as client:
            for number in range(20):
                call = {
                    "type": "track", "event": "Login", "userId": f"u{number % 9}", "messageId": f"call-{number}",
                    "timestamp": "2026-11-17T10:00:00Z",
                }  # fmt: skip
                answer = await client.post("/v1/track", json=call, auth=("wk_test_123", ""))
                assert answer.status_code == 200
                os.write(noted, f"call-{number}\n".encode())
        await desk.stop(30)

    workspace = open_workspace(Path(place), create=False)
    asyncio.run(send())
    workspace.close()
