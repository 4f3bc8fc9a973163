"""An intake in this process: requests go straight into the application, connections are made as connect makes them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from pqldesk.models.remote import Connection
from pqldesk.services.intake.app import Intake
from pqldesk.services.intake.desk import Desk
from pqldesk.services.intake.embed import Embed
from pqldesk.services.intake.forms import Forms
from pqldesk.services.intake.keys import Keys
from pqldesk.services.workspaces.workspace import Workspace

KEYS = {
    "segment": "wk_test_123", "rudderstack": "rk_test_123", "posthog": "phc_test_123", "amplitude": "amp_test_123",
    "gitlab": "customer_admin_token", "mixpanel": "mp_test_123", "stripe": "whsec_test_secret",
    "generic": "generic-secret",
}  # fmt: skip


@pytest.fixture
def connect(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``connect("segment", key=..., **settings)``: a stored connection whose key is in the environment."""

    def make(*systems: str, key: str | None = None, **chosen: str) -> None:
        def store(session: Any) -> None:
            for system in systems:
                secret = key or KEYS.get(system)
                where = {}
                if secret is not None:
                    monkeypatch.setenv(f"TEST_{system}", secret)
                    where = {"token": f"env:TEST_{system}"}
                from datetime import UTC, datetime

                session.add(
                    Connection(
                        system=system, url="", settings=chosen, secrets=where, connected_at=datetime.now(UTC)
                    )
                )

        workspace.db.write(store).result()

    return make


class Answered:
    """What came back, and the rows that are there now."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code

    @property
    def json(self) -> Any:
        return json.loads(self.response.content)


Work = Callable[[httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture
def served(workspace: Workspace) -> Callable[..., Any]:
    """``served(work)``: run a coroutine that gets a client of a fresh intake; what it took is derived at its end."""

    def run(work: Work, *, may_lack_key: bool = False, peer: str = "127.0.0.1", seconds: float = 30.0) -> Any:
        async def all_of_it() -> Any:
            desk, keys = Desk(workspace.db), Keys(may_lack_key)
            forms = Forms(desk, keys)
            intake = Intake(desk, keys, [*forms.routes(), *Embed(desk, keys).routes()])
            await desk.start()
            transport = httpx.ASGITransport(intake, client=(peer, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8620") as client:
                found = await work(client)
            await desk.stop(seconds)
            await forms.close()
            return found

        return asyncio.run(all_of_it())

    return run


@pytest.fixture
def post(served: Callable[..., Any]) -> Callable[..., httpx.Response]:
    """``post("/v1/batch", json=...)``: one request to a fresh intake."""

    def send(path: str, method: str = "POST", **request: Any) -> httpx.Response:
        options = {name: request.pop(name) for name in ("may_lack_key", "peer") if name in request}

        async def work(client: httpx.AsyncClient) -> httpx.Response:
            return await client.request(method, path, **request)

        found: httpx.Response = served(work, **options)
        return found

    return send


@pytest.fixture
def rows(workspace: Workspace) -> Callable[[str], list[tuple[Any, ...]]]:
    """``rows("SELECT ...")``: what the workspace holds."""

    def read(sql: str) -> list[tuple[Any, ...]]:
        return workspace.db.read(lambda session: [tuple(row) for row in session.execute(text(sql))]).result()

    return read


EVENTS = """
SELECT k.name, k.key, e.quantity / 1000000, i.namespace, i.value FROM usage_event e
JOIN event_kind k ON k.id = e.kind_id JOIN identity i ON i.id = e.identity_id ORDER BY e.at, k.name, e.seq
"""
